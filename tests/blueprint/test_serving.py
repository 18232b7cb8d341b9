"""Lowering decides which versions of a model serve, how many servers, who reaches them and by which weights."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mlops_spec.compiler import Compilation, compile_spec
from mlops_spec.diagnostic import Severity
from mlops_spec.source.files import Memory
from tests import changed
from tests.yaml_readers import read_by_libyaml

DIGEST = "sha256:" + "4b" * 32
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
platform:
  artifacts: {uri: "s3://acme/artifacts", region: eu-central-1, secret: store}
  gateway: {class: istio, host: "*.ml.acme.example"}
secrets: {store: {store: vault, path: ml/s3, keys: [access_key, secret_key]}}
environments:
  dev: {namespace: x-dev}
  prod: {namespace: x, promotes_from: dev}
models:
  churn:
    serving:
      replicas: {min: 2, max: 10}
      expose: {path: /churn}
"""
CANARY = "\n      rollout: {strategy: canary, steps: [{weight: 0}, {weight: 25, pause: 10m}, {weight: 100}]}"
TEST = """
    ab_test:
      state: running
      variants: {control: {version: 6, weight: 90}, new_one: {version: 7, weight: 10}}
      assign_by: customer_id
      metric: {name: kept, goal: maximize, labels: outcomes}
      duration: 14d
      min_samples: 100
datasets: {outcomes: {uri: "s3://acme/outcomes", version: per-run}}
"""
EXPOSE = "      expose: {path: /churn}"
SHADOW = "\n      shadow: {version: 7, sample: SAMPLE}"


def version(number: int, uri: str = "s3://acme/m-{}") -> dict[str, Any]:
    return {"version": number, "run": f"r{number}", "uri": uri.format(number), "digest": DIGEST}


def compiled(
    *changes: tuple[str, str], locked: dict[str, Any] | None = None, environments: tuple[str, ...] = ("dev", "prod")
) -> Compilation:
    text = changed.changed(SPEC, *changes)
    pinned = {name: {"models": {"churn": locked or version(6)}} for name in environments}
    images = {"runtime": {"digest": DIGEST}} if "runtime:" in text else {}
    lock = yaml.safe_dump({"lockVersion": 1, "environments": pinned, "images": images})
    return compile_spec(Memory({"mlops.yaml": text.encode(), "mlops.lock.yaml": lock.encode()}), "mlops.yaml")


def told(result: Compilation, code: str) -> list[str]:
    return [f"{d.address}: {d.message}" for d in result.diagnostics if d.code == code]


def document(result: Compilation, path: str) -> Any:
    return read_by_libyaml(result.tree[path])


def route(result: Compilation, environment: str = "prod") -> Any:
    return document(result, f"{environment}/gateway/httproute-churn.yaml")["spec"]


def weights(result: Compilation) -> list[tuple[str, int | None]]:
    return [(ref["name"], ref.get("weight")) for ref in route(result)["rules"][0]["backendRefs"]]


def server(result: Compilation, name: str = "churn") -> Any:
    return document(result, f"prod/serving/inferenceservice-{name}.yaml")


def uri(predictor: Any) -> str:
    return str(predictor["model"]["storageUri"])


def test_a_model_serves_the_version_of_the_lock_and_says_which() -> None:
    result = compiled(locked=version(6))
    assert uri(server(result)["spec"]["predictor"]) == "s3://acme/m-6"
    notes = server(result)["metadata"]["annotations"]
    assert (notes["mlops-spec.dev/version"], notes["mlops-spec.dev/run"]) == ("6", "r6")
    assert notes["mlops-spec.dev/digest"] == DIGEST


def test_an_unlocked_model_is_withheld_once_and_a_patch_on_it_waits() -> None:
    patch = "patches: [{target: {kind: InferenceService, name: churn}, patch: [{op: remove, path: /spec}], reason: r}]"
    result = compiled(("models:\n", f"{patch}\nmodels:\n"), environments=())
    assert told(result, "MS140") == [
        "models.churn.serving: `models.churn.serving` is withheld: the lock has no version of it for this environment"
    ]
    assert [d.severity for d in result.diagnostics if d.code == "MS137"] == [Severity.WARNING]
    assert not any("/serving/" in path or "/gateway/" in path for path in result.tree)


