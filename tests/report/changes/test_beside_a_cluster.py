"""What is rendered, told beside a cluster instead of beside another revision."""

from __future__ import annotations

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause
from mlops_spec.changes.data import MISSING, Change, Side
from mlops_spec.changes.tree import Field, Object
from mlops_spec.diagnostic import Place
from mlops_spec.report.changes import Compared, as_data, render

SERVER = "https://prod.k8s.acme.example"
SAID = Cause("models.churn.serving", ("models.churn.serving",), MISSING, MISSING, Place("mlops.yaml", 31, 24))
SCALED = Object(
    "prod", "serving/a.yaml", "Deployment", "update", Effect.SCALES,
    (Field(Change(("spec", "replicas"), Side(5), Side(2)), Effect.SCALES, (SAID,)),), (SAID,),
)  # fmt: skip
MADE = Object("prod", "serving/b.yaml", "Service", "create", Effect.CREATES, (), (SAID,))


def beside(*objects: Object, refused: tuple[str, ...] = ()) -> Compared:
    return Compared("", "", ("prod",), (), objects, SERVER, refused)


def test_each_change_names_the_line_that_says_what_is_rendered_and_no_line_is_told_to_have_changed() -> None:
    assert render("text", beside(SCALED, MADE)) == (
        "prod:\n"
        "  ~ serving/a.yaml  scales\n      spec.replicas  (mlops.yaml:31)\n        - 5\n        + 2\n"
        "  + serving/b.yaml  creates  (mlops.yaml:31)\n\n"
        "prod: 1 scales, 1 creates"
    )
    assert render("text", beside(SCALED._replace(effect=Effect.NOTHING))) == (
        "prod: nothing that runs takes notice\n1 more file differs where nothing that runs takes notice"
    )
    told = render("markdown", beside(SCALED))
    assert "**mlops-spec**: applying what is rendered scales in `prod`\n" in told
    assert "| said by | | |\n| --- | --- | --- |\n| `mlops.yaml:31:24` | `models.churn.serving` |  |\n" in told


def test_nothing_is_said_to_be_the_same_only_where_all_of_it_is_known() -> None:
    assert render("text", beside()) == f"nothing: {SERVER} has what is rendered"
    assert "**mlops-spec**: what is live is what is rendered." in render("markdown", beside())
    one = "what becomes of 1 object is not known: the cluster refuses it"
    two = "what becomes of 2 objects is not known: the cluster refuses them"
    assert render("text", beside(refused=("prod/a.yaml",))) == one
    assert f"**mlops-spec**: {one}." in render("markdown", beside(refused=("prod/a.yaml",)))
    assert render("text", beside(MADE, refused=("prod/a.yaml", "prod/b.yaml"))).endswith(f"\n{two}")
    assert two in render("markdown", beside(MADE, refused=("prod/a.yaml", "prod/b.yaml")))


def test_as_data_it_names_the_cluster_and_what_it_refuses() -> None:
    found = as_data(beside(SCALED, refused=("prod/c.yaml",)))
    assert (found["before"], found["refused"]) == (SERVER, ["prod/c.yaml"])
    assert found["objects"][0]["causes"] == [
        {"address": "models.churn.serving", "place": {"file": "mlops.yaml", "line": 31, "column": 24}}
    ]
    assert "refused" not in as_data(Compared("main", "", (), (), ()))
