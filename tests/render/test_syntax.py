"""What a template may not say: each with its line and the reason, before anything is rendered."""

import pytest

from mlops_spec.render.environment import Templates
from mlops_spec.render.fault import TemplateFault

MACRO = "{% macro m(p) %}\na: ${{ p }}\n{% endmacro %}\n"

# What stands in the second line of a template, and what is said of it.
EXPRESSIONS = [
    ("a: ${{ x | upper }}", "a filter (|) is not for templates, which only print"),
    ("a: ${{ x | yaml(0) }}", "a filter (|) is not for templates"),
    ("a: ${{ x is defined }}", "a test (is) is not for templates"),
    ("a: ${{ x == 1 }}", "a comparison is not for templates"),
    ("a: ${{ x + 1 }}", "arithmetic is not for templates"),
    ("a: ${{ -x }}", "arithmetic is not for templates"),
    ("a: ${{ x ~ y }}", "joining (~) is not for templates"),
    ("a: ${{ x or y }}", "or is not for templates"),
    ("a: ${{ x and y }}", "and is not for templates"),
    ("a: ${{ not x }}", "not is not for templates"),
    ("a: ${{ x if y else z }}", "an inline if is not for templates"),
    ("a: ${{ x[0] }}", "a subscript ([ ]) is not for templates"),
    ("a: ${{ x['y'] }}", "a subscript ([ ]) is not for templates"),
    ("a: ${{ x[1:2] }}", "a subscript ([ ]) is not for templates"),
    ("a: ${{ 'text' }}", "a literal is not for templates"),
    ("a: ${{ 1 }}", "a literal is not for templates"),
    ("a: ${{ none }}", "a literal is not for templates"),
    ("a: ${{ x, y }}", "a literal is not for templates"),
    ("a: ${{ [x] }}", "a literal is not for templates"),
    ("a: ${{ {'x': x} }}", "a literal is not for templates"),
    ("a: ${{ x.__class__ }}", "__class__ is private: print what a node says of itself"),
    ("a: ${{ x._y.z }}", "_y is private"),
    ("a: ${{ loop.last }}", "loop is not for templates"),
    ("a: ${{ self }}", "self is not for templates"),
    ("a: ${{ caller }}", "caller is not for templates"),
    ("${{ x.upper() }}", "only macros may be called, and this is a method: print what a node says of itself"),
    ("${{ x() }}", "there is no macro x here: there is no macro to choose from"),
    ("${{ range(3) }}", "there is no macro range here"),
    ("${{ lipsum() }}", "there is no macro lipsum here"),
    ("${{ x[0]() }}", "only macros may be called"),
    ("a: ${{ x() }}", "a macro is pasted, and so stands alone on its line"),
    ("- ${{ x() }}", "a macro is pasted, and so stands alone on its line"),
    ('a: "${{ x() }}"', "a macro is pasted, and so stands alone on its line"),
    ("${{ x() }}: 1", "a macro is pasted, and so stands alone on its line"),
    ("# ${{ x() }}", "a macro cannot be pasted inside a block of text"),
    ("${{ x }}", "a value stands on the line of its key, or of its dash"),
    ("a: [${{ x }}]", "a value cannot stand between brackets: write the list or map over several lines"),
    ("a: {b: ${{ x }}}", "a value cannot stand between brackets"),
    ("a: {{ ${{ x }} }}", "a value cannot stand between brackets"),
    ("a: x ${{ y }} # z", "this text needs quotes around it, since a value stands inside it"),
    ("a: ${{ y }} # z", "this text needs quotes around it"),
    ("a: ${{ x }}: b", "this text needs quotes around it"),
    ("a: *x${{ y }}", "this text needs quotes around it"),
    ('a: x"${{ y }}"', "this text needs quotes around it"),
    ('a: "${{ y }} b', "a quoted text ends on the line that it begins on"),
    ('a: "b', "a quoted text ends on the line that it begins on"),
    ("a: 'b' ${{ y }}", "a quoted text ends on the line that it begins on, and nothing follows it"),
    ("a: [b,", "brackets close on the line that they open on"),
    ('a: "\\${{ x }}"', "a backslash before a value would change what its first character means"),
    ("a: \x07b", "the control character U+0007 stands in the template's text"),
    ("a: \x01b", "the control character U+0001 stands in the template's text"),
    ("a: \u2028b", "the control character U+2028 stands in the template's text"),
]