@pytest.mark.parametrize("step, weight, replicas", [(0, 0, 1), (1, 25, 3), (2, 100, 10)])
def test_the_locks_step_of_a_rollout_is_rendered(step: int, weight: int, replicas: int) -> None:
    locked = {**version(7), "rollout": {"step": step, "from": version(6)}}
    result = compiled((EXPOSE, EXPOSE + CANARY), locked=locked)
    said = server(result)["spec"]
    assert uri(said["predictor"]) == "s3://acme/m-6"
    (canary,) = said["canary"]
    assert (canary["trafficPercent"], canary["predictor"]["minReplicas"]) == (weight, replicas)
    assert uri(canary["predictor"]) == "s3://acme/m-7"
    assert weights(result) == [("churn-predictor", 100 - weight), ("churn-v7-predictor", weight)]
    notes = server(result)["metadata"]["annotations"]
    assert (notes["mlops-spec.dev/version"], notes["mlops-spec.dev/canary-version"]) == ("6", "7")


def test_one_step_further_changes_the_lines_that_say_it_alone() -> None:
    def tree(step: int) -> dict[str, str]:
        locked = {**version(7), "rollout": {"step": step, "from": version(6)}}
        return compiled((EXPOSE, EXPOSE + CANARY), locked=locked).tree

    before, after = tree(0), tree(1)
    changed = [
        (old.strip(), new.strip())
        for path in before
        if path.startswith("prod/")
        for old, new in zip(before[path].splitlines(), after[path].splitlines(), strict=True)
        if old != new
    ]
    assert changed == [
        ("weight: 100", "weight: 75"),
        ("weight: 0", "weight: 25"),
        ("- trafficPercent: 0", "- trafficPercent: 25"),
        ("minReplicas: 1", "minReplicas: 3"),
    ]


def test_when_a_rollout_is_done_or_aborted_one_version_is_left() -> None:
    for number in (6, 7):
        result = compiled((EXPOSE, EXPOSE + CANARY), locked=version(number))
        assert "canary" not in server(result)["spec"]
        assert uri(server(result)["spec"]["predictor"]) == f"s3://acme/m-{number}"
        assert weights(result) == [("churn-predictor", None)]


@pytest.mark.parametrize(
    "rollout, message",
    [
        (CANARY, "the lock is at step 3 (counted from 0) of a rollout, and the spec's has 3"),
        ("", "the lock is at step 3 (counted from 0) of a rollout, and the spec has no canary"),
        (
            "\n      rollout: {strategy: rolling}",
            "the lock is at step 3 (counted from 0) of a rollout, and the spec has no canary",
        ),
    ],
)
def test_a_step_that_the_spec_lacks_is_an_error_and_nothing_is_rendered(rollout: str, message: str) -> None:
    result = compiled((EXPOSE, EXPOSE + rollout), locked={**version(7), "rollout": {"step": 3, "from": version(6)}})
    (line,) = told(result, "MS147")
    assert line.partition(": ")[2] == message
    assert result.tree == {}


@pytest.mark.parametrize(
    "sample, said",
    [("20%", {"percent": 20}), ("100%", {}), ("12.5%", {"fraction": {"numerator": 1, "denominator": 8}})],
)
def test_a_shadow_is_a_server_of_its_own_that_gets_copies(sample: str, said: dict[str, Any]) -> None:
    change = (EXPOSE, EXPOSE + SHADOW.replace("SAMPLE", sample))
    result = compiled(change, locked={**version(6), "shadow": version(7)})
    shadow = server(result, "churn-shadow")
    assert uri(shadow["spec"]["predictor"]) == "s3://acme/m-7"
    assert shadow["spec"]["predictor"]["model"]["env"] == [{"name": "MLSERVER_MODEL_NAME", "value": "churn"}]
    mirrored = route(result)["rules"][0]["filters"][-1]["requestMirror"]
    assert mirrored == {"backendRef": {"name": "churn-shadow-predictor", "port": 80}, **said}
    assert weights(result) == [("churn-predictor", None)]
    assert "prod/serving/poddisruptionbudget-churn-shadow.yaml" not in result.tree


