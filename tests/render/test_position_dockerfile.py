"""Where values may stand in templates of Dockerfiles."""

import pytest

from mlops_spec.language.text import Name, Word
from mlops_spec.render.fault import TemplateFault

FILE = """\
# Of ${{ base }}
FROM ${{ base }}
RUN --mount=type=bind,source=${{ file }},target=/tmp/x \\
    case "$(python -V)" in "Python ${{ version }}."*) ;; esac
"""


def test_words_and_names_print_wherever_they_stand(show):
    shown = show(FILE, "dockerfile", base=Word("x.example/a:1@sha256:4b"), file=Word("a/r.txt"), version=Name("3.12"))
    assert shown.splitlines() == [
        "# Of x.example/a:1@sha256:4b",
        "FROM x.example/a:1@sha256:4b",
        "RUN --mount=type=bind,source=a/r.txt,target=/tmp/x \\",
        '    case "$(python -V)" in "Python 3.12."*) ;; esac',
    ]


@pytest.mark.parametrize("value", ["harmless", None, 1, ("a",)])
def test_no_other_text_does(show, value):
    with pytest.raises(TemplateFault, match="only a Word or a Name may stand here"):
        show("FROM ${{ x }}\n", "dockerfile", x=value)


def test_no_macro_is_pasted(show):
    shared = {"shared/a.dockerfile.j2": "{% macro one(x) %}\nRUN true\n{% endmacro %}\n"}
    with pytest.raises(TemplateFault, match="no macro is pasted into a Dockerfile"):
        show('{% from "shared/a.dockerfile.j2" import one %}\n${{ one(x) }}\n', "dockerfile", shared, x=Word("a"))
