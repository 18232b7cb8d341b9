"""What a spec has: its resources, or each value of one environment with those who set it."""

from __future__ import annotations

from typing import Any

from mlops_spec.address import meant, parse
from mlops_spec.cli import exits, resources
from mlops_spec.cli.compiling import Done, compile_located, refuse_unknown
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.resolved import leaves, yaml
from mlops_spec.cli.stop import stopped
from mlops_spec.source.tree import Map, Mark, find, mark


def show_resolved(console: Console, located: Located, environment: str | None, address: str) -> int:
    """Print the values at ``address`` in one environment. What cannot be compiled is shown as far as it was read."""
    done = compile_located(located, [environment] if environment else ())
    report_errors(console, done)
    refuse_unknown(done, [environment] if environment else [])
    if not done.compilation.environments:
        return done.exit_code
    tree = done.compilation.environments[_only(done, environment)].resolved
    value, where = at(tree, address)
    path = parse(address)
    data = {item.address: item.as_json(located) for item in leaves(value, path, where)}
    console.result("\n".join(yaml(value, path, where, located)), data)
    return done.exit_code


def show_resources(console: Console, located: Located, environment: str | None, address: str) -> int:
    """Print what is defined at or below ``address``, and in which environments."""
    done = compile_located(located, [environment] if environment else ())
    report_errors(console, done)
    refuse_unknown(done, [environment] if environment else [])
    found = resources.find(done, parse(address))
    if not found and not done.exit_code:
        for compiled in done.compilation.environments.values():
            at(compiled.resolved, address)
    names = tuple(done.compilation.environments)
    console.result("\n".join(resources.table(found, names, located)), resources.as_json(found, names, located))
    return done.exit_code


def report_errors(console: Console, done: Done) -> None:
    """Print the problems of a compile that failed; warnings are for ``lint``."""
    if done.exit_code:
        console.problems(done.compilation.diagnostics, done.located, done.texts)


def at(tree: Map, address: str) -> tuple[Any, Mark | None]:
    """Return the value at ``address`` and its mark. Raises Stopped where there is none."""
    path = parse(address)
    for length, name in enumerate(path):
        above = find(tree, path[:length])
        if find(tree, path[: length + 1]) is None:
            where = ".".join(path[:length]) or "the spec"
            known = above if isinstance(above, Map) else ()
            raise stopped(exits.USAGE, "MS193", f"{where} has no `{name}`", meant(name, known, "key"))
    return find(tree, path), mark(tree, path) if path else None


def _only(done: Done, environment: str | None) -> str:
    names = tuple(done.compilation.environments)
    if environment is None and len(names) > 1:
        raise stopped(exits.USAGE, "MS191", "values differ by environment", f"choose one: --env {' | '.join(names)}")
    return environment or names[0]
