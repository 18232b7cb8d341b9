"""``mlops-spec lock`` against a real MLflow server, a real image registry and an object store on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformance.conftest import named
from tests.conformance.mlflow_server import Server, served
from tests.conformance.stores import bucket, sent, waited
from tests.conformance.test_signals import free_port

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("mlflow")]

ROOT = Path(__file__).parents[2]
LOCK = "mlops.lock.yaml"
WHEELS = "https://a:b@wheels.acme.example"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
SPEC = """\
apiVersion: mlops-spec/v1
project: {{name: life}}
platform: {{tracking: {{uri: "{server}"}}}}
environments:
  dev: {{}}
  prod: {{protected: true, promotes_from: dev}}
images:
  train: {{repository: {registry}/{name}, tag: "1"}}
models:
  {name}:
    version: "@challenger"
    serving:
      expose: {{path: /churn}}
      rollout: {{strategy: canary, steps: [{{weight: 10, pause: 10m}}, {{weight: 100}}]}}
"""
GATED = """\
pipelines:
  train:
    steps:
      fit: {{image: train, command: [fit, "${{{{ outputs.model }}}}", "${{{{ outputs.metrics }}}}"], outputs: {{model: {{type: model, flavor: sklearn}}, metrics: {{type: metrics}}}}}}
      judge: {{gate: {{metrics: steps.fit.outputs.metrics, require: {{auc: ">= 0.8"}}}}}}
      put: {{register: {{model: {name}, from: steps.fit.outputs.model}}}}
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def python() -> str:
    return str(named("MLOPS_SPEC_RUNTIME_PYTHON"))


@pytest.fixture(scope="module")
def server(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(python, tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    """Yield the address of a real registry that keeps images in its memory."""
    port = free_port()
    with subprocess.Popen([named("MLOPS_SPEC_REGISTRY"), "-port", str(port)], stderr=subprocess.DEVNULL) as running:
        try:
            waited(running, f"http://localhost:{port}/v2/")
            yield f"localhost:{port}"
        finally:
            running.terminate()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Yield the variables of an object store that has a bucket ``acme``."""
    with bucket("acme", tmp_path_factory.mktemp("moto") / "log") as variables:
        yield variables


def pushed(registry: str, name: str, tag: str, content: str) -> str:
    """Push an image whose configuration is ``content``; return its digest."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "author": content}).encode()
    known = uploaded(registry, name, config)
    blob = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": known, "size": len(config)}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": blob, "layers": []}
    return put(registry, name, tag, manifest, MANIFEST)


def uploaded(registry: str, name: str, content: bytes) -> str:
    """Upload a blob; return its digest."""
    known = f"sha256:{hashlib.sha256(content).hexdigest()}"
    where = sent(f"http://{registry}/v2/{name}/blobs/uploads/", b"", "application/octet-stream", "POST")["Location"]
    sent(f"http://{registry}{where}?digest={known}", content, "application/octet-stream")
    return known


def put(registry: str, name: str, tag: str, manifest: dict[str, Any], kind: str) -> str:
    body = json.dumps(manifest).encode()
    sent(f"http://{registry}/v2/{name}/manifests/{tag}", body, kind)
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


class Life:
    """A spec of one model and one image in a folder, and what happens around it."""

    def __init__(self, python: str, server: Server, registry: str, store: dict[str, str], folder: Path) -> None:
        self.python, self.server, self.registry, self.store, self.folder = python, server, registry, store, folder
        self.name = "".join(letter for letter in folder.name if letter.isalpha() and letter.islower())[:20]
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), **store}
        self.spec(SPEC)

    def spec(self, text: str) -> None:
        filled = text.format(server=self.server.uri, registry=self.registry, name=self.name)
        (self.folder / "mlops.yaml").write_text(filled)

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        command = [self.python, "-m", "mlops_spec", *arguments]
        environment = {**self.environment, **variables}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def program(self, name: str, told: dict[str, Any], *values: str, **variables: str) -> dict[str, Any]:
        environment = {
            **self.environment, "MLFLOW_TRACKING_URI": self.server.uri, "MLFLOW_EXPERIMENT_NAME": self.name,
            "MLOPS_PROJECT": "life", "MLOPS_ENVIRONMENT": "dev", "MLOPS_PIPELINE": "train", **variables,
        }  # fmt: skip
        command = [self.python, "-m", "mlops_spec.runtime", name, json.dumps(told), *values]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(json.loads(done.stdout))

    def registered(self, number: int, **variables: str) -> dict[str, Any]:
        """Train a version as a pipeline does, by our own programs; return what was said of it."""
        model = self.folder / f"model-{number}"
        model.mkdir()
        files = {
            "weights": str(number),
            "requirements.txt": f"# of {number}\n--find-links {WHEELS}\nscikit-learn==1.5.{number}\npandas==2.2.3\n",
        }
        for name, content in files.items():
            (model / name).write_text(content)
            where = f"{self.store['AWS_ENDPOINT_URL']}/acme/{self.name}/{number}/{name}"
            sent(where, content.encode(), "application/octet-stream")
        results = {
            f"MLOPS_RESULT_{name.upper()}": str(model.parent / name) for name in ("run_id", "date", "scheduled_at")
        }
        started = {"MLOPS_STARTED_AT": "2026-01-02T23:30:00Z", "MLOPS_RUN": str(number)}
        begun = self.program(
            "begin", {"experiment": self.name, "parameters": [], "timezone": "UTC"}, **results, **started
        )
        given = {
            "MLFLOW_RUN_ID": begun["run_id"],
            "MLOPS_INPUT_MODEL": str(model),
            "MLOPS_RUN": str(number),
            **variables,
        }
        told = {"name": self.name, "alias": "challenger"}
        return self.program("register", told, f"s3://acme/{self.name}/{number}", **given)

    @property
    def lock(self) -> str:
        return (self.folder / LOCK).read_text()

    def model(self, environment: str = "dev") -> Any:
        return yaml.safe_load(self.lock)["environments"][environment]["models"][self.name]


