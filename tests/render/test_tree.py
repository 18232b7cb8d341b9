"""Files as a tree."""

from __future__ import annotations

import pytest
import yaml

from mlops_spec import assets
from mlops_spec.blueprint.ports import file
from mlops_spec.blueprint.types import Namespace
from mlops_spec.language.text import Name
from mlops_spec.render.environment import Templates
from mlops_spec.render.fault import TemplateFault
from mlops_spec.render.tree import listed, tree

TEMPLATES = Templates(
    {
        "a/thing.yaml.j2": "apiVersion: v1\nkind: Thing\nname: ${{ node.name }}\n",
        "a/dag.py.j2": "name = ${{ node.name }}\n",
        "kustomization.yaml.j2": (assets.TEMPLATES / "kustomization.yaml.j2").read_text(),
    }
)


def node(name, component="cluster", address="environments.dev"):
    return Namespace(
        address=address, name=Name(name), namespace=Name("x"), component=Name(component), labels=(), annotations=()
    )


def thing(*arguments, **names):
    return file("a/thing.yaml.j2", node=node(*arguments, **names))


def test_an_object_lies_in_its_components_folder():
    texts, made, problems = tree([thing("b"), thing("a", "pipelines")], TEMPLATES)
    assert texts["cluster/thing-b.yaml"] == "apiVersion: v1\nkind: Thing\nname: b\n"
    assert list(texts) == list(made) == ["cluster/thing-b.yaml", "pipelines/thing-a.yaml"]
    assert problems == []


def test_the_order_of_files_changes_nothing():
    files = [thing("b"), thing("a", "pipelines"), thing("c")]
    one, other = tree(files, TEMPLATES)[0], tree(files[::-1], TEMPLATES)[0]
    assert list(one.items()) == list(other.items())


def test_the_kustomization_lists_objects_and_nothing_else():
    texts, made, _ = tree([thing("b"), thing("a"), file("a/dag.py.j2", "dags/train.py", node=node("a"))], TEMPLATES)
    assert texts["dags/train.py"] == "name = 'a'\n"
    (kustomization,) = listed(texts, made)
    found = yaml.safe_load(TEMPLATES.render(kustomization))
    assert found["kind"] == "Kustomization"
    assert found["resources"] == ["cluster/thing-a.yaml", "cluster/thing-b.yaml"]


def test_the_kustomization_lists_what_manifests_bring():
    texts, made, _ = tree([thing("b")], TEMPLATES)
    (kustomization,) = listed({**texts, "a: #.yaml": ""}, made)
    assert yaml.safe_load(TEMPLATES.render(kustomization))["resources"] == ["a: #.yaml", "cluster/thing-b.yaml"]


def test_no_objects_are_no_folder_of_objects():
    assert tree([], TEMPLATES) == ({}, {}, [])
    texts, made, _ = tree([file("a/dag.py.j2", "dags/train.py", node=node("a"))], TEMPLATES)
    assert [*listed(texts, made)] == []


@pytest.mark.parametrize("component", ["cluster", "pipelines"])
def test_two_objects_of_one_name_are_an_error_that_names_both(component):
    files = [thing("a", address="pipelines.a"), thing("a", component, address="monitors.a")]
    texts, made, (problem,) = tree(files, TEMPLATES)
    assert (problem.code, problem.address) == ("MS180", "monitors.a")
    assert "pipelines.a and monitors.a" in problem.message
    assert made["cluster/thing-a.yaml"] is files[0]
    assert list(texts) == ["cluster/thing-a.yaml"]


def test_a_file_that_prints_no_object_says_its_path():
    with pytest.raises(ValueError, match="says its path"):
        tree([file("a/dag.py.j2")], TEMPLATES)


def test_a_template_of_an_object_says_its_kind():
    with pytest.raises(TemplateFault, match="says its `kind:`"):
        tree([file("a/dag.py.j2", node=node("a"))], TEMPLATES)
