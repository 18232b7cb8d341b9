from __future__ import annotations

import pytest

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.language.layers import load
from mlops_spec.source.files import Memory

HEAD = "apiVersion: mlops-spec/v1\n"


def problems(**texts: str) -> list[Diagnostic]:
    files = {name.replace("__", "/") + ".yaml": text.encode() for name, text in texts.items()}
    return load(Memory(files), "mlops.yaml")[1]


def told(found: list[Diagnostic]) -> list[str]:
    return [f"{d.place}: {d.code} {d.message}" for d in found]


def test_layers_come_from_the_lowest_up() -> None:
    files = {
        "mlops.yaml": HEAD + "extends: [platform/base.yaml, team.yaml]\n",
        "platform/base.yaml": HEAD + "extends: [lower.yaml]\n",
        "platform/lower.yaml": HEAD,
        "team.yaml": HEAD + "extends: [platform/base.yaml]\n",
    }
    result, found = load(Memory({k: v.encode() for k, v in files.items()}), "mlops.yaml")
    assert result is not None, found
    assert [layer.file for layer in result.layers] == [
        "platform/lower.yaml",
        "platform/base.yaml",
        "team.yaml",
        "mlops.yaml",
    ]


def test_includes_join_one_document() -> None:
    files = {"mlops.yaml": HEAD + "include: [parts/m.yaml]\nproject: {name: x}\n", "parts/m.yaml": "monitors: {}\n"}
    result, _ = load(Memory({k: v.encode() for k, v in files.items()}), "mlops.yaml")
    assert result is not None
    assert set(result.layers[0].data) == {"apiVersion", "project", "monitors"}
    assert result.layers[0].data.marks["monitors"].key.file == "parts/m.yaml"


def test_a_missing_lock_is_an_empty_one() -> None:
    result, _ = load(Memory({"mlops.yaml": HEAD.encode()}), "mlops.yaml")
    assert result is not None
    assert result.lock == {}


def test_a_section_stands_in_one_file() -> None:
    found = problems(mlops=HEAD + "include: [m.yaml]\nmonitors: {}\n", m="monitors: {}\n")
    assert told(found) == ["m.yaml:1:1: MS054 the section `monitors` stands in two files"]
    assert found[0].related[0].place == ("mlops.yaml", 3, 1)


@pytest.mark.parametrize(
    "text, message",
    [
        ("project: {}\n", "mlops.yaml:1:1: MS051 apiVersion is missing"),
        ("apiVersion: v2\n", "mlops.yaml:1:13: MS051 this version of mlops-spec reads mlops-spec/v1"),
        (HEAD + "pipeline: {}\n", "mlops.yaml:2:1: MS052 unknown section `pipeline`"),
        (HEAD + "extends: a.yaml\n", "mlops.yaml:2:10: MS055 extends must be a list"),
        (HEAD + "include: [3]\n", "mlops.yaml:2:11: MS055 include must be a list of texts"),
        (
            HEAD + "locked: [platfrom.*]\n",
            "mlops.yaml:2:10: MS056 `platfrom.*` locks nothing: no section has that name",
        ),
        (HEAD + "extends: [mlops.yaml]\n", "mlops.yaml:2:11: MS050 layers extend each other: mlops.yaml → mlops.yaml"),
    ],
)
def test_what_cannot_be_a_layer(text: str, message: str) -> None:
    assert told(problems(mlops=text)) == [message]


def test_a_circle_of_layers_is_told_at_its_first_line_with_the_others() -> None:
    (problem,) = problems(mlops=HEAD + "extends: [a.yaml]\n", a=HEAD + "extends: [mlops.yaml]\n")
    assert told([problem]) == ["mlops.yaml:2:11: MS050 layers extend each other: mlops.yaml → a.yaml → mlops.yaml"]
    assert [f"{r.place}: {r.message}" for r in problem.related] == ["a.yaml:2:11: a.yaml extends mlops.yaml here"]


def test_an_included_file_has_no_head_of_its_own() -> None:
    found = problems(mlops=HEAD + "include: [m.yaml]\n", m=HEAD)
    assert told(found) == ["m.yaml:1:1: MS053 `apiVersion` stands in an included file"]


def test_a_circle_of_layers_is_printed() -> None:
    found = problems(mlops=HEAD + "extends: [a.yaml]\n", a=HEAD + "extends: [b.yaml]\n", b=HEAD + "extends: [a.yaml]\n")
    assert [d.message for d in found] == ["layers extend each other: a.yaml → b.yaml → a.yaml"]


@pytest.mark.parametrize("count, readable", [(99, True), (100, False), (3000, False)])
def test_a_chain_of_layers_is_bounded(count: int, readable: bool) -> None:
    head = "apiVersion: mlops-spec/v1\n"
    texts = {f"l{n}.yaml": f"{head}extends: [l{n + 1}.yaml]\n" for n in range(count - 1)} | {f"l{count - 1}.yaml": head}
    files = {"mlops.yaml": f"{head}extends: [l0.yaml]\nproject: {{name: churn}}\n", **texts}
    found, problems = load(Memory({name: text.encode() for name, text in files.items()}), "mlops.yaml")
    assert (found is not None) is readable
    told = [] if readable else [("MS057", "l98.yaml", "a spec is at most 100 files, layers and all")]
    assert [(d.code, d.place and d.place.file, d.message) for d in problems] == told
