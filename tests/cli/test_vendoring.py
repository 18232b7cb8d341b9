"""``mlops-spec lock`` of layers from elsewhere, from Git's own server: copies that the lock pins, all or none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backends.ci.forge import Forge, forge

Mlops = Callable[..., Any]
LOCK = "mlops.lock.yaml"
HEAD = "apiVersion: mlops-spec/v1\n"
BASE = f"{HEAD}extends: [lower.mlops.yaml]\nproject: {{description: of the base}}\n"
LOWER = f"{HEAD}compute: {{small: {{cpu: '1', memory: 1Gi}}}}\n"


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    """A repository of a platform team, which the user's credential helper opens."""
    (tmp_path / "forge").mkdir()
    with forge(tmp_path / "forge", "ada") as made:
        made.push({"ml/base.mlops.yaml": BASE, "ml/lower.mlops.yaml": LOWER})
        made.git("push", "--quiet", "origin", "HEAD:refs/tags/v1")
        home = tmp_path / "home"
        home.mkdir()
        helper = f"!f() {{ echo username=ada; echo password={made.token}; }}; f"
        (home / ".gitconfig").write_text(f'[credential]\n\thelper = "{helper}"\n')
        monkeypatch.setenv("HOME", str(home))
        yield made


def address(platform: Forge, file: str = "base.mlops.yaml", ref: str = "v1") -> str:
    return f"git+{platform.url}//ml/{file}?ref={ref}"


def extend(folder: Path, *addresses: str) -> None:
    text = (folder / "mlops.yaml").read_text().partition(HEAD)[2].partition("# ---\n")
    rest = text[2] or text[0]
    (folder / "mlops.yaml").write_text(f"{HEAD}extends: {json.dumps(addresses)}\n# ---\n{rest}")


@pytest.fixture
def spec(hello: Path, platform: Forge, mlops: Mlops) -> Path:
    """The current folder, with a spec upon the platform's layer, and what it pins besides."""
    (hello / LOCK).write_text(f"lockVersion: 1\n\nimages:\n  train: {{digest: sha256:{'4b' * 32}}} # kept\n")
    mlops("fmt")
    extend(hello, address(platform))
    return hello


def copy(platform: Forge, name: str = "base") -> str:
    host = platform.url.removeprefix("http://").partition("/")[0].replace(":", "_")
    return f"vendor/{host}/growth/churn/ml/{name}.mlops.yaml"


def sha(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def files(folder: Path) -> dict[str, bytes]:
    kept = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: content for name, content in kept.items() if not name.startswith((".git/", "forge/", "home/"))}


def test_a_layer_and_what_it_extends_become_copies_that_the_lock_pins(
    spec: Path, platform: Forge, mlops: Mlops
) -> None:
    ran = mlops("lint")
    assert (ran.code, "MS059" in ran.out, "run `mlops-spec lock`" in ran.out) == (1, True, True)
    ran = mlops("lock")
    assert ran.code == 0, ran
    assert ran.out == "".join(
        f"{LOCK}: the layer {address(platform, f'{name}.mlops.yaml')} is {copy(platform, name)}\n"
        for name in ("base", "lower")
    )
    assert (spec / copy(platform)).read_text() == BASE
    written = (spec / LOCK).read_text()
    assert "# kept" in written
    assert f"digest: {sha(LOWER)}" in written
    assert mlops("lint").code == 0
    assert LOCK not in mlops("fmt", "--check").out
    shown = mlops("show", "--resolved", "compute").out
    assert f"{copy(platform, 'lower')}:2:" in shown
    before = files(spec)
    assert mlops("lock").code == 0
    assert files(spec) == before


def test_nothing_is_asked_when_the_copies_are_there(spec: Path, platform: Forge, mlops: Mlops) -> None:
    mlops("lock")
    platform.token = "another"
    (platform.bare / "HEAD").unlink()
    assert mlops("lint").code == 0
    assert mlops("lock").code == 0


def test_a_ref_that_has_moved_is_told_and_followed_when_asked(spec: Path, platform: Forge, mlops: Mlops) -> None:
    extend(spec, address(platform, ref="main"))
    assert mlops("lock").code == 0
    assert "by now" not in mlops("lock", "--check").err
    after = BASE.replace("of the base", "of the base, moved")
    platform.push({"ml/base.mlops.yaml": after})
    before = files(spec)
    told = mlops("lock", "--check").err
    assert "is another by now than its copy here" in told
    assert mlops("lock").code == 0
    assert files(spec) == before
    ran = mlops("lock", "--upgrade", "layers", "--dry-run")
    assert files(spec) == before
    assert "+project: {description: of the base, moved}" in ran.out.splitlines()
    ran = mlops("lock", "--upgrade", "layers")
    assert ran.out == f"{LOCK}: the layer {address(platform, ref='main')} is {copy(platform)}\n"
    assert (spec / copy(platform)).read_text() == after
    changed = [
        (a, b) for a, b in zip(before[LOCK].decode().split("\n"), (spec / LOCK).read_text().split("\n")) if a != b
    ]
    assert len(changed) == 1
    assert mlops("lint").code == 0