STATEMENTS = [
    ("{% set a = 1 %}", "set is not for templates"),
    ("{% set a %}\n{% endset %}", "set is not for templates"),
    ('{% include "s.yaml.j2" %}', "include is not for templates"),
    ('{% extends "s.yaml.j2" %}', "extends is not for templates"),
    ("{% block b %}\n{% endblock %}", "block is not for templates"),
    ("{% filter upper %}\n{% endfilter %}", "filter is not for templates"),
    ("{% with a = x %}\n{% endwith %}", "with is not for templates"),
    ("{% autoescape true %}\n{% endautoescape %}", "autoescape is not for templates"),
    ('{% import "s.yaml.j2" as s %}', "import without from is not for templates"),
    ('{% if x %}\n{% from "s.yaml.j2" import s %}\n{% endif %}', "an import inside of something else is not for"),
    ("{% if x %}\n{% macro n(x) %}\n{% endmacro %}\n{% endif %}", "a macro inside of something else is not for"),
    ("{% macro n(x) %}\n{% macro o(x) %}\n{% endmacro %}\n{% endmacro %}", "a macro inside of something else is not"),
    ("{% call m(x) %}\n{% endcall %}", "call is not for templates"),
    ("{% do x %}", "Encountered unknown tag 'do'."),
    ("{% if x %}", "Unexpected end of template."),
    ("{% if x > 1 %}\n{% endif %}", "a comparison is not for templates"),
    ("{% if not x %}\n{% endif %}", "not is not for templates"),
    ("{% if x %}\n{% elif x or y %}\n{% endif %}", "or is not for templates"),
    ("{% if m(x) %}\n{% endif %}", "a call inside of something else is not for templates"),
    ("{% if m %}\n{% endif %}", "m is a macro: call it, alone on its line"),
    ("{% for a in x | sort %}\n{% endfor %}", "a filter (|) is not for templates"),
    ("{% for a in range(3) %}\n{% endfor %}", "a call inside of something else is not for templates"),
    ("{% for a, b in x %}\n{% endfor %}", "a for has one name: print the item's attributes"),
    ("{% for a in x if a %}\n{% endfor %}", "a for walks a whole list: it has no else, no if and no recursion"),
    ("{% for a in x %}\n{% else %}\nb: 1\n{% endfor %}", "a for walks a whole list"),
    ("{% for a in x recursive %}\n{% endfor %}", "a for walks a whole list"),
    ("{% for m in x %}\n{% endfor %}", "the name m is already taken here"),
    ("{% for loop in x %}\n{% endfor %}", "the name loop is already taken here"),
    ("{% for a in x %}\n{% for a in y %}\n{% endfor %}\n{% endfor %}", "the name a is already taken here"),
    ("{% macro m(x) %}\n{% endmacro %}", "there are two macros m"),
    ("{% macro _n(x) %}\n{% endmacro %}", "a macro cannot have the name _n"),
    ("{% macro n(x=1) %}\n{% endmacro %}", "the macro n has a parameter with a default: let callers say it"),
    ("{% macro n(x) %}\nb: ${{ y }}\n{% endmacro %}", "y is neither a parameter of this macro nor the name of a loop"),
    ("{% macro n(x) %}\n${{ n(x) }}\n{% endmacro %}", "there is no macro n here: known: m"),
    ("${{ m() }}", "m takes 1 arguments, and gets 0"),
    ("${{ m(x, y) }}", "m takes 1 arguments, and gets 2"),
    ("${{ m(p=x) }}", "m is called with plain arguments, one after the other"),
    ("${{ m(*x) }}", "m is called with plain arguments"),
    ("${{ m(x + 1) }}", "arithmetic is not for templates"),
    ("${{ m(none) }}", "a literal is not for templates"),
    ("${{ m(m) }}", "m is a macro: call it, alone on its line"),
    ("a: |\n  ${{ m(x) }}", "a macro cannot be pasted inside a block of text"),
    ('{% from "u.yaml.j2" import s %}', "there is no template u.yaml.j2"),
    ('{% from "s.yaml.j2" import t %}', "s.yaml.j2 has no macro t: "),
    ('{% from "s.yaml.j2" import s as t %}', "a macro keeps its name: write import s"),
    ('{% from "s.yaml.j2" import s with context %}', "an import has no context: a macro sees its parameters only"),
    ("{% from x import s %}", "an import names its template in quotes"),
    ('{% from "s.sh.j2" import s %}', "s.sh.j2 is written for another file type"),
    ('{% from "s" import s %}', "the ending says no file type that values can be quoted for"),
    ('{% from "printing.yaml.j2" import s %}', "printing.yaml.j2 prints values outside of its macros"),
    ("a: {% if x %}1{% endif %}", "{% if x %} stands on a line of its own"),
    ("{% if x %}1\n{% endif %}", "{% if x %} stands on a line of its own"),
    ("{% if x %}\n1 {% endif %}", "{% endif %} stands on a line of its own"),
    ("a: 1 {# why #}", "{# why #} stands on a line of its own"),
    ("{%- if x %}\n{% endif %}", "{%- trims blanks by hand: write the tag without its sign"),
    ("{% if x -%}\n{% endif %}", "-%} trims blanks by hand"),
    ("{%+ if x %}\n{% endif %}", "{%+ trims blanks by hand"),
    ("a: ${{- x }}", "${{- trims blanks by hand"),
    ("a: ${{ x -}}", "-}} trims blanks by hand"),
    ("{#- x #}", "{#- trims blanks by hand"),
    ("{% raw -%}\n{% endraw %}", "{% raw -%} trims blanks by hand"),
]
SHARED = {
    "s.yaml.j2": "{% macro s(x) %}\na: ${{ x }}\n{% endmacro %}\n",
    "s.sh.j2": "{% macro s(x) %}\na ${{ x }}\n{% endmacro %}\n",
    "printing.yaml.j2": "{% macro s(x) %}\n{% endmacro %}\na: ${{ x }}\n",
}


