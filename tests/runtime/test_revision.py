"""A token opens one repository by HTTPS, and is sent nowhere else."""

from __future__ import annotations

import pytest

from mlops_spec.runtime.revision.dvc import opened


@pytest.mark.parametrize("repository, expected", [
    ("https://git.acme.example/a.git", "https://x-access-token:t%40@git.acme.example/a.git"),
    ("https://git.acme.example:8443/a", "https://x-access-token:t%40@git.acme.example:8443/a"),
    ("https://me:own@git.acme.example/a", "https://me:own@git.acme.example/a"),
    ("http://git.acme.example/a", "http://git.acme.example/a"),
    ("git@git.acme.example:a.git", "git@git.acme.example:a.git"),
    ("ssh://git@git.acme.example/a", "ssh://git@git.acme.example/a"),
    ("/srv/a", "/srv/a"),
])  # fmt: skip
def test_a_token_is_sent_by_https_only(repository: str, expected: str) -> None:
    assert opened(repository, "t%40") == expected
    assert opened(repository, "") == repository
