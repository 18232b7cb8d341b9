"""``mlops-spec lock`` beside registries on this machine: what it writes, and when it writes nothing."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

Mlops = Callable[..., Any]
LOCK = "mlops.lock.yaml"
FIRST, SECOND = f"sha256:{'4b' * 32}", f"sha256:{'5c' * 32}"


class Images(ThreadingHTTPServer):
    """A registry that has the images in ``known`` by ``name:tag``, and calls ``meanwhile`` when it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.known: dict[str, str] = {}
        self.meanwhile: Callable[[], object] = lambda: None
        self.host = f"127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        assert isinstance(self.server, Images)
        self.server.meanwhile()
        name, _, reference = self.path.removeprefix("/v2/").partition("/manifests/")
        found = reference if reference in self.server.known.values() else self.server.known.get(f"{name}:{reference}")
        self.send_response(200 if found else 404)
        if found:
            self.send_header("Docker-Content-Digest", found)
        self.end_headers()


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Images]:
    monkeypatch.setenv("HOME", str(tmp_path))
    with Images() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def spec(hello: Path, images: Images) -> Path:
    """The current folder, with a spec of two images: one of others, one that CI builds."""
    file = hello / "mlops.yaml"
    built = f'{{repository: {images.host}/built, tag: "1", build: {{python: "3.12", requirements: r.lock, base: "{images.host}/base:3"}}}}'
    more = f'train: {{repository: {images.host}/hello, tag: "1"}}\n  built: {built}'
    file.write_text(file.read_text().replace('train: {repository: registry.acme.example/hello, tag: "1"}', more))
    images.known |= {"hello:1": FIRST, "base:3": FIRST}
    return hello


def text(images: Images, train: str, base: str) -> str:
    return f"lockVersion: 1\n\nimages:\n  built: {{base: {{digest: {base}}}}}\n  train: {{digest: {train}}}\n"


def test_tags_become_digests_and_what_is_not_built_yet_is_told(spec: Path, images: Images, mlops: Mlops) -> None:
    ran = mlops("lock")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"{LOCK}: images.built.base is {FIRST} ({images.host}/base:3)",
        f"{LOCK}: images.train is {FIRST} ({images.host}/hello:1)",
    ]
    assert f"warning MS113 there is no image {images.host}/built:1" in ran.err
    assert (spec / LOCK).read_text() == text(images, FIRST, FIRST)
    assert LOCK not in mlops("fmt", "--check").out

    images.known["hello:1"] = images.known["base:3"] = SECOND
    assert mlops("lock")[:2] == (0, "")
    ran = mlops("lock", "--upgrade", "train", "--format", "json")
    assert json.loads(ran.out)["lines"] == [{"address": "images.train", "said": "1", "pinned": SECOND}]
    assert (spec / LOCK).read_text() == text(images, SECOND, FIRST)
    assert mlops("lock", "--upgrade", "images.built").code == 1  # its own tag is asked for, and not there
    images.known["built:1"] = SECOND
    assert mlops("lock", "--upgrade", "built", "--dry-run").code == 0
    assert (spec / LOCK).read_text() == text(images, SECOND, FIRST)
    assert mlops("lock", "--upgrade", "built").code == 0
    assert f"  built: {{base: {{digest: {SECOND}}}, digest: {SECOND}}}\n" in (spec / LOCK).read_text()


def test_a_check_writes_nothing_and_tells_a_mistake_from_what_moves_by_design(
    spec: Path, images: Images, mlops: Mlops
) -> None:
    images.known["built:1"] = FIRST
    ran = mlops("lock", "--check")
    assert (ran.code, ran.err.count("error MS115 the lock has nothing for"), (spec / LOCK).exists()) == (1, 3, False)
    assert mlops("lock").code == 0
    assert mlops("lock", "--check").code == 0
    images.known |= {"built:1": SECOND, "base:3": SECOND, "kept:1": FIRST}
    ran = mlops("lock", "--check")
    assert (ran.code, ran.err.count("warning MS115")) == (0, 2)
    images.known["hello:1"] = SECOND
    ran = mlops("lock", "--check")
    assert (ran.code, ran.err.count("error MS115"), f"names {SECOND} by now" in ran.err) == (1, 1, True)
    del images.known["kept:1"]
    assert mlops("lock", "--check").err.count("the registry no longer has") == 3


def test_who_writes_meanwhile_is_not_overwritten(spec: Path, images: Images, mlops: Mlops) -> None:
    (spec / LOCK).write_text("lockVersion: 1\n")
    images.meanwhile = lambda: (spec / LOCK).write_text("lockVersion: 1 # mine\n")
    ran = mlops("lock")
    assert (ran.code, "MS159" in ran.err) == (6, True)
    assert (spec / LOCK).read_text() == "lockVersion: 1 # mine\n"


def test_one_registry_that_is_down_keeps_all_from_being_written(spec: Path, images: Images, mlops: Mlops) -> None:
    file = spec / "mlops.yaml"
    file.write_text(file.read_text().replace(f"{images.host}/hello", "127.0.0.1:1/hello"))
    ran = mlops("lock", "--format", "json")
    assert (ran.code, ran.out, (spec / LOCK).exists()) == (5, "", False)
    assert [each["code"] for each in json.loads(ran.err)["diagnostics"] if each["severity"] == "error"] == ["MS114"]


@pytest.fixture
def serving(spec: Path) -> Path:
    file = spec / "mlops.yaml"
    model = 'models: {churn: {version: "@challenger", serving: {}}}\n'
    environments = "environments: {dev: {}, prod: {promotes_from: dev}}\n"
    tracking = "platform: {tracking: {uri: http://127.0.0.1:1}}\n"
    file.write_text(file.read_text() + model + environments + tracking)
    return spec


def test_without_mlflow_it_says_what_to_install(serving: Path, mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    ran = mlops("lock")
    assert ran.code == 5
    assert 'MLflow is not installed: pip install "mlops-spec[mlflow]"' in ran.err
    assert not (serving / LOCK).exists()


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("--upgrade", "trian"), 2, "there is no model or image `trian` to upgrade"),
        (("--upgrade", "models.train"), 2, "there is no model or image `models.train` to upgrade"),
        (("--upgrade", "churn", "--env", "prod"), 2, "no version of churn is taken from the registry"),
        (("--upgrade", "train", "--check"), 2, "--check writes nothing"),
        (("--env", "prd"), 2, "no environment is named prd"),
    ],
)
def test_what_cannot_be_moved_is_refused(
    words: tuple[str, ...], code: int, said: str, serving: Path, mlops: Mlops
) -> None:
    ran = mlops("lock", *words)
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert not (serving / LOCK).exists()


def test_a_registry_that_nobody_names_is_told_and_the_rest_is_pinned(serving: Path, mlops: Mlops) -> None:
    file = serving / "mlops.yaml"
    file.write_text(file.read_text().replace("platform: {tracking: {uri: http://127.0.0.1:1}}\n", ""))
    ran = mlops("lock")
    assert (ran.code, "the model registry has no address" in ran.err) == (0, True)
    assert f"train: {{digest: {FIRST}}}" in (serving / LOCK).read_text()