@pytest.fixture
def life(python: str, server: Server, registry: str, store: dict[str, str], tmp_path: Path) -> Life:
    return Life(python, server, registry, store, tmp_path)


def test_from_the_first_image_to_a_rollout(life: Life) -> None:
    code, _, err = life.run("lock")
    assert (code, "there is no image" in err, (life.folder / LOCK).exists()) == (1, True, False)
    digest = pushed(life.registry, life.name, "1", "one")

    code, out, err = life.run("lock")
    assert (code, out) == (0, f"{LOCK}: images.train is {digest} ({life.registry}/{life.name}:1)\n"), err
    assert f"the registry has no {life.name}@challenger" in err
    assert life.lock == f"lockVersion: 1\n\nimages:\n  train: {{digest: {digest}}}\n"
    assert life.run("lock", "--check")[0] == 1

    first = life.registered(1)
    code, out, err = life.run("lock", "--env", "dev")
    assert (code, out) == (0, f"{LOCK}: dev {life.name} is version 1 (@challenger)\n"), err
    requirements = ["scikit-learn==1.5.1", "pandas==2.2.3"]
    assert life.model() == {
        "version": 1, "run": first["run_id"], "uri": first["uri"], "digest": first["digest"], "requirements": requirements,
    }  # fmt: skip
    code, out, err = life.run("lock")
    assert (code, out) == (0, "")
    assert "comes to prod by a promotion from dev" in err
    assert LOCK not in life.run("fmt", "--check")[1]
    assert life.run("lock", "--check")[0] == 0

    life.registered(2)
    before = life.lock
    assert life.run("lock")[1] == ""
    assert life.lock == before
    code, out, _ = life.run("lock", "--upgrade", life.name, "--dry-run")
    assert (code, life.lock, "+      " in out and "{version: 2," in out) == (0, before, True)
    commented = before.rstrip("\n") + " # of Monday\n"
    (life.folder / LOCK).write_text(commented)
    assert life.run("lock", "--upgrade", life.name)[0] == 0
    assert life.lock.endswith("}} # of Monday\n")
    model = life.model()
    assert (model["version"], model["rollout"]["step"], model["rollout"]["from"]["version"]) == (2, 0, 1)
    assert model["rollout"]["from"]["requirements"] == requirements
    assert life.run("lint", "--env", "dev")[0] == 0

    code, _, err = life.run("lock", "--upgrade", life.name)
    assert (code, "a rollout of" in err) == (6, True)
    assert life.run("rollout", "abort", "--env", "dev")[0] == 0
    assert life.lock == commented


