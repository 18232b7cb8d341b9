"""Where values may stand in Python, JSON and shell templates, which quote in ways of their own."""

import ast
import json
import subprocess

import pytest

from mlops_spec.language.text import Name
from mlops_spec.render.fault import TemplateFault

PYTHON = '''\
"""The DAG ${{ name }} of the team's."""
from airflow import DAG  # for ${{ name }}

with DAG(dag_id=${{ text }}, tags=[${{ text }}], retries=${{ number }}, **{${{ text }}: ${{ yes }}}):
    task = f"run-${{ name }}"
    {% if number %}
    sql = \'\'\'
    {% if yes %}
      select "${{ name }}
    {% endif %}
    \'\'\'
    {% endif %}
    last = ${{ text }} + 'it\\'s ${{ name }}'
'''


def test_python_prints_literals_outside_quotes_and_names_inside(show):
    text = "a \"b\" \\ ''' ${{ c }} {% d %}\n"
    printed = show(PYTHON, "py", text=text, name=Name("churn"), number=3, yes=True)
    tree = ast.parse(printed)
    constants = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    assert constants.count(text) == 4
    assert "it's churn" in constants
    assert '\n      select "churn\n    ' in constants
    assert "# for churn" in printed
    assert "retries=3" in printed
    assert "{'" in printed
    assert ": True}" in printed


def test_json_prints_values_and_keys_outside_quotes_and_names_inside(show):
    text = '{"a": ${{ t }}, ${{ t }} : [${{ n }},${{ y }}], "x-${{ name }} \\" ": "${{ name }}"}\n'
    printed = show(text, "json", t='q"\n', n=1.5, y=False, name=Name("churn"))
    assert json.loads(printed) == {"a": 'q"\n', 'q"\n': [1.5, False], 'x-churn " ': "churn"}


def test_a_shell_reads_the_words_that_were_printed(show):
    script = """\
# for ${{ name }}
X=${{ word }}
printf '%s\\n' "$X" ${{ word }}/x --y=${{ word }} "${X} ${{ name }}" 'it ${{ name }}' $(echo ${{ n }})
"""
    word = 'a\'b "c" $(date) `d` $HOME \\ *\n#;&|'
    printed = show(script, "sh", word=word, name=Name("churn"), n=3)
    ran = subprocess.run(["sh", "-c", printed], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{word}\n{word}/x\n--y={word}\n{word} churn\nit churn\n3\n"


def test_a_macro_of_a_shell_script_is_not_indented_for_its_words_may_hold_line_ends(show):
    text = "{% macro say(x) %}\necho ${{ x }}\n{% endmacro %}\nif a; then\n  ${{ say(x) }}\nfi\n"
    assert show(text, "sh", x="a\nb") == "if a; then\necho 'a\nb'\nfi\n"


def test_a_macro_of_a_python_file_is_indented(show):
    text = "{% macro call(x) %}\nf(\n    ${{ x }},\n)\n{% endmacro %}\nif a:\n    ${{ call(x) }}\n"
    assert show(text, "py", x="a\nb") == "if a:\n    f(\n        'a\\nb',\n    )\n"


WHOLE = "a value is a whole literal: it cannot touch other text, unless a Name inside quotes"
NESTED = "a quoted text holds no commands"


@pytest.mark.parametrize(
    ("ending", "line", "message"),
    [
        ("py", "x_${{ x }} = 1", WHOLE),
        ("py", "${{ x }}_y = 1", WHOLE),
        ("py", "f = ${{ x }}.upper", WHOLE),
        ("py", "f = ${{ x }}(1)", WHOLE),
        ("py", "f = 'a'${{ x }}", WHOLE),
        ("py", "f = ${{ x }}'a'", WHOLE),
        ("py", "f = ${{ x }}${{ y }}", WHOLE),
        ("py", "f = \\${{ x }}", "a backslash before a value"),
        ("py", "f = 'a", "a quoted text ends on the line that it begins on"),
        ("py", 'f = """a', "a quoted text does not end"),
        ("py", "{% if x %}\nf = '''\n{% endif %}\n'''", "a quoted text ends in the block that it begins in"),
        ("py", "f = ${{ x() }}", "a macro is pasted, and so stands alone on its line"),
        ("py", "f = '''\n${{ x() }}\n'''", "a macro is pasted, and so stands alone on its line"),
        ("py", "f = '\\${{ x }}'", "a backslash before a value"),
        ("json", '{"a": 1${{ x }}}', WHOLE),
        ("json", '{"a": ${{ x }}"}', WHOLE),
        ("json", '{"a', "a quoted text ends on the line that it begins on"),
        ("sh", "a $${{ x }}", WHOLE),
        ("sh", "a ${${{ x }}}", WHOLE),
        ("sh", "a \\${{ x }}", "a backslash before a value"),
        ("sh", "a `b ${{ x }}`", "write $(…) instead of backticks"),
        ("sh", 'a "`b ${{ x }}`"', "write $(…) instead of backticks"),
        ("sh", "a $'b'", "$'…' reads escapes of its own"),
        ("sh", 'a $"b"', '$"…" is translated'),
        ("sh", "a <<END\n${{ x }}\nEND", "a here-document does not read quotes"),
        ("sh", "a $((${{ x }} + 1))", "arithmetic does not read quotes"),
        ("sh", 'a "$(b "${{ x }}")"', NESTED),
        ("sh", 'a "${b:-"${{ x }}"}"', NESTED),
        ("sh", "a 'b\n${{ x }}", "a quoted text does not end"),
    ],
)
def test_what_a_language_would_read_otherwise_is_refused(show, ending, line, message):
    with pytest.raises(TemplateFault) as raised:
        show(f"{line}\n", ending, x="", y="")
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("ending", ["py", "json", "sh"])
def test_only_a_name_stands_inside_quotes(show, ending):
    with pytest.raises(TemplateFault, match="only a Name may stand inside a longer scalar"):
        show('["${{ x }}"]\n', ending, x="a")
