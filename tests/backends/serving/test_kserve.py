"""Servers as KServe reads them."""

from __future__ import annotations

import pytest

from mlops_spec.backends.serving.kserve import KServe
from mlops_spec.blueprint.lower.artifacts import location
from mlops_spec.blueprint.types import SecretKey
from mlops_spec.compiler import Options, compile_spec
from mlops_spec.language.text import Name
from mlops_spec.lint.run import Choice
from mlops_spec.model.platform import Artifacts
from mlops_spec.source.files import Memory
from mlops_spec.verify.pods import breaches

STANDARD = KServe(address="platform.serving", mode="standard")
KNATIVE = KServe(address="platform.serving", mode="knative")
PATH = "serving/inferenceservice-churn.yaml"


def canary(nodes, weight=10):
    return nodes.Canary(address="x", version=nodes.version(7), weight=weight, replicas=2, log=None)


@pytest.fixture
def shown(nodes, printed):
    """Print one server."""
    return lambda system=STANDARD, **changes: printed(
        system.emit(nodes.blueprint(services=(nodes.service(**changes),)))
    )


@pytest.fixture
def spec(shown):
    return lambda system=STANDARD, **changes: shown(system, **changes)[PATH]["spec"]


def test_a_server_serves_the_version_of_the_lock_by_the_v2_protocol(spec):
    model = spec()["predictor"]["model"]
    assert model["modelFormat"] == {"name": "mlflow"}
    assert model["protocolVersion"] == "v2"
    assert model["storageUri"] == "s3://acme-ml/artifacts/1/models/m-6/artifacts"
    assert model["env"] == [{"name": "MLSERVER_MODEL_NAME", "value": "churn"}]
    assert model["resources"]["requests"] == {"cpu": "500m", "memory": "1Gi"}


@pytest.mark.parametrize("probe, path", [
    ("startupProbe", "/v2/health/ready"), ("readinessProbe", "/v2/health/ready"), ("livenessProbe", "/v2/health/live"),
])  # fmt: skip
def test_a_server_has_the_three_probes(spec, probe, path):
    assert spec()["predictor"]["model"][probe]["httpGet"] == {"path": path, "port": 8080}


def test_a_servers_pod_is_restricted(spec):
    predictor = spec()["predictor"]
    assert predictor["automountServiceAccountToken"] is False
    pod = {
        "securityContext": predictor["securityContext"],
        "containers": [{**predictor["model"], "image": "x@sha256:0"}],
    }
    assert list(breaches(pod)) == []
    assert predictor["model"]["securityContext"]["readOnlyRootFilesystem"] is True


def test_servers_are_spread_and_replaced_without_a_gap(spec):
    predictor = spec()["predictor"]
    assert [s["topologyKey"] for s in predictor["topologySpreadConstraints"]] == [
        "topology.kubernetes.io/zone", "kubernetes.io/hostname",
    ]  # fmt: skip
    assert predictor["deploymentStrategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_the_number_of_servers_follows_a_metric(spec, nodes):
    autoscale = nodes.Autoscale(address="x", metric=Name("cpu"), target=70)
    predictor = spec(autoscale=autoscale)["predictor"]
    assert (predictor["minReplicas"], predictor["maxReplicas"]) == (1, 4)
    assert (predictor["scaleMetric"], predictor["scaleTarget"], predictor["scaleMetricType"]) == (
        "cpu",
        70,
        "Utilization",
    )
    requests = nodes.Autoscale(address="x", metric=Name("rps"), target=20)
    predictor = spec(KNATIVE, autoscale=requests, replicas=nodes.Replicas(address="x", min=0, max=4))["predictor"]
    assert (predictor["minReplicas"], predictor["scaleMetric"], predictor["scaleTarget"]) == (0, "rps", 20)
    assert "scaleMetricType" not in predictor


def test_hardware_is_what_the_profile_says(spec, nodes):
    compute = nodes.compute(
        limits=(nodes.Quantity(address="x", name="nvidia.com/gpu", amount="1"),),
        node_selector=nodes.labels(pool="gpu"),
        tolerations=(nodes.Toleration(address="x", key="nvidia.com/gpu", operator="Exists", value=None, effect=None),),
        queue=Name("ml"),
    )
    shm = nodes.volume("shm", "/dev/shm", "8Gi", memory=True)
    predictor = spec(compute=compute, volumes=(nodes.volume("tmp", "/tmp"), shm))["predictor"]
    assert predictor["model"]["resources"]["limits"] == {"nvidia.com/gpu": "1"}
    assert predictor["nodeSelector"] == {"pool": "gpu"}
    assert predictor["tolerations"] == [{"operator": "Exists", "key": "nvidia.com/gpu"}]
    assert predictor["labels"]["kueue.x-k8s.io/queue-name"] == "ml"
    assert predictor["volumes"][1] == {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "8Gi"}}
    assert predictor["model"]["volumeMounts"][1] == {"name": "shm", "mountPath": "/dev/shm"}


