"""Exit codes: what a script can tell from how a command ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_spec.diagnostic import Diagnostic

FINE = 0
FINDINGS = 1
USAGE = 2
UNREADABLE = 3
TEMPLATE = 4
IO = 5
CONFLICT = 6
BUG = 70
INTERRUPTED = 130
BROKEN_PIPE = 141

_TEMPLATE_FAULT = "MS139"
_LAST_OF_READING = "MS049"


def of(diagnostics: Iterable[Diagnostic], *, read: bool) -> int:
    """Return how a compile ended; ``read`` tells whether its files could be read as data at all."""
    from mlops_spec.diagnostic import Severity

    codes = {d.code for d in diagnostics if d.severity is Severity.ERROR}
    if not codes:
        return FINE
    if not read and min(codes) <= _LAST_OF_READING:
        return UNREADABLE
    return TEMPLATE if _TEMPLATE_FAULT in codes else FINDINGS
