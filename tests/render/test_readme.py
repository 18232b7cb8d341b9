"""What the README of a rendered folder says."""

from __future__ import annotations

import re

import yaml

from mlops_spec.compiler import compile_spec
from mlops_spec.source.files import Memory
from tests.golden_trees import ROOT, compiled
from tests.yaml_readers import read_by_libyaml

CHURN = compiled(ROOT / "examples" / "churn").tree
ROW = re.compile(r"^\| ([A-Za-z]+) \| `([^`]+)` \| `([^`]+\.yaml)` \| `([^`]+)` \|$", re.MULTILINE)
TRAIN = {"steps": {"fit": {"image": "registry.acme.example/fit:1", "command": ["fit"]}}}
BUILT = {"steps": {"fit": {"image": "${{ images.fit }}", "command": ["fit"]}}}
SMALL = {
    "apiVersion": "mlops-spec/v1",
    "project": {"name": "x", "repository": "https://git.acme.example/x.git"},
    "images": {"fit": {"repository": "registry.acme.example/fit"}},
    "pipelines": {"train": TRAIN},
}


def rendered(**changes: object) -> dict[str, str]:
    return compile_spec(Memory({"mlops.yaml": yaml.safe_dump({**SMALL, **changes}).encode()}), "mlops.yaml").tree


def test_every_folder_has_one_that_lists_each_of_its_objects_once() -> None:
    for folder in ("dev", "staging", "prod", "project"):
        listed = [row[2] for row in ROW.findall(CHURN[f"{folder}/README.md"])]
        resources = read_by_libyaml(CHURN[f"{folder}/kustomization.yaml"])["resources"]
        assert sorted(listed) == sorted(resources)
        assert "README.md" not in resources


def test_a_row_is_what_the_object_says_of_itself() -> None:
    for kind, name, path, address in ROW.findall(CHURN["prod/README.md"]):
        document = read_by_libyaml(CHURN[f"prod/{path}"])
        assert (document["kind"], document["metadata"]["name"]) == (kind, name)
        source = document["metadata"].get("annotations", {}).get("mlops-spec.dev/source")
        assert source == (None if address.startswith("manifests.") else f"mlops.yaml#{address}")


def test_it_says_where_the_folder_is_delivered_to() -> None:
    text = CHURN["prod/README.md"]
    assert "| namespace | `churn` |\n| cluster | `https://prod.k8s.acme.example` |" in text
    assert "`churn-prod` in the namespace `argocd`" in text
    assert "`deploy/prod` on the branch `main-prod` of `https://git.acme.example/growth/churn.git`" in text


def test_it_says_what_to_do_where_nothing_delivers() -> None:
    assert "nothing yet: the spec names no repository" in rendered(project={"name": "x"})["default/README.md"]


def test_it_says_what_is_left_out_and_why() -> None:
    text = rendered(pipelines={"train": BUILT})["default/README.md"]
    assert "| `pipelines.train` | the image of its step fit has no digest in the lock |" in text
    assert "## Left out" not in rendered()["default/README.md"]


def test_no_text_of_a_spec_is_markup_in_it() -> None:
    evil = {"name": "x", "repository": "https://git.acme.example/a`|<script>b.git"}
    text = rendered(project=evil)["default/README.md"]
    assert '`"https://git.acme.example/a\\u0060\\u007c<script>b.git"`' in text


def test_a_new_object_is_a_new_line_and_changes_no_other() -> None:
    more = rendered(pipelines={"train": TRAIN, "other": TRAIN})
    before, after = (tree["default/README.md"].split("\n") for tree in (rendered(), more))
    assert [line for line in after if "`other`" not in line] == before
    assert len(after) == len(before) + 2
