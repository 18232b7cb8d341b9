"""Lowering decides which version scores which rows, where the scores go, and what the pods of a scoring may reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlops_spec import assets
from mlops_spec.compiler import Compilation
from tests import changed
from tests.blueprint.test_alerts import DIGEST, LOCK, VERSION, objects, told
from tests.golden_trees import EXAMPLES
from tests.golden_trees import compiled as example_of

SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
platform:
  artifacts: {uri: "s3://acme/artifacts", endpoint: "http://minio.storage.svc:9000", region: eu-central-1, secret: store}
  runtime: {image: registry.acme.example/runtime}
secrets: {store: {store: vault, path: ml/store, keys: [access_key, secret_key]}}
compute:
  small: {cpu: 1500m, memory: 3000Mi}
  gpu: {cpu: "8", memory: 32Gi, accelerator: {model: nvidia-a100, count: 2}, shared_memory: 8Gi, disk: 100Gi, queue: ml}
datasets:
  active: {uri: "s3://acme/active/ds=${{ run.date }}/", version: per-run}
models:
  churn:
    version: "@challenger"
    batch:
      schedule: {cron: "0 5 * * *", timezone: Europe/Berlin}
      input: active
      output: s3://acme/scores/ds=${{ run.date }}/
      compute: small
"""


