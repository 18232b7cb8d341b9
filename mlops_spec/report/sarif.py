"""For code scanning: SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mlops_spec.diagnostic import Diagnostic, Place
from mlops_spec.report.of_specs import NO_SPECS

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, str],
    *,
    rules: Mapping[str, str],
    version: str,
    spec: str | None = None,
    specs: Mapping[Diagnostic, Sequence[str]] = NO_SPECS,
) -> str:
    """Print one run of the tool in ``version``; ``rules`` are the titles of the codes that it knows.

    ``specs`` has in which specs a problem arises, where several were looked at. The run is known by ``spec``, where it
    is of one: what code scanning has of the same run before is replaced, and of no other (SARIF 2.1.0, section 3.17.3).
    """
    titles = {**{d.code: d.code for d in diagnostics}, **rules}
    index = {code: position for position, code in enumerate(sorted(titles))}
    run = {
        "tool": {
            "driver": {
                "name": "mlops-spec",
                **({"version": version} if version else {}),
                "rules": [{"id": code, "shortDescription": {"text": titles[code]}} for code in index],
            }
        },
        **({"automationDetails": {"id": f"mlops-spec/{quote(spec)}/"}} if spec else {}),
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, index, specs.get(d, ())) for d in diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(d: Diagnostic, index: Mapping[str, int], specs: Sequence[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": index[d.code],
        "level": str(d.severity),
        "message": {"text": f"{d.message}\n{d.hint}" if d.hint else d.message},
    }
    if d.place is not None or d.address:
        result["locations"] = [_location(d.place, d.address)]
    if d.related:
        result["relatedLocations"] = [
            {"id": number, **_location(r.place, ""), "message": {"text": r.message}}
            for number, r in enumerate(d.related)
        ]
    properties = {"environments": list(d.environments), "specs": list(specs)}
    if d.environments or specs:
        result["properties"] = {name: value for name, value in properties.items() if value}
    return result


def _location(place: Place | None, address: str) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if place is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(place.file)},
            "region": {"startLine": place.line, "startColumn": place.column},
        }
    if address:
        location["logicalLocations"] = [{"fullyQualifiedName": address}]
    return location
