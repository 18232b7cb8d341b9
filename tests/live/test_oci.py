"""A registry is asked as Docker asks it: by whom, with what, and what is made of what it answers."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mlops_spec.live.docker import credentials
from mlops_spec.live.oci import Image, Unreachable, digest

BODY = b'{"schemaVersion": 2}'
DIGEST = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
BASIC = "Basic " + base64.b64encode(b"ada:secret").decode()


class Registry(BaseHTTPRequestHandler):
    """Let in who has a token, which Ada gets by her password, or by her identity token; the tag ``free`` is anybody's."""

    said: list[str] = []
    status, told = 200, True

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/token":
            assert parse_qs(parts.query) == {"service": ["acme"], "scope": ["repository:a/b:pull"]}
            self.answer(200, b'{"token": "t"}') if self.headers.get("Authorization") == BASIC else self.answer(401)
            return
        allowed = self.headers.get("Authorization")
        self.said.append(f"{self.command} {parts.path} {allowed or '-'}")
        host = self.headers["Host"]
        if parts.path.endswith("/away"):
            self.answer(307, Location=f"http://127.0.0.1:{self.server.server_address[1]}/v2/a/b/manifests/free")
        elif allowed != "Bearer t" and not parts.path.endswith("/free"):
            realm = f'Bearer realm="http://{host}/token",service="acme",scope="repository:a/b:pull"'
            self.answer(401, WWW_Authenticate=realm)
        elif parts.path.endswith("/none"):
            self.answer(404)
        else:
            headers = {"Docker_Content_Digest": DIGEST} if type(self).told else {}
            self.answer(type(self).status, BODY, **headers)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert (form["grant_type"], form["refresh_token"]) == (["refresh_token"], ["identity"])
        self.answer(200, b'{"access_token": "t"}')


@pytest.fixture
def registry() -> Iterator[str]:
    Registry.said, Registry.status, Registry.told = [], 200, True
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"localhost:{server.server_address[1]}"
        server.shutdown()


def configured(folder: Path, config: object) -> dict[str, str]:
    (folder / "config.json").write_text(json.dumps(config))
    return {"DOCKER_CONFIG": str(folder)}


def test_a_registry_that_asks_for_a_token_gets_one(registry: str, tmp_path: Path) -> None:
    auth = base64.b64encode(b"ada:secret").decode()
    environment = configured(tmp_path, {"auths": {registry: {"auth": auth}}})
    assert digest(f"{registry}/a/b", "1", environment) == DIGEST
    assert Registry.said == ["HEAD /v2/a/b/manifests/1 -", "HEAD /v2/a/b/manifests/1 Bearer t"]
    assert digest(f"{registry}/a/b", "none", environment) is None


def test_an_identity_token_is_exchanged(registry: str, tmp_path: Path) -> None:
    environment = configured(tmp_path, {"auths": {registry: {"identitytoken": "identity"}}})
    assert digest(f"{registry}/a/b", "1", environment) == DIGEST


def test_a_helper_keeps_the_password(registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = tmp_path / "docker-credential-vault"
    helper.write_text(
        f"""#!/bin/sh\n[ "$1 $(cat)" = "get {registry}" ] && echo '{{"Username": "ada", "Secret": "secret"}}'\n"""
    )
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for config in ({"credHelpers": {registry: "vault"}}, {"credsStore": "vault"}):
        assert digest(f"{registry}/a/b", "1", configured(tmp_path, config)) == DIGEST


def test_without_credentials_it_says_what_to_do(registry: str) -> None:
    with pytest.raises(Unreachable, match=r"does not let us in .*docker login"):
        digest(f"{registry}/a/b", "1", {})


def test_a_digest_that_is_not_told_is_hashed(registry: str) -> None:
    Registry.told = False
    assert digest(f"{registry}/a/b", "free", {}) == DIGEST
    assert [line.split()[0] for line in Registry.said] == ["HEAD", "GET"]


def test_another_host_does_not_see_what_opens_the_registry(registry: str, tmp_path: Path) -> None:
    auth = base64.b64encode(b"ada:secret").decode()
    environment = configured(tmp_path, {"auths": {registry: {"auth": auth}}})
    assert digest(f"{registry}/a/b", "away", environment) == DIGEST
    assert Registry.said[-1] == "HEAD /v2/a/b/manifests/free -"


@pytest.mark.parametrize("status, said", [(429, "asked too often"), (500, "answers with the status 500")])
def test_what_a_registry_refuses_is_said(status: int, said: str, registry: str) -> None:
    Registry.status = status
    with pytest.raises(Unreachable, match=said):
        digest(f"{registry}/a/b", "free", {})


def test_nobody_there() -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 does not answer: Connection refused"):
        digest("127.0.0.1:1/a", "1", {})


@pytest.mark.parametrize(
    "repository, address, path",
    [
        ("python", "https://registry-1.docker.io", "library/python"),
        ("docker.io/library/python", "https://registry-1.docker.io", "library/python"),
        ("docker.io/python", "https://registry-1.docker.io", "library/python"),
        ("acme/train", "https://registry-1.docker.io", "acme/train"),
        ("registry.acme.example/a/b/c", "https://registry.acme.example", "a/b/c"),
        ("registry.acme.example:5000/a", "https://registry.acme.example:5000", "a"),
        ("localhost:5000/a", "http://localhost:5000", "a"),
    ],
)
def test_a_name_is_read_as_docker_reads_it(repository: str, address: str, path: str) -> None:
    image = Image.of(repository)
    assert (image.address, image.path) == (address, path)


def test_no_file_and_a_broken_one_keep_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    assert credentials("registry.acme.example", {"DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path)}) is None
    assert (
        credentials("x", configured(tmp_path, {"credHelpers": {"x": "../sh"}, "auths": {"x": {"auth": "%"}}})) is None
    )
