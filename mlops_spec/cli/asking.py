"""What a starter must be told: by options, on a terminal by asking, else by what can be found out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import click

_SAFE = re.compile(r"[A-Za-z0-9_.~/@+=%:-]*[A-Za-z0-9_]\Z")
_EXAMPLES = {
    "repository": "https://git.acme.example/growth/churn.git",
    "image": "registry.acme.example/growth/churn",
    "store": "s3://acme-ml/churn",
}
QUESTIONS = {
    "name": "Name of the system",
    "repository": "Git repository that it is in",
    "image": "Image that trains, without tag and digest",
    "store": "Folder of an object store that its data are in",
}
_FIELDS = {
    "name": ("project", "name"),
    "repository": ("project", "repository"),
    "image": ("images", "train", "repository"),
    "store": ("platform", "artifacts", "uri"),
}
"""The field of the spec whose schema says what an answer must be."""


class Answers(NamedTuple):
    """What is known of the spec to be; None is what nobody has said."""

    template: str | None = None
    name: str | None = None
    repository: str | None = None
    image: str | None = None
    store: str | None = None


def answers(keys: Iterable[str], said: Answers, where: Path, *, asking: bool) -> dict[str, str]:
    """Return what goes in the place of each key. Raises click.UsageError for what is wrong, or nobody has said."""
    given = said._asdict()
    defaults = {key: _default(key, where) for key in keys if given[key] is None}
    lacking = [key for key, default in defaults.items() if default is None]
    if lacking and not asking:
        options = " ".join(f"--{key} {_EXAMPLES[key]}" for key in lacking)
        raise click.UsageError(f"nothing says the {' or the '.join(lacking)}; give it, such as {options}")
    return {key: _answer(key, given[key], defaults.get(key), asking=asking) for key in keys}


def _answer(key: str, given: str | None, default: str | None, *, asking: bool) -> str:
    if given is not None:
        try:
            return _checked(key, given)
        except click.BadParameter as problem:
            raise click.UsageError(f"--{key}: {problem.message}") from None
    if default is not None and not asking:
        return default
    question = QUESTIONS[key] + (f", such as {_EXAMPLES[key]}" if default is None else "")
    typed: str = click.prompt(question, default, err=True, value_proc=lambda text: _checked(key, text))
    return typed


def _checked(key: str, given: str) -> str:
    """Return an answer as it goes into the text. Raises click.BadParameter where its field could not hold it."""
    from mlops_spec.language import shape

    answer = given.strip().removesuffix("/")
    for part in shape.parts(shape.at(shape.root(), {}, _FIELDS[key]), answer):
        if "pattern" in part.schema and not re.search(part.schema["pattern"], answer):
            raise click.BadParameter(f"{given!r} is not {part.schema['x-must-be']}")
    if not is_plain(answer):
        raise click.BadParameter(f"{given!r} holds a character that YAML would need quotes for")
    return answer


def is_plain(text: str) -> bool:
    """Tell whether a text can stand in YAML without quotes."""
    return _SAFE.match(text) is not None


def _default(key: str, where: Path) -> str | None:
    if key == "name":
        return re.sub(r"[^a-z0-9]+", "-", where.resolve().name.lower()).strip("-0123456789")[:40].strip("-") or "ml"
    return _origin(where) if key == "repository" else None


def _origin(where: Path) -> str | None:
    """Return where the repository that ``where`` is in was cloned from, without the password that may be in it."""
    from mlops_spec.write.failure import WriteFailed
    from mlops_spec.write.process import GitFailed, line
    from mlops_spec.write.repository import Repository

    try:
        repository = Repository.find(where)
        found = line(repository.folder, "config", "--get", "remote.origin.url") if repository is not None else ""
        return _checked("repository", re.sub(r"^(https?://)[^/@]*@", r"\1", found))
    except (GitFailed, WriteFailed, click.BadParameter):
        return None


def template(kinds: Mapping[str, str]) -> str:
    """Ask which starter to begin with; the first is the default."""
    for name, what in kinds.items():
        click.echo(f"{name}: {what}", err=True)
    typed: str = click.prompt("Begin with", next(iter(kinds)), type=click.Choice(list(kinds)), err=True)
    return typed
