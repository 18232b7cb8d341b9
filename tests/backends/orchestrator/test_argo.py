"""Pipelines as Argo Workflows reads them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.backends.orchestrator.argo import Argo, wire
from mlops_spec.blueprint.ports import Refused
from mlops_spec.language.text import Name
from tests.expansion import expanded

ARGO = Argo(address="platform.orchestrator", service_account="pipelines", events=True)
TEMPLATE, CRON = "pipelines/workflowtemplate-train.yaml", "pipelines/cronworkflow-train.yaml"


@pytest.fixture
def whole(nodes):
    """A pipeline that says everything that a pipeline can say."""
    begin = nodes.reference(begin=Name("date"))
    item = nodes.reference(item=Name("region"))
    fit = nodes.step(
        "fit",
        workload=nodes.workload(
            "fit", "python", "{{inputs.parameters.date}}", "$$(NO)",
            env=(
                nodes.variable("LOG_LEVEL", "no"),
                nodes.variable("MLFLOW_TRACKING_TOKEN", nodes.secret_key("mlflow-token", "token")),
            ),
            compute=nodes.compute(
                limits=(nodes.Quantity(address="x", name="nvidia.com/gpu", amount="1"),),
                node_selector=nodes.labels(pool="gpu"),
                tolerations=(
                    nodes.Toleration(address="x", key="nvidia.com/gpu", operator="Exists", value=None, effect="NoSchedule"),
                ),
                queue=Name("ml"),
            ),
            volumes=(nodes.volume("outputs", "/mlops/outputs"), nodes.volume("shm", "/dev/shm", "8Gi", memory=True)),
        ),
        init=(nodes.workload("fetch", "mlops-spec-runtime", "fetch", "{}"),),
        annotations=nodes.labels(**{"mlops-spec.dev/source": "mlops.yaml#pipelines.train.steps.fit"}),
        after=(Name("begin"), Name("prepare")),
        takes=(
            nodes.taken(ARGO.source(begin), begin=Name("date")),
            nodes.taken(None, parameter=Name("mode")),
        ),
        inputs=(
            nodes.given("table", source=ARGO.source(nodes.reference(artifact=nodes.artifact("prepare", "table")))),
            nodes.given("active", location=nodes.s3("churn/ds={{tasks.begin.outputs.parameters.date}}/")),
            nodes.given("regions", content='["s3://acme-ml/{{workflow.uid}}/0"]'),
        ),
        outputs=(nodes.output("model", nodes.s3("a/{{workflow.uid}}/fit/model")),),
        retries=nodes.Retries(address="x", limit=2, backoff=60, wait="60s"),
        timeout=3600,
        when=nodes.When(
            address="x", parameter=Name("mode"), value="full", expression=ARGO.condition(Name("mode"), "full")
        ),
    )  # fmt: skip
    by_region = nodes.step(
        "by-region",
        after=(Name("begin"),),
        takes=(nodes.taken(ARGO.source(item), item=Name("region")),),
        outputs=(nodes.output("metrics", nodes.gcs("a/{{workflow.uid}}/{{inputs.parameters.item-index}}/metrics")),),
        items=tuple(
            nodes.Item(address="x", index=str(index), key=Name("region"), value=value)
            for index, value in enumerate(("eu", "no"))
        ),
    )
    return nodes.pipeline(
        nodes.step("begin", results=(_result(nodes, "run_id"), _result(nodes, "date"))),
        nodes.step("prepare", after=(Name("begin"),), outputs=(nodes.output("table", nodes.s3("a/table")),)),
        fit,
        by_region,
        parameters=(_parameter(nodes, "max_depth", "6"), _parameter(nodes, "mode", "full")),
        schedule=nodes.Schedule(
            address="pipelines.train.schedule", cron="0 3 * * 1", timezone="Europe/Berlin", deadline=3600
        ),
        timeout=21600,
    )


def _result(nodes, name):
    return nodes.Result(address="x", name=Name(name), path=f"/mlops/results/{name}")


def _parameter(nodes, name, value):
    return nodes.Parameter(address=f"pipelines.train.parameters.{name}", name=Name(name), value=value)


def _template(document, name):
    return next(template for template in document["spec"]["templates"] if template["name"] == name)


@pytest.fixture
def objects(nodes, printed, whole):
    return printed(ARGO.emit(nodes.blueprint(pipelines=(whole,))))


def test_a_dag_hands_values_files_and_texts_to_its_tasks(objects):
    dag = _template(objects[TEMPLATE], "Pipeline")["dag"]["tasks"]
    assert [task["name"] for task in dag] == ["begin", "prepare", "fit", "by-region"]
    assert dag[0] == {"name": "begin", "template": "begin"}
    fit = dag[2]
    assert fit["dependencies"] == ["begin", "prepare"]
    assert fit["when"] == '{{=workflow.parameters.mode == "full"}}'
    assert fit["arguments"]["parameters"] == [{"name": "date", "value": "{{tasks.begin.outputs.parameters.date}}"}]
    assert fit["arguments"]["artifacts"] == [
        {"name": "table", "from": "{{tasks.prepare.outputs.artifacts.table}}"},
        {
            "name": "active",
            "s3": {
                "endpoint": "s3.amazonaws.com",
                "bucket": "acme-ml",
                "key": "churn/ds={{tasks.begin.outputs.parameters.date}}/",
                "region": "eu-central-1",
                "accessKeySecret": {"name": "object-store", "key": "access_key"},
                "secretKeySecret": {"name": "object-store", "key": "secret_key"},
            },
        },
        {"name": "regions", "raw": {"data": '["s3://acme-ml/{{workflow.uid}}/0"]'}},
    ]


def test_a_foreach_is_a_list_of_items(objects):
    task = _template(objects[TEMPLATE], "Pipeline")["dag"]["tasks"][3]
    assert task["withItems"] == [{"index": "0", "region": "eu"}, {"index": "1", "region": "no"}]
    assert task["arguments"] == {"parameters": [{"name": "item-region", "value": "{{item.region}}"}]}


def test_a_step_is_a_template_with_typed_inputs_and_outputs(objects):
    template = _template(objects[TEMPLATE], "fit")
    assert template["inputs"]["parameters"] == [{"name": "date"}]
    assert template["inputs"]["artifacts"][0] == {
        "name": "table", "path": "/mlops/inputs/table", "mode": 0o755, "recurseMode": True,
    }  # fmt: skip
    (model,) = template["outputs"]["artifacts"]
    assert (model["path"], model["archive"], model["s3"]["key"]) == (
        "/mlops/outputs/model", {"none": {}}, "a/{{workflow.uid}}/fit/model",
    )  # fmt: skip
    assert template["activeDeadlineSeconds"] == 3600
    assert template["retryStrategy"] == {
        "limit": 2, "retryPolicy": "Always", "backoff": {"duration": "60s", "factor": 2},
    }  # fmt: skip
    assert template["metadata"] == {
        "labels": {"kueue.x-k8s.io/queue-name": "ml"},
        "annotations": {"mlops-spec.dev/source": "mlops.yaml#pipelines.train.steps.fit"},
    }
    assert template["nodeSelector"] == {"pool": "gpu"}
    assert template["tolerations"] == [{"operator": "Exists", "key": "nvidia.com/gpu", "effect": "NoSchedule"}]
    assert template["volumes"] == [
        {"name": "outputs", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "8Gi"}},
    ]
    assert [container["name"] for container in template["initContainers"]] == ["fetch"]


def test_begin_gives_its_results_to_the_others(objects):
    assert _template(objects[TEMPLATE], "begin")["outputs"] == {
        "parameters": [
            {"name": "run_id", "valueFrom": {"path": "/mlops/results/run_id"}},
            {"name": "date", "valueFrom": {"path": "/mlops/results/date"}},
        ]
    }


def test_the_container_is_restricted_and_sees_no_token(objects):
    spec = objects[TEMPLATE]["spec"]
    container = _template(objects[TEMPLATE], "fit")["container"]
    assert container["command"] == ["python", "{{inputs.parameters.date}}", "$$(NO)"]
    assert container["env"] == [
        {"name": "LOG_LEVEL", "value": "no"},
        {"name": "MLFLOW_TRACKING_TOKEN", "valueFrom": {"secretKeyRef": {"name": "mlflow-token", "key": "token"}}},
    ]
    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"nvidia.com/gpu": "1"},
    }  # fmt: skip
    assert container["securityContext"] == {
        "runAsNonRoot": True, "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
    }  # fmt: skip
    assert spec["automountServiceAccountToken"] is False
    assert spec["executor"] == {"serviceAccountName": "pipelines"}
    assert spec["podMetadata"]["labels"]["app.kubernetes.io/part-of"] == "churn"


def test_a_workflow_has_its_parameters_and_its_end(objects):
    spec = objects[TEMPLATE]["spec"]
    assert spec["entrypoint"] == "Pipeline"
    assert spec["arguments"]["parameters"] == [{"name": "max_depth", "value": "6"}, {"name": "mode", "value": "full"}]
    assert spec["activeDeadlineSeconds"] == 21600


def test_a_schedule_starts_the_template_in_its_zone(objects):
    assert objects[CRON]["spec"] == {
        "schedules": ["0 3 * * 1"], "timezone": "Europe/Berlin", "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 3600, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 3,
        "workflowSpec": {"workflowTemplateRef": {"name": "train"}},
    }  # fmt: skip


def test_a_pipeline_with_nothing_but_a_step_prints_nothing_empty(nodes, texts):
    (text,) = (
        text for path, text in texts(ARGO.emit(nodes.blueprint(pipelines=(nodes.pipeline(),)))).items() if "/" in path
    )
    assert "null" not in text
    assert "arguments:" not in text
    assert CRON not in text


def test_the_crds_take_it(objects, conforms):
    conforms(objects)


@pytest.mark.conformance
def test_hera_takes_it(objects, hera_takes):
    hera_takes({path: document for path, document in objects.items() if "/" in path})


# -- what reaches Argo's templates


@pytest.mark.parametrize("known, said", [
    ({"parameter": Name("max_depth")}, "{{workflow.parameters.max_depth}}"),
    ({"run": True}, "{{workflow.uid}}"),
    ({"begin": Name("run_id")}, "{{inputs.parameters.run_id}}"),
    ({"item": Name("region")}, "{{inputs.parameters.item-region}}"),
])  # fmt: skip
def test_references_as_a_step_sees_them(nodes, known, said):
    assert ARGO.reference(nodes.reference(**known)) == said


def test_an_artifact_is_no_text(nodes):
    with pytest.raises(Refused):
        ARGO.reference(nodes.reference(artifact=nodes.artifact("fit", "model")))


@pytest.mark.parametrize("known, said", [
    ({"parameter": Name("max_depth")}, None),
    ({"run": True}, None),
    ({"begin": Name("date")}, "{{tasks.begin.outputs.parameters.date}}"),
    ({"item": Name("index")}, "{{item.index}}"),
])  # fmt: skip
def test_sources_as_tasks_are_wired(nodes, known, said):
    assert ARGO.source(nodes.reference(**known)) == said


@pytest.mark.parametrize("text", [
    "{{", "a {{workflow.name}}", "{{=sprig.env('HOME')}}", "{{{", '{"a": {{', "{", "--json={",
])  # fmt: skip
def test_text_that_argo_would_take_for_a_value_is_refused(text):
    with pytest.raises(Refused):
        ARGO.literal(text)


@given(st.text(st.sampled_from("$(){}X a")))
def test_text_reaches_the_step_as_it_is_or_not_at_all(text):
    try:
        said = ARGO.literal(text) + "{{workflow.uid}}"
    except Refused:
        assert "{{" in text or text.endswith("{")
        return
    assert said.index("{{") == len(said) - len("{{workflow.uid}}")
    assert expanded(said.removesuffix("{{workflow.uid}}")) == text


@pytest.mark.parametrize("text", ["$(X)", "$$(X)", "$$$(X)", "$", "$$", "a$$b", "$HOME", "$x$(X)$", "$$$"])
def test_kubernetes_expands_nothing_of_a_text(text):
    assert expanded(ARGO.literal(text)) == text
    assert expanded(ARGO.literal(text) + "(X)") == text + "(X)"


@pytest.mark.parametrize("name", ["a.b}}", "a b", "a{{b", "", "a'", 'x"', "a..b", "a\n"])
def test_only_names_are_wired(name):
    with pytest.raises(Refused):
        wire("workflow", "parameters", name)


@pytest.mark.parametrize("value", ["}}", "{{", "a}}{{=1}}", "a\nb", "\x00", "{"])
def test_a_condition_refuses_what_an_expression_cannot_carry(value):
    with pytest.raises(Refused):
        ARGO.condition(Name("mode"), value)


@given(st.text() | st.text(st.sampled_from('$(){}"\\ a')))
def test_a_condition_is_one_comparison_with_one_text(value):
    try:
        said = ARGO.condition(Name("mode"), value)
    except Refused:
        return
    assert said.startswith("{{=workflow.parameters.mode == ")
    assert said.index("}}") == len(said) - 2
    text, end = json.JSONDecoder().raw_decode(said, said.index("== ") + 3)
    assert (expanded(text), end) == (value, len(said) - 2)
