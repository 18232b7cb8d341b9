"""Addresses of layers from elsewhere: what they name, where their copies go, and what is none."""

from __future__ import annotations

import pytest

from mlops_spec.language.remote import Remote

DIGEST = f"sha256:{'4b' * 32}"


def read(text: str) -> Remote:
    found = Remote.read(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    "text, url, file, ref, copy",
    [
        (
            "git+https://git.acme.example/platform/specs.git//ml/base.mlops.yaml?ref=release/3.1",
            "https://git.acme.example/platform/specs.git",
            "ml/base.mlops.yaml",
            "release/3.1",
            "vendor/git.acme.example/platform/specs/ml/base.mlops.yaml",
        ),
        (
            "git+ssh://git@git.acme.example:2222/~ada/specs//base.mlops.yaml",
            "ssh://git@git.acme.example:2222/~ada/specs",
            "base.mlops.yaml",
            "",
            "vendor/git.acme.example_2222/_ada/specs/base.mlops.yaml",
        ),
        (
            "git+http://localhost:3000/specs//base.mlops.yaml",
            "http://localhost:3000/specs",
            "base.mlops.yaml",
            "",
            "vendor/localhost_3000/specs/base.mlops.yaml",
        ),
        (
            "oci://registry.acme.example:5000/platform/base:3",
            "registry.acme.example:5000/platform/base",
            "",
            "3",
            "vendor/registry.acme.example_5000/platform/base.mlops.yaml",
        ),
        (
            f"oci://registry.acme.example/base:3@{DIGEST}",
            "registry.acme.example/base",
            "",
            DIGEST,
            "vendor/registry.acme.example/base.mlops.yaml",
        ),
        ("oci://registry.acme.example/base", "registry.acme.example/base", "", "latest", "vendor/registry.acme.example/base.mlops.yaml"),
    ],
)  # fmt: skip
def test_an_address_says_where_a_layer_lies(text: str, url: str, file: str, ref: str, copy: str) -> None:
    found = read(text)
    assert (found.url, found.file, found.ref, found.copy) == (url, file, ref, copy)


@pytest.mark.parametrize(
    "text",
    [
        "https://git.acme.example/platform/specs.git//base.mlops.yaml",
        "git+https://git.acme.example/platform/specs.git",
        "git+http://git.acme.example/specs//base.mlops.yaml",
        "git+file:///srv/specs//base.mlops.yaml",
        "git+https://ada:secret@git.acme.example/specs//base.mlops.yaml",
        "git+ssh://-oProxyCommand=x@git.acme.example/specs//base.mlops.yaml",
        "git+ssh://-oProxyCommand=x/specs//base.mlops.yaml",
        "git+https://git.acme.example/specs//../base.mlops.yaml",
        "git+https://git.acme.example/../specs//base.mlops.yaml",
        "git+https://git.acme.example/specs//base.mlops.yaml?ref=--upload-pack=x",
        "git+https://git.acme.example/specs//base.mlops.yaml?ref=a..b",
        "git+https://git.acme.example/specs//base.mlops.yaml?ref=a:b",
        "git+https://git.acme.example/specs//base.mlops.yaml?ref=a\n",
        "oci://registry.acme.example/Base:3",
        "oci://registry.acme.example",
        "oci://registry.acme.example/base@sha256:12",
        "oci://registry.acme.example/base:3\n",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert Remote.read(text) is None


def test_a_file_beside_one_in_git_is_of_the_same_ref() -> None:
    base = read("git+https://git.acme.example/specs//ml/base.mlops.yaml?ref=v3")
    beside = base.beside("../lower.mlops.yaml")
    assert beside == read("git+https://git.acme.example/specs//lower.mlops.yaml?ref=v3")
    assert base.beside("../../lower.mlops.yaml") is None
    assert base.beside("/lower.mlops.yaml") is None
    assert read("oci://registry.acme.example/base:3").beside("lower.mlops.yaml") is None


def test_two_refs_of_a_file_can_have_copies_of_their_own() -> None:
    base = read("git+https://git.acme.example/specs//ml/base.mlops.yaml?ref=release/3")
    assert base.copy_of_ref == "vendor/git.acme.example/specs/ml/release_3/base.mlops.yaml"
