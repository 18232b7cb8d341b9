"""The example churn from a clean clone: prepared, trained, judged and registered on this machine, in MLflow on sqlite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conformance.conftest import named

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("run")]

ROOT = Path(__file__).parents[2]
ASK = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name("churn")
runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"]) if experiment else []
versions = client.search_model_versions("name = 'churn'")
print(json.dumps({
    "runs": [{"id": run.info.run_id, "tags": run.data.tags, "params": run.data.params, "metrics": run.data.metrics, "status": run.info.status} for run in runs],
    "versions": {int(v.version): {"run": v.run_id, "source": v.source, "tags": v.tags} for v in versions},
    "challenger": int(client.get_model_version_by_alias("churn", "challenger").version) if versions else None,
}))
"""
PREDICT = """
import json, sys
import mlflow, pandas
mlflow.set_tracking_uri(sys.argv[1])
rows = pandas.DataFrame({"tenure": [1.0, 60.0], "plan": ["basic", "pro"], "monthly_spend": [10.0, 60.0]})
print(json.dumps([bool(answer) for answer in mlflow.pyfunc.load_model("models:/churn@challenger").predict(rows)]))
"""
DATA = "sha256:9788e0b95c89da3db15f973d7abdf90c8f747e3dc588b46871c7cdefe1686832"


class Clone(NamedTuple):
    """A clone of the example, in which nothing has run yet."""

    folder: Path
    python: str

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run the pipeline; return the exit code and what was printed."""
        command = [self.python, "-m", "mlops_spec", "run", "train", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def environment(self) -> dict[str, str]:
        # With what pip is told of this machine: where packages come from.
        pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        return {**pip, "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(ROOT)}

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"]
        done = subprocess.run(["git", *who, *arguments], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def ask(self, program: str) -> Any:
        """Ask MLflow's own client of the database."""
        uri = f"sqlite:///{self.folder}/.mlops-spec/mlflow.db"
        done = subprocess.run(
            [self.python, "-c", program, uri], cwd=self.folder.parent, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    python = str(named("MLOPS_SPEC_RUNTIME_PYTHON"))
    folder = tmp_path_factory.mktemp("clone") / "churn"
    shutil.copytree(ROOT / "examples" / "churn", folder, ignore=shutil.ignore_patterns(".mlops-spec", "__pycache__"))
    clone = Clone(folder, python)
    clone.git("init", "-q")
    clone.git("add", ".")
    clone.git("commit", "-qm", "Start")
    return clone


@pytest.fixture(scope="module")
def trained(clone: Clone) -> str:
    """What the first run has printed."""
    code, said = clone.run()
    assert code == 0, said
    return said


def edit(clone: Clone) -> Callable[[str, str], None]:
    def change(old: str, new: str) -> None:
        spec = clone.folder / "mlops.yaml"
        text = spec.read_text()
        assert text.count(old) == 1
        spec.write_text(text.replace(old, new))

    return change


def test_one_command_trains_judges_and_registers(clone: Clone, trained: str) -> None:
    assert "making an environment of requirements.lock" in trained
    assert "train: done: 10 ran" in trained
    found = clone.ask(ASK)
    (run,) = found["runs"]
    assert run["params"] == {"max_depth": "6", "mode": "full", "test_size": "0.2"}
    assert run["metrics"]["auc"] >= 0.80
    assert run["status"] == "FINISHED"
    lineage = {
        "mlops-spec.project": "churn",
        "mlops-spec.environment": "local",
        "mlops-spec.pipeline": "train",
        "mlops-spec.data-revisions": json.dumps({"customers": DATA}, separators=(",", ":")),
        "mlops-spec.git-revision": clone.git("rev-parse", "HEAD"),
    }
    assert lineage.items() <= run["tags"].items()
    assert found["challenger"] == 1
    version = found["versions"]["1"]
    assert version["run"] == run["id"]
    assert {**lineage, "mlops-spec.flavor": "sklearn"}.items() <= version["tags"].items()
    assert version["tags"]["mlops-spec.digest"].startswith("sha256:")
    assert clone.git("status", "--porcelain") == "", "a run leaves nothing that Git would see"


def test_what_is_registered_predicts(clone: Clone, trained: str) -> None:
    assert clone.ask(PREDICT) == [True, False]


def test_the_card_says_how_each_region_does(clone: Clone, trained: str) -> None:
    (card,) = (clone.folder / ".mlops-spec/artifacts/churn/local/train").glob("*/card/card")
    assert [line.split(" | ")[0] for line in card.read_text().splitlines()[4:]] == ["| eu", "| us"]


def test_a_second_run_skips_what_has_not_changed(clone: Clone, trained: str) -> None:
    code, said = clone.run()
    assert code == 0, said
    assert "train: done: 3 ran, 7 unchanged" in said
    assert [line for line in said.splitlines() if "it runs in every run" in line] == [
        f"{step}: runs: it runs in every run" for step in ("begin", "good-enough", "register")
    ]


def test_a_gate_that_fails_registers_nothing_and_says_why(clone: Clone, trained: str) -> None:
    before = clone.ask(ASK)["versions"]
    edit(clone)('require: {auc: ">= 0.80"}', 'require: {auc: ">= 0.999"}')
    code, said = clone.run()
    clone.git("checkout", "-q", "mlops.yaml")
    assert code == 1
    assert "good-enough: failed: the gate stays closed: auc is 0.9" in said
    assert "not >= 0.999" in said
    assert "register: " not in said
    found = clone.ask(ASK)
    assert found["versions"] == before
    assert found["runs"][-1]["status"] == "FAILED"


def test_data_that_is_not_what_was_pinned_is_refused(clone: Clone, trained: str) -> None:
    edit(clone)(DATA, "sha256:" + "0" * 64)
    code, said = clone.run()
    clone.git("checkout", "-q", "mlops.yaml")
    assert code == 1
    assert f"prepare-fetch: failed: file:data/customers.parquet is {DATA}, not sha256:000" in said


def test_a_change_of_the_code_runs_its_steps_again(clone: Clone, trained: str) -> None:
    with (clone.folder / "src/churn/card.py").open("a") as code_of_card:
        code_of_card.write("# of no matter\n")
    said = clone.run("--dry-run")[1]
    clone.git("checkout", "-q", "src")
    assert "prepare: runs: the source changed" in said
    assert "prepare-fetch: unchanged" in said