def test_a_shadow_without_a_version_is_withheld_alone() -> None:
    result = compiled((EXPOSE, EXPOSE + SHADOW.replace("SAMPLE", "20%")))
    assert [line.partition(":")[0] for line in told(result, "MS140")] == ["models.churn.serving.shadow"]
    assert server(result)
    assert [f["type"] for f in route(result)["rules"][0]["filters"]] == ["URLRewrite"]


@pytest.mark.parametrize("state", ["planned", "running", "ended"])
def test_a_test_splits_nothing_as_long_as_no_value_stays_with_its_variant(state: str) -> None:
    locked = {**version(6), "variants": {"control": version(6), "new_one": version(7)}}
    result = compiled((EXPOSE, EXPOSE + TEST), ("state: running", f"state: {state}"), locked=locked)
    assert weights(result) == [("churn-predictor", None)]
    assert "models.churn.ab_test" in "".join(told(result, "MS146"))


@pytest.mark.parametrize(
    "change, at, message",
    [
        (
            EXPOSE + CANARY + TEST,
            "models.churn.ab_test.state",
            "a canary and a running test would both split the requests of one model",
        ),
        (CANARY, "models.churn.serving.rollout.strategy", "a canary needs requests that come in through the gateway"),
        (
            SHADOW.replace("SAMPLE", "20%"),
            "models.churn.serving.shadow",
            "a shadow needs requests that come in through the gateway",
        ),
    ],
)
def test_requests_that_cannot_be_split_are_an_error(change: str, at: str, message: str) -> None:
    locked = {**version(6), "shadow": version(7), "variants": {"control": version(6), "new_one": version(7)}}
    result = compiled((EXPOSE, change), locked=locked)
    assert told(result, "MS148") == [f"{at}: {message}"]
    assert result.tree == {}


def test_two_splits_are_an_error_whatever_the_lock_says() -> None:
    result = compiled((EXPOSE, EXPOSE + CANARY + TEST), environments=())
    assert len(told(result, "MS148")) == 1
    assert told(result, "MS140") == []


def test_knative_splits_a_canary_without_a_gateway() -> None:
    locked = {**version(7), "rollout": {"step": 1, "from": version(6)}}
    change = ("platform:\n", "platform:\n  serving: {mode: knative}\n")
    result = compiled(change, (EXPOSE, CANARY), locked=locked)
    assert told(result, "MS148") == []
    assert server(result)["spec"]["predictor"]["canaryTrafficPercent"] == 25


@pytest.mark.parametrize("scheme", ["mlflow-artifacts:/1/m", "hdfs://acme/m", "file:/m"])
def test_a_model_that_kserve_cannot_read_is_an_error(scheme: str) -> None:
    result = compiled(locked=version(6, scheme))
    (line,) = told(result, "MS149")
    assert line == f"models.churn.serving: the server cannot read version 6 from {scheme.partition(':')[0]}:"
    assert result.tree == {}


def test_fewer_at_most_than_at_least_is_an_error() -> None:
    result = compiled(("{min: 2, max: 10}", "{min: 2, max: 1}"))
    assert told(result, "MS135") == ["models.churn.serving.replicas.max: replicas.max is 1, below min, which is 2"]


def test_servers_open_the_store_with_keys_under_the_names_that_they_look_for() -> None:
    result = compiled()
    account = document(result, "prod/cluster/serviceaccount-churn.server.yaml")
    assert account["secrets"] == [{"name": "store.serving"}]
    secret = document(result, "prod/secrets/externalsecret-store.serving.yaml")["spec"]
    assert [(d["secretKey"], d["remoteRef"]["property"]) for d in secret["data"]] == [
        ("AWS_ACCESS_KEY_ID", "access_key"),
        ("AWS_SECRET_ACCESS_KEY", "secret_key"),
    ]


