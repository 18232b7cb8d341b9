"""Secrets as the External Secrets operator reads them."""

from __future__ import annotations

import pytest

from mlops_spec.backends.secrets.external_secrets import ExternalSecrets
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration


def backend(kind="ClusterSecretStore", refresh="1h"):
    return ExternalSecrets(address="platform.secrets", kind=kind, refresh=Duration(refresh))


@pytest.fixture
def objects(nodes, printed):
    entries = tuple(
        nodes.SecretEntry(address=f"secrets.object-store.keys.{i}", key=Name(key), path="ml/s3", property=Name(key))
        for i, key in enumerate(("access_key", "secret_key"))
    )
    secret = nodes.Secret(**nodes.resource("object-store", "secrets"), store="vault", entries=entries, notes=())
    return printed(backend().emit(nodes.blueprint(secrets=(secret,))))


def test_a_secret_is_where_its_values_live_and_every_default_is_said(objects):
    def key(name):
        defaults = {"conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None"}
        return {"secretKey": name, "remoteRef": {"key": "ml/s3", "property": name, **defaults}}

    assert objects["secrets/externalsecret-object-store.yaml"]["spec"] == {
        "refreshInterval": "1h",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
        "target": {"name": "object-store", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "data": [key("access_key"), key("secret_key")],
    }


def test_keys_may_have_other_names_than_in_the_store_and_the_secret_notes(nodes, printed, conforms):
    entry = nodes.SecretEntry(address="x", key=Name("AWS_ACCESS_KEY_ID"), path="ml/s3", property=Name("access_key"))
    notes = nodes.labels(**{"serving.kserve.io/s3-region": "eu-central-1"})
    secret = nodes.Secret(**nodes.resource("a.serving", "secrets"), store="vault", entries=(entry,), notes=notes)
    objects = printed(backend().emit(nodes.blueprint(secrets=(secret,))))
    spec = objects["secrets/externalsecret-a.serving.yaml"]["spec"]
    assert spec["target"]["template"] == {
        "engineVersion": "v2",
        "mergePolicy": "Replace",
        "metadata": {"annotations": {"serving.kserve.io/s3-region": "eu-central-1"}},
    }
    assert spec["data"][0]["secretKey"] == "AWS_ACCESS_KEY_ID"
    assert spec["data"][0]["remoteRef"]["property"] == "access_key"
    conforms(objects)


def test_the_crd_takes_it(objects, conforms):
    conforms(objects)


@pytest.mark.parametrize("refresh, said", [("1h", "1h"), ("90s", "90s"), ("2d", "172800s")])
def test_an_interval_is_in_units_that_go_reads(refresh, said):
    assert backend(refresh=refresh).interval == said
