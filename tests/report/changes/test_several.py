"""The comment on a pull request that changes many specs: one table, within the forge's limit, whatever they are called."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause
from mlops_spec.changes.data import Change, Side
from mlops_spec.changes.tree import Field, Object
from mlops_spec.diagnostic import Place
from mlops_spec.report.changes import Compared
from mlops_spec.report.changes.markdown import MARK, MOST
from mlops_spec.report.changes.several import Named, data, render
from tests.report.changes.test_markdown import HOSTILE, OURS, compared, tokens


def one(effect: Effect, path: str = "serving/deployment-a.yaml", place: Place | None = None) -> Compared:
    cause = Cause("compute.small.cpu", ("compute.small.cpu",), "1", "2", place or Place("platform/base.yaml", 3, 4))
    field = Field(Change(("spec",), Side(1), Side(2)), effect, (cause,))
    objects = (Object("prod", path, "Deployment", "update", effect, (field,), (cause,)),)
    return Compared("main", "", ("dev", "prod"), ("prod",), objects)


SAME = Compared("main", "", ("dev",), (), ())


def test_the_heaviest_comes_first_and_the_spec_stands_in_the_table() -> None:
    found = [
        Named("teams/a/mlops.yaml", one(Effect.THRESHOLD)),
        Named("teams/b/mlops.yaml", SAME),
        Named("teams/c/mlops.yaml", one(Effect.RESTARTS)),
        Named("one.yaml", one(Effect.THRESHOLD)),
    ]
    printed = render("markdown", found).splitlines()
    assert printed[:8] == [
        MARK,
        "**mlops-spec**: this change restarts pods in `prod` of `teams/c`",
        "",
        "| | | restarts pods | changes a threshold |",
        "| --- | --- | ---: | ---: |",
        "| `teams/c` | `prod` 🔒 | 1 |  |",
        "| `teams/a` | `prod` 🔒 |  | 1 |",
        "| `one.yaml` | `prod` 🔒 |  | 1 |",
    ]
    assert sum("`platform/base.yaml:3:4`" in line for line in printed) == 1  # what they share is told once
    blocks = [line for line in printed if line.startswith("<details>")]
    assert [re.findall("of <code>(.*?)</code></summary>", line) for line in blocks] == [
        ["teams/c"],
        ["teams/a"],
        ["one.yaml"],
    ]


def test_where_nothing_changes_that_is_said() -> None:
    assert render("markdown", [Named("a.yaml", SAME)]) == f"{MARK}\n**mlops-spec**: what is rendered does not change."
    assert render("text", [Named("a.yaml", SAME)]).startswith("nothing: ")


def test_text_has_each_spec_below_its_name_and_data_at_each_object() -> None:
    found = [Named("a.yaml", one(Effect.RESTARTS)), Named("b.yaml", SAME), Named("c.yaml", one(Effect.SCALES))]
    printed = render("text", found)
    assert [line for line in printed.splitlines() if line.startswith("## ")] == ["## a.yaml", "## c.yaml"]
    told = data("main", "", found)
    assert (told["before"], told["after"]) == ("main", None)
    assert [(each["spec"], each["effect"]) for each in told["objects"]] == [
        ("a.yaml", "restarts"),
        ("c.yaml", "scales"),
    ]


def test_a_thousand_specs_stay_within_the_limit_and_what_is_left_out_is_counted() -> None:
    found = [
        Named(f"teams/{number}/mlops.yaml", one(Effect.RESTARTS, place=Place(f"teams/{number}/mlops.yaml", 1, 1)))
        for number in range(1000)
    ]
    printed = render("markdown", found)
    assert MOST - 2000 < len(printed.encode()) <= MOST
    rows = printed.count("🔒")
    assert f"| and {1000 - rows} environments more | | |" in printed
    assert 100 < rows < 1000
    assert f"{1000 - printed.count('<details>')} objects more are not shown here" in printed
    assert " and 995 specs more\n" in printed


@given(st.text() | st.sampled_from(HOSTILE), st.integers(1, 4))
def test_no_name_of_a_spec_makes_a_link_an_image_a_mention_or_html(text: str, count: int) -> None:
    printed = tokens(render("markdown", [Named(text, compared(text))] * count))
    assert {token.type for token in printed} & {"link_open", "image", "heading_open", "hr", "list_item_open"} == set()
    for token in printed:
        if token.type in ("html_block", "html_inline"):
            left = re.sub(r" of <code>[^<>]*</code></summary>", "</summary>", token.content)
            assert OURS.sub("", left).strip() == ""
        elif token.type == "text":
            assert not re.search(r"@|#\d|://|www\.", token.content)


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=1000), st.integers(1, 40), st.integers(1, 30))
def test_it_stays_within_the_limit_of_a_forge(text: str, specs: int, objects: int) -> None:
    found = [Named(f"{text}{number}", compared(text, objects=objects)) for number in range(specs)]
    assert len(render("markdown", found).encode("utf-8", "surrogatepass")) <= MOST
