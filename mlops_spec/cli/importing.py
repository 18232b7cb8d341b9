"""What an MLflow server holds, as a spec of its own or as lines more of one that there is."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mlops_spec.cli import exits, planned
from mlops_spec.cli.asking import Answers, answers
from mlops_spec.cli.console import Console
from mlops_spec.cli.planning import told
from mlops_spec.cli.rendering import writing
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.compiler import Options, compile_spec
from mlops_spec.diagnostic import Severity, error
from mlops_spec.live.mlflow.actual import experiments, models
from mlops_spec.live.mlflow.adopt import Adopted, adopt
from mlops_spec.live.mlflow.client import Servers, answering, connect
from mlops_spec.live.mlflow.state import Found
from mlops_spec.source import edit
from mlops_spec.source.files import Edited, Files, Folder, Memory
from mlops_spec.source.inline import yaml_key, yaml_text, yaml_value
from mlops_spec.source.tree import Map
from mlops_spec.source.yaml import read
from mlops_spec.write.difference import unified
from mlops_spec.write.file import put

_MOVED = "moved"


class Asked(NamedTuple):
    """What was asked for on the command line; the patterns are globs."""

    tracking: str
    registry: str
    experiments: Sequence[str]
    models: Sequence[str]
    project: str | None
    write: str | None


def import_mlflow(console: Console, asked: Asked) -> int:
    """Print or write the spec. Raises Stopped where the server does not answer, or no spec comes of it."""
    path = Path(asked.write) if asked.write else None
    before = path.read_bytes() if path and path.is_file() else None
    data = _data(str(path), before) if path and before is not None else Map()
    found = _found(asked)
    adopted = adopt(found, {section: _taken(data, section) for section in ("experiments", "models")})
    if before is None:
        text = whole(adopted, asked)
        _check(Memory({"mlops.yaml": text.encode()}), "mlops.yaml")
    else:
        assert path is not None
        text = added(str(path), before.decode(), adopted)
        _check(Edited(Folder(path.parent), {path.name: text.encode()}), path.name, path.parent)
    diff = unified(str(path), before, text.encode()) if path else ""
    if path and diff:
        with writing():
            put(path, text.encode(), before)
    shown = diff if before is not None else text if path is None else f"wrote {path}\n"
    console.result(shown.removesuffix("\n"), {**_as_json(adopted), "written": str(path) if path and diff else None})
    for what, why in adopted.left_out:
        console.note(f"left out: {planned.escaped(what)}: {why}")
    if any("version" in entry for entry in adopted.sections["models"].values()):
        console.note("`mlops-spec lock` pins the versions that the aliases name")
    if not any(adopted.sections.values()):
        console.note("nothing was found that the spec lacks")
    return exits.FINE


def _found(asked: Asked) -> list[Found]:
    servers = Servers(asked.tracking, asked.registry)
    everything = not asked.experiments and not asked.models
    with told():
        client = connect(servers)
        with answering(servers):
            found = [
                *(experiments(client) if everything or asked.experiments else ()),
                *(models(client) if everything or asked.models else ()),
            ]
    return [each for each in found if not each.deleted and _asked_for(each, asked)]


def _asked_for(found: Found, asked: Asked) -> bool:
    globs = asked.models if not found.id else asked.experiments
    is_default = found.id == "0"  # MLflow's own, which is there before anybody makes one
    return any(fnmatch.fnmatchcase(found.name, glob) for glob in globs) if globs else not is_default


def whole(adopted: Adopted, asked: Asked) -> str:
    """Return a spec that says nothing else."""
    where = Path(asked.write).parent if asked.write else Path()
    name = answers(["name"], Answers(name=asked.project), where, asking=False)["name"]
    lines = ["apiVersion: mlops-spec/v1", f"project: {{name: {yaml_text(name)}}}"]
    if asked.tracking.startswith(("http://", "https://")) and "@" not in asked.tracking:
        registry = {"registry": {"uri": asked.registry}} if asked.registry != asked.tracking else {}
        lines.append(f"platform: {yaml_value({'tracking': {'uri': asked.tracking}, **registry})}")
    return "\n".join([*lines, *_sections(adopted.sections), *_moved(adopted), *_left_out(adopted)]) + "\n"


def _sections(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for section, entries in sections.items():
        if entries:
            yield f"{section}:"
            yield from (f"  {yaml_key(name)}: {yaml_value(entry)}" for name, entry in entries.items())


def _moved(adopted: Adopted) -> Iterator[str]:
    if adopted.moved:
        yield f"{_MOVED}:"
        yield from (f"  - {yaml_value(line)}" for line in adopted.moved)


def _left_out(adopted: Adopted) -> Iterator[str]:
    yield from (f"# left out: {planned.escaped(what)}: {why}" for what, why in adopted.left_out)


def added(path: str, text: str, adopted: Adopted) -> str:
    """Return a spec with the entries that it lacks; what is there stays as it is. Raises Stopped."""
    data = _data(path, text.encode())
    if _MOVED in data and adopted.moved:
        names = ", ".join(line["from"] for line in adopted.moved)
        hint = "add those lines to it by hand, then leave these names out by --experiment and --model"
        raise stopped(exits.FINDINGS, "MS199", f"{path} has a list `moved`, and {names} would go into it", hint)
    try:
        for section, entries in adopted.sections.items():
            for name, entry in entries.items() if isinstance(data.get(section), Map) else ():
                text = edit.insert(text, (section,), name, entry)
    except edit.Refused as why:
        problem = error("MS199", str(why), why.place(path), "", "write it in another style, or add it by hand")
        raise Stopped(exits.FINDINGS, [problem]) from None
    rest = {section: entries for section, entries in adopted.sections.items() if not isinstance(data.get(section), Map)}
    lines = [*_sections(rest), *_moved(adopted)]
    return text if not lines else text.removesuffix("\n") + "\n" + "\n".join(lines) + "\n"


def _data(path: str, raw: bytes) -> Map:
    source, problems = read(raw, path)
    if source is None:
        raise Stopped(exits.UNREADABLE, problems)
    return source.data


def _taken(data: Map, section: str) -> dict[str, str]:
    """Return the names that a spec has in a section, each with the one that it has on the server."""
    moved = {line.get("to"): line.get("from") for line in data.get(_MOVED) or () if isinstance(line, Map)}
    names = data.get(section) or ()
    return {name: str(moved.get(f"{section}.{name}", name)).rpartition(".")[2] for name in names}


def _check(files: Files, name: str, root: Path | None = None) -> None:
    """Raise Stopped where what would be written has errors: then nothing is."""
    found = compile_spec(files, name, Options(root)).diagnostics
    errors = [d for d in found if d.severity is Severity.ERROR]
    if errors:
        raise Stopped(exits.FINDINGS, errors)


def _as_json(adopted: Adopted) -> dict[str, Any]:
    left_out = [{"what": what, "why": why} for what, why in adopted.left_out]
    return {**adopted.sections, _MOVED: list(adopted.moved), "left_out": left_out}
