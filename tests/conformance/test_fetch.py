"""Pinned data from systems that keep it: S3's versions, DVC's revisions, Delta Lake's, and artifacts kept in S3."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.test_signals import free_port

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("moto")]

ROOT = Path(__file__).parents[2]
Program = Callable[..., tuple[int, dict[str, Any]]]


def named(variable: str) -> str:
    found = os.environ.get(variable)
    if not found:
        pytest.skip(f"{variable} names nothing")
    return found


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server that speaks as S3 does, with a bucket that keeps versions; yield its address."""
    port, log = free_port(), tmp_path_factory.mktemp("moto") / "log"
    command = [named("MLOPS_SPEC_MOTO"), "-H", "127.0.0.1", "-p", str(port)]
    with log.open("w") as file, subprocess.Popen(command, stdout=file, stderr=file) as running:
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(url).close()
                    break
                except OSError:
                    assert running.poll() is None, log.read_text()
                    time.sleep(0.1)
            client(url, "create_bucket(Bucket='data')")
            client(url, "put_bucket_versioning(Bucket='data', VersioningConfiguration={'Status': 'Enabled'})")
            yield url
        finally:
            running.terminate()


def access(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip


def put(endpoint: str, key: str, body: str) -> str:
    """Put an object by Amazon's own client; return its version."""
    return client(endpoint, f"put_object(Bucket='data', Key={key!r}, Body={body.encode()!r})['VersionId']")


def client(endpoint: str, call: str) -> str:
    keys = "aws_access_key_id='a', aws_secret_access_key='b', region_name='us-east-1'"
    code = f"import boto3; print(boto3.client('s3', endpoint_url={endpoint!r}, {keys}).{call})"
    python = Path(named("MLOPS_SPEC_MOTO")).with_name("python")
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def program(endpoint: str) -> Program:
    """Run a program as a pod does; returns its exit code and what it said."""

    def program(*command: str, **variables: str) -> tuple[int, dict[str, Any]]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(ROOT),
            **access(endpoint), **variables,
        }  # fmt: skip
        words = [named("MLOPS_SPEC_RUNTIME_PYTHON"), "-m", "mlops_spec.runtime", *command]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        lines = (done.stderr if command[0] == "step" else done.stdout).splitlines()
        assert lines, done.stderr
        return done.returncode, json.loads(lines[-1])

    return program


def fetched(program: Program, to: Path, uri: str, **wanted: str) -> tuple[int, dict[str, Any]]:
    return program("fetch", json.dumps({"inputs": [{"to": str(to), **wanted}]}), uri)


def test_an_object_is_brought_in_its_version(program: Program, endpoint: str, tmp_path: Path) -> None:
    first = put(endpoint, "table.csv", "one")
    put(endpoint, "table.csv", "another")
    to, uri = tmp_path / "table", "s3://data/table.csv"
    code, said = fetched(program, to, uri, version=f"s3-version:{first}")
    assert (code, to.read_bytes()) == (0, b"one"), said
    assert fetched(program, to, uri)[0] == 0
    assert to.read_bytes() == b"another"
    code, said = fetched(program, to, uri, version="s3-version:absent")
    assert (code, to.exists()) == (1, False), said
    assert fetched(program, to, uri, version=f"sha256:{hashlib.sha256(b'another').hexdigest()}")[0] == 0
    code, said = fetched(program, to, uri, version=f"sha256:{hashlib.sha256(b'one').hexdigest()}")
    assert (code, to.exists()) == (1, False)
    assert "not sha256:" in said["error"]


def test_moving_data_says_which_it_was(program: Program, endpoint: str, tmp_path: Path) -> None:
    for name in ("a.csv", "below/b.csv"):
        put(endpoint, f"moving/{name}", name)
    to = tmp_path / "moving"
    reads = [fetched(program, to, "s3://data/moving/", version="per-run")[1]["inputs"][0]["read"] for _ in "ab"]
    assert (to / "below" / "b.csv").read_bytes() == b"below/b.csv"
    assert len(set(reads)) == 1
    put(endpoint, "moving/a.csv", "changed")
    assert fetched(program, to, "s3://data/moving/", version="per-run")[1]["inputs"][0]["read"] != reads[0]


def test_a_revision_that_dvc_knows(program: Program, endpoint: str, tmp_path: Path) -> None:
    repository, programs = tmp_path / "repository", Path(named("MLOPS_SPEC_RUNTIME_PYTHON")).parent
    repository.mkdir()
    own = {
        "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path), "DVC_NO_ANALYTICS": "1",
        "GIT_CONFIG_COUNT": "3", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "a",
        "GIT_CONFIG_KEY_1": "user.email", "GIT_CONFIG_VALUE_1": "a@acme.example",
        "GIT_CONFIG_KEY_2": "core.hooksPath", "GIT_CONFIG_VALUE_2": "/dev/null",
    }  # fmt: skip

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=repository, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    run("git", "init", "-q")
    run(str(programs / "dvc"), "init", "-q")
    run(str(programs / "dvc"), "remote", "add", "-d", "kept", str(tmp_path / "kept"))
    revisions = []
    for text in ("one", "another"):
        (repository / "table.csv").write_text(text)
        run(str(programs / "dvc"), "add", "-q", "table.csv")
        run(str(programs / "dvc"), "push", "-q")
        run("git", "add", ".")
        run("git", "commit", "-qm", text)
        revisions.append(run("git", "rev-parse", "HEAD"))
    to = tmp_path / "table"
    told = {"repository": str(repository), "path": "table.csv"}
    for text, revision in zip(("one", "another"), revisions, strict=True):
        code, said = fetched(program, to, "s3://data/table.csv", version=f"dvc:{revision}", **told)
        assert (code, to.read_text()) == (0, text), said
        assert said["inputs"][0]["read"] == f"git:{revision}"
    code, said = fetched(program, to, "s3://data/table.csv", version="dvc:absent", **told)
    assert (code, to.exists()) == (1, False), said


