"""Nothing is dropped in silence by the other orchestrators either: what is altered of a pipeline shows, or a limit speaks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mlops_spec.blueprint.lower import submissions
from mlops_spec.diagnostic import Diagnostic, Place, failed
from mlops_spec.language.text import Name
from mlops_spec.source.files import Memory
from tests.house import test_nothing_dropped as whole

READ = ("pipelines.", "compute.", "platform.orchestrator.", "platform.artifacts.")
"""What an orchestrator reads."""

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
    "kubeflow": ({"mode": "native", "host": "https://kubeflow.acme.example", "namespace": "kubeflow"}, in_one_zone),
    "vertex": ({"project": "acme-ml", "location": "europe-west3"}, without_pods),
}


@pytest.fixture
def fields(system: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[whole.Place]]]:
    """Run the pipelines of the house's own test on another system; a version's name says nothing of what changed."""
    options, changed = SYSTEMS[system]
    said = f"  orchestrator: {json.dumps({'backend': system, **options})}"

    class Changed(Memory):
        def read(self, path: str, place: Place | None) -> tuple[bytes | None, list[Diagnostic]]:
            raw, problems = super().read(path, place)
            lines = changed((raw or b"").decode()).split("\n")
            text = "\n".join(said if line.startswith("  orchestrator:") else line for line in lines)
            return (text.encode() if raw else raw), problems

    monkeypatch.setattr(whole, "Memory", Changed)

    def forget() -> None:
        whole.unaltered.cache_clear()
        whole.fields.cache_clear()

    monkeypatch.setattr(submissions, "versioned", lambda name, said: Name(f"{name}-version"))
    forget()
    yield {field: paths for field, paths in whole.fields().items() if field.startswith(READ)}
    forget()


@pytest.mark.parametrize("system", SYSTEMS)
def test_altering_a_field_changes_the_tree_or_a_limit_speaks(system: str, fields: dict[str, list[whole.Place]]) -> None:
    assert not failed(whole.unaltered().diagnostics), whole.unaltered().diagnostics
    assert len(fields) > 30
    verdicts = {field: first_to_show(paths) for field, paths in fields.items()}
    assert [field for field, shown in verdicts.items() if shown is False] == []
    assert [field for field, shown in verdicts.items() if shown is None and field not in whole.ALONE] == []


def first_to_show(paths: list[whole.Place]) -> bool | None:
    """Return what altering a field shows at the first place where another value can stand."""
    return next((shown for path in paths if (shown := whole.verdict(path)) is not None), None)
