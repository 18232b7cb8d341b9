"""Pipelines as Airflow reads them; ``tests/readers`` holds that a whole DAG file means what the blueprint does."""

from __future__ import annotations

import ast
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from mlops_spec.backends.orchestrator.airflow import Airflow
from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.types import Pipeline
from mlops_spec.language.text import Name
from tests.expansion import expanded
from tests.readers.airflow import graphs, sources

JINJA = SandboxedEnvironment(undefined=StrictUndefined, extensions=["jinja2.ext.do"])  # as Airflow makes it
TRAPS = (
    "{{", "{%", "{#", "{", "{{{", "{{%", "{{ run_id }}", "{% raw %}", "{# gone #}", "{{ ''.__class__ }}", "%}", "#}", "}}",
    "$", "$$", "$(X)", "$$(X)", "(X)", "\n", "\r", "\r\n", "'", '"', "\\", "\\n", "a.json", "a.sh", "{%-", "{% do x %}", "🜚",
)  # fmt: skip


def airflow(**options: Any) -> Airflow:
    said = {"delivery": "git-sync", "folder": "dags", "connection": None, "service_account": "pipelines"}
    said |= {"host": None, "secret": None, **options}
    return Airflow(address="platform.orchestrator", **said)


AIRFLOW = airflow()


def seen(words: str, **values: Any) -> str:
    """Return what a container sees of words: Airflow renders them, then Kubernetes expands them."""
    return expanded(JINJA.from_string(words).render(values))


@pytest.fixture
def whole(nodes):
    """A pipeline with what ``tests/readers`` does not look at."""
    return nodes.pipeline(
        nodes.step(
            "begin", results=(nodes.Result(address="x", name=Name("run_id"), path="/airflow/xcom/return.json"),),
            workload=nodes.workload("begin", env=(nodes.variable("MLOPS_RESULT_RUN_ID", "/airflow/xcom/return.json"),)),
        ),
        nodes.step("fit", after=(Name("begin"),), init=(nodes.workload("fetch", "fetch"),)),
        schedule=nodes.Schedule(address="x", cron="0 3 * * 1", timezone="Europe/Berlin", deadline=3600),
    )  # fmt: skip


def _only(texts, system, blueprint) -> tuple[str, str]:
    tree = {path: text for path, text in texts(system.emit(blueprint)).items() if "/" in path}
    ((path, text),) = tree.items()
    return path, text


def _arguments(text: str, task: str) -> dict[str, ast.expr]:
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    found = [{k.arg: k.value for k in call.keywords if k.arg} for call in calls]
    return next(given for given in found if "task_id" in given and ast.literal_eval(given["task_id"]) == task)


def test_git_sync_brings_a_file_of_the_tree(nodes, texts, whole):
    path, text = _only(texts, airflow(folder="flows/ml"), nodes.blueprint(pipelines=(whole,)))
    assert path == "flows/ml/churn_dev_train.py"
    assert graphs({path: text})["train"].schedule == ("0 3 * * 1", "Europe/Berlin")


def test_a_configmap_holds_the_same_file(nodes, texts, printed, whole):
    blueprint = nodes.blueprint(pipelines=(whole,))
    system = airflow(delivery="configmap")
    path, text = _only(texts, system, blueprint)
    assert path == "pipelines/configmap-train.yaml"
    document = printed(system.emit(blueprint))[path]
    assert document["metadata"]["labels"]["mlops-spec.dev/airflow-dag"] == "true"
    assert document["metadata"]["namespace"] == "churn-dev"
    assert document["data"] == {"churn_dev_train.py": _only(texts, AIRFLOW, blueprint)[1]}
    assert sources({path: text}) == document["data"]


def test_a_connection_is_another_cluster_s_and_none_is_airflow_s_own(nodes, texts, whole):
    blueprint = nodes.blueprint(pipelines=(whole,))
    assert "\"kubernetes_conn_id\": 'prod_cluster'" in _only(texts, airflow(connection="prod_cluster"), blueprint)[1]
    own = _only(texts, AIRFLOW, blueprint)[1]
    assert '"kubernetes_conn_id": None' in own
    assert '"in_cluster": True' in own


