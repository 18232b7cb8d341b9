"""Where templates come from, and where compiled ones are kept."""

import pytest

from mlops_spec.blueprint.ports import file
from mlops_spec.render.environment import Templates
from mlops_spec.render.fault import TemplateFault

T = file("k/t.yaml.j2", x="y z")


@pytest.fixture
def folders(tmp_path):
    """A team's folder, which is missing, and the product's, with one template and one shared one."""
    team, ours = tmp_path / "team", tmp_path / "ours"
    for name, text in {
        "k/t.yaml.j2": '{% from "shared/s.yaml.j2" import s %}\nkind: T\n${{ s(x) }}\n',
        "shared/s.yaml.j2": "{% macro s(x) %}\nours: ${{ x }}\n{% endmacro %}\n",
    }.items():
        write(ours / name, text)
    return [team, ours]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_missing_folder_counts_as_empty(folders):
    assert Templates(folders).render(T) == "kind: T\nours: y z\n"


def test_an_earlier_folder_overrides_one_template(folders):
    write(folders[0] / "shared/s.yaml.j2", "{% macro s(x) %}\nteam: ${{ x }}\n{% endmacro %}\n")
    assert Templates(folders).render(T) == "kind: T\nteam: y z\n"


@pytest.mark.parametrize("name", ["../secret.yaml.j2", "link.yaml.j2", "linked/secret.yaml.j2", "/secret.yaml.j2"])
def test_no_template_lies_outside_of_its_folder(folders, tmp_path, name):
    write(tmp_path / "secret.yaml.j2", "password: 1\n")
    folders[0].mkdir()
    (folders[0] / "link.yaml.j2").symlink_to(tmp_path / "secret.yaml.j2")
    (folders[0] / "linked").symlink_to(tmp_path)
    with pytest.raises(TemplateFault) as raised:
        Templates(folders).render(file(name))
    assert "password" not in str(raised.value)


def test_a_template_that_is_not_utf_8_is_a_fault(folders):
    (folders[0] / "k").mkdir(parents=True)
    (folders[0] / "k/t.yaml.j2").write_bytes(b"a: \xe9\n")
    with pytest.raises(TemplateFault, match=r"k/t.yaml.j2:1: the template is not UTF-8"):
        Templates(folders).render(T)


def test_compiled_templates_are_kept_and_know_their_facts(folders, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    first = Templates(folders, cache=cache)
    assert first.render(T) == "kind: T\nours: y z\n"
    assert len(list(cache.iterdir())) == 2
    monkeypatch.setattr("mlops_spec.render.generator.tighten", None)  # nothing may be compiled again
    second = Templates(folders, cache=cache)
    assert second.render(T) == "kind: T\nours: y z\n"
    assert second.kind("k/t.yaml.j2") == "T"
    with pytest.raises(TemplateFault, match=r"k/t.yaml.j2:3: x is not given to this template"):
        second.render(file("k/t.yaml.j2"))


def test_a_kept_template_that_changed_is_compiled_again(folders, tmp_path):
    Templates(folders, cache=tmp_path).render(T)
    write(folders[1] / "k/t.yaml.j2", "kind: U\n")
    assert Templates(folders, cache=tmp_path).render(T) == "kind: U\n"


def test_a_macro_that_changed_under_a_kept_template_is_a_fault(folders, tmp_path):
    Templates(folders, cache=tmp_path).render(T)
    write(folders[1] / "shared/s.yaml.j2", "{% macro s(x, y) %}\n{% endmacro %}\n")
    with pytest.raises(TemplateFault, match=r"k/t.yaml.j2:3: the shared template no longer has this macro"):
        Templates(folders, cache=tmp_path).render(T)
    (folders[1] / "shared/s.yaml.j2").unlink()
    with pytest.raises(TemplateFault, match=r"k/t.yaml.j2:1: there is no template shared/s.yaml.j2"):
        Templates(folders, cache=tmp_path).render(T)


def test_a_cache_that_cannot_be_written_only_costs_time(folders, tmp_path):
    (tmp_path / "file").write_text("")
    assert Templates(folders, cache=tmp_path / "file").render(T) == "kind: T\nours: y z\n"
