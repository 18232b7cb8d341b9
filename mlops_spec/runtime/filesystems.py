"""Where a URI leads, by Apache Arrow's own file systems: this machine's, S3's and Google Cloud Storage's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_spec.runtime.program import Failed


def opened(uri: str, environment: Mapping[str, str]) -> tuple[Any, str]:
    """Return the file system of a URI, and the path in it. Raises Failed where there is none."""
    try:
        from pyarrow import ArrowException, fs
    except ImportError:
        raise Failed("Apache Arrow is not installed: install mlops-spec[runtime]") from None
    scheme, _, rest = uri.partition("://")
    if scheme in ("s3", "s3a"):
        region, endpoint = environment.get("AWS_DEFAULT_REGION"), environment.get("AWS_ENDPOINT_URL")
        return fs.S3FileSystem(region=region, endpoint_override=endpoint), rest
    try:
        found: tuple[Any, str] = fs.FileSystem.from_uri(uri.replace("gcs://", "gs://", 1))
    except (ArrowException, ValueError) as problem:
        raise Failed(f"nothing can be read at {uri}: {problem}") from None
    return found


def uri_of(path: str, beside: str) -> str:
    """Return the URI of a path in the file system of the URI ``beside``, as Arrow and Hadoop both read it."""
    scheme = beside.partition(":")[0]
    return f"{scheme}://{path}"