def test_a_tag_that_has_moved_is_found_and_followed(life: Life) -> None:
    life.spec(SPEC.partition("models:")[0])
    first = pushed(life.registry, life.name, "1", "one")
    assert life.run("lock")[0] == 0
    assert life.run("lock", "--check") == (
        0,
        f"{LOCK} has what the spec needs, and the registries have what it pins\n",
        "",
    )
    second = pushed(life.registry, life.name, "1", "two")
    code, _, err = life.run("lock", "--check")
    assert (code, f"names {second} by now" in err) == (1, True)
    assert life.run("lock")[1] == ""
    code, out, _ = life.run("lock", "--upgrade", "images.train", "--format", "json")
    assert (code, json.loads(out)["lines"][0]["pinned"]) == (0, second)
    assert life.lock == f"lockVersion: 1\n\nimages:\n  train: {{digest: {second}}}\n"
    assert first != second
    gone = "sha256:" + "0" * 64
    (life.folder / LOCK).write_text(life.lock.replace(second, gone))
    code, _, err = life.run("lock", "--check")
    assert (code, f"the registry no longer has {life.registry}/{life.name}@{gone}" in err) == (1, True)


def test_of_several_platforms_the_index_is_pinned(life: Life) -> None:
    life.spec(SPEC.partition("models:")[0])
    one = pushed(life.registry, life.name, "amd", "one")
    body = {"mediaType": MANIFEST, "digest": one, "size": 1, "platform": {"architecture": "amd64", "os": "linux"}}
    index = put(life.registry, life.name, "1", {"schemaVersion": 2, "mediaType": INDEX, "manifests": [body]}, INDEX)
    assert life.run("lock")[0] == 0
    assert yaml.safe_load(life.lock)["images"]["train"]["digest"] == index != one


def test_a_layer_is_an_artifact_of_a_registry(life: Life) -> None:
    """As ``oras push`` makes it: the file as it is, with its name as its title."""
    base = "apiVersion: mlops-spec/v1\ncompute: {small: {cpu: '1', memory: 1Gi}}\n"

    def push(tag: str, **files: str) -> str:
        described = []
        for title, content in files.items():
            known = uploaded(life.registry, life.name, content.encode())
            kept = {"org.opencontainers.image.title": title.replace("_", ".")}
            described.append(
                {"mediaType": "application/yaml", "digest": known, "size": len(content), "annotations": kept}
            )
        empty = {
            "mediaType": "application/vnd.oci.empty.v1+json",
            "digest": uploaded(life.registry, life.name, b"{}"),
            "size": 2,
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": "application/x",
            "config": empty,
            "layers": described,
        }
        return put(life.registry, life.name, tag, manifest, MANIFEST)

    address = f"oci://{life.registry}/{life.name}:base"
    pushed(life.registry, life.name, "1", "one")
    life.spec(SPEC.replace("/v1\n", f"/v1\nextends: ['{address}']\n", 1))
    code, _, err = life.run("lock")
    assert (code, f"MS113 {address}: the registry has none such" in err) == (1, True)
    push("base", base_mlops_yaml=base, readme_md="# Read me")
    assert life.run("lock")[0] == 0
    copy = yaml.safe_load(life.lock)["layers"][address]
    assert (life.folder / copy["path"]).read_text() == base
    assert copy["digest"] == f"sha256:{hashlib.sha256(base.encode()).hexdigest()}"
    assert "1Gi" in life.run("show", "--resolved", "--env", "dev", "compute")[1]

    push("base", base_mlops_yaml=base.replace("1Gi", "2Gi"))
    assert "another by now than its copy here" in life.run("lock", "--check")[2]
    assert life.run("lock", "--upgrade", address)[0] == 0
    assert "2Gi" in (life.folder / copy["path"]).read_text()

    for files, said in ({"a_yaml": "x", "b_yaml": "y"}, "it has 2 files"), ({}, "it has 0 files"):
        push("base", **files)
        code, _, err = life.run("lock", "--upgrade", "layers")
        assert (code, "MS117" in err, said in err) == (1, True, True)


