"""Phase 3: ``${{ path }}`` puts a value where it stands, and nothing else.

What is known when compiling is put in; what is known only at run time stays, for the blueprint to wire.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from mlops_spec.address import Path, matches, meant, text
from mlops_spec.diagnostic import Diagnostic, Place, Related, error
from mlops_spec.language.environment import CLUSTER, implied_namespace
from mlops_spec.language.placeholder import Literal, Reference, escape, split
from mlops_spec.source.tree import Map, Mark, Seq, find, mark

RUN_TIME = ("parameters", "inputs", "outputs", "item", "run", "secrets")
COMPILE_TIME = (
    "variables environment project images compute datasets features experiments pipelines models monitors "
    "platform channels"
).split()
_WIRED = (
    "pipelines.*.steps.*.command.*",
    "pipelines.*.steps.*.env.*",
    "datasets.*.uri",
    "models.*.batch.output",
)
SECRETS_STAND_IN = ("pipelines.*.steps.*.env.*", "channels.**")
"""The fields whose placeholders may name secrets."""
_LONGEST_CHAIN = 100
_MOST = 1 << 22
"""How many characters all placeholders of one environment may put in, four times what a file may hold."""


def substitute(tree: Map, environment: str, lock: Map) -> tuple[Map, list[Diagnostic]]:
    """Put in every value that is known when compiling; ``lock`` gives the digests of images."""
    values = _Values(tree, environment, lock)
    result = values.copy(tree, ())
    assert isinstance(result, Map)
    return result, list(values.diagnostics)


class _Missing(Exception):
    """Already reported."""


class _Values:
    def __init__(self, tree: Map, environment: str, lock: Map) -> None:
        self.tree, self.environment, self.lock = tree, environment, lock
        self.diagnostics: dict[Diagnostic, None] = {}
        self.memo: dict[tuple[str, ...], tuple[Any, int]] = {}
        self.open: list[tuple[str, ...]] = []
        self.put_in, self.stopped = 0, False

    def copy(self, value: Any, path: Path) -> Any:
        if isinstance(value, Map):
            if path == ("environments",):
                return value
            copied = Map()
            for key, item in value.items():
                copied[key], copied.marks[key] = self._item(item, value.marks[key], (*path, key))
            return copied
        if isinstance(value, Seq):
            items = [
                self._item(item, mark, (*path, index)) for index, (item, mark) in enumerate(zip(value, value.marks))
            ]
            return Seq((item for item, _ in items), [mark for _, mark in items])
        return value

    def _item(self, item: Any, where: Mark, path: Path) -> tuple[Any, Mark]:
        if not isinstance(item, str):
            return self.copy(item, path), where
        if "${{" not in item:
            return item, where
        try:
            value, origin = self.string(item, path, where.value)
        except _Missing:
            return item, where
        return value, where if origin is None else where._replace(origin=origin)

    def string(self, value: str, path: Path, place: Place) -> tuple[Any, Mark | None]:
        """Return what a string becomes, and the mark of what its placeholder named."""
        try:
            parts = split(value)
        except ValueError as problem:
            hint = "write `${{ section.name }}`, or `$${{` for the text itself"
            raise self._report("MS080", str(problem), place, path, hint) from None
        wired = any(matches(pattern, path) for pattern in (*_WIRED, *SECRETS_STAND_IN))
        if len(parts) == 1 and isinstance(parts[0], Reference) and parts[0].path[0] not in RUN_TIME:
            found = self.value(parts[0].path, place, path)
            if wired and isinstance(found, str):
                found = escape(found)
            return found, mark(self.tree, parts[0].path)
        text_parts, origin = [], None
        for part in parts:
            if isinstance(part, Literal):
                text_parts.append(escape(part.text) if wired else part.text)
            elif part.path[0] in RUN_TIME:
                self._may_stand(part.path, path, place)
                text_parts.append("${{ " + text(part.path) + " }}")
            else:
                found = self.value(part.path, place, path)
                if isinstance(found, Map | Seq):
                    message = f"`{text(part.path)}` is not one value, so it cannot stand inside a text"
                    raise self._report("MS083", message, place, path, "name a single value")
                printed = (
                    {True: "true", False: "false"}.get(found, str(found)) if isinstance(found, bool) else str(found)
                )
                text_parts.append(escape(printed) if wired else printed)
                origin = mark(self.tree, part.path)
        return "".join(text_parts), origin

    def value(self, name: tuple[str, ...], place: Place, path: Path) -> Any:
        """Look up what is known when compiling, within bounds. It is memoised; a cycle is reported once."""
        if self.stopped:
            raise _Missing()
        if name not in self.memo:
            if name in self.open:
                raise self._cycle(name)
            if len(self.open) == _LONGEST_CHAIN:
                raise self._too_long()
            self.open.append(name)
            try:
                found = self._look_up(name, place, path)
                self.memo[name] = found, _size(found)
            finally:
                self.open.pop()
        found, size = self.memo[name]
        self.put_in += size
        if self.put_in > _MOST:
            raise self._too_much(place, path)
        return found

    def _look_up(self, name: tuple[str, ...], place: Place, path: Path) -> Any:
        root = name[0]
        if root not in COMPILE_TIME:
            hint = meant(root, (*COMPILE_TIME, *RUN_TIME))
            raise self._report("MS081", f"`{text(name)}` names nothing", place, path, hint)
        if root == "variables":
            return self._variable(name, place, path)
        if root == "environment":
            return self._environment(name, place, path)
        if root == "images" and len(name) == 2:
            return self._image(name, place, path)
        return self._address(name, place, path)

    def _address(self, name: tuple[str, ...], place: Place, path: Path) -> Any:
        value: Any = self.tree
        for index, part in enumerate(name):
            below = value.get(part) if isinstance(value, Map) else None
            if below is None:
                known = value if isinstance(value, Map) else ()
                message = f"`{text(name)}` has no value" if index else f"there is no `{part}`"
                raise self._report("MS081", message, place, path, meant(part, known))
            value = below
        if isinstance(value, Map | Seq):
            raise self._report("MS083", f"`{text(name)}` is not one value", place, path, "name a single value in it")
        if isinstance(value, str) and "${{" in value:
            where = mark(self.tree, name)
            return self.string(value, name, where.value if where else place)[0]
        return value

    def _variable(self, name: tuple[str, ...], place: Place, path: Path) -> Any:
        variables = self.tree.get("variables")
        declared = find(self.tree, name[:2]) if len(name) == 2 else None
        if not isinstance(declared, Map):
            known = variables if isinstance(variables, Map) else ()
            message = f"no variable is named {text(name[1:])}"
            raise self._report("MS081", message, place, path, meant(text(name[1:]), known))
        own = ("environments", self.environment, "variables", name[1])
        where = own if find(self.tree, own) is not None else (*name, "default")
        value = find(self.tree, where)
        if value is None:
            hint = f"set variables.{name[1]}.default, or environments.{self.environment}.variables.{name[1]}"
            raise self._report("MS082", f"the variable {name[1]} has no value in {self.environment}", place, path, hint)
        if isinstance(value, str) and "${{" in value:
            at = mark(self.tree, where)
            value = self.string(value, where, at.value if at else place)[0]
        self._typed(value, declared.get("type"), where, place)
        return value

    def _typed(self, value: Any, kind: Any, where: tuple[str, ...], place: Place) -> None:
        wanted: dict[str, tuple[type, ...]] = {
            "string": (str,),
            "integer": (int,),
            "number": (int, float),
            "boolean": (bool,),
            "list": (list,),
            "map": (dict,),
        }
        types = wanted.get(str(kind))
        if types and (not isinstance(value, types) or (isinstance(value, bool) and kind != "boolean")):
            at = mark(self.tree, where)
            message = f"the variable {where[-1] if where[0] == 'environments' else where[1]} is a {kind}, not {value!r}"
            hint = "change the value, or the variable's type"
            raise self._report("MS084", message, at.value if at else place, where, hint)

    def _environment(self, name: tuple[str, ...], place: Place, path: Path) -> Any:
        entry = find(self.tree, ("environments", self.environment))
        entry = entry if isinstance(entry, Map) else Map()
        known: dict[str, Any] = {
            "name": self.environment,
            "namespace": entry.get("namespace") or self._implied_namespace(),
            "cluster": entry.get("cluster") or CLUSTER,
            "protected": bool(entry.get("protected")),
        }
        key = text(name[1:])
        if key not in known:
            raise self._report("MS081", f"an environment has no `{key}`", place, path, meant(key, known))
        value = known[key]
        return self.string(value, name, place)[0] if isinstance(value, str) and "${{" in value else value

    def _implied_namespace(self) -> str:
        return implied_namespace(str(find(self.tree, ("project", "name"))), self.environment)

    def _image(self, name: tuple[str, ...], place: Place, path: Path) -> Any:
        if name[1] == "runtime":
            repository = find(self.tree, ("platform", "runtime", "image"))
            if repository is None:
                hint = "set platform.runtime.image"
                raise self._report("MS081", "there is no runtime image", place, path, hint)
            repository = self.value(("platform", "runtime", "image"), place, path)
        else:
            images = self.tree.get("images")
            if not isinstance(images, Map) or name[1] not in images:
                hint = meant(name[1], images or (), "image")
                raise self._report("MS081", f"no image is named {name[1]}", place, path, hint)
            repository = self.value((*name, "repository"), place, path)
        digest = find(self.lock, ("images", name[1], "digest"))
        if digest is not None:
            return f"{repository}@{digest}"
        tag = find(self.tree, (*name, "tag"))
        return repository if tag is None else f"{repository}:{self.value((*name, 'tag'), place, path)}"

    def _may_stand(self, name: tuple[str, ...], path: Path, place: Place) -> None:
        if any(matches(pattern, path) for pattern in (SECRETS_STAND_IN if name[0] == "secrets" else _WIRED)):
            return
        where = "env, headers and channels" if name[0] == "secrets" else "commands, env and URIs"
        message = f"`{text(name)}` is known only at run time; it may stand in {where} alone"
        raise self._report("MS085", message, place, path, "use a value that is known when compiling: a variable, say")

    def _cycle(self, name: tuple[str, ...]) -> _Missing:
        members = self.open[self.open.index(name) :]
        first = min(members, key=self._place)
        turned = members[members.index(first) :] + members[: members.index(first)]
        chain = " → ".join(text(member) for member in (*turned, first))
        related = tuple(
            Related(f"{text(member)} takes its value from {text(named)} here", self._place(member))
            for member, named in pairwise((*turned[1:], first))
        )
        problem = error(
            "MS086",
            f"values go round in a circle: {chain}",
            self._place(first),
            text(first),
            "give one of them a value of its own",
            *related,
        )
        self.diagnostics.setdefault(problem)
        return _Missing()

    def _too_long(self) -> _Missing:
        """Stop at a chain of values that is followed no further."""
        self.stopped, first = True, self.open[0]
        message = f"values name one another more than {_LONGEST_CHAIN} times over"
        return self._report("MS087", message, self._place(first), first, "name the value at the chain's end itself")

    def _too_much(self, place: Place, path: Path) -> _Missing:
        """Stop at what would grow without bounds: a few lines can say a text of gigabytes."""
        self.stopped = True
        message = f"placeholders put in more than {_MOST >> 20} MiB of text"
        return self._report("MS088", message, place, path, "write less, or name long values in fewer places")

    def _place(self, name: tuple[str, ...]) -> Place:
        own = (
            ("environments", self.environment, "variables", name[1]) if name[0] == "variables" and len(name) > 1 else ()
        )
        path = own if own and find(self.tree, own) is not None else (*name, "default") if own else name
        found = mark(self.tree, path)
        return found.value if found else Place("", 1, 1)

    def _report(self, code: str, message: str, place: Place, path: Path, hint: str) -> _Missing:
        problem = error(code, message, place, text(path), hint)
        self.diagnostics.setdefault(problem)
        return _Missing()


def _size(value: Any) -> int:
    """Return how many characters a value takes, about."""
    if isinstance(value, Map):
        return sum(len(key) + _size(item) for key, item in value.items()) + 1
    if isinstance(value, Seq):
        return sum(map(_size, value)) + 1
    return len(value) if isinstance(value, str) else 1