def fault(text, name="t.yaml.j2", shared=None):
    with pytest.raises(TemplateFault) as raised:
        Templates({name: text, **(shared or SHARED)}).kind(name)
    return raised.value


@pytest.mark.parametrize(("line", "message"), EXPRESSIONS)
def test_an_expression_only_prints(line, message):
    found = fault(f"first: 1\n{line}\n")
    assert (found.template, found.line) == ("t.yaml.j2", 2)
    assert found.message.startswith(message)


@pytest.mark.parametrize(("lines", "message"), STATEMENTS)
def test_a_statement_only_walks_and_asks_for_presence(lines, message):
    found = fault(f"{MACRO}{lines}\n")
    assert found.template == "t.yaml.j2"
    assert found.line >= 4
    assert found.message.startswith(message)


@pytest.mark.parametrize("name", ["t.txt.j2", "t.yaml", "t.j2", "t.yml.j2"])
def test_a_template_says_its_file_type(name):
    assert fault("a: 1\n", name).message == (
        "the ending says no file type that values can be quoted for: .yaml.j2, .json.j2, .py.j2, .sh.j2, .md.j2, "
        ".dockerfile.j2"
    )


def test_imports_in_a_circle_are_named():
    circle = {
        "a.yaml.j2": '{% from "b.yaml.j2" import b %}\n{% macro a(x) %}\n{% endmacro %}\n',
        "b.yaml.j2": '{% from "a.yaml.j2" import a %}\n{% macro b(x) %}\n{% endmacro %}\n',
    }
    found = fault('\n{% from "a.yaml.j2" import a %}\n', shared=circle)
    assert str(found) == (
        "b.yaml.j2:1: t.yaml.j2 imports a.yaml.j2 imports b.yaml.j2 imports a.yaml.j2: imports go in a circle"
    )


def test_a_template_at_fault_is_so_in_the_same_words_each_time():
    templates = Templates(
        {
            "t.yaml.j2": '\n{% from "a.yaml.j2" import a %}\n',
            "a.yaml.j2": "{% macro a(x) %}\n${{ x | upper }}\n{% endmacro %}\n",
        }
    )
    said = []
    for _ in range(2):
        with pytest.raises(TemplateFault) as raised:
            templates.kind("t.yaml.j2")
        said.append(str(raised.value))
    assert said[0] == said[1]
    assert "circle" not in said[0]


def test_a_fault_in_an_imported_template_names_it():
    found = fault('{% from "s.yaml.j2" import s %}\n', shared={"s.yaml.j2": "\n\na: ${{ x | upper }}\n"})
    assert (found.template, found.line) == ("s.yaml.j2", 3)