def test_a_version_of_a_delta_table(program: Program, tmp_path: Path) -> None:
    python, table = named("MLOPS_SPEC_RUNTIME_PYTHON"), tmp_path / "table"
    write = (
        "import pyarrow, deltalake, sys\n"
        "for rows in ([1, 2], [3]):\n"
        "    deltalake.write_deltalake(sys.argv[1], pyarrow.table({'id': rows}), mode='overwrite')\n"
    )
    subprocess.run([python, "-c", write, str(table)], check=True)
    read = "import pyarrow.parquet, sys; print(pyarrow.parquet.read_table(sys.argv[1])['id'].to_pylist())"
    for version, rows in (("delta:0", "[1, 2]"), ("delta:1", "[3]")):
        code, said = fetched(program, tmp_path / "to", f"file:{table}", version=version)
        assert code == 0, said
        done = subprocess.run([python, "-c", read, str(tmp_path / "to")], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == rows
    assert fetched(program, tmp_path / "to", f"file:{table}", version="delta:7")[0] == 1


def test_a_step_carries_its_files_through_the_store(program: Program, endpoint: str, tmp_path: Path) -> None:
    put(endpoint, "in.csv", "1")
    told = {
        "inputs": [{"to": str(tmp_path / "in")}, {"to": str(tmp_path / "list"), "content": True}],
        "outputs": [{"from": str(tmp_path / "out")}],
    }
    for name in ("old", "new"):
        code, said = program(
            "step", json.dumps(told), "s3://data/in.csv", '["a"]', "s3://data/run/out", "--",
            "sh", "-c", f"mkdir {tmp_path}/out && cat {tmp_path}/in {tmp_path}/list > {tmp_path}/out/{name}",
        )  # fmt: skip
        assert code == 0, said
        subprocess.run(["rm", "-r", str(tmp_path / "out")], check=True)
    code, said = fetched(program, tmp_path / "back", "s3://data/run/out")
    assert code == 0, said
    assert {path.name: path.read_text() for path in (tmp_path / "back").iterdir()} == {"new": '1["a"]'}


def test_an_installed_runtime_wraps_commands_with_nothing_else_there(endpoint: str, tmp_path: Path) -> None:
    """The image has one interpreter with the runtime in it; here it is a copy of that under the tests' own."""
    python, shared = _image(tmp_path / "image"), tmp_path / "shared"
    install = "import sys, pathlib; from mlops_spec.runtime.install import install; install(pathlib.Path(sys.argv[1]))"
    words = [str(python), "-I", "-c", install, str(shared)]
    done = subprocess.run(words, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(tmp_path / "image")
    (tmp_path / "in").write_text("1")
    told = {"inputs": [{"to": f"{tmp_path}/x"}], "outputs": [{"from": f"{tmp_path}/y"}]}
    command = [
        str(shared / "bin" / "mlops-spec-runtime"), "step", json.dumps(told), f"file:{tmp_path}/in", "s3://data/kept",
        "--", "cp", f"{tmp_path}/x", f"{tmp_path}/y",
    ]  # fmt: skip
    own = {"PATH": "/usr/bin:/bin", **access(endpoint)}
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr)["outputs"] == [{"from": f"{tmp_path}/y", "uri": "s3://data/kept"}]


def _image(folder: Path) -> Path:
    """Make a folder with an interpreter and what ``step`` needs, as the runtime's image has one; return its program."""
    own = Path(named("MLOPS_SPEC_STEP_PYTHON"))
    base = Path(subprocess.check_output([own, "-c", "import sys; print(sys.base_prefix)"], text=True).strip())
    (packages,) = (own.parents[1] / "lib").glob("python3.*/site-packages")
    library = Path("lib") / packages.parent.name
    left_out = shutil.ignore_patterns("site-packages", "test", "config-*", "__pycache__", "idlelib")
    shutil.copytree(base / library, folder / library, symlinks=True, ignore=left_out)
    shutil.copytree(packages, folder / library / "site-packages", symlinks=True)
    for package in ("mlops_spec", "schemas"):
        shutil.copytree(ROOT / package, folder / library / "site-packages" / package)
    (folder / "bin").mkdir()
    for path in (*(base / "lib").glob("libpython*"), (base / "bin" / "python3").resolve()):
        shutil.copy2(path, folder / path.relative_to(base))
    (folder / "bin" / "python3").symlink_to((base / "bin" / "python3").resolve().name)
    return folder / "bin" / "python3"