def test_with_an_identity_of_its_own_the_account_says_where_the_store_is() -> None:
    result = compiled((", secret: store", ", auth: workload-identity"))
    account = document(result, "prod/cluster/serviceaccount-churn.server.yaml")
    assert "secrets" not in account
    assert account["metadata"]["annotations"]["serving.kserve.io/s3-region"] == "eu-central-1"


def test_an_existing_secret_cannot_be_given_other_names() -> None:
    result = compiled(("platform:\n", "platform:\n  secrets: {backend: existing}\n"))
    assert len(told(result, "MS149")) == 1
    assert result.tree == {}


def test_a_model_from_elsewhere_needs_no_keys_of_ours() -> None:
    result = compiled(locked=version(6, "https://models.acme.example/m-6"))
    assert "secrets" not in document(result, "prod/cluster/serviceaccount-churn.server.yaml")
    assert "prod/secrets/externalsecret-store.serving.yaml" not in result.tree


def ingress(result: Compilation) -> Any:
    return document(result, "prod/cluster/networkpolicy-churn.server.yaml")["spec"]["ingress"]


def test_an_exposed_server_hears_the_gateway_alone_and_reaches_the_store() -> None:
    result = compiled()
    ports = [{"protocol": "TCP", "port": 8080}]
    pods = {"matchLabels": {"gateway.networking.k8s.io/gateway-name": "models"}}
    assert ingress(result)[0] == {"ports": ports, "from": [{"podSelector": pods}]}
    assert [rule["ports"][0]["port"] for rule in ingress(result)] == [8080, 8082]
    egress = document(result, "prod/cluster/networkpolicy-churn.server.yaml")["spec"]["egress"]
    assert [rule["ports"][0]["port"] for rule in egress] == [53, 443]
    used = compiled(("class: istio", "use: {name: main, namespace: gateways}"))
    assert ingress(used)[0]["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateways"}}}
    ]


def test_a_server_that_is_not_exposed_hears_the_whole_cluster() -> None:
    result = compiled((EXPOSE, ""))
    assert ingress(result)[0]["from"] == [{"namespaceSelector": {}}]
    assert not any("/gateway/" in path for path in result.tree)


def test_an_own_gateway_hears_anyone_and_reaches_servers_and_its_control_plane() -> None:
    spec = document(compiled(), "prod/cluster/networkpolicy-models.gateway.yaml")["spec"]
    assert spec["ingress"] == [{}]
    assert [rule["ports"][0]["port"] for rule in spec["egress"]] == [53, 15012, 8080]
    used = compiled(("class: istio", "use: {name: main, namespace: gateways}"))
    assert not any("gateway-models" in path or "models.gateway" in path for path in used.tree)


def test_without_a_gateway_what_is_exposed_is_withheld() -> None:
    result = compiled(("class: istio, ", ""))
    assert told(result, "MS140") == [
        "models.churn.serving.expose: `models.churn.serving.expose` is withheld: platform.gateway names no gateway"
    ]
    assert server(result)
    assert not any("/gateway/" in path for path in result.tree)


@pytest.mark.parametrize(
    "change, dev, prod",
    [
        (("", ""), ["churn-dev.ml.acme.example"], ["churn.ml.acme.example"]),
        (("*.ml.acme.example", "ml.acme.example"), ["ml.acme.example"], ["ml.acme.example"]),
        ((', host: "*.ml.acme.example"', ""), None, None),
        (("path: /churn", "path: /churn, host: c.acme.example"), ["c.acme.example"], ["c.acme.example"]),
    ],
)
def test_a_models_host_is_its_own_and_names_the_environment_that_others_promote_from(
    change: tuple[str, str], dev: list[str] | None, prod: list[str] | None
) -> None:
    result = compiled(change)
    assert (route(result, "dev").get("hostnames"), route(result).get("hostnames")) == (dev, prod)


