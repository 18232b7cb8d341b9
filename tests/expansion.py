"""What Kubernetes makes of text in a container's command and variables."""

from __future__ import annotations


def expanded(text: str) -> str:
    """Expand a text as Kubernetes does (its third_party/forked/golang/expansion), where every variable is defined."""
    made, at = "", 0
    while at < len(text):
        if text[at] != "$" or at + 1 == len(text):
            made, at = made + text[at], at + 1
        elif text[at + 1] == "$":
            made, at = made + "$", at + 2
        elif text[at + 1] == "(" and ")" in text[at:]:
            end = text.index(")", at)
            made, at = made + f"<{text[at + 2 : end]}>", end + 1
        else:
            made, at = made + text[at : at + 2], at + 2
    return made
