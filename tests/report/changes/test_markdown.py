"""The comment on a pull request: within a forge's limit, and no text of a spec is obeyed as Markdown or HTML."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause
from mlops_spec.changes.data import MISSING, Change, Side
from mlops_spec.changes.tree import Field, Object
from mlops_spec.diagnostic import Place
from mlops_spec.report.changes import Compared, causes
from mlops_spec.report.changes.markdown import MARK, MOST, render

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
OURS = re.compile(
    r"<!-- mlops-spec diff -->|<details><summary><b>[\w -]+</b>: <code>[^<>]*</code> in (<code>[^<>]*</code>(, )?)+</summary>"
    r"|</details>|<sub>|</sub>"
)
HOSTILE = [
    "](https://evil.example) [x](https://evil.example) ![i](https://evil.example/i.png) <script>alert(1)</script>",
    "`` ` ``` @everyone #1 https://evil.example",
    "a | b | c\n\n```\n</details><img src=x onerror=alert(1)>\n~~~\n# heading",
    "`",
    "\u202eevil\x1b[31m",
]


def compared(text: str, fields: int = 1, objects: int = 1) -> Compared:
    cause = Cause(text, (text,), text, "after", Place(text, 1, 2))
    change = Change((text,), Side(text), Side(f"{text}!"))
    field = Field(change, Effect.RESTARTS, (cause,))
    each = Object(text, text, "Deployment", "update", Effect.RESTARTS, (field,) * fields, (cause,))
    others = (each._replace(path=f"{text}{number}") for number in range(objects))
    return Compared("main", "", (text,), (text,), tuple(others))


def tokens(markdown: str) -> list[Token]:
    found = []
    for token in PARSER.parse(markdown):
        found += [token, *(token.children or ())]
    return found


@given(st.text() | st.sampled_from(HOSTILE))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[2])
@example(HOSTILE[3])
def test_no_text_of_a_spec_makes_a_link_an_image_a_mention_or_html(text: str) -> None:
    printed = tokens(render(compared(text)))
    assert {token.type for token in printed} & {"link_open", "image", "heading_open", "hr", "list_item_open"} == set()
    for token in printed:
        if token.type in ("html_block", "html_inline"):
            assert OURS.sub("", token.content).strip() == ""
        elif token.type == "text":  # what a forge would link by itself
            assert not re.search(r"@|#\d|://|www\.", token.content)


@given(st.text() | st.sampled_from(HOSTILE))
def test_every_cell_of_the_tables_stays_one(text: str) -> None:
    printed = tokens(render(compared(text)))
    rows = [token.type for token in printed if token.type in ("tr_open", "td_open", "th_open")]
    assert rows == [
        "tr_open",
        "th_open",
        "th_open",
        "tr_open",
        "td_open",
        "td_open",
        *["tr_open", *["th_open"] * 3],
        *["tr_open", *["td_open"] * 3],
    ]


def test_a_comment_fits_and_says_how_much_it_leaves_out() -> None:
    printed = render(compared("x" * 60, fields=20, objects=400))
    assert len(printed.encode()) <= MOST
    shown = printed.count("<details>")
    assert 0 < shown < 400
    assert f"{400 - shown} objects more are not shown here" in printed


def test_bytes_are_what_counts_since_a_job_hands_it_on_as_a_variable() -> None:
    printed = render(compared("\u6d41" * 60, fields=20, objects=400))
    assert MOST // 2 < len(printed.encode()) <= MOST


def test_of_a_version_that_moved_the_number_is_told() -> None:
    at = "environments.prod.models.churn"
    lines = [
        f"{at}.version",
        f"{at}.uri",
        f"{at}.requirements.0",
        f"{at}.rollout",
        f"{at}.shadow.uri",
        "models.churn.uri",
    ]
    told = tuple(Cause(line, (line,), "a", "b", Place("mlops.lock.yaml", 1, n)) for n, line in enumerate(lines))
    each = compared("a").objects[0]._replace(causes=told)
    assert [cause.address for cause in causes(compared("a")._replace(objects=(each,)))] == [
        f"{at}.version", f"{at}.rollout", f"{at}.shadow.uri", "models.churn.uri",
    ]  # fmt: skip


def test_a_comment_begins_with_the_mark_by_which_it_is_found_again() -> None:
    assert render(compared("a")).split("\n")[0] == MARK
    assert render(compared("a")._replace(objects=())).split("\n")[0] == MARK


def test_a_project_has_a_comment_of_its_own_that_names_it():
    for each in (compared("a")._replace(project="churn"), compared("a")._replace(project="churn", objects=())):
        first, second = render(each).split("\n")[:2]
        assert first == "<!-- mlops-spec diff: churn -->"
        assert second.startswith("**mlops-spec** of `churn`: ")


def test_what_weighs_most_is_said_first_and_survives_the_cut() -> None:
    light, heavy = compared("a", objects=400), compared("b")
    gone = heavy.objects[0]._replace(effect=Effect.DELETES, verb="delete", fields=(), path="zzz")
    both = light._replace(objects=(*(each._replace(fields=each.fields * 20) for each in light.objects), gone))
    printed = render(both)
    assert printed.index("zzz") < printed.index("<b>restarts pods</b>")
    assert "this change deletes in" in printed


def test_values_that_are_not_there_and_null_are_told_apart() -> None:
    base = compared("a")
    change = Change(("f",), Side(MISSING), Side(None))
    field = base.objects[0].fields[0]._replace(change=change)
    printed = render(base._replace(objects=(base.objects[0]._replace(fields=(field,)),)))
    assert "\nf\n+ null\n" in printed
