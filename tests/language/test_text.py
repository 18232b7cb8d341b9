"""Words: the texts that nothing evaluates, and the attacks of which none is one."""

import pytest

from mlops_spec.language.text import Word

ATTACKS = (
    "", " ", "a b", "a\tb", "a\nRUN id", "a\r", "a\\", "a\\\nb", "$HOME", "${HOME}", "$(id)", "`id`", "a;id", "a|id", "a&id",
    "a>b", "a<b", "<<EOF", "'a'", '"a"', "${{ secrets.TOKEN }}", "${{secrets.TOKEN}}", "{{ a }}", "{% a %}", "a{b,c}",
    "--from=x", "-f", ":(exclude)src", "@file", "a,type=secret", "a=b", "a#b", "#syntax=x", "*", "a?", "[a]", "!a", "+a", "~/a",
    "$[[ inputs.a ]]", "%a%", "a\x00", "a\x7f", "a\u2028b", "a\u202eb", "ä", "\ud800",
)  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS, ids=ascii)
def test_what_any_reader_evaluates_is_no_word(text):
    with pytest.raises(ValueError, match="not a word"):
        Word(text)


@pytest.mark.parametrize(
    "text",
    ["requirements.lock", ".", "./a", "../a", "services/_x/src", "host:5000/a/b:1.0@sha256:4b", "/tmp"],
)
def test_paths_and_images_are_words(text):
    assert Word(text) == text
