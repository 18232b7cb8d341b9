"""An object beside what is live: what the server writes is no change, and what is secret is not shown."""

from __future__ import annotations

from typing import Any

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.live import HIDDEN, Printed, created, differ, differ_as_rendered, said_by, shown
from mlops_spec.render.trace import Line
from mlops_spec.source.tree import Map
from mlops_spec.source.yaml import read

TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: main
          image: one
        - name: side
          image: two
"""
SPEC = b"models:\n  churn:\n    replicas: 2\n    image: two\n"


def data(text: str) -> Map:
    source, problems = read(text.encode(), "mlops.yaml")
    assert source is not None, problems
    return source.data


def printed(addresses: dict[int, tuple[str, ...]], patched: int = 0) -> Printed:
    lines = [
        Line(text, "" if number == patched else "serving/x/deployment.yaml.j2", number, addresses.get(number, ()))
        for number, text in enumerate(TEXT.splitlines(), 1)
    ]
    return Printed(
        "prod", "serving/deployment-a.yaml", "models.churn", None, data(TEXT), lambda: lines, data(SPEC.decode())
    )


def live(**changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        **data(TEXT),
        "metadata": {"name": "a", "uid": "u", "resourceVersion": "7", "generation": 3},
    }
    return {**found, "status": {"replicas": 2}, **changed}


def test_what_the_server_alone_writes_is_no_change() -> None:
    would = live(metadata={"name": "a", "uid": "u", "resourceVersion": "8", "managedFields": [{}]}, status={})
    assert differ(printed({}), live(), would) is None


def test_a_change_names_the_line_of_the_spec_that_says_what_is_rendered() -> None:
    found = differ(printed({5: ("models.churn.replicas",)}), live(spec={**live()["spec"], "replicas": 5}), live())
    assert found is not None
    (field,) = found.fields
    assert (field.change.path, field.change.before.value, field.change.after.value) == (("spec", "replicas"), 5, 2)
    assert (found.effect, [str(cause.place) for cause in field.causes]) == (Effect.SCALES, ["mlops.yaml:3:5"])


def test_an_item_of_a_list_is_found_by_its_name() -> None:
    place = printed({}).place(("spec", "template", "spec", "containers", "side", "image"))
    assert str(place) == "prod/serving/deployment-a.yaml:12:18"
    assert str(printed({}).place(("spec", "nothing"))) == "prod/serving/deployment-a.yaml:5:3"


def test_what_stands_nowhere_is_said_by_what_it_is_within_and_a_patch_within_it_first() -> None:
    found = printed({5: ("models.churn",), 10: ("models.churn.image",)}, patched=10)
    assert said_by(found, ("spec", "replicas")).address == "models.churn"
    assert said_by(found, ("spec",)).address == "models.churn.image"


def test_where_no_apply_can_be_tried_what_the_server_filled_in_is_no_change() -> None:
    spec = {**live()["spec"], "replicas": 5, "progressDeadlineSeconds": 600}
    found = differ_as_rendered(printed({}), live(spec=spec), Effect.RECREATES)
    assert found is not None
    assert ([each.change.path for each in found.fields], found.effect) == ([("spec", "replicas")], Effect.RECREATES)


def test_an_object_that_is_not_there_is_created_by_the_line_that_asks_for_it() -> None:
    (cause,) = created(printed({})).causes
    assert (cause.address, str(cause.place)) == ("models.churn", "mlops.yaml:2:3")


def secret(**values: str) -> dict[str, Any]:
    return {"kind": "Secret", "metadata": {"name": "s", "annotations": {"a": "b"}}, "data": values}


def test_what_a_secret_holds_is_hidden_and_that_it_differs_is_not() -> None:
    one, other = shown(secret(same="hunter2", old="hunter2", gone="hunter2"), secret(same="hunter2", old="hunter3"))
    assert "hunter" not in repr((one, other))
    assert one["data"] == {"same": HIDDEN, "old": f"{HIDDEN}, as it is live", "gone": HIDDEN}
    assert other["data"] == {"same": HIDDEN, "old": f"{HIDDEN}, as it would be"}


def test_a_copy_that_kubectl_keeps_is_never_shown() -> None:
    kept = {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"}}
    one, _ = shown({**secret(), "metadata": kept}, secret())
    assert one["metadata"] == {"name": "s", "annotations": {}}
