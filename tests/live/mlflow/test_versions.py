"""Where a version lies, as a server of models can read it."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.live.mlflow.client import Servers
from mlops_spec.live.mlflow.versions import Unfit, Versions

SERVERS = Servers("http://mlflow.acme.example", "http://mlflow.acme.example")
NO_CLIENT: Any = None


def versions(destination: str | None) -> Versions:
    return Versions(NO_CLIENT, SERVERS, destination)


@pytest.mark.parametrize(
    "uri", ["s3://a/b", "gs://a/b", "hdfs://a/b", "hf://a/b", "oci://a/b", "https://a.example/b.zip", "pvc://a/b"]
)
def test_what_others_can_read_stays_as_it_is(uri: str) -> None:
    assert versions(None).readable(uri, "it") == versions("s3://kept").readable(uri, "it") == uri


@pytest.mark.parametrize(
    "uri", ["mlflow-artifacts:/1/m/artifacts", "mlflow-artifacts://mlflow.acme.example:5000/1/m/artifacts"]
)
@pytest.mark.parametrize("kept", ["s3://acme/kept", "s3://acme/kept/"])
def test_what_a_server_hands_through_lies_below_its_destination(uri: str, kept: str) -> None:
    assert versions(kept).readable(uri, "it") == "s3://acme/kept/1/m/artifacts"


@pytest.mark.parametrize(
    "uri, said, hint",
    [
        ("mlflow-artifacts:/1/m", "only the tracking server itself can read", "--artifacts-destination"),
        ("/mlruns/1/m", "in a folder of one machine", "--default-artifact-root"),
        ("file:///mlruns/1/m", "in a folder of one machine", "--default-artifact-root"),
        ("./mlruns", "in a folder of one machine", "--default-artifact-root"),
    ],
)
def test_what_nobody_else_can_read_is_refused_with_the_way_out(uri: str, said: str, hint: str) -> None:
    with pytest.raises(Unfit, match=f"version 1 of churn lies at {uri}, .*{said}") as refused:
        versions(None).readable(uri, "version 1 of churn")
    assert hint in refused.value.hint
