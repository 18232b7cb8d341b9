"""What Kubernetes itself reads in the commands and variables of containers."""

from __future__ import annotations


def expanded(text: str) -> str:
    """Return text as a container sees it that holds no reference; ``$$`` is ``$``, and ``$(NAME)`` is none of ours."""
    found, at = "", 0
    while at < len(text):
        assert not text.startswith("$(", at), f"a reference to a variable: {text!r}"
        found += text[at]
        at += 2 if text.startswith("$$", at) else 1
    return found
