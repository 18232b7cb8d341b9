"""Names that name other things: they exist, and are of the right kind.

Works on one environment's resolved tree, where every name still knows its place. Names may form circles; the steps of
a pipeline may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from mlops_spec.address import Path, matches, meant, nearest, parse, text
from mlops_spec.diagnostic import Diagnostic, Place, Related, error
from mlops_spec.language.placeholder import Reference, split
from mlops_spec.language.values import SECRETS_STAND_IN
from mlops_spec.source.tree import Map, Mark, find, mark, walk

NAMES = {
    "datasets.*.changes.secret": "secrets",
    "environments.*.promotes_from": "environments",
    "features.services.*.views.*": "features.views",
    "features.views.*.entity": "features.entities",
    "features.views.*.materialize.compute": "compute",
    "features.views.*.source": "datasets",
    "models.*.ab_test.metric.labels": "datasets",
    "models.*.batch.compute": "compute",
    "models.*.batch.features": "features.services",
    "models.*.batch.input": "datasets",
    "models.*.serving.compute": "compute",
    "models.*.serving.features": "features.services",
    "models.*.trained_by": "pipelines",
    "monitors.*.compute": "compute",
    "monitors.*.data": "datasets",
    "monitors.*.model": "models",
    "monitors.*.monitoring.secret": "secrets",
    "monitors.*.notify.*": "channels",
    "monitors.*.performance.labels": "datasets",
    "monitors.*.reference": "datasets",
    "pipelines.*.compute": "compute",
    "pipelines.*.experiment": "experiments",
    "pipelines.*.notify.failed.*": "channels",
    "pipelines.*.notify.missed.channels.*": "channels",
    "pipelines.*.orchestrator.secret": "secrets",
    "pipelines.*.steps.*.compute": "compute",
    "pipelines.*.steps.*.gate.against.model": "models",
    "pipelines.*.steps.*.register.model": "models",
    "pipelines.*.triggers.*.dataset": "datasets",
    "platform.*.secret": "secrets",
    "platform.features.online.secret": "secrets",
}
"""Which field names which kind of thing, by its bare name: what the schemas say under ``x-names``."""


def _by_shape(patterns: Mapping[str, str]) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """Sort patterns by their section and length: most values of a spec can match none of them."""
    found: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for pattern, kind in patterns.items():
        section, *rest = parse(pattern)
        found.setdefault((section, 1 + len(rest)), []).append((pattern, kind))
    return found


_NAMES = _by_shape(NAMES)
_KINDS = (*dict.fromkeys(NAMES.values()), "images")
_SINGULAR = {
    "environments": "environment",
    "features.entities": "feature entity",
    "features.views": "feature view",
    "features.services": "feature service",
    "compute": "compute profile",
}
_RUN = ("id", "date", "scheduled_at")


def check(tree: Map, left_out: Mapping[str, Mark], environment: str) -> list[Diagnostic]:
    """Report every name that names nothing, or a thing of another kind; ``left_out`` is what is not here."""
    checker = _Checker(tree, left_out, environment)
    return [*checker.names(), *checker.variables(), *checker.pipelines(), *checker.secrets(), *checker.moved()]


def one(kind: str) -> str:
    """Return the word for one thing of a section: ``pipeline`` for ``pipelines``."""
    return _SINGULAR.get(kind, kind.removesuffix("s"))


def order(steps: Map) -> dict[str, tuple[str, ...]]:
    """Return the steps that each step waits for: those whose outputs it takes, those in ``after``, and gates.

    Every gate stands before every ``register``, whether or not an edge says so.
    """
    gates = [name for name, step in steps.items() if isinstance(step, Map) and "gate" in step]
    edges: dict[str, tuple[str, ...]] = {}
    for name, step in steps.items():
        if not isinstance(step, Map):
            continue
        before = [parse(address)[1] for address, _ in _taken(step) if address.startswith("steps.")]
        before += [after for after in step.get("after") or () if isinstance(after, str)]
        before += gates if "register" in step else []
        edges[name] = tuple(sorted({b for b in before if b in steps}))
    return edges


def _taken(step: Map) -> Iterator[tuple[str, Path]]:
    """The addresses that a step takes artifacts from, each with its path within the step."""
    for name, source in (step.get("inputs") or {}).items():
        if isinstance(source, str):
            yield source, ("inputs", name)
        elif isinstance(source, Map) and isinstance(source.get("from"), str):
            yield source["from"], ("inputs", name, "from")
    for path in (("gate", "metrics"), ("register", "from")):
        found = find(step, path)
        if isinstance(found, str):
            yield found, path


class _Checker:
    def __init__(self, tree: Map, left_out: Mapping[str, Mark], environment: str) -> None:
        self.tree, self.left_out, self.environment = tree, left_out, environment

    def names(self) -> Iterator[Diagnostic]:
        for path, value, where in walk(self.tree):
            if isinstance(value, str):
                for pattern, kind in _NAMES.get((str(path[0]), len(path)), ()):
                    if matches(pattern, path):
                        yield from self._named(kind, value, path, where)

    def _named(self, kind: str, name: str, path: Path, where: Mark | None) -> Iterator[Diagnostic]:
        known = find(self.tree, parse(kind))
        known = known if isinstance(known, Map) else Map()
        if name not in known and not (kind == "environments" and name == self.environment):
            yield self._unknown(kind, name, known, path, where)

    def _unknown(self, kind: str, name: str, known: Map, path: Path, where: Mark | None) -> Diagnostic:
        place = where.value if where else None
        address = f"{kind}.{name}"
        if address in self.left_out:
            related = Related("it is defined here", self.left_out[address].key)
            hint = f"give `{text(path[:2])}` the same `only` or `except`"
            message = f"the {one(kind)} {name} is not in {self.environment}"
            return error("MS121", message, place, text(path), hint, related)
        for other in _KINDS:
            things = find(self.tree, parse(other))
            if other != kind and isinstance(things, Map) and name in things:
                related = Related(f"{other}.{name} is defined here", things.marks[name].key)
                hint = meant(name, known, one(kind)) if known else f"define {kind}.{name}"
                message = f"{name} is no {one(kind)} but a{'n' if one(other)[0] in 'aei' else ''} {one(other)}"
                return error("MS122", message, place, text(path), hint, related)
        near = nearest(name, known)
        related_near = (Related(f"{kind}.{near} is defined here", known.marks[near].key),) if near else ()
        message = f"there is no {one(kind)} named {name}"
        hint = meant(name, known, one(kind)) if known else f"define it under `{kind}`"
        return error("MS120", message, place, text(path), hint, *related_near)

    def variables(self) -> Iterator[Diagnostic]:
        declared = self.tree.get("variables")
        declared = declared if isinstance(declared, Map) else Map()
        own = find(self.tree, ("environments", self.environment, "variables"))
        for name in own if isinstance(own, Map) else ():
            if name not in declared:
                path = ("environments", self.environment, "variables", name)
                hint = meant(name, declared) if declared else f"declare it: `variables: {{{name}: {{type: string}}}}`"
                message = f"{self.environment} sets a variable {name} that is not declared"
                yield error("MS120", message, own.marks[name].key, text(path), hint)

    def pipelines(self) -> Iterator[Diagnostic]:
        for name, pipeline in _entries(self.tree, "pipelines"):
            steps = pipeline.get("steps")
            if isinstance(steps, Map):
                yield from self._steps(("pipelines", name), pipeline, steps)

    def _steps(self, at: Path, pipeline: Map, steps: Map) -> Iterator[Diagnostic]:
        parameters = pipeline.get("parameters") or Map()
        for name, step in steps.items():
            if not isinstance(step, Map):
                continue
            here = (*at, "steps", name)
            for address, path in _taken(step):
                yield from self._address(address, steps, (*here, *path), path)
            for index, after in enumerate(step.get("after") or ()):
                if after not in steps:
                    yield self._step_missing(str(after), steps, (*here, "after", index))
            parameter = find(step, ("when", "parameter"))
            if parameter is not None and parameter not in parameters:
                yield self._problem(
                    f"the pipeline has no parameter {parameter}",
                    (*here, "when", "parameter"),
                    meant(parameter, parameters),
                )
            yield from self._run_time(step, parameters, here)
        yield from _cycles(steps, at)

    def _address(self, address: str, steps: Map, path: Path, field: Path) -> Iterator[Diagnostic]:
        parts = parse(address)
        if parts[0] == "steps" and len(parts) == 4 and parts[2] == "outputs":
            yield from self._output(parts, steps, path, field)
        elif parts[0] == "datasets" and len(parts) == 2 and field[0] == "inputs":
            yield from self._named("datasets", parts[1], path, mark(self.tree, path))
        elif parts[:2] == ("features", "services") and len(parts) == 3 and field[0] == "inputs":
            yield from self._named("features.services", parts[2], path, mark(self.tree, path))
            if find(self.tree, (*path[:-1], "as")) == "uri":
                message = "a feature service is handed over by its name: it is neither a file nor a URI"
                yield self._problem(message, (*path[:-1], "as"), "leave `as` out")
        else:
            ways = "steps.<step>.outputs.<output>"
            if field[0] == "inputs":
                ways += ", datasets.<name> or features.services.<name>"
            yield self._problem(f"`{address}` is no address that can stand here", path, f"write {ways}")

    def _output(self, parts: tuple[str, ...], steps: Map, path: Path, field: Path) -> Iterator[Diagnostic]:
        step = steps.get(parts[1])
        if not isinstance(step, Map):
            yield self._step_missing(parts[1], steps, path)
            return
        outputs = step.get("outputs") or Map()
        if parts[3] not in outputs:
            hint = meant(parts[3], outputs, "output")
            yield self._problem(f"the step {parts[1]} has no output {parts[3]}", path, hint)
            return
        wanted = {"gate.metrics": "metrics", "register.from": "model"}.get(text(field))
        kind = find(outputs, (parts[3], "type"))
        if wanted and kind != wanted:
            right = [n for n, o in outputs.items() if isinstance(o, Map) and o.get("type") == wanted]
            address = f"steps.{parts[1]}.outputs"
            hint = f"did you mean {address}.{right[0]}?" if right else f"give {parts[1]} an output of type {wanted}"
            related = Related("it is defined here", outputs.marks[parts[3]].key)
            message = f"`{field[0]}` takes an output of type {wanted}, but {address}.{parts[3]} is of type {kind}"
            yield self._problem(message, path, hint, related, code="MS122")
        own = find(self.tree, (*path[:4], "when"))
        if step.get("when") is not None and own != step["when"]:
            related = Related("its condition stands here", step.marks["when"].key)
            message = f"the step {parts[1]} may be skipped, and then has no output"
            yield self._problem(message, path, "give this step the same `when`", related, code="MS124")

    def _step_missing(self, name: str, steps: Map, path: Path) -> Diagnostic:
        left_out = self.left_out.get(text((*path[:3], name)))
        if left_out is not None:
            related = Related("it is defined here", left_out.key)
            hint = "give this step the same `only` or `except`"
            message = f"the step {name} is not in {self.environment}"
            return self._problem(message, path, hint, related, code="MS121")
        return self._problem(f"there is no step named {name}", path, meant(name, steps, "step"))

    def _run_time(self, step: Map, parameters: Map, here: Path) -> Iterator[Diagnostic]:
        known: dict[str, Any] = {
            "parameters": parameters,
            "inputs": step.get("inputs") or (),
            "outputs": step.get("outputs") or (),
            "item": step.get("foreach") or (),
            "run": _RUN,
        }
        for key in ("command", "env"):
            for path, value, _ in walk(step.get(key), (*here, key)):
                for reference in _references(value):
                    root, *rest = reference.path
                    if root in known and (len(rest) != 1 or rest[0] not in known[root]):
                        hint = meant(".".join(rest), known[root], root.removesuffix("s"))
                        yield self._problem(f"`{text(reference.path)}` names nothing", path, hint)

    def secrets(self) -> Iterator[Diagnostic]:
        known = self.tree.get("secrets")
        known = known if isinstance(known, Map) else Map()
        for path, value, where in walk(self.tree):
            # Elsewhere no placeholder is left by now, and what looks like one is a text that was meant so.
            names = _references(value) if any(matches(field, path) for field in SECRETS_STAND_IN) else ()
            for reference in names:
                if reference.path[0] != "secrets":
                    continue
                name = reference.path[1] if len(reference.path) > 1 else ""
                if name not in known:
                    yield self._unknown("secrets", name, known, path, where)
                    continue
                keys = find(known, (name, "keys")) or ()
                if len(reference.path) != 3 or reference.path[2] not in keys:
                    given = reference.path[2] if len(reference.path) == 3 else ""
                    message = f"the secret {name} has no key {given}" if given else f"`secrets.{name}` names no key"
                    yield self._problem(message, path, meant(given, keys, "key"))

    def moved(self) -> Iterator[Diagnostic]:
        for index, line in enumerate(self.tree.get("moved") or ()):
            if not isinstance(line, Map) or not all(isinstance(line.get(k), str) for k in ("from", "to")):
                continue
            old, new = parse(line["from"]), parse(line["to"])
            path = ("moved", index, "to")
            if find(self.tree, old) is not None:
                hint = "take the old one out, or the line in moved"
                yield self._problem(f"`{line['from']}` has moved, but still stands", ("moved", index, "from"), hint)
            if find(self.tree, new) is None and line["to"] not in self.left_out:
                things = find(self.tree, new[:-1])
                elsewhere = [parse(address)[-1] for address in self.left_out if parse(address)[:-1] == new[:-1]]
                hint = meant(new[-1], [*(things if isinstance(things, Map) else ()), *elsewhere])
                yield self._problem(f"`{line['to']}` does not exist", path, hint)
            elif old[:-1] != new[:-1]:
                yield self._problem(
                    "a thing can move within its own section alone", path, f"write {text((*old[:-1], new[-1]))}"
                )

    def _problem(self, message: str, path: Path, hint: str, *related: Related, code: str = "MS120") -> Diagnostic:
        where = mark(self.tree, path)
        return error(code, message, where.value if where else None, text(path), hint, *related)


def _entries(tree: Map, section: str) -> Iterator[tuple[str, Map]]:
    things = tree.get(section)
    for name, thing in things.items() if isinstance(things, Map) else ():
        if isinstance(thing, Map):
            yield name, thing


def _references(value: Any) -> Iterator[Reference]:
    if not isinstance(value, str) or "${{" not in value:
        return
    try:
        yield from (part for part in split(value) if isinstance(part, Reference))
    except ValueError:
        return


def _cycles(steps: Map, at: Path) -> Iterator[Diagnostic]:
    """Report each circle of steps once, at its first member."""
    edges = order(steps)
    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        node: str | None = start
        while node is not None and node not in trail and node not in done:
            trail.append(node)
            node = next((b for b in edges.get(node, ()) if b in trail or _reaches(edges, b, node)), None)
        if node in trail:
            circle = trail[trail.index(node) :]
            first = min(circle, key=lambda name: steps.marks[name].key)
            turned = [*circle[circle.index(first) :], *circle[: circle.index(first)], first]
            related = [_waits(steps, name, before) for name, before in pairwise(turned)]
            place: Place = steps.marks[first].key
            message = f"steps wait for each other: {' → '.join(turned)}"
            hint = "take one of these inputs or `after` out"
            yield error("MS123", message, place, text((*at, "steps", first)), hint, *related)
        done.update(trail)


def _waits(steps: Map, name: str, before: str) -> Related:
    """Say where the step ``name`` says that it waits for ``before``."""
    step = steps[name]
    paths = [path for address, path in _taken(step) if parse(address)[:2] == ("steps", before)]
    paths += [("after", index) for index, after in enumerate(step.get("after") or ()) if after == before]
    if paths:
        where = mark(step, paths[0])
        return Related(f"{name} waits for {before} here", where.value if where else steps.marks[name].key)
    return Related(f"{name} waits for {before}, as a register does for every gate", step.marks["register"].key)


def _reaches(edges: Mapping[str, tuple[str, ...]], start: str, goal: str) -> bool:
    seen, stack = set(), [start]
    while stack:
        node = stack.pop()
        if node == goal:
            return True
        if node not in seen:
            seen.add(node)
            stack += edges.get(node, ())
    return False
