"""Every form is there, and loaded only when it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mlops_spec import report


@pytest.mark.parametrize("form", report.FORMATS)
def test_every_form_prints_no_problems_too(form: str) -> None:
    printed = report.render(form, [], {}, version="1.2.3")
    assert printed == "" or json.loads(printed) is not None


def test_a_form_that_does_not_exist_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="xml"):
        report.render("xml", [], {})


def test_only_the_form_that_is_asked_for_is_loaded() -> None:
    program = (
        "import sys\n"
        "from mlops_spec import report\n"
        "report.render('json', [], {})\n"
        "print([m for m in ('click', 'mlops_spec.report.sarif', 'mlops_spec.report.text') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
