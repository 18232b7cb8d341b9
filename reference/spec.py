"""What a spec, its lock and the files of programs may say: every key of the schemas."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec import assets
from mlops_spec.address import text
from mlops_spec.backends import systems
from reference.company import company
from reference.fields import Field, of_document, of_file, options_of, systems_of, walk
from reference.forms import form, value
from reference.markdown import anchored, code, definition, heading, link, page, prose

_SPEC = """\
Every key that a spec may have. An address, such as `models.*.serving`, is the path of keys that leads to a value; `*`
stands for any name. `mlops-spec explain` prints the same of one address, and what it is in the spec at hand.
"""
_PROGRAMS = """\
Programs that run in the cluster are told what to do by a file each. Rendering writes these files; nobody else has to.
They are listed for those who write a program of their own in place of one of them.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield each page by its path."""
    document = of_document("spec")
    sections = {key: field for key, field in document.keys().items() if any(walk(field))}
    elsewhere = {key: f"spec/{key}.md" for key in sections}
    yield "spec.md", page("The spec", _SPEC, *_definitions(document, elsewhere))
    for key, field in sections.items():
        yield f"spec/{key}.md", page(code(key), *_described(field), *_fields(field))
    lock = of_document("lock")
    yield "lock.md", page("The lock", *_described(lock), *_fields(lock))
    files = sorted(path.name for path in (assets.SCHEMAS / "runtime").glob("*.schema.json"))
    yield "programs.md", page("Files of programs", _PROGRAMS, *(part for file in files for part in _program(file)))


def _program(file: str) -> Iterator[str]:
    told = of_file(f"runtime/{file}", (file.removesuffix(".schema.json"),))
    yield heading(2, code(told.name), told.anchor)
    yield from _described(told)
    yield from _fields(told)


def _fields(top: Field) -> Iterator[str]:
    """Write whatever has keys at or below a field, which itself is headed already, each with its keys."""
    for field in walk(top):
        if field.address != top.address:
            yield heading(2, code(field.name), field.anchor)
            yield from _described(field)
        yield from _definitions(field)
        capability = field.says("x-backends")
        if capability and field.address[0] == "platform":
            yield from _systems(field, capability)
        elif capability:
            platform = f"platform.{capability}"
            yield f"Its options are those of {link(code(platform), f'platform.md#{platform}')}.\n"


def _systems(field: Field, capability: str) -> Iterator[str]:
    """Write the options of every system that a capability may choose."""
    for name in systems_of(capability):
        options = options_of(capability, name, (*field.address, name))
        built = "" if name in systems(capability) else " It is not built yet."
        yield heading(3, code(f"backend: {name}"), options.anchor)
        yield f"{prose(options.says('title'))}: {prose(options.says('description'))}{built}\n"
        for below in walk(options):
            if below.address != options.address:
                address = (*field.address, *below.address[len(options.address) :])
                yield heading(4, code(text(address)), below.anchor)
                yield from _described(below)
            yield from _definitions(below)


def _described(field: Field) -> Iterator[str]:
    if field.says("description"):
        yield prose(field.says("description")) + "\n"


def _definitions(field: Field, elsewhere: dict[str, str] | None = None) -> Iterator[str]:
    """Write what each key of a field means, and which of them need or exclude others."""
    for key, below in field.keys().items():
        name, target = code(key), (elsewhere or {}).get(key) or (f"#{below.anchor}" if any(walk(below)) else None)
        term = link(name, target) if target else anchored(name, below.anchor)
        required = any(not said.where and key in said.schema.get("required", ()) for said in field.said)
        yield definition(f"{term}: {form(below)}{'; **required**' if required else ''}", *_told(below))
    for line in company(field):
        yield f"{line}\n"


def _told(field: Field) -> Iterator[str]:
    yield prose(field.says("description"))
    if field.says("default") is not None:
        yield f"Default: {value(field.says('default'))}"
    if field.says("examples"):
        yield f"Example: {', or '.join(map(value, field.says('examples')))}"
    readers = field.says("x-read-by")
    if readers:
        yield f"Read by: {readers if isinstance(readers, str) else ', '.join(readers)}"