def test_a_version_that_somebody_has_changed_or_deleted_is_found(life: Life) -> None:
    pushed(life.registry, life.name, "1", "one")
    life.registered(1)
    assert life.run("lock")[0] == 0
    tag = {"name": life.name, "version": "1", "key": "mlops-spec.digest", "value": "sha256:" + "0" * 64}
    life.server.ask("model-versions/set-tag", tag)
    code, _, err = life.run("lock", "--check")
    assert (code, f"version 1 of {life.name} has another digest in the registry" in err) == (1, True)
    assert f"{LOCK}:9:7" in err
    request = urllib.request.Request(
        f"{life.server.uri}/api/2.0/mlflow/model-versions/delete",
        json.dumps({"name": life.name, "version": "1"}).encode(),
        {"Content-Type": "application/json"},
        method="DELETE",
    )
    urllib.request.urlopen(request).close()
    code, _, err = life.run("lock", "--check")
    assert (code, f"the registry no longer has version 1 of {life.name}" in err) == (1, True)


def test_a_version_comes_by_the_gates_or_not_at_all(life: Life) -> None:
    life.spec(SPEC + GATED)
    pushed(life.registry, life.name, "1", "one")
    life.registered(1)
    assert life.run("lock")[0] == 0
    before = life.lock

    life.registered(2, MLOPS_PIPELINE="other")
    code, _, err = life.run("lock", "--upgrade", life.name)
    assert (code, life.lock) == (1, before)
    by = f"version 2 of {life.name} was registered by the pipeline other of life, and not behind the gates of"
    assert "mlops.yaml:11:14: error MS516" in err, err
    assert f"{by} pipelines.train\n" in err

    asked = {"name": life.name, "source": f"s3://acme/{life.name}/1", "run_id": life.model()["run"]}
    life.server.ask("model-versions/create", asked)
    life.server.ask("registered-models/alias", {"name": life.name, "alias": "challenger", "version": "3"})
    code, _, err = life.run("lock", "--upgrade", life.name)
    assert (code, life.lock, "version 3 of" in err, "was registered by hand, and not" in err) == (1, before, True, True)

    life.registered(4)
    assert life.run("lock", "--upgrade", life.name)[0] == 0
    assert life.model()["version"] == 4

    (life.folder / LOCK).write_text(before.replace("version: 1,", "version: 3,"))
    code, _, err = life.run("lock", "--check")
    assert (code, "warning MS516" in err, "was registered by hand" in err) == (0, True, True)


def test_a_server_that_is_down_leaves_the_lock_alone(life: Life) -> None:
    pushed(life.registry, life.name, "1", "one")
    life.spec(SPEC.replace("{server}", f"http://127.0.0.1:{free_port()}"))
    code, out, err = life.run("lock")
    assert (code, out, (life.folder / LOCK).exists()) == (5, "", False)
    assert "mlops.yaml:11:14: error MS114" in err
    assert "does not answer: Connection refused" in err


def test_what_the_server_hands_through_is_refused_or_told_where_it_lies(life: Life) -> None:
    """Somebody else has logged it: MLflow's own addresses, and no digest of ours."""
    pushed(life.registry, life.name, "1", "one")
    script = (
        "import sys, mlflow; from mlflow.pyfunc import PythonModel, log_model\n"
        "class M(PythonModel):\n    def predict(self, model_input: list[str]) -> list[str]: return model_input\n"
        "mlflow.set_tracking_uri(sys.argv[1]); mlflow.set_experiment(sys.argv[2])\n"
        "with mlflow.start_run(): log_model(name='m', python_model=M(), registered_model_name=sys.argv[2], pip_requirements=['mlflow==3.17.2'])\n"
        "mlflow.MlflowClient().set_registered_model_alias(sys.argv[2], 'challenger', 1)\n"
    )
    command = [life.python, "-c", script, life.server.uri, life.name]
    done = subprocess.run(command, env=life.environment, capture_output=True, text=True, check=False, cwd=life.folder)
    assert done.returncode == 0, done.stderr
    code, _, err = life.run("lock", "--env", "dev")
    assert (code, "MS117" in err, "--artifacts-destination" in err) == (1, True, True), err
    assert not (life.folder / LOCK).exists()

    code, _, err = life.run("lock", "--env", "dev", MLFLOW_ARTIFACTS_DESTINATION="s3://acme/kept")
    assert code == 0, err
    model = life.model()
    assert model["uri"].startswith("s3://acme/kept/")
    assert model["requirements"] == ["mlflow==3.17.2"]
    kept = life.server.folder / "kept" / model["uri"].removeprefix("s3://acme/kept/")
    lines = sorted(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(kept).as_posix()}\n"
        for path in kept.rglob("*") if path.is_file()
    )  # fmt: skip
    assert model["digest"] == f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"
    assert life.run("lock", "--env", "dev", MLFLOW_ARTIFACTS_DESTINATION="s3://acme/kept")[1] == ""


