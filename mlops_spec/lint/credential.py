"""Texts that are credentials, by their form or by the name that they stand under. Bounded, for text from anybody."""

from __future__ import annotations

import re
import string
from itertools import pairwise

# A `$` where a password would begin is a reference: to a secret of the spec, or to a variable of the container.
_FORMS = {
    "a private key": r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----",
    "an AWS access key": r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "a GitHub token": r"(?<![A-Za-z0-9])(?:gh[oprsu]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})",
    "a GitLab token": r"(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}",
    "a Slack token": r"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10}",
    "a Slack webhook": r"hooks\.slack\.com/services/T[A-Za-z0-9_]{1,20}/B[A-Za-z0-9_]{1,20}/[A-Za-z0-9_]",
    "a Google API key": r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}",
    "a Hugging Face token": r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{34}",
    "a Databricks token": r"(?<![A-Za-z0-9])dapi[a-f0-9]{32}",
    "an OpenAI or Anthropic key": r"(?<![A-Za-z0-9])sk-(?:(?:proj|ant|svcacct)-[A-Za-z0-9_-]{20}|[A-Za-z0-9]{32})",
    "a JSON web token": r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10}",
    "a password in a URI": r"://[^/\s:@]{0,100}:[^/\s@$][^/\s@]{0,200}@",
}
_FORM = re.compile("|".join(f"({form})" for form in _FORMS.values()))
# What each form has in it: most texts have none of these, and to see that takes a tenth of the time.
_SIGN = re.compile(r"-----BEGIN|A[KS]IA|gh[oprsu]_|github_pat_|glpat-|xox|hooks\.slack|AIza|hf_|dapi|sk-|eyJ|://")
_PASSWORD = ("password", "passwd", "passphrase")
_SECRET = ("token", "secret", "key", "credential", "tokens", "secrets", "keys", "credentials")
_ENCODED = re.compile(r"[A-Za-z0-9+/=_.~-]{20,}\Z")


def recognised(value: str) -> str | None:
    """Say what kind of credential ``value`` holds, by its form alone."""
    found = _FORM.search(value) if _SIGN.search(value) else None
    return None if found is None or found.lastindex is None else tuple(_FORMS)[found.lastindex - 1]


def named(name: str, value: str) -> str | None:
    """Say what kind of credential ``value`` is under ``name``, such as that of an environment variable."""
    if len(value) < 6 or value.startswith("$") or "${{" in value:
        return None
    if name.lower().endswith(_PASSWORD) and "/" not in value:
        return "a password"
    if name.lower().endswith(_SECRET) and _random(value):
        return "what looks like a secret"
    return None


def _random(value: str) -> bool:
    """Tell whether letters, cases and digits alternate as they do in keys, and in no word of a language."""
    if not _ENCODED.match(value):
        return False
    kinds = ["d" if c in string.digits else "u" if c in string.ascii_uppercase else "l" for c in value if c.isalnum()]
    changes = sum(a != b for a, b in pairwise(kinds))
    return len(set(value)) >= 10 and changes * 4 >= len(kinds)
