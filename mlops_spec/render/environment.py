"""Templates and the files that they print: nodes to text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from jinja2 import DictLoader, Template, TemplateError, TemplateNotFound, TemplateSyntaxError

from mlops_spec.address import meant
from mlops_spec.blueprint.ports import File
from mlops_spec.render import trace
from mlops_spec.render.facts import Facts, facts_of
from mlops_spec.render.fault import TemplateFault, Unprintable
from mlops_spec.render.loading import Bytecode, Folders
from mlops_spec.render.strict import Strict, no_template

_JSON = ".json.j2"


class Templates:
    """The templates of one or more folders, of which earlier ones override later ones.

    ``folders`` may also be a mapping of names to texts. ``cache`` is a folder for compiled templates: it is trusted,
    and made when it is not there.
    """

    def __init__(
        self, folders: Sequence[Path] | Mapping[str, str], *, traced: bool = False, cache: Path | None = None
    ) -> None:
        self._folders = folders
        self._traced = traced
        loader = DictLoader(folders) if isinstance(folders, Mapping) else Folders(folders)
        bytecode = Bytecode(cache) if cache and not traced else None
        self._environment = Strict(loader, self._render, traced, bytecode)
        self._loaded: dict[str, tuple[Template, Facts]] = {}

    def render(self, file: File) -> str:
        """Print a file; it ends with one line end. Raises TemplateFault."""
        text = self._render(file)
        return trace.strip(text) if self._traced else text

    def lines(self, file: File, exists: trace.Exists = lambda address: False) -> list[trace.Line]:
        """Print a file, each line with what made it. ``exists`` tells which addresses the spec has."""
        resource = next((address for node in file.values.values() if (address := getattr(node, "address", ""))), "")
        return list(trace.read((self if self._traced else self._twin)._render(file), resource, exists))

    def kind(self, template: str) -> str | None:
        """Return the kind that a template's own text says it prints, or None where it says none."""
        return self._load(template)[1].kind

    def api_version(self, template: str) -> str | None:
        """Return the apiVersion that a template's own text says it prints, or None where it says none."""
        return self._load(template)[1].api_version

    @cached_property
    def _twin(self) -> Templates:
        return Templates(self._folders, traced=True)

    def _render(self, file: File) -> str:
        template, facts = self._load(file.template)
        if not file.values.keys() >= facts.named.keys():
            raise _missing(file, facts)
        try:
            text = "".join(template.root_render_func(template.new_context(dict(file.values), shared=True)))
            if file.template.endswith(_JSON):
                text = self._closed(text)
        except (Unprintable, TemplateError) as why:
            raise self._fault(why, *_running(why, template)) from why
        return trace.trim(text) if self._traced else text.strip("\n") + "\n"

    def _closed(self, text: str) -> str:
        from mlops_spec.render import commas

        text = commas.without_last(text)
        commas.read_back(trace.strip(text) if self._traced else text)
        return text

    def _load(self, name: str) -> tuple[Template, Facts]:
        loaded = self._loaded.get(name)
        if loaded is None:
            template = self._compile(name)
            loaded = self._loaded[name] = template, facts_of(template.root_render_func)
        return loaded

    def _compile(self, name: str) -> Template:
        try:
            return self._environment.get_template(name)
        except (Unprintable, TemplateError) as why:
            raise self._fault(why, name, 1) from why
        except UnicodeDecodeError:
            raise TemplateFault(name, 1, "the template is not UTF-8") from None

    def _fault(self, why: Exception, template: str, line: int) -> TemplateFault:
        if isinstance(why, TemplateSyntaxError):
            return TemplateFault(why.name or template, why.lineno, why.message or "the template cannot be read")
        if isinstance(why, TemplateNotFound):
            return TemplateFault(template, line, no_template(why, self._environment))
        return TemplateFault(template, line, str(why))


def _missing(file: File, facts: Facts) -> TemplateFault:
    name, line = next((name, line) for name, line in facts.named.items() if name not in file.values)
    return TemplateFault(file.template, line, f"{name} is not given to this template: {meant(name, file.values)}")


def _running(why: Exception, template: Template) -> tuple[str, int]:
    """Find the template and line that were running, which may be a macro's."""
    running, line, frame = template, 1, why.__traceback__
    while frame is not None:
        compiled = frame.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(compiled, Template):
            running, line = compiled, compiled.get_corresponding_lineno(frame.tb_lineno)
        frame = frame.tb_next
    return running.name or "", line
