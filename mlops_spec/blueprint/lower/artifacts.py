"""Where artifacts and data lie, and what a pod must reach and hold to move them."""

from __future__ import annotations

from urllib.parse import urlsplit

from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.types import GCS, S3, Endpoint, Location, SecretKey
from mlops_spec.language.text import Name
from mlops_spec.model.platform import Artifacts

_AWS = "s3.amazonaws.com"
_HTTPS = 443


def scheme(uri: str) -> str:
    """Return the scheme of a URI; ``gcs`` is said ``gs``."""
    found = uri.partition("://")[0] if "://" in uri else uri.partition(":")[0]
    return {"gcs": "gs", "s3a": "s3"}.get(found, found)


def location(uri: str, artifacts: Artifacts | None, address: str) -> Location | None:
    """Return the bucket and key of a URI for an orchestrator that moves artifacts itself; None for other schemes.

    Raises Refused.
    """
    bucket, _, key = uri.partition("://")[2].partition("/")
    if "$" in key:
        raise Refused("a URI that an orchestrator reads itself cannot hold a $")
    secret = artifacts.secret if artifacts else None

    def held(name: str) -> SecretKey | None:
        at = artifacts.address if artifacts else address
        return SecretKey(address=f"{at}.secret", name=Name(secret), key=Name(name)) if secret else None

    if scheme(uri) == "s3":
        endpoint = urlsplit(artifacts.endpoint).netloc if artifacts and artifacts.endpoint else _AWS
        insecure = bool(artifacts and artifacts.endpoint and artifacts.endpoint.startswith("http://"))
        region = artifacts.region if artifacts else None
        s3 = S3(
            address=address, bucket=bucket, key=key, endpoint=endpoint, insecure=insecure, region=region,
            access=held("access_key"), secret=held("secret_key"),
        )  # fmt: skip
        return Location(address=address, s3=s3, gcs=None)
    if scheme(uri) == "gs":
        gcs = GCS(address=address, bucket=bucket, key=key, account=held("service_account"))
        return Location(address=address, s3=None, gcs=gcs)
    return None


def endpoint(uri: str, address: str) -> Endpoint:
    """Return where a URI's host is: a service of this cluster (``http://x.NAMESPACE.svc:5000``), or outside it."""
    parts = urlsplit(uri)
    labels = (parts.hostname or "").split(".")
    inside = Name(labels[1]) if len(labels) > 2 and labels[2] == "svc" else None
    default = 80 if parts.scheme == "http" else _HTTPS
    return Endpoint(address=address, namespace=inside, port=parts.port or default)


def store(uri: str, artifacts: Artifacts | None, address: str) -> Endpoint:
    """Return what a pod talks to for objects under ``uri``."""
    if artifacts and artifacts.endpoint and scheme(uri) == "s3":
        return endpoint(artifacts.endpoint, f"{artifacts.address}.endpoint")
    return Endpoint(address=address, namespace=None, port=_HTTPS)