def test_a_new_ref_takes_the_place_of_the_one_before(spec: Path, platform: Forge, mlops: Mlops) -> None:
    mlops("lock")
    platform.push({"ml/base.mlops.yaml": LOWER})
    platform.git("push", "--quiet", "origin", "HEAD:refs/tags/v2")
    extend(spec, address(platform, ref="v2"))
    assert mlops("lock").code == 0
    assert (spec / copy(platform)).read_text() == LOWER
    assert not (spec / copy(platform, "lower")).exists()
    assert "ref=v1" not in (spec / LOCK).read_text()
    extend(spec)
    assert "MS132" in mlops("lint").out
    assert mlops("lock").code == 0
    assert "layers" not in (spec / LOCK).read_text()
    assert not (spec / "vendor").exists()


def test_two_refs_of_a_file_stand_side_by_side(spec: Path, platform: Forge, mlops: Mlops) -> None:
    platform.push({"ml/base.mlops.yaml": LOWER})
    extend(spec, address(platform), address(platform, ref="main"))
    assert mlops("lock").code == 0
    assert (spec / copy(platform)).read_text() == BASE
    assert (spec / copy(platform).replace("/base", "/main/base")).read_text() == LOWER
    assert mlops("lint").code == 0


def test_an_edited_copy_is_refused_and_never_overwritten(spec: Path, platform: Forge, mlops: Mlops) -> None:
    mlops("lock")
    edited = spec / copy(platform)
    edited.write_text(BASE + "# mine\n")
    ran = mlops("lint")
    assert f"{copy(platform)}:1:1: error MS068 {copy(platform)} is not the layer that the lock pins" in ran.out
    for words in (("lock",), ("lock", "--upgrade", "layers")):
        ran = mlops(*words)
        assert (ran.code, "was edited since it was brought" in ran.err) == (1, True)
        assert edited.read_text() == BASE + "# mine\n"
    edited.unlink()
    assert mlops("lock").code == 0
    assert edited.read_text() == BASE


def test_a_foreign_file_in_the_place_of_a_copy_stays(spec: Path, platform: Forge, mlops: Mlops) -> None:
    foreign = spec / copy(platform, "lower")
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine\n")
    before = files(spec)
    ran = mlops("lock")
    assert (ran.code, "is a file that the lock knows nothing of" in ran.err) == (1, True)
    assert files(spec) == before


def test_a_copy_that_is_gone_comes_back_only_as_it_was(spec: Path, platform: Forge, mlops: Mlops) -> None:
    extend(spec, address(platform, ref="main"))
    mlops("lock")
    platform.push({"ml/base.mlops.yaml": LOWER})
    (spec / copy(platform)).unlink()
    before = files(spec)
    ran = mlops("lock")
    assert (ran.code, "is another by now than the one that the lock pins" in ran.err) == (1, True)
    assert files(spec) == before
    assert mlops("lock", "--upgrade", "layers").code == 0


@pytest.mark.parametrize(
    "asked, code, said",
    [
        ("git+{url}//ml/base.mlops.yaml?ref=v9", 1, "MS113 git+{url}//ml/base.mlops.yaml?ref=v9: it has no branch, tag or commit v9"),
        ("git+{url}//ml/none.mlops.yaml", 1, "MS113 git+{url}//ml/none.mlops.yaml: it has no file ml/none.mlops.yaml"),
        ("git+http://127.0.0.1:1/specs//base.mlops.yaml", 5, "MS114 git+http://127.0.0.1:1/specs//base.mlops.yaml: "),
        ("oci://127.0.0.1:1/base:3", 5, "MS114 oci://127.0.0.1:1/base:3: 127.0.0.1:1 does not answer: Connection refused"),
        ("https://git.acme.example/specs//base.mlops.yaml", 1, "MS058 `https://git.acme.example/specs//base.mlops.yaml` is not the address of a layer"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_leaves_everything_as_it_is(
    asked: str, code: int, said: str, spec: Path, platform: Forge, mlops: Mlops
) -> None:
    url = platform.url
    extend(spec, address(platform), asked.format(url=url))
    before = files(spec)
    ran = mlops("lock")
    assert ran.code == code, ran
    assert said.format(url=url) in ran.err
    assert "mlops.yaml:2:" in ran.err
    assert files(spec) == before


def test_a_file_beside_a_layer_leads_nowhere_else(spec: Path, platform: Forge, mlops: Mlops) -> None:
    """A layer of others names files of its own repository, and none of this one."""
    platform.push({"ml/base.mlops.yaml": f"{HEAD}extends: [../../../../../../mlops.yaml]\n"})
    extend(spec, address(platform, ref="main"))
    ran = mlops("lock")
    assert (ran.code, "MS058" in ran.err) == (1, True), ran


def test_a_link_in_the_way_is_not_followed(spec: Path, platform: Forge, mlops: Mlops, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (spec / "vendor").symlink_to(tmp_path / "outside")
    before = (spec / LOCK).read_text()
    ran = mlops("lock")
    assert ran.code != 0
    assert [*(tmp_path / "outside").iterdir()] == []
    assert (spec / LOCK).read_text() == before


def test_an_unknown_layer_cannot_be_upgraded(spec: Path, mlops: Mlops) -> None:
    mlops("lock")
    ran = mlops("lock", "--upgrade", "git+https://git.acme.example/x//y")
    assert (ran.code, "MS193" in ran.err) == (2, True)