def test_in_standard_mode_a_canary_is_a_predictor_of_its_own_with_fixed_replicas(spec, nodes):
    said = spec(canary=canary(nodes), autoscale=nodes.Autoscale(address="x", metric=Name("cpu"), target=70))
    assert "name" not in said["predictor"]
    assert said["predictor"]["model"]["storageUri"].endswith("/m-6/artifacts")
    (beside,) = said["canary"]
    assert (beside["trafficPercent"], beside["predictor"]["name"], beside["predictor"]["minReplicas"]) == (10, "v7", 2)
    assert beside["predictor"]["model"]["storageUri"].endswith("/m-7/artifacts")
    assert not {"maxReplicas", "scaleMetric", "scaleTarget"} & set(beside["predictor"])


def test_on_knative_a_canary_is_the_new_revision_with_its_share(spec, nodes):
    said = spec(KNATIVE, canary=canary(nodes))
    assert "canary" not in said
    assert said["predictor"]["canaryTrafficPercent"] == 10
    assert said["predictor"]["model"]["storageUri"].endswith("/m-7/artifacts")
    assert not {"topologySpreadConstraints", "deploymentStrategy", "securityContext"} & set(said["predictor"])


def test_a_weight_of_nothing_is_said_too(spec, nodes):
    assert spec(canary=canary(nodes, 0))["canary"][0]["trafficPercent"] == 0
    assert spec(KNATIVE, canary=canary(nodes, 0))["predictor"]["canaryTrafficPercent"] == 0


@pytest.mark.parametrize("system, mode, label", [
    (STANDARD, "Standard", "networking.kserve.io/visibility"), (KNATIVE, "Knative", "networking.knative.dev/visibility"),
])  # fmt: skip
def test_a_server_says_its_mode_and_lets_no_one_in_by_itself(shown, system, mode, label):
    metadata = shown(system)[PATH]["metadata"]
    assert metadata["annotations"]["serving.kserve.io/deploymentMode"] == mode
    assert metadata["labels"][label] == "cluster-local"


def test_requests_go_to_the_services_that_kserve_makes(nodes):
    (one,) = STANDARD.targets(nodes.service())
    assert (one.name, one.port, one.weight) == ("churn-predictor", 80, None)
    both = STANDARD.targets(nodes.service(canary=canary(nodes)))
    assert [(t.name, t.weight) for t in both] == [("churn-predictor", 90), ("churn-v7-predictor", 10)]
    assert [t.weight for t in KNATIVE.targets(nodes.service(canary=canary(nodes)))] == [None]


def test_pods_hear_requests_themselves_or_through_knatives_proxy():
    assert [[one.port(logged=log) for one in (STANDARD, KNATIVE)] for log in (False, True)] == [
        [8080, 8012],
        [9081, 8012],
    ]


def artifacts(uri, **said):
    fields = {"region": None, "endpoint": None, "secret": None, "auth": None, **said}
    return Artifacts(address="platform.artifacts", uri=uri, **fields)


@pytest.mark.parametrize("said, keys, notes", [
    (
        {"secret": Name("object-store"), "region": "eu-central-1"},
        {"AWS_ACCESS_KEY_ID": "access_key", "AWS_SECRET_ACCESS_KEY": "secret_key"},
        {"s3-region": "eu-central-1"},
    ),
    ({"endpoint": "http://minio.acme.example:9000"}, {}, {"s3-endpoint": "minio.acme.example:9000", "s3-usehttps": "0"}),
    ({"endpoint": "https://minio.acme.example"}, {}, {"s3-endpoint": "minio.acme.example", "s3-usehttps": "1"}),
])  # fmt: skip
def test_the_keys_to_s3_have_the_names_that_kserve_looks_for(said, keys, notes):
    where = location("s3://acme-ml/m", artifacts("s3://acme-ml", **said), "x")
    found = STANDARD.credentials(where)
    assert {key.key: key.secret.key for key in found.keys} == keys
    assert {note.key: note.value for note in found.notes} == {f"serving.kserve.io/{k}": v for k, v in notes.items()}


