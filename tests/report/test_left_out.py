"""What is left out of a spec with which nothing is wrong is said briefly, and after all problems."""

from __future__ import annotations

from mlops_spec.diagnostic import Place, error, warning
from mlops_spec.diagnostic_codes import THE_REST
from mlops_spec.report.left_out import HELP, counted
from mlops_spec.report.text import render

SOURCES = {"f": "a: 1\nb: 2\n"}
NOT_BUILT = warning("MS146", "a is not rendered yet", Place("f", 1, 1), "a", THE_REST)
WITHHELD = warning("MS140", "`b` is withheld", Place("f", 2, 1), "b", "lock it")._replace(environments=("dev", "prod"))
WRONG = error("MS137", "the patch matches nothing", Place("f", 2, 1))


def test_each_has_one_line_and_all_share_the_help() -> None:
    assert render([NOT_BUILT, WRONG, WITHHELD], SOURCES) == (
        "f:2:1: error MS137 the patch matches nothing\n"
        "    2 | b: 2\n"
        "      | ^\n"
        "\n"
        "f:1:1: warning MS146 a is not rendered yet\n"
        "f:2:1: warning MS140 `b` is withheld; lock it (in dev, prod)\n"
        f"help: {HELP}\n"
        "\n"
        "1 error, 2 warnings\n"
    )


def test_they_are_counted() -> None:
    assert counted([]) == ""
    assert counted([NOT_BUILT]) == "1 thing is not rendered yet or withheld: `mlops-spec lint` lists it"
    assert counted([NOT_BUILT, WITHHELD]).startswith("2 things are not rendered yet or withheld: ")
