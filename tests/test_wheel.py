"""The wheel carries schemas, templates and starters: installed alone, it compiles where no checkout is."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_wheel_compiles_without_the_checkout(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")

    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip())
    shutil.unpack_archive(wheel, site, "zip")
    # The libraries that it needs, without what else is installed beside them being found as this project's.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")

    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "examples" / "churn", elsewhere)
    command = [python, "-I", "-m", "mlops_spec"]
    where = [python, "-I", "-c", "import mlops_spec; print(mlops_spec.__file__)"]
    found = subprocess.run(where, cwd=elsewhere, check=True, capture_output=True, text=True).stdout
    assert Path(found.strip()).is_relative_to(site)
    done = subprocess.run(
        [*command, "render", "--out", "out"], cwd=elsewhere, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "out" / "prod" / "pipelines" / "workflowtemplate-train.yaml").is_file()

    answers = [
        "--name",
        "churn",
        "--repository",
        "https://git.acme.example/ml/churn.git",
        "--store",
        "s3://acme-ml/churn",
    ]
    begin = [*command, "init", "begun", "--yes", "--template", "monitor", *answers]
    done = subprocess.run(begin, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "begun" / "mlops.yaml").is_file()