def test_the_key_to_a_google_bucket_is_one_file():
    where = location("gs://acme-ml/m", artifacts("gs://acme-ml", secret=Name("gcs")), "x")
    (key,) = STANDARD.credentials(where).keys
    assert key.key == "gcloud-application-credentials.json"
    assert key.secret == SecretKey(address="platform.artifacts.secret", name=Name("gcs"), key=Name("service_account"))


SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
platform: {serving: {backend: kserve, mode: MODE}, gateway: {class: istio}}
models: {m: {serving: SERVING}}
"""
UNLINTED = Options(rules=Choice(ignore=("MS2", "MS3", "MS4")))
LOCK = (
    'lockVersion: 1\nenvironments: {default: {models: {m: {version: 1, run: r, uri: "s3://a/m", digest: "sha256:%s"}}}}'
)


def told(mode, serving):
    spec = SPEC.replace("MODE", mode).replace("SERVING", serving)
    files = {"mlops.yaml": spec.encode(), "mlops.lock.yaml": (LOCK % ("4b" * 32)).encode()}
    return [(d.code, d.address) for d in compile_spec(Memory(files), "mlops.yaml", UNLINTED).diagnostics]


@pytest.mark.parametrize("mode, serving, field", [
    ("standard", "{rollout: {strategy: blue-green}}", "rollout.strategy"),
    ("knative", "{rollout: {strategy: rolling}}", "rollout.strategy"),
    ("standard", "{replicas: {min: 0, max: 2}}", "replicas.min"),
    ("standard", "{autoscale: {metric: concurrency, target: 20}}", "autoscale.metric"),
    ("standard", "{autoscale: {metric: rps, target: 20}}", "autoscale.metric"),
    ("knative", "{autoscale: {metric: cpu, target: 70%}}", "autoscale.metric"),
    ("standard", "{autoscale: {metric: cpu, target: 70.5%}}", "autoscale.target"),
    ("knative", "{autoscale: {metric: rps, target: 20.5}}", "autoscale.target"),
    ("knative", "{expose: {path: /m}}", "expose"),
])  # fmt: skip
def test_what_kserve_cannot_do_is_refused_at_its_field(mode, serving, field):
    assert told(mode, serving) == [("MS145", f"models.m.serving.{field}")]


@pytest.mark.parametrize("mode, serving", [
    ("standard", "{rollout: {strategy: rolling}, autoscale: {metric: memory, target: 0.7}}"),
    ("standard", "{expose: {path: /m}, replicas: {min: 2}}"),
    ("knative", "{rollout: {strategy: blue-green}, autoscale: {metric: rps, target: 20}, replicas: {min: 0, max: 2}}"),
    ("knative", "{rollout: {strategy: rolling}, server: {backend: kserve, mode: standard}}"),
])  # fmt: skip
def test_the_other_mode_can(mode, serving):
    assert told(mode, serving) == []


@pytest.mark.parametrize("field, serving", [
    ("logging.retain", "{logging: {sink: 's3://a/log/', retain: 90d}}"),
])  # fmt: skip
def test_what_is_not_built_says_so(field, serving):
    assert ("MS146", f"models.m.serving.{field}") in told("standard", serving)
    assert {limit.field for limit in KServe.limits if not limit.built} == {
        "models.*.serving.features", "models.*.serving.logging.retain",
    }  # fmt: skip


@pytest.fixture
def whole(shown, nodes):
    """A server in each mode that says everything that one can say, with a canary and without."""
    compute = nodes.compute(
        node_selector=nodes.labels(pool="gpu"),
        tolerations=(nodes.Toleration(address="x", key="a", operator="Equal", value="b", effect="NoSchedule"),),
        queue=Name("ml"),
    )
    autoscale = nodes.Autoscale(address="x", metric=Name("cpu"), target=70)
    return [
        shown(system, canary=said, autoscale=autoscale, compute=compute, log="http://mlops-collect.x.svc/m/v6/live")
        for system in (STANDARD, KNATIVE)
        for said in (None, canary(nodes))
    ]


def test_the_crd_takes_it(whole, conforms):
    for objects in whole:
        conforms(objects)


@pytest.mark.conformance
def test_kserve_takes_it(whole, kserve_takes):
    for objects in whole:
        kserve_takes(objects)