@pytest.mark.parametrize("path, said, filters", [("/", "/", 0), ("/a/b/", "/a/b", 1)])
def test_the_path_below_which_a_model_is_reached_is_taken_off(path: str, said: str, filters: int) -> None:
    (rule,) = route(compiled(("path: /churn", f"path: {path}")))["rules"]
    assert rule["matches"][0]["path"]["value"] == said
    assert len(rule.get("filters", ())) == filters


@pytest.mark.parametrize("replicas, budget", [("{min: 2, max: 10}", True), ("{min: 1, max: 10}", False), ("{}", False)])
def test_where_there_are_several_servers_they_are_not_evicted_together(replicas: str, budget: bool) -> None:
    result = compiled(("{min: 2, max: 10}", replicas))
    assert ("prod/serving/poddisruptionbudget-churn.yaml" in result.tree) is budget


def test_without_replicas_there_is_one_server() -> None:
    predictor = server(compiled(("      replicas: {min: 2, max: 10}\n", "")))["spec"]["predictor"]
    assert (predictor["minReplicas"], predictor["maxReplicas"]) == (1, 1)


def test_a_server_has_the_disk_and_shared_memory_of_its_profile() -> None:
    profile = "compute: {big: {cpu: '2', memory: 8Gi, disk: 50Gi, shared_memory: 4Gi}}\nmodels:\n"
    result = compiled(("models:\n", profile), (EXPOSE, f"{EXPOSE}\n      compute: big"))
    volumes = {v["name"]: v["emptyDir"]["sizeLimit"] for v in server(result)["spec"]["predictor"]["volumes"]}
    assert volumes == {"tmp": "50Gi", "shm": "4Gi"}


def test_a_model_may_choose_its_own_server_and_what_that_makes_is_withheld_alone() -> None:
    other = "models:\n  other: {serving: {server: {backend: seldon}}}\n"
    result = compiled(("models:\n", other), locked=version(6))
    said = [line for line in told(result, "MS146") if "seldon" in line]
    assert said == [
        "models.other.serving.server.backend: models.other.serving.server (seldon) is not rendered yet: models.other.serving"
    ]
    assert server(result)
    assert not any("other" in path for path in result.tree if "/serving/" in path)


def test_an_own_mode_holds_for_its_model_alone() -> None:
    own = (EXPOSE, "      server: {backend: kserve, mode: knative}\n  plain: {serving: {}}")
    result = compiled(own)
    assert server(result)["metadata"]["annotations"]["serving.kserve.io/deploymentMode"] == "Knative"
    lock = {"prod": {"models": {"churn": version(6), "plain": version(1)}}}
    text = SPEC.replace(*own)
    files = {
        "mlops.yaml": text.encode(),
        "mlops.lock.yaml": yaml.safe_dump({"lockVersion": 1, "environments": lock}).encode(),
    }
    both = compile_spec(Memory(files), "mlops.yaml")
    modes = {
        name: server(both, name)["metadata"]["annotations"]["serving.kserve.io/deploymentMode"]
        for name in ("churn", "plain")
    }
    assert modes == {"churn": "Knative", "plain": "Standard"}


def test_a_long_name_leaves_room_for_what_kserve_adds() -> None:
    name = "a" * 63
    locked = {"prod": {"models": {name: {**version(7), "rollout": {"step": 1, "from": version(6)}}}}}
    lock = yaml.safe_dump({"lockVersion": 1, "environments": locked})
    text = SPEC.replace("  churn:\n", f"  {name}:\n").replace(EXPOSE, EXPOSE + CANARY)
    result = compile_spec(Memory({"mlops.yaml": text.encode(), "mlops.lock.yaml": lock.encode()}), "mlops.yaml")
    (path,) = (p for p in result.tree if "httproute" in p)
    names = [ref["name"] for ref in document(result, path)["spec"]["rules"][0]["backendRefs"]]
    assert all(len(n) <= 63 and n.startswith("aaa") for n in names)