def test_only_what_leaves_results_has_an_xcom_whose_container_is_restricted_too(nodes, texts, whole):
    _, text = _only(texts, AIRFLOW, nodes.blueprint(pipelines=(whole,)))
    begin, fit = _arguments(text, "begin"), _arguments(text, "fit")
    assert ast.literal_eval(begin["do_xcom_push"]) is True
    assert ast.unparse(begin["xcom_sidecar_container_security_context"]) == "{**RESTRICTED, 'runAsUser': 65532}"
    assert "do_xcom_push" not in fit
    assert ast.literal_eval(fit["init_container_logs"]) is True


def test_a_run_that_starts_too_late_is_left_out_where_there_is_a_schedule(nodes, texts, whole):
    _, text = _only(texts, AIRFLOW, nodes.blueprint(pipelines=(whole,)))
    assert "def on_time(dag_run):" in text
    assert "timedelta(seconds=3600)" in text
    _, without = _only(texts, AIRFLOW, nodes.blueprint(pipelines=(nodes.pipeline(),)))
    assert "on_time" not in without
    assert "schedule=None" in without


def test_a_pipeline_is_described_by_its_own_notes_alone(nodes, texts):
    notes = nodes.labels(**{"mlops-spec.dev/description": "It's", "other.example/x": "1"})
    noted = Pipeline(**{**nodes.pipeline().__dict__, "annotations": notes})
    _, text = _only(texts, AIRFLOW, nodes.blueprint(pipelines=(noted,)))
    assert "'mlops-spec.dev/description': \"It's\"" in text
    assert "other.example" not in text


# -- what reaches Jinja and Kubernetes


@given(st.lists(st.sampled_from(TRAPS) | st.text(max_size=3)).map("".join))
def test_text_reaches_a_container_as_it_is(text):
    plain = text.replace("\x00", "")
    assert seen(AIRFLOW.literal(plain)) == plain
    assert JINJA.from_string(AIRFLOW.text(plain)).render() == plain


@given(st.lists(st.sampled_from(TRAPS)).map("".join), st.lists(st.sampled_from(TRAPS)).map("".join))
def test_text_around_a_value_stays_text(before, after):
    value = AIRFLOW.reference(reference(parameter=Name("p")))
    words = AIRFLOW.literal(before) + value + AIRFLOW.literal(after)
    assert seen(words, params={"p": "V"}) == f"{before}V{after}"


@pytest.mark.parametrize("value", TRAPS)
def test_a_parameter_is_handed_on_as_it_was_given(value):
    words = AIRFLOW.reference(reference(parameter=Name("items")))
    assert seen(words, params={"items": AIRFLOW.default(value)}) == value


@pytest.mark.parametrize("run, said", [
    ("scheduled__2026-11-30T02:00:00+00:00", "scheduled__2026-11-30T02.00.00_00.00"),
    ("manual__2026-11-30T02:00:00.123456+00:00", "manual__2026-11-30T02.00.00.123456_00.00"),
    ("backfill~a", "backfill~a"),
])  # fmt: skip
def test_the_run_s_id_is_one_folder_s_name(run, said):
    assert seen(AIRFLOW.reference(reference(run=True)), run_id=run) == said


def test_what_begin_leaves_is_pulled(nodes):
    words = AIRFLOW.reference(nodes.reference(begin=Name("date")))
    ti = SimpleNamespace(xcom_pull=lambda task_ids: {"begin": {"date": "2026-11-30"}}[task_ids])
    assert seen(words, ti=ti) == "2026-11-30"


def test_artifacts_and_items_have_no_words(nodes):
    for known in ({"artifact": nodes.artifact("fit", "model")}, {"item": Name("region")}):
        with pytest.raises(Refused):
            AIRFLOW.reference(nodes.reference(**known))


def reference(**known: Any) -> Any:
    return SimpleNamespace(**{"parameter": None, "run": False, "begin": None, "item": None, "artifact": None, **known})
