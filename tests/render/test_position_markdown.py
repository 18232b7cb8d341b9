"""Where values may stand in Markdown templates."""

import pytest

from mlops_spec.language.text import Name
from mlops_spec.render.fault import TemplateFault

PAGE = """\
# Of `${{ name }}`

| what | why |
| --- | --- |
| `${{ text }}` | ${{ text }} |

```sh
mlops-spec show ${{ name }}
```
"""


def test_a_value_is_a_code_span_words_or_a_name_in_a_block_of_code(show):
    assert show(PAGE, "md", name=Name("churn"), text="a link: [b](c)").split("\n") == [
        "# Of `churn`", "", "| what | why |", "| --- | --- |", "| `a link: [b](c)` | a link: `[b](c)` |", "",
        "```sh", "mlops-spec show churn", "```", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line, why",
    [
        ("${{ x }} begins", "never begin a line"),
        ("  ${{ x }} begins", "never begin a line"),
        ("a(${{ x }})", "words stand behind a space"),
        ("`a ${{ x }}`", "a value is the whole of a code span"),
        ("` ${{ x }} `", "a value is the whole of a code span"),
        ("```${{ x }}\n```", "only a Name may stand inside a longer scalar"),
        ("```\n${{ x }}\n```", "only a Name may stand inside a longer scalar"),
        ("```\na", "a quoted text does not end"),
    ],
)
def test_anywhere_else_no_value_can_stand(show, line, why):
    with pytest.raises(TemplateFault, match=why):
        show(f"# A page\n{line}\n", "md", x="a text")
