"""Nothing is dropped in silence by the other orchestrators either: what is altered of a pipeline shows, or a limit speaks."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from mlops_spec.address import parse, text
from mlops_spec.backends import systems
from mlops_spec.blueprint.lower import submissions
from mlops_spec.diagnostic import Diagnostic, Place, failed
from mlops_spec.language.text import Name
from mlops_spec.source.files import Memory
from mlops_spec.source.tree import select
from reference.orchestrators import LANDINGS, cells
from tests.house import test_nothing_dropped as whole
from tests.house.landings import landings

READ = ("pipelines.", "compute.", "platform.orchestrator.", "platform.artifacts.")
"""What an orchestrator reads."""
PRINTED = READ[:2]
"""What the reference prints of it."""

Text = Callable[[str], str]


def in_one_zone(text: str) -> str:
    return text.replace("timezone: Europe/Berlin", "timezone: UTC")


def without_pods(text: str) -> str:
    """Leave out what Vertex AI has limits for; artifacts are in Cloud Storage."""
    text = text.replace(
        "uri: s3://acme-ml/artifacts, region: eu-central-1, secret: object-store", "uri: gs://acme-ml/artifacts"
    )
    text = text.replace("secret: mlflow-token}", "}").replace('TOKEN: "${{ secrets.slack.url }}"', "TOKEN: x")
    text = text.replace('artifacts: {endpoint: "https://minio.acme.example"}, ', "").replace("timeout: 1h, ", "")
    return re.sub(
        r"\n +(shared_memory: |disk: |node_selector: |queue: |timeout: 6h|tolerations: |gpu: \{tolerations).*", "", text
    )


SYSTEMS: dict[str, tuple[dict[str, Any], Text]] = {
    "argo": ({}, str),
    "airflow": ({"delivery": "git-sync", "host": "https://airflow.acme.example", "secret": "airflow"}, str),
    "kubeflow": ({"mode": "native", "host": "https://kubeflow.acme.example", "namespace": "kubeflow"}, in_one_zone),
    "vertex": ({"project": "acme-ml", "location": "europe-west3"}, without_pods),
}
each_system = pytest.mark.parametrize("system", SYSTEMS)
pytestmark = pytest.mark.long
Put = Callable[[Text], None]


@pytest.fixture
def on(system: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Put]:
    """Put the pipelines of the house's own test on another system; a version's name says nothing of what changed."""
    options = {"backend": system, **SYSTEMS[system][0]}
    said = f"  orchestrator: {json.dumps(options)}"

    def forget() -> None:
        whole.unaltered.cache_clear()
        whole.fields.cache_clear()

    def put(changed: Text) -> None:
        class Changed(Memory):
            def read(self, path: str, place: Place | None) -> tuple[bytes | None, list[Diagnostic]]:
                raw, problems = super().read(path, place)
                lines = changed((raw or b"").decode()).split("\n")
                text = "\n".join(said if line.startswith("  orchestrator:") else line for line in lines)
                return (text.encode() if raw else raw), problems

        monkeypatch.setattr(whole, "Memory", Changed)
        forget()

    monkeypatch.setattr(submissions, "versioned", lambda name, said: Name(f"{name}-version"))
    yield put
    forget()


@each_system
def test_a_field_shows_where_the_reference_says_and_what_does_not_show_has_a_limit(system: str, on: Put) -> None:
    on(SYSTEMS[system][1])
    assert not failed(whole.unaltered().diagnostics), whole.unaltered().diagnostics
    fields = {field: paths for field, paths in whole.fields().items() if field.startswith(READ)}
    assert len(fields) > 30
    verdicts = {field: first_to_show(paths) for field, paths in fields.items()}
    assert [field for field, shown in verdicts.items() if shown is False] == []
    assert [field for field, shown in verdicts.items() if shown is None and field not in whole.ALONE] == []
    found = {field: shows(paths) for field, paths in fields.items() if field.startswith(PRINTED)}
    kept = json.loads(LANDINGS.read_text("utf-8"))
    if os.environ.get("MLOPS_SPEC_UPDATE"):
        for field in {*kept, *found}:
            kept.setdefault(field, {}).pop(system, None)
            kept[field] |= {system: found[field]} if found.get(field) else {}
        LANDINGS.write_text(json.dumps(dict(sorted(kept.items())), indent=1, sort_keys=True) + "\n", "utf-8")
    assert {field: row[system] for field, row in kept.items() if system in row} == {f: s for f, s in found.items() if s}
    silent = [field for field, row in cells(kept).items() if not row[system].shows and not row[system].limits]
    assert [field for field in silent if field not in whole.ALONE] == []


@each_system
def test_each_limit_speaks_at_the_line_that_asks(system: str, on: Put) -> None:
    on(str)
    told = {parse(d.address): d for d in whole.unaltered().diagnostics if d.code in ("MS145", "MS146")}
    asked = [
        (path, limit)
        for limit in systems("orchestrator")[system].limits
        for path, value, where in select(whole.data(), parse(limit.field))
        if not limit.options and not limit.honours(value) and where is not None and where.layer != "default"
    ]
    assert asked or not [limit for limit in systems("orchestrator")[system].limits if not limit.options]
    for path, limit in asked:
        spoken = next((d for at, d in told.items() if at == tuple(map(str, path))), None)
        assert spoken is not None, f"nothing is said of {text(path)}"
        assert limit.reason in spoken.message
        assert spoken.place is not None


def first_to_show(paths: list[whole.Place]) -> bool | None:
    """Return what altering a field shows at the first place where another value can stand."""
    return next((shown for path in paths if (shown := whole.verdict(path)) is not None), None)


def shows(paths: list[whole.Place]) -> list[str]:
    """Return where a field shows at the first place where a value that no limit speaks of can stand."""
    names = {str(name) for section in ("pipelines", "compute", "datasets") for name in whole.data()[section]}
    for pipeline in whole.data()["pipelines"].values():
        names |= {str(name) for part in ("steps", "parameters") for name in pipeline.get(part) or ()}
    for path in paths:
        for value, found in whole.alterations(path):
            before, after = (without_servers(compilation.tree) for compilation in (whole.unaltered(), found))
            if not whole.speaks(found, path) and (ways := landings(before, after, value, names)):
                return ways
    return []


def without_servers(tree: Mapping[str, str]) -> dict[str, str]:
    """Leave out what serves models, which asks for compute too."""
    return {path: text for path, text in tree.items() if "/inferenceservice-" not in path}
