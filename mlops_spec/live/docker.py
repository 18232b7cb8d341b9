"""Credentials for image registries, where `docker login`, Podman and credential helpers keep them."""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mlops_spec.language.image import HUB

_HUB = "https://index.docker.io/v1/"
_BY_TOKEN = "<token>"  # what a helper gives as the user of an identity token
_PATIENCE = 30  # seconds


class Credentials(NamedTuple):
    """What opens a registry: a name and a password, or an identity token that is exchanged for one that opens it."""

    user: str
    password: str
    identity: str = ""

    @property
    def basic(self) -> str:
        """The header that says so."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def credentials(registry: str, environment: Mapping[str, str]) -> Credentials | None:
    """Return what is kept for a registry; None where nothing is, and it is asked as anybody."""
    for file in _files(environment):
        found = _of(_read(file), registry)
        if found is not None:
            return found
    return None


def _files(environment: Mapping[str, str]) -> Iterator[Path]:
    home = environment.get("HOME")
    if "REGISTRY_AUTH_FILE" in environment:
        yield Path(environment["REGISTRY_AUTH_FILE"])
    if "DOCKER_CONFIG" in environment:
        yield Path(environment["DOCKER_CONFIG"], "config.json")
    elif home:
        yield Path(home, ".docker", "config.json")
    if "XDG_RUNTIME_DIR" in environment:
        yield Path(environment["XDG_RUNTIME_DIR"], "containers", "auth.json")
    if home:
        yield Path(home, ".config", "containers", "auth.json")


def _read(file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _of(config: Mapping[str, Any], registry: str) -> Credentials | None:
    name = _HUB if registry == HUB else registry
    helper = _map(config, "credHelpers").get(registry) or config.get("credsStore")
    if isinstance(helper, str):
        found = _helped(helper, name)
        if found is not None:
            return found
    auths = _map(config, "auths")
    entry = _map(auths, name) or _map(auths, f"https://{registry}") or _map(auths, f"https://{registry}/v2/")
    return _plain(entry)


def _plain(entry: Mapping[str, Any]) -> Credentials | None:
    user, password = entry.get("username", ""), entry.get("password", "")
    if entry.get("auth"):
        try:
            user, _, password = base64.b64decode(str(entry["auth"])).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
    identity = entry.get("identitytoken", "")
    return Credentials(str(user), str(password), str(identity)) if identity or password else None


def _helped(helper: str, server: str) -> Credentials | None:
    """Ask a credential helper; None where it is not installed, or keeps nothing for the server."""
    if os.path.basename(helper) != helper:
        return None
    command = [f"docker-credential-{helper}", "get"]
    try:
        done = subprocess.run(command, input=server, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        found = json.loads(done.stdout) if done.returncode == 0 else {}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    user, secret = (str(_map({"": found}, "").get(key, "")) for key in ("Username", "Secret"))
    if not secret:
        return None
    return Credentials("", "", secret) if user == _BY_TOKEN else Credentials(user, secret)


def _map(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}
