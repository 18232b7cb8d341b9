"""What the lock lacks is said where the resource is defined, with the line to write."""

from __future__ import annotations

from collections.abc import Callable

from mlops_spec.diagnostic import Diagnostic, Severity
from mlops_spec.language.environment import resolve
from mlops_spec.language.layers import Loaded
from mlops_spec.language.lock import check, surplus

Load = Callable[..., Loaded]
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: churn}
environments:
  dev: {}
  prod: {protected: true, overrides: {models: {churn: {serving: {compute: large}}}}}
images: {train: {repository: registry.acme.example/train}}
models:
  churn: {serving: {shadow: {sample: 20%}}}
"""
WHOLE = 'version: …, run: …, uri: …, digest: "sha256:…"'


def found(loaded: Load, lock: str, environment: str = "prod") -> list[Diagnostic]:
    spec = loaded(SPEC, **{"mlops.lock.yaml": lock})
    return check(resolve(spec.layers, environment)[0].tree, spec.lock, environment)


def test_without_a_lock_the_whole_file_is_said(loaded: Load) -> None:
    image, model = check(resolve(loaded(SPEC).layers, "prod")[0].tree, loaded(SPEC).lock, "prod")
    assert image.hint == (
        'run `mlops-spec lock image train DIGEST`; in mlops.lock.yaml it is `images: {train: {digest: "sha256:…"}}`'
    )
    entry = f"`environments: {{prod: {{models: {{churn: {{{WHOLE}}}}}}}}}`"
    assert model.hint == f"run `mlops-spec lock`; in mlops.lock.yaml it is {entry}"


def test_a_model_is_unlocked_where_it_is_defined_and_not_where_it_is_overridden(loaded: Load) -> None:
    (model,) = found(
        loaded, 'lockVersion: 1\nimages: {train: {digest: "sha256:1"}}\nenvironments: {prod: {models: {}}}\n'
    )
    assert (model.code, str(model.place)) == ("MS131", "mlops.yaml:8:3")
    assert [(r.message, str(r.place)) for r in model.related] == [("the lock pins these", "mlops.lock.yaml:3:23")]


def test_a_version_that_lacks_its_shadow_says_so(loaded: Load) -> None:
    lock = (
        'lockVersion: 1\nimages: {train: {digest: "sha256:1"}}\nenvironments: {prod: {models: {churn: {version: 1}}}}\n'
    )
    (model,) = found(loaded, lock)
    assert model.message == "the model churn has no shadow version in the lock for prod"
    assert model.related[0].message == "the lock pins this version"
    assert f"churn: {{shadow: {{{WHOLE}}}}}" in model.hint


def test_it_is_an_error_where_the_environment_is_protected(loaded: Load) -> None:
    lock = "lockVersion: 1\n"
    assert {d.severity for d in found(loaded, lock)} == {Severity.ERROR}
    assert {d.severity for d in found(loaded, lock, "dev")} == {Severity.WARNING}


def test_what_the_spec_lacks_is_surplus(loaded: Load) -> None:
    lock = "lockVersion: 1\nimages: {trian: {}, runtime: {}}\nenvironments: {prd: {}, prod: {models: {chrun: {}}}}\n"
    spec = loaded(SPEC, **{"mlops.lock.yaml": lock})
    told = surplus(resolve(spec.layers, "prod")[0].tree, spec.lock, ("dev", "prod"))
    assert [(d.code, str(d.place), d.hint) for d in told] == [
        ("MS132", "mlops.lock.yaml:2:10", "did you mean train?"),
        ("MS132", "mlops.lock.yaml:3:16", "did you mean prod?"),
        ("MS132", "mlops.lock.yaml:3:41", "did you mean churn?"),
    ]