BESIDE = """\
apiVersion: mlops-spec/v1
project: {{name: life}}
platform: {{tracking: {{uri: "{server}"}}}}
environments:
  dev: {{}}
  prod: {{promotes_from: dev}}
datasets:
  outcomes: {{uri: "s3://acme/outcomes.parquet", version: per-run}}
models:
  {name}:
    version: "@challenger"
    serving: {{shadow: {{version: "@challenger"}}}}
    ab_test:
      state: running
      variants: {{control: {{version: 1, weight: 50}}, treatment: {{version: 2, weight: 50}}}}
      assign_by: customer_id
      metric: {{name: retained, goal: maximize, labels: outcomes}}
      duration: 14d
      min_samples: 1000
"""


def test_a_shadow_and_the_variants_of_a_test_are_pinned_beside_the_live_version(life: Life) -> None:
    life.spec(BESIDE)
    first = life.registered(1)
    code, out, err = life.run("lock")
    assert code == 0, err
    assert out.splitlines() == [f"{LOCK}: dev {life.name}{what} is version 1 (@challenger)" for what in ("", ".shadow")]
    assert "variants" not in life.model()  # half a test is none

    second = life.registered(2)
    code, out, err = life.run("lock")
    assert (code, out.splitlines()) == (
        0,
        [f"{LOCK}: dev {life.name}.variants.{name} is version {n}" for name, n in (("control", 1), ("treatment", 2))],
    ), err
    assert [one["digest"] for one in life.model()["variants"].values()] == [first["digest"], second["digest"]]
    assert life.run("lock", "--upgrade", life.name)[0] == 0
    model = life.model()
    assert (model["version"], model["shadow"]["version"], "rollout" in model) == (2, 2, False)
    assert [one["version"] for one in model["variants"].values()] == [1, 2]

    # What dev has tried comes to prod, which then has a shadow of its own.
    live = {key: model[key] for key in ("version", "run", "uri", "digest")}
    text = life.lock + f"  prod: {{models: {{{life.name}: {json.dumps(live)}}}}}\n"
    (life.folder / LOCK).write_text(text)
    assert life.run("lock")[0] == 0
    assert life.model("prod")["shadow"]["version"] == 2
    assert life.run("lock", "--check")[0] == 0


WHOLE = """\
apiVersion: mlops-spec/v1
project: {{name: life, repository: "https://git.acme.example/growth/life.git"}}
platform: {{tracking: {{uri: "{server}"}}}}
environments:
  dev: {{}}
  staging: {{promotes_from: dev}}
  prod: {{protected: true, promotes_from: staging}}
images:
  train: {{repository: {registry}/{name}, tag: "1"}}
models:
  {name}: # mlops-spec: ignore[MS301, MS304] trained and watched elsewhere
    version: "@challenger"
    serving: {{expose: {{path: /churn}}}}
"""


