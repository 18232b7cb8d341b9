"""Registries, asked by their API (OCI distribution) which digest a tag names, and for the file that an artifact is."""

from __future__ import annotations

import json
import re
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any, NamedTuple

from mlops_spec.language.digest import sha256
from mlops_spec.language.image import HUB, registry
from mlops_spec.live.docker import Credentials, credentials

_HUB_HOST = "registry-1.docker.io"
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_TITLE = "org.opencontainers.image.title"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_PARAMETER = re.compile(r'([A-Za-z]+)="([^"]*)"')
_LOOPBACK = re.compile(r"(localhost|127(\.[0-9]+){3}|\[::1\])(:[0-9]+)?\Z")
_PATIENCE = 15  # seconds
_MOST_BYTES = 8 * 2**20
"""More than registries take for a manifest (4 MiB)."""


class Unreachable(Exception):
    """A registry does not answer, or will not say; the message says which and why."""


class Image(NamedTuple):
    """Where an image lies. A name without a host is Docker Hub's, as everywhere."""

    registry: str
    path: str

    @classmethod
    def of(cls, repository: str) -> Image:
        """Read a repository as Docker does."""
        host = registry(repository)
        path = repository.removeprefix(f"{host}/")
        return cls(host, f"library/{path}" if host == HUB and "/" not in path else path)

    @property
    def address(self) -> str:
        """The registry's own. As everywhere, only one on this machine is asked without TLS."""
        scheme = "http" if _LOOPBACK.match(self.registry) else "https"
        return f"{scheme}://{_HUB_HOST if self.registry == HUB else self.registry}"


class Unfit(Exception):
    """An artifact that is not one file; the message says what it is."""


def digest(repository: str, reference: str, environment: Mapping[str, str]) -> str | None:
    """Return the digest of what a tag or digest names, None where nothing is; of several platforms that of their index.

    Raises Unreachable.
    """
    return _Pull(repository, environment).digest(reference)


def file(repository: str, reference: str, environment: Mapping[str, str], most: int) -> bytes | None:
    """Return the file of at most ``most`` bytes that an artifact is, None where there is none.

    Of several files it is the one that is titled ``*.mlops.yaml`` (``org.opencontainers.image.title``, as ORAS writes
    it). Nothing is returned but what its digest says. Raises Unreachable and Unfit.
    """
    pull = _Pull(repository, environment)
    manifest = pull.content("manifests", reference, _MOST_BYTES)
    if manifest is None:
        return None
    found = _only_file(manifest)
    if found["size"] > most:
        raise Unfit(f"its file has {found['size']} bytes, and a layer has at most {most}")
    content = pull.content("blobs", found["digest"], most)
    if content is None:
        raise Unreachable(f"{pull.image.registry} has no {found['digest']}, which its manifest names")
    return content


