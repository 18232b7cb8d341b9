"""What a command prints: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from mlops_spec import __version__, report
from mlops_spec.cli.locate import Located
from mlops_spec.diagnostic import Diagnostic, Place
from mlops_spec.report.left_out import apart, counted
from mlops_spec.report.of_specs import Specs

NO_TEXTS: Mapping[str, str] = {}


class Console:
    """Prints in one of the report's formats; ``color`` is ``auto``, ``always`` or ``never``."""

    def __init__(self, form: str, color: str) -> None:
        self.form = form
        self._color = color

    def problems(
        self,
        diagnostics: Iterable[Diagnostic],
        located: Located | None = None,
        texts: Mapping[str, str] = NO_TEXTS,
        *,
        err: bool = True,
        repaired: Iterable[Diagnostic] | None = None,
        specs: Specs | None = None,
    ) -> None:
        """Print problems, their places as they are from the current folder; ``texts`` are of files of the spec.

        For people, what is left out of the tree is only counted on stderr. ``repaired`` are those that are no more;
        ``specs`` are those that were looked at, where they were several.
        """
        told = list(diagnostics)
        if err and self.form == "text":
            told, left_out = apart(told)
            self._print(told, located, texts, err=err, specs=specs)
            if left_out:
                self.note(counted(left_out))
        else:
            self._print(told, located, texts, err=err, repaired=repaired, specs=specs)

    def _print(
        self,
        told: list[Diagnostic],
        located: Located | None,
        texts: Mapping[str, str],
        *,
        err: bool,
        repaired: Iterable[Diagnostic] | None = None,
        specs: Specs | None = None,
    ) -> None:
        if located is not None:
            told = [shown(d, located) for d in told]
            repaired = None if repaired is None else [shown(d, located) for d in repaired]
            texts = {located.shown(file): text for file, text in texts.items()}
        if err and not told:
            return
        colour = self._is_coloured(err)
        rules = _titles() if self.form == "sarif" else None
        spec = located.shown(located.name) if located is not None else None
        printed = report.render(
            self.form, told, texts, colour=colour, rules=rules, version=__version__, spec=spec, repaired=repaired,
            specs=specs,
        )  # fmt: skip
        click.echo(printed, err=err, nl=False, color=colour)

    def result(self, text: str, data: Any) -> None:
        """Print what was asked for: ``text``, or ``data`` as JSON."""
        if self.form == "json":
            click.echo(json.dumps(data, indent=2, ensure_ascii=False))
        elif text:
            click.echo(text)

    def note(self, text: str) -> None:
        """Print something beside the result, for people alone."""
        if self.form == "text":
            click.echo(text, err=True)

    @property
    def on_terminal(self) -> bool:
        """Whether a result for people goes to a terminal that shows colours."""
        return self.form == "text" and self._is_coloured(err=False) and sys.stdout.isatty()

    def _is_coloured(self, err: bool) -> bool:
        stream = sys.stderr if err else sys.stdout
        return self._color == "always" or (self._color == "auto" and stream.isatty() and not os.environ.get("NO_COLOR"))


def shown(d: Diagnostic, located: Located) -> Diagnostic:
    """Return a problem whose places are as they are from the current folder."""
    return moved(d, lambda place: _place(place, located))


def moved(d: Diagnostic, move: Callable[[Place], Place]) -> Diagnostic:
    """Return a problem all of whose places are as ``move`` has them."""
    related = tuple(r._replace(place=move(r.place)) for r in d.related)
    repair = d.repair and d.repair._replace(place=move(d.repair.place))
    return d._replace(place=move(d.place) if d.place else None, related=related, repair=repair)


def _place(place: Place, located: Located) -> Place:
    # What is no file of the spec is a template of the product's, which is named as it is.
    return located.place(place) if (located.root / place.file).exists() else place


def _titles() -> dict[str, str]:
    from mlops_spec.cli.pages import titles

    return titles()
