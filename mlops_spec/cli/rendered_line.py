"""Which template line, which values of the spec and which patch made one line of a rendered file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from mlops_spec import assets
from mlops_spec.address import parse
from mlops_spec.blueprint.lower.environment import PROJECT
from mlops_spec.cli import exits, traced
from mlops_spec.cli.compiling import Done, compile_located
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located, locate
from mlops_spec.cli.origin import as_json, history
from mlops_spec.cli.stop import Stopped, stopped
from mlops_spec.compiler import Compiled
from mlops_spec.diagnostic import warning
from mlops_spec.source.characters import shown
from mlops_spec.source.tree import Map, Mark, find, mark

_HINT = "name a file as render wrote it, <environment>/<component>/<kind>-<name>.yaml:LINE, and its spec with --spec"


class Cause(NamedTuple):
    """One thing that made a line: what it is in words, and the mark of what it names in the spec."""

    what: str
    mark: Mark | None


class Explanation(NamedTuple):
    """A rendered line, the template line that printed it (None: no template did), and what it says."""

    text: str
    template: str | None
    causes: tuple[Cause, ...]


def explain_line(console: Console, file: str, number: int, spec: str | None) -> int:
    """Print what made line ``number`` of the rendered ``file``."""
    located = locate(spec)
    done = _compiled(located, PurePath(file).parts)
    if done.exit_code:
        console.problems(done.compilation.diagnostics, located, done.texts)
        return done.exit_code
    path = _rendered(done, file)
    lines = done.compilation.tree[path].split("\n")[:-1]
    number = _as_rendered(console, file, number, lines)
    explanation = _explain(done, path, number - 1)
    told = [f"{file}:{number}", f"    {explanation.text.strip()}"]
    told += [f"printed by  {explanation.template}"] if explanation.template else []
    told += [f"from        {_told(cause, located)}" for cause in explanation.causes]
    console.result("\n".join(told), _as_data(explanation, file, number, located))
    return exits.FINE


def _compiled(located: Located, parts: Sequence[str]) -> Done:
    """Compile the environments that a path names, or all where it names none, or the project."""
    done = compile_located(located, () if PROJECT in parts else parts)
    return done if done.compilation.environments else compile_located(located)


def _rendered(done: Done, file: str) -> str:
    """Return the path in the compiled tree that ``file`` is."""
    parts = PurePath(file).parts
    for start in range(len(parts)):
        path = "/".join(parts[start:])
        if path in done.compilation.tree:
            return path
    name = PurePath(file).name
    alike = [path for path in done.compilation.tree if path.endswith(f"/{name}")]
    hint = f"did you mean {alike[0]}?" if alike else _HINT
    raise stopped(exits.USAGE, "MS194", f"{done.located.shown(done.located.name)} renders no {file}", hint)


def _as_rendered(console: Console, file: str, number: int, lines: Sequence[str]) -> int:
    """Return which line of the rendered text is meant, where the file on disk is another than that."""
    on_disk = _on_disk(file)
    if on_disk is None or on_disk == lines:
        if not 1 <= number <= len(lines):
            raise stopped(exits.USAGE, "MS194", f"{file} has {len(lines)} lines, and no line {number}", _HINT)
        return number
    message = f"{file} is stale: it is not what the spec renders now"
    way_out = "run `mlops-spec render` to bring it up to date"
    same = traced.matching(on_disk, lines).get(number - 1)
    if same is None:
        message = f"{message}, and line {number} is not in that"
        raise Stopped(exits.FINDINGS, [warning("MS195", message, None, "", way_out)])
    console.problems([warning("MS195", message, None, "", way_out)])
    return same + 1


def _on_disk(file: str) -> list[str] | None:
    try:
        return shown(Path(file).read_bytes()).removesuffix("\n").split("\n")
    except OSError:
        return None


def _explain(done: Done, path: str, index: int) -> Explanation:
    environment, _, below = path.partition("/")
    compiled = done.compilation.environments.get(environment)
    line = traced.lines(done.compilation, path)[index]
    if compiled is not None and below in compiled.brought:
        return _brought(done, compiled, below, line.text)
    if compiled is not None and not line.template:
        return Explanation(line.text, None, tuple(_patches(compiled, below)))
    tree = traced.resolved(done.compilation, environment)
    causes = tuple(Cause(address, mark(tree, parse(address))) for address in line.addresses)
    return Explanation(line.text, f"{_template(done, tree, line.template)}:{line.template_line}", causes)


def _brought(done: Done, compiled: Compiled, below: str, text: str) -> Explanation:
    """Explain a line of a file that ``manifests`` brings: no template prints it."""
    entry = compiled.brought[below]
    where = mark(compiled.resolved, ("manifests", entry))
    file = str(find(compiled.resolved, ("manifests", entry, "path")))
    given = (_on_disk(str(done.located.root / file)) or []) if file else []
    at = given.index(text) + 1 if text in given else None
    what = f"{done.located.shown(file)}:{at}" if at else f"{file}, to which the environment's namespace is added"
    return Explanation(text, None, (Cause(f"manifests.{entry} brings {what}", where),))


def _patches(compiled: Compiled, below: str) -> list[Cause]:
    patches = compiled.patched.get(below, ())
    words = "the patch" if len(patches) == 1 else "one of the patches on this object:"
    return [Cause(f"{words} patches.{i}", mark(compiled.resolved, ("patches", i))) for i in patches]


def _template(done: Done, tree: Map, name: str) -> str:
    """Say where a template is: in the spec's own folder where it stands there, else among the product's."""
    own = find(tree, ("templates",))
    if own and (done.located.root / str(own) / name).is_file():
        return done.located.shown(f"{own}/{name}")
    return f"{assets.TEMPLATES.name}/{name}"


def _told(cause: Cause, located: Located) -> str:
    return cause.what if cause.mark is None else f"{cause.what}  {history(cause.mark, located)}"


def _as_data(explanation: Explanation, file: str, number: int, located: Located) -> dict[str, Any]:
    causes = [{"what": cause.what, **as_json(cause.mark, located)} for cause in explanation.causes]
    return {
        "file": file,
        "line": number,
        "text": explanation.text,
        "template": explanation.template,
        "from": causes,
    }