def compiled(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return changed.compiled(SPEC, lock, *changes)


def application(result: Compilation) -> Any:
    (found,) = objects(result, "ScheduledSparkApplication").values()
    return found


def schema(program: str = "score") -> Any:
    return json.loads((assets.SCHEMAS / "runtime" / f"{program}.schema.json").read_bytes())


def test_the_program_is_told_the_locked_version_and_where_rows_and_scores_lie() -> None:
    result = compiled()
    assert [d for d in result.diagnostics if d.code[:3] in ("MS1", "MS0")] == []
    configuration = json.loads(objects(result, "ConfigMap")["churn.score"]["data"]["score.json"])
    jsonschema.Draft202012Validator(schema()).validate(configuration)
    assert configuration == {
        "model": {"name": "churn", "version": 6, "uri": "s3://acme/m-6", "digest": DIGEST},
        "input": {"uri": "s3://acme/active/ds=${{ run.date }}/", "version": "per-run"},
        "output": "s3://acme/scores/ds=${{ run.date }}/",
        "schedule": {"cron": "0 5 * * *", "timezone": "Europe/Berlin"},
        "engine": "spark",
    }
    notes = application(result)["metadata"]["annotations"]
    assert (notes["mlops-spec.dev/version"], notes["mlops-spec.dev/run"]) == ("6", "r6")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_what_scorings_of_the_examples_are_told_is_what_the_runtime_reads(example: Path) -> None:
    tree = example_of(example).tree
    assert (example.name == "churn") == any("/batch/scheduledsparkapplication-" in path for path in tree)
    for document in objects(example_of(example), "ConfigMap").values():
        if "score.json" in document["data"]:
            jsonschema.Draft202012Validator(schema()).validate(json.loads(document["data"]["score.json"]))


def test_the_memory_of_a_profile_is_what_a_pod_gets_in_all() -> None:
    executor = application(compiled())["spec"]["template"]["executor"]
    assert (executor["memory"], executor["memoryOverhead"]) == ("1500m", "1500m")
    assert (executor["cores"], executor["coreRequest"], executor["coreLimit"]) == (2, "1500m", "1500m")
    large = application(compiled(("compute: small", "compute: gpu")))
    executor = large["spec"]["template"]["executor"]
    assert (executor["memory"], executor["memoryOverhead"], executor["cores"]) == ("16384m", "16384m", 8)
    assert large["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "ml"
    (container,) = executor["template"]["spec"]["containers"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": "2"}
    none = application(compiled(("      compute: small\n", "")))["spec"]["template"]["executor"]
    assert (none["memory"], none["coreRequest"]) == ("512m", "500m")


def test_pods_reach_each_other_the_store_and_the_api_server_alone() -> None:
    result = compiled()
    policy = objects(result, "NetworkPolicy")["churn.score"]["spec"]
    labels = application(result)["spec"]["template"]["driver"]["template"]["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    (heard, again) = policy["ingress"]
    assert {heard["ports"][0]["port"], again["ports"][0]["port"]} == {7078, 7079}
    assert heard["from"] == [{"podSelector": policy["podSelector"]}]
    reached = {
        (port["port"], rule["to"][0].get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name"))
        for rule in policy["egress"] for port in rule["ports"] if port["port"] != 53
    }  # fmt: skip
    assert reached == {(9000, "storage"), (443, None), (6443, None), (7078, "x"), (7079, "x")}


def test_a_driver_s_account_may_make_executors_and_nothing_else() -> None:
    result = compiled()
    assert objects(result, "ServiceAccount")["spark"]["automountServiceAccountToken"] is False
    role, bound = objects(result, "Role")["spark.batch"], objects(result, "RoleBinding")["spark.batch"]
    assert {resource for rule in role["rules"] for resource in rule["resources"]} == {
        "configmaps", "persistentvolumeclaims", "pods", "services",
    }  # fmt: skip
    assert [subject["name"] for subject in bound["subjects"]] == ["spark"]
    env = application(result)["spec"]["template"]["executor"]["template"]["spec"]["containers"][0]["env"]
    assert {v["name"]: v.get("value") or v["valueFrom"]["secretKeyRef"]["key"] for v in env} == {
        "AWS_ACCESS_KEY_ID": "access_key", "AWS_SECRET_ACCESS_KEY": "secret_key",
        "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://minio.storage.svc:9000",
    }  # fmt: skip


def test_an_account_that_pipelines_work_as_is_made_once() -> None:
    steps = f"{{fit: {{image: registry.acme.example/fit@{DIGEST}, command: [fit]}}}}"
    result = compiled(
        ("platform:\n", "platform:\n  orchestrator: {service_account: ml}\n  batch: {service_account: ml}\n"),
        ("models:\n", f"pipelines: {{train: {{steps: {steps}}}}}\nmodels:\n"),
    )
    assert {"ml"} == set(objects(result, "ServiceAccount")) - {"mlops-sync"}
    assert set(objects(result, "Role")) == {"ml", "ml.batch"}


def test_while_a_new_version_is_on_trial_the_one_before_scores() -> None:
    serving = (
        "    batch:\n",
        "    serving: {expose: {path: /x}, rollout: {strategy: canary, steps: [{weight: 10}, {weight: 100}]}}\n    batch:\n",
    )
    before = f'{{version: 5, run: r5, uri: "s3://acme/m-5", digest: "{DIGEST}"}}'
    lock = LOCK.replace(VERSION, VERSION[:-1] + f", rollout: {{step: 0, from: {before}}}}}")
    result = compiled(serving, lock=lock)
    assert json.loads(objects(result, "ConfigMap")["churn.score"]["data"]["score.json"])["model"]["version"] == 5


WITHHELD = "models.churn.batch: `models.churn.batch` is withheld: "


@pytest.mark.parametrize("change, lock, reason", [
    (("", ""), "lockVersion: 1\n", "the lock has no version of churn for this environment"),
    (("  runtime: {image: registry.acme.example/runtime}\n", ""), LOCK, "it runs in the runtime image"),
    (("version: per-run", 'version: "dvc:3f2a9c17"'), LOCK, "reading the revision dvc:3f2a9c17 of active for it is not built yet"),
    (("", ""), LOCK.replace("s3://acme/m-6", "hf://acme/m-6"), "the model lies at hf:, which its engine does not read"),
])  # fmt: skip
def test_a_scoring_that_lacks_something_is_withheld_whole(change: tuple[str, str], lock: str, reason: str) -> None:
    result = compiled(change, lock=lock)
    assert told(result, "MS140").count(WITHHELD + reason) == 1
    assert not objects(result, "ScheduledSparkApplication")
    assert "churn.score" not in objects(result, "NetworkPolicy") | objects(result, "ConfigMap")
    assert "spark" not in objects(result, "ServiceAccount")


@pytest.mark.parametrize("change, problem", [
    (("output: s3://acme/scores/", "output: file:///scores/"), "models.churn.batch.output: nothing reads or writes file: there"),
    (("output: s3://acme/scores/ds=${{ run.date }}/", "output: s3://acme/${{ parameters.x }}/"), "models.churn.batch.output: a scoring knows no `parameters.x`"),
    (('uri: "s3://acme/active/ds=${{ run.date }}/"', 'uri: "s3://acme/active/${{ run.name }}/"'), "datasets.active.uri: a scoring knows no `run.name`"),
    (("memory: 3000Mi", "memory: 1023Mi"), "models.churn.batch.compute: small fits no worker: a worker needs 1024Mi of memory to start"),
])  # fmt: skip
def test_what_could_never_run_is_refused_at_its_place(change: tuple[str, str], problem: str) -> None:
    result = compiled(change)
    assert told(result, "MS126") == [problem]
    assert next(d.place for d in result.diagnostics if d.code == "MS126") is not None


def test_a_long_name_leaves_room_for_what_the_operator_adds() -> None:
    result = compiled(("churn", "c" * 60), lock=LOCK.replace("churn", "c" * 60))
    name = application(result)["metadata"]["name"]
    assert len(f"{name}-1700000000000000000-ui-svc") <= 63


def test_an_image_of_one_s_own_runs_in_place_of_the_runtime_s() -> None:
    image = f"registry.acme.example/spark@{DIGEST}"
    result = compiled(("platform:\n", f'platform:\n  batch: {{image: "{image}", version: "3.5.6", executors: 7}}\n'))
    template = application(result)["spec"]["template"]
    assert (template["image"], template["sparkVersion"], template["executor"]["instances"]) == (image, "3.5.6", 7)


DATAFLOW = (
    ("platform:\n", "platform:\n  batch: {backend: dataflow, project: acme-ml, location: europe-west3, bucket: gs://acme/dataflow/}\n"),
    ("s3://acme/active", "gs://acme/active"), ("s3://acme/scores", "gs://acme/scores"),
)  # fmt: skip
GS = LOCK.replace("s3://", "gs://")


def test_on_dataflow_a_job_of_ours_launches_and_waits() -> None:
    result = compiled(*DATAFLOW, ("compute: small", "compute: small\n      timeout: 2h"), lock=GS)
    assert [d for d in result.diagnostics if d.code[:3] in ("MS1", "MS0")] == []
    launch = json.loads(objects(result, "ConfigMap")["churn.score"]["data"]["launch.json"])
    jsonschema.Draft202012Validator(schema("launch")).validate(launch)
    configuration = json.loads(launch["request"]["launchParameter"]["parameters"]["config"])
    jsonschema.Draft202012Validator(schema()).validate(configuration)
    assert (configuration["engine"], configuration["model"]["uri"]) == ("beam", "gs://acme/m-6")
    (job,) = objects(result, "CronJob").values()
    assert (job["spec"]["schedule"], job["spec"]["timeZone"]) == ("0 5 * * *", "Europe/Berlin")
    spec = job["spec"]["jobTemplate"]["spec"]
    assert (spec["activeDeadlineSeconds"], launch["timeout"]) == (3 * 7200 + 1800, 7200)
    pod = spec["template"]["spec"]
    assert (pod["serviceAccountName"], pod["containers"][0]["command"]) == (
        "dataflow", ["mlops-spec-runtime", "launch", "--config", "/etc/mlops/launch.json"],
    )  # fmt: skip
    assert set(objects(result, "Role")) == set()
    policy = objects(result, "NetworkPolicy")["churn.score"]["spec"]
    assert "ingress" not in policy
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53, 443}


@pytest.mark.parametrize("change, problem", [
    (("gs://acme/scores", "s3://acme/scores"), "models.churn.batch.output: nothing reads or writes s3: there"),
    (("compute: small", "compute: gpu"), "models.churn.batch.compute: gpu fits no worker: Dataflow's workers cannot have accelerators, shared memory, a queue"),
])  # fmt: skip
def test_what_dataflow_cannot_have_is_refused_at_its_place(change: tuple[str, str], problem: str) -> None:
    assert told(compiled(*DATAFLOW, change, lock=GS), "MS126") == [problem]


def test_a_model_may_choose_its_own_engine() -> None:
    engine = "{backend: dataflow, project: acme-ml, location: europe-west3, bucket: gs://acme/dataflow/}"
    result = compiled(*DATAFLOW[1:], ("compute: small", f"compute: small\n      engine: {engine}"), lock=GS)
    assert not objects(result, "ScheduledSparkApplication")
    assert "launch.json" in objects(result, "ConfigMap")["churn.score"]["data"]
