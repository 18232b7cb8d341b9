"""What the files say for all environments at once."""

from __future__ import annotations

from mlops_spec.lint.written import Written
from mlops_spec.source.tree import Map
from mlops_spec.source.yaml import read

LOWER = """\
images: {shared: {repository: acme.example/shared}}
secrets: {token: {path: ml/token, keys: [token]}}
"""
UPPER = """\
images: {train: {repository: acme.example/train}}
environments: {prod: {overrides: {pipelines: {train: {steps: {fit: {image: "${{ images.train }}"}}}}}}}
pipelines:
  train:
    steps:
      fit: {command: [fit, "--$${{ images.shared }}"], env: {A: "${{ secrets.token.token }}"}}
      register: {register: {model: churn}, image: "acme.example/other:1"}
"""


def documents(*texts: str) -> list[Map]:
    sources = [read(text.encode(), "mlops.yaml")[0] for text in texts]
    return [source.data for source in sources if source]


SPEC = Written(documents(LOWER, UPPER))


def test_a_placeholder_names_its_path_and_all_above_it() -> None:
    assert SPEC.refers("secrets.token.token")
    assert SPEC.refers("secrets.token")
    assert not SPEC.refers("secrets.token.other")


def test_overrides_of_any_environment_count() -> None:
    assert SPEC.refers("images.train")


def test_an_escaped_placeholder_names_nothing() -> None:
    assert not SPEC.refers("images.shared")


def test_only_the_own_document_defines() -> None:
    assert SPEC.defines("images.train")
    assert not SPEC.defines("images.shared")


def test_a_name_is_a_whole_value() -> None:
    assert SPEC.says("churn")
    assert not SPEC.says("chur")


def test_an_image_is_spelt_with_its_tag_or_digest() -> None:
    assert SPEC.spells("acme.example/other")
    assert not SPEC.spells("acme.example/train")


def test_the_texts_at_a_pattern() -> None:
    assert SPEC.at("pipelines.*.steps.*.register.model") == {"churn"}
    assert SPEC.at("pipelines.train.steps.*.register.model") == {"churn"}
    assert SPEC.at("pipelines.other.steps.*.register.model") == set()


def test_what_is_brought_in_may_name_anything() -> None:
    assert SPEC.is_whole
    assert not Written(documents("manifests: [{path: a.yaml}]\n", UPPER)).is_whole