class Delivered:
    """A repository whose commits are published, and whose production is brought to the registry by ``sync``."""

    def __init__(self, life: Life) -> None:
        self.life, self.told = life, list[tuple[str, int, str]]()
        self.git("init", "-qb", "main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@acme.example")

    def git(self, *arguments: str) -> str:
        command, folder = ["git", *arguments], self.life.folder
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()

    def committed(self, subject: str) -> None:
        """Commit what was edited, publish it, and note how many lines of the lock it changed."""
        if self.git("status", "--porcelain", "mlops.yaml", LOCK):
            self.git("add", "mlops.yaml", LOCK)
            self.git("commit", "-qm", subject)
        subject, *_, counted = self.git("log", "-1", "--numstat", "--format=%s", "--", LOCK).split("\n")
        self.told.append((subject.replace(self.life.name, "it"), int(counted.split()[0]), self.live()))

    def live(self) -> str:
        """Publish, sync production as its Job does, and say which version it serves, and which is the champion."""
        # A protected environment without a version is an error: until it has one, the others are published alone.
        ready = [name for name in ("dev", "staging", "prod") if f"\n  {name}:" in self.life.lock]
        only = [word for name in ready for word in ("--env", name)]
        code, out, err = self.life.run("publish", "--branch", "delivered", *only)
        assert code == 0, out + err
        found = {name: self.of(name) for name in ("dev", "staging", "prod")}
        return (
            " ".join(f"{name}={version}" for name, version in found.items() if version) + f" champion={self.champion()}"
        )

    def of(self, environment: str) -> str:
        branch = "delivered-prod" if environment == "prod" else "delivered"
        path = f"deploy/{environment}/serving/inferenceservice-{self.life.name}.yaml"
        shown = subprocess.run(
            ["git", "show", f"{branch}:{path}"], cwd=self.life.folder, capture_output=True, text=True, check=False
        )
        if shown.returncode:
            return ""
        uri = str(yaml.safe_load(shown.stdout)["spec"]["predictor"]["model"]["storageUri"])
        return uri.rpartition("/")[2]

    def champion(self) -> str:
        if not self.of("prod"):
            return "none"
        config = yaml.safe_load(self.git("show", "delivered-prod:deploy/prod/tracking/configmap-mlops-sync.yaml"))
        told = self.life.folder / "desired-state.yaml"
        told.write_text(config["data"]["desired-state.yaml"])
        command = [self.life.python, "-m", "mlops_spec.runtime", "sync", "--config", str(told)]
        environment = {**self.life.environment, "MLFLOW_TRACKING_URI": self.life.server.uri}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        model = self.life.server.ask(f"registered-models/get?name={self.life.name}")["registered_model"]
        return next((alias["version"] for alias in model.get("aliases", ()) if alias["alias"] == "champion"), "none")


def test_the_whole_life_of_a_model_is_commits_of_a_line(life: Life) -> None:
    life.spec(WHOLE)
    pushed(life.registry, life.name, "1", "one")
    repository = Delivered(life)
    life.registered(1)
    for subject, command in (
        ("Lock what dev runs", ("lock",)),
        ("Staging", ("promote", life.name, "--to", "staging", "--commit")),
        ("Production", ("promote", life.name, "--to", "prod", "--commit")),
    ):
        code, out, err = life.run(*command)
        assert code == 0, out + err
        repository.committed(subject)
    life.registered(2)
    for command in (
        ("lock", "--upgrade", life.name),
        ("promote", life.name, "--to", "staging", "--commit"),
        ("promote", life.name, "--to", "prod", "--commit"),
        ("rollback", life.name, "--env", "prod", "--commit"),
    ):
        code, out, err = life.run(*command)
        assert code == 0, out + err
        repository.committed("Try version 2 in dev")
    assert [(subject, live) for subject, _, live in repository.told] == [
        ("Lock what dev runs", "dev=1 champion=none"),
        ("Promote it to staging", "dev=1 staging=1 champion=none"),
        ("Promote it to prod", "dev=1 staging=1 prod=1 champion=1"),
        ("Try version 2 in dev", "dev=2 staging=1 prod=1 champion=1"),
        ("Promote it to staging", "dev=2 staging=2 prod=1 champion=1"),
        ("Promote it to prod", "dev=2 staging=2 prod=2 champion=2"),
        ("Roll it back in prod", "dev=2 staging=2 prod=1 champion=1"),
    ]
    assert max(lines for _, lines, _ in repository.told[3:]) <= len(life.model()), "only what is said of the version"
