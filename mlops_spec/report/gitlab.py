"""For GitLab: a Code Quality report, which shows as findings on the lines of a merge request."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_spec.diagnostic import Diagnostic, Severity
from mlops_spec.report.of_specs import NO_SPECS, of_specs

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor"}


def render(diagnostics: Sequence[Diagnostic], specs: Mapping[Diagnostic, Sequence[str]] = NO_SPECS) -> str:
    """Print one array. A finding keeps its fingerprint while lines move, by which GitLab knows what is new.

    ``specs`` has in which specs a problem arises, where several were looked at.
    """
    return json.dumps(list(_findings(diagnostics, specs)), indent=2) + "\n"


def _findings(diagnostics: Sequence[Diagnostic], specs: Mapping[Diagnostic, Sequence[str]]) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[str, ...]] = Counter()
    for d in diagnostics:
        file, line = (d.place.file, d.place.line) if d.place is not None else (".", 1)
        said = (d.code, file, d.address, d.message, *d.environments)
        seen[said] += 1
        told = [
            d.message,
            *([f"in {', '.join(d.environments)}"] if d.environments else []),
            *([of] if (of := of_specs(d, specs.get(d, ()))) else []),
            *([d.hint] if d.hint else []),
        ]
        yield {
            "description": "; ".join(told),
            "check_name": d.code,
            "fingerprint": hashlib.sha256(json.dumps([*said, seen[said]]).encode()).hexdigest(),
            "severity": _SEVERITIES[d.severity],
            "location": {"path": file, "lines": {"begin": line}},
        }