def _only_file(manifest: bytes) -> Any:
    """Return the descriptor of an artifact's file. Raises Unfit."""
    try:
        said = json.loads(manifest)
        files = [each for each in said["layers"] if _is_file(each)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unfit("it is no artifact of files (OCI image manifest)") from None
    titled = [each for each in files if str((each.get("annotations") or {}).get(_TITLE)).endswith(".mlops.yaml")]
    chosen = files if len(files) == 1 else titled
    if len(chosen) != 1:
        raise Unfit(f"it has {len(files)} files, and {len(titled)} of them are titled *.mlops.yaml")
    return chosen[0]


def _is_file(layer: Any) -> bool:
    """Tell whether a layer is a file, and no archive of files."""
    return bool(
        _DIGEST.match(layer["digest"])
        and isinstance(layer["size"], int)
        and not re.search(r"tar|gzip|zstd", layer["mediaType"])
    )


class _Pull:
    """What is read of a repository: by nobody, and where that is refused by who is logged in."""

    def __init__(self, repository: str, environment: Mapping[str, str]) -> None:
        self.image, self.environment = Image.of(repository), environment
        self.headers = {"Accept": _MANIFESTS}

    def digest(self, reference: str) -> str | None:
        answer = self._answer("HEAD", "manifests", reference, _MOST_BYTES)
        if answer is None:
            return None
        found = str(answer.headers.get("Docker-Content-Digest", ""))
        return found if _DIGEST.match(found) else self._hashed(reference)

    def content(self, kind: str, reference: str, most: int) -> bytes | None:
        """Return a manifest or blob; one that is named by its digest has it."""
        answer = self._answer("GET", kind, reference, most)
        if answer is not None and reference.startswith("sha256:") and sha256(answer.body) != reference:
            raise Unreachable(f"{self.image.registry} sends something else as {reference}")
        return answer.body if answer is not None else None

    def _hashed(self, reference: str) -> str | None:
        content = self.content("manifests", reference, _MOST_BYTES)
        return sha256(content) if content is not None else None

    def _answer(self, method: str, kind: str, reference: str, most: int) -> _Answer | None:
        registry = self.image.registry
        asked = f"{self.image.address}/v2/{self.image.path}/{kind}/{urllib.parse.quote(reference, safe=':')}"
        try:
            answer = _ask(asked, method, self.headers, most=most)
            if answer.status == 401:
                known = credentials(registry, self.environment)
                self.headers["Authorization"] = _opened(self.image, answer.headers, known)
                answer = _ask(asked, method, self.headers, most=most)
        except (OSError, HTTPException) as problem:
            raise Unreachable(f"{registry} does not answer: {_why(problem)}") from None
        if answer.status not in (200, 404):
            raise Unreachable(f"{registry} {_status(answer.status)}")
        return answer if answer.status == 200 else None


class _Answer(NamedTuple):
    status: int
    headers: Any
    body: bytes


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow as ever, but show nobody else what opens the registry."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is None:
            return None
        new.method = req.get_method()
        if urllib.parse.urlsplit(newurl)[:2] != urllib.parse.urlsplit(req.full_url)[:2]:
            new.remove_header("Authorization")
        return new


def _ask(
    url: str, method: str, headers: Mapping[str, str], data: bytes | None = None, *, most: int = _MOST_BYTES
) -> _Answer:
    opener = urllib.request.build_opener(_Redirects)
    request = urllib.request.Request(url, data, dict(headers), method=method)
    try:
        with opener.open(request, timeout=_PATIENCE) as answer:
            return _Answer(answer.status, answer.headers, answer.read(most + 1))
    except urllib.error.HTTPError as refused:
        with refused:
            return _Answer(refused.code, refused.headers, b"")


def _opened(image: Image, headers: Any, known: Credentials | None) -> str:
    """Return the header that answers a registry's challenge. Raises Unreachable."""
    scheme, _, rest = str(headers.get("WWW-Authenticate", "")).partition(" ")
    if scheme.lower() == "basic" and known is not None:
        return known.basic
    if scheme.lower() != "bearer":
        raise Unreachable(f"{image.registry} {_status(401)}")
    said = dict(_PARAMETER.findall(rest))
    scope = said.get("scope") or f"repository:{image.path}:pull"
    asked = {"service": said.get("service", ""), "scope": scope}
    return f"Bearer {_token(image, said.get('realm', ''), asked, known)}"


def _token(image: Image, realm: str, asked: Mapping[str, str], known: Credentials | None) -> str:
    parts = urllib.parse.urlsplit(realm)
    secure = parts.scheme == "https" or (parts.scheme == "http" and image.address.startswith("http:"))
    if not secure:
        raise Unreachable(f"{image.registry} sends for a token to `{realm}`, which is no https: address")
    if known is not None and known.identity:
        form = {**asked, "grant_type": "refresh_token", "refresh_token": known.identity, "client_id": "mlops-spec"}
        answer = _ask(realm, "POST", {}, urllib.parse.urlencode(form).encode())
    else:
        header = {"Authorization": known.basic} if known is not None else {}
        joined = "&" if parts.query else "?"
        answer = _ask(f"{realm}{joined}{urllib.parse.urlencode(asked)}", "GET", header)
    if answer.status != 200:
        raise Unreachable(f"{image.registry} {_status(answer.status)}")
    try:
        said = json.loads(answer.body)
        return str(said.get("token") or said["access_token"])
    except (ValueError, KeyError, AttributeError):
        raise Unreachable(f"{image.registry} has its tokens given by {parts.netloc}, which gives none") from None


def _status(status: int) -> str:
    if status in (401, 403):
        return f"does not let us in (status {status}): run `docker login`, or name its config in DOCKER_CONFIG"
    if status == 429:
        return "has been asked too often (status 429): log in, or run again later"
    return f"answers with the status {status}"


def _why(problem: BaseException) -> str:
    """Return what the system said, of a certificate what is wrong with it."""
    reason = getattr(problem, "reason", None)
    problem = reason if isinstance(reason, BaseException) else problem
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted: {problem.verify_message}"
    if isinstance(problem, (TimeoutError, socket.timeout)):
        return f"nothing came within {_PATIENCE} seconds"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return str(problem) or type(problem).__name__
