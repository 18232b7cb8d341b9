"""What a backend cannot say, run generically on what is assigned to it; and what no backend makes yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mlops_spec.address import Path, matches, parse, text
from mlops_spec.backends.backend import System
from mlops_spec.diagnostic import Diagnostic, error, warning
from mlops_spec.diagnostic_codes import THE_REST
from mlops_spec.source.tree import Map, mark, select

MAKES: Mapping[str, tuple[str, ...]] = {
    "tracking": ("experiments.*",),
    "registry": ("models.*",),
    "orchestrator": ("pipelines.*",),
    "features": ("features.entities.*", "features.views.*", "features.services.*", "datasets.*.schema"),
    "serving": ("models.*.serving",),
    "gateway": ("models.*.serving.expose", "models.*.serving.shadow", "models.*.ab_test"),
    "rollout": ("models.*.serving.rollout.steps", "models.*.serving.rollout.analysis"),
    "batch": ("models.*.batch",),
    "monitoring": tuple(
        f"monitors.*.{condition}" for condition in ("quality", "drift", "prediction_drift", "performance")
    ),
    "metrics": ("models.*.slo", "monitors.*.service", "monitors.*.custom", "channels.*"),
    "dashboards": ("monitors.*.dashboard",),
    "secrets": ("secrets.*",),
    "delivery": ("project.repository",),
    "ci": ("images.*.build",),
}
"""What the backend of each capability makes: with none built, it is what is withheld."""


def check(
    system: System, name: str, capability: str, tree: Map, assigned: Callable[[Path], bool]
) -> Iterator[Diagnostic]:
    """Report each field of ``tree`` that ``system`` does not honour, where ``assigned`` says that it is asked."""
    for limit in system.limits:
        if any(getattr(system, option) != value for option, value in limit.options.items()):
            continue
        for path, value, where in select(tree, parse(limit.field)):
            if limit.honours(value) or not assigned(path) or (where is not None and where.layer == "default"):
                continue
            place = where.key if where else None
            if limit.built:
                message = f"`{text(path)}` cannot be had on {name}: {limit.reason}"
                yield error("MS145", message, place, text(path), f"take it out, or choose another {capability} backend")
            else:
                message = f"{text(path)} is not rendered ({name}): {limit.reason}"
                yield warning("MS146", message, place, text(path), THE_REST)


def unbuilt(capability: str, backend: str, tree: Map, at: Path, assigned: Callable[[Path], bool]) -> list[Diagnostic]:
    """Say once that ``backend``, chosen ``at`` a path, is not built yet, and what it withholds of what it is assigned.

    Nothing is said where it would have made nothing.
    """
    made = [found for pattern in MAKES[capability] for found in select(tree, parse(pattern))]
    withheld = [text(path) for path, value, _ in made if value and assigned(path)]
    where = mark(tree, (*at, "backend"))
    written = where is not None and where.layer != "default"
    if not withheld and not (capability == "ci" and written):
        return []
    if not written:
        where = mark(tree, parse(withheld[0]))
    listed = ", ".join(dict.fromkeys(withheld)) or "its workflows"
    message = f"{text(at)} ({backend}) is not rendered yet: {listed}"
    place = (where.value if written else where.key) if where else None
    return [warning("MS146", message, place, text((*at, "backend")), THE_REST)]


def withheld_by(capability: str, path: Path) -> bool:
    """Tell whether ``path`` lies in what the backend of ``capability`` makes."""
    return any(matches(pattern, path[: len(parse(pattern))]) for pattern in MAKES[capability])
