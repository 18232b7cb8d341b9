"""The file types that templates print, by the ending of a template's name."""

from __future__ import annotations

from collections.abc import Callable

from mlops_spec.render.fault import Unprintable
from mlops_spec.render.position import Language
from mlops_spec.render.position_code import Json, Python, Shell
from mlops_spec.render.position_dockerfile import Dockerfile
from mlops_spec.render.position_markdown import Markdown
from mlops_spec.render.position_yaml import Yaml

LANGUAGES: dict[str, Callable[[], Language]] = {
    ".yaml.j2": Yaml,
    ".json.j2": Json,
    ".py.j2": Python,
    ".sh.j2": Shell,
    ".md.j2": Markdown,
    ".dockerfile.j2": Dockerfile,
}


def ending(template: str) -> str:
    """Return the ending that says a template's file type. Raises Unprintable on any other."""
    for known in LANGUAGES:
        if template.endswith(known):
            return known
    raise Unprintable(f"the ending says no file type that values can be quoted for: {', '.join(LANGUAGES)}")
