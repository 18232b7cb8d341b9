"""What is taken for a credential, what is not, and that nothing says what it is."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.diagnostic import Diagnostic, Severity
from mlops_spec.lint.credential import named, recognised

ALPHANUMERIC = "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3"
HEXADECIMAL = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

FORMS = {
    "-----BEGIN PRIVATE KEY-----\nMIIE": "a private key",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE": "a private key",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl": "a private key",
    "AKIAIOSFODNN7EXAMPLE": "an AWS access key",
    "--key=ASIAIOSFODNN7EXAMPLE": "an AWS access key",
    f"ghp_{ALPHANUMERIC[:36]}": "a GitHub token",
    f"github_pat_{ALPHANUMERIC}": "a GitHub token",
    f"glpat-{ALPHANUMERIC[:20]}": "a GitLab token",
    "xoxb-" + "1234567890-abcdef": "a Slack token",
    "https://hooks.slack.com/services/T0/B0/" + "abc": "a Slack webhook",
    f"AIza{ALPHANUMERIC[:35]}": "a Google API key",
    f"hf_{ALPHANUMERIC[:34]}": "a Hugging Face token",
    f"dapi{HEXADECIMAL}": "a Databricks token",
    f"sk-{ALPHANUMERIC[:32]}": "an OpenAI or Anthropic key",
    f"sk-ant-{ALPHANUMERIC}": "an OpenAI or Anthropic key",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln": "a JSON web token",
    "postgres://reader:hunter2@warehouse.acme.example/customers": "a password in a URI",
    "redis://:hunter2@cache.acme.example": "a password in a URI",
}
HARMLESS = (
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----",
    "AKIA",
    "sk-learn-gradient-boosting-classifier-v2",
    "https://git.acme.example/growth/churn.git",
    "git@git.acme.example:growth/churn.git",
    "ssh://git@git.acme.example:22/growth/churn.git",
    "http://mlflow.mlops.svc:5000/a@b",
    "postgres://reader:${{ secrets.warehouse.password }}@warehouse.acme.example/customers",
    "postgres://reader:$(PASSWORD)@warehouse.acme.example/customers",
    "s3://acme-ml/churn/customers.parquet",
)
UNDER_A_NAME = {
    ("WANDB_API_KEY", HEXADECIMAL): "what looks like a secret",
    ("aws_secret_access_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"): "what looks like a secret",
    ("TOKEN", "550e8400-e29b-41d4-a716-446655440000"): "what looks like a secret",
    ("routing_key", HEXADECIMAL): "what looks like a secret",
    ("DATABASE_PASSWORD", "correct horse"): "a password",
    ("passwd", "hunter2"): "a password",
}
HARMLESS_UNDER_A_NAME = (
    ("REVISION", HEXADECIMAL),
    ("TOKENIZER", "A1b2C3d4E5f6G7h8I9j0K1"),
    ("MAX_TOKENS", "4096"),
    ("PARTITION_KEY", "customer_id_and_month_2024"),
    ("SECRET", "mlflow-token-of-the-growth-team"),
    ("KEY", "a1a1a1a1a1a1a1a1a1a1a1a1"),
    ("PASSWORD_FILE", "/run/secrets/password"),
    ("PASSWORD", "/run/secrets/password"),
    ("PASSWORD", "$(OTHER_PASSWORD)"),
    ("PASSWORD", "${{ secrets.warehouse.password }}"),
    ("ALLOW_EMPTY_PASSWORD", "yes"),
)


@pytest.mark.parametrize("value", FORMS)
def test_well_known_credentials_are_recognised_by_their_form(value: str) -> None:
    assert recognised(value) == FORMS[value]
    assert recognised(f"curl -H 'Authorization: {value}' more") == FORMS[value]


@pytest.mark.parametrize("value", HARMLESS)
def test_what_only_resembles_one_is_not(value: str) -> None:
    assert recognised(value) is None


@pytest.mark.parametrize(("name", "value"), UNDER_A_NAME)
def test_a_name_gives_a_credential_away(name: str, value: str) -> None:
    assert named(name, value) == UNDER_A_NAME[name, value]


@pytest.mark.parametrize(("name", "value"), HARMLESS_UNDER_A_NAME)
def test_a_name_alone_makes_no_credential(name: str, value: str) -> None:
    assert named(name, value) is None


@given(st.sampled_from(list(FORMS)), st.text(max_size=5))
def test_no_description_holds_a_part_of_the_value(value: str, around: str) -> None:
    what = recognised(f"{around} {value} {around}")
    assert what is not None
    assert value not in what


def test_most_random_texts_are_found() -> None:
    drawn = [secrets.token_hex(16) for _ in range(200)] + [secrets.token_urlsafe(24) for _ in range(200)]
    assert sum(named("API_KEY", value) is not None for value in drawn) > 360


@pytest.mark.parametrize("piece", ["://", "a://a:", "eyJ", "-----BEGIN A ", "AKIA", "sk-"])
def test_texts_made_to_be_slow_end(piece: str) -> None:
    assert recognised(piece * (32768 // len(piece))) is None


SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
environments: {dev: {}, prod: {protected: true, variables: {login: hunter2-in-prod}}}
variables: {login: {type: string, default: hunter2-in-dev}, api_key: {type: string, default: KEY}}
pipelines:
  train:
    steps:
      fit:
        image: registry.acme.example/train@sha256:4be1c7a0d1a1a0b2c6e5f1c6a3fb7f7f1dcb4f2c8a1d7e8e3a5b6c7d8e9f0a1b
        command: [python, -m, fit, --key, "${{ variables.api_key }}"]
        env: {PASSWORD: "${{ variables.login }}", API_KEY: "x${{ variables.api_key }}"}
""".replace("KEY}", f"{HEXADECIMAL}}}")


def test_a_secret_is_an_error_everywhere_and_never_printed(lint: Callable[[str], list[Diagnostic]]) -> None:
    found = lint(SPEC)
    assert {d.severity for d in found} == {Severity.ERROR}
    assert not any(secret in str(found) for secret in ("hunter2", HEXADECIMAL))


def test_a_secret_that_a_placeholder_brings_is_reported_once_where_it_is_written(
    lint: Callable[[str], list[Diagnostic]],
) -> None:
    assert {d.address for d in lint(SPEC)} == {"variables.api_key.default", "pipelines.train.steps.fit.env.PASSWORD"}
