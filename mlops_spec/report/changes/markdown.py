"""For the comment on a pull request: within a forge's size limit, what weighs most first, and no text of a spec obeyed.

Whatever comes from a spec stands in a code span or a fenced block, where a forge renders no link, image, mention or
HTML (CommonMark 0.31, sections 4.5 and 6.1; GitHub Flavored Markdown, section 4.10 for tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause
from mlops_spec.report.changes import Compared, Group, causes, counts, environments_of, groups, quiet, unknown
from mlops_spec.report.changes.text import said
from mlops_spec.report.changes.words import field, lines, place, unnoticed
from mlops_spec.report.excerpt import visible

MARK = "<!-- mlops-spec diff -->"
"""The first line of what is told of several specs: by it a CI job finds the comment that it wrote before."""

MOST = 65_000
"""How many bytes are written: GitHub takes 65,536 characters, and a variable of a job no more than 131,071 bytes."""

_MOST_CAUSES = 25


def render(compared: Compared) -> str:
    """Print a comment; objects that do not fit are counted, those that weigh least first."""
    return render_within(compared, MOST)


def render_within(compared: Compared, most: int) -> str:
    """Print a comment of no more than ``most`` bytes."""
    if not compared.objects:
        same = "what is live is what is rendered" if compared.live else "what is rendered does not change"
        same = unknown(compared) or same
        return f"{mark(compared)}\n{_who(compared)}: {same}."
    head = "\n".join([mark(compared), *_headline(compared), "", *_table(compared), "", *_causes(compared)])
    left = most - size(head) - 200
    blocks = [block(group) for group in groups(compared)]
    kept = fitting(blocks, left)
    return "\n".join([head, *kept, *rest(len(blocks) - len(kept), quiet(compared), unknown(compared))])


def mark(compared: Compared) -> str:
    """Return the first line of what is told of one spec: other projects of the repository have other comments."""
    return f"<!-- mlops-spec diff: {compared.project} -->" if compared.project else MARK


def _who(compared: Compared) -> str:
    return f"**mlops-spec** of {code(compared.project)}" if compared.project else "**mlops-spec**"


def fitting(parts: Iterable[str], most: int) -> list[str]:
    """Return as many parts, each on lines of its own, as have room in ``most`` bytes."""
    kept: list[str] = []
    for part in parts:
        most -= size(part) + 1
        if most < -1:
            break
        kept.append(part)
    return kept


def size(text: str) -> int:
    """Count the bytes that a text has."""
    return len(text.encode("utf-8", "surrogatepass"))


def _headline(compared: Compared) -> Iterator[str]:
    heaviest = max(each.effect for each in compared.objects)
    where = [name for name in environments_of(compared) if counts(compared, name).get(heaviest)]
    what = "applying what is rendered" if compared.live else "this change"
    told = f"{what} {heaviest.words} in {', '.join(map(code, where))}"
    yield f"{_who(compared)}: {told if heaviest else f'nothing that runs takes notice of {what}'}"


def _table(compared: Compared) -> Iterator[str]:
    shown = sorted({each.effect for each in compared.objects if each.effect}, reverse=True)
    if not shown:
        return
    yield f"| | {' | '.join(effect.words for effect in shown)} |"
    yield f"| --- |{' ---: |' * len(shown)}"
    for name in environments_of(compared):
        found = counts(compared, name)
        mark = " 🔒" if name in compared.protected else ""
        yield f"| {code(name)}{mark} | {' | '.join(str(found.get(effect) or '') for effect in shown)} |"


def _causes(compared: Compared) -> Iterator[str]:
    yield from table_of(causes(compared), "said by" if compared.live else "because of")


def table_of(found: Sequence[Cause], title: str = "because of", most: int = MOST) -> Iterator[str]:
    """Yield a table of causes, at most so many and in at most so many bytes, and how many more there are."""
    if not found:
        return
    yield f"| {title} | | |"
    yield "| --- | --- | --- |"
    rows = [_row(cause) for cause in found[:_MOST_CAUSES]]
    kept = fitting(rows, most)
    yield from kept
    if len(found) > len(kept):
        yield f"| and {len(found) - len(kept)} lines more | | |"
    yield ""


def _row(cause: Cause) -> str:
    then = said(cause)
    return f"| {code(place(cause))} | {code(cause.address)} | {code(then) if then else ''} |"


def block(group: Group, of: str = "") -> str:
    """Fold away what an object's fields were and are; ``of`` names its spec, where there are several."""
    each = group.object
    told = [
        line
        for part in each.fields
        if part.effect is not Effect.NOTHING
        for line in (field(part.change), *lines(part.change))
    ]
    quieter = sum(part.effect is Effect.NOTHING for part in each.fields)
    if quieter:
        told.append(f"and {quieter} more in labels and annotations")
    summary = f"<b>{each.effect.words}</b>: {code_html(each.path)} in {', '.join(map(code_html, group.environments))}"
    summary += f" of {code_html(of)}" if of else ""
    inside = fenced(told) if told else f"{each.verb}d whole"
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"


def rest(cut: int, unseen: int, untold: str = "") -> Iterator[str]:
    """Say how many objects did not fit, how many files differ to no effect, and what a cluster left ``untold``."""
    told = []
    if cut:
        told.append(f"{cut} objects more are not shown here: `mlops-spec diff` prints them all")
    if unseen:
        told.append(unnoticed(unseen))
    if untold:
        told.append(untold)
    if told:
        yield f"\n<sub>{'; '.join(told)}.</sub>"


def code(text: str) -> str:
    """Make a code span that nothing in ``text`` ends, fit for a cell of a table."""
    said = visible(text).replace("|", "\\|") or " "
    ticks = "`" * (max((len(run) for run in re.findall("`+", said)), default=0) + 1)
    pad = " " if said.startswith("`") or said.endswith("`") else ""
    return f"{ticks}{pad}{said}{pad}{ticks}"


def code_html(text: str) -> str:
    """Make a code element of a name or path, in which only letters, digits and ``-_./`` stand as they are."""
    return f"<code>{''.join(c if c.isascii() and (c.isalnum() or c in '-./') else f'&#{ord(c)};' for c in text)}</code>"


def fenced(told: Iterable[str]) -> str:
    """Make a block of code that nothing in it ends."""
    lines_of = [visible(line) for line in told]
    ticks = "`" * max(3, 1 + max((len(run) for line in lines_of for run in re.findall("`+", line)), default=0))
    return "\n".join([f"{ticks}diff", *lines_of, ticks])
