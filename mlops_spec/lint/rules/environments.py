"""Rules about environments, and the versions that the lock has for them: MS261 to MS269."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.language.environment import CLUSTER, implied_namespace
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.source.tree import Map, find

_PRODUCTION = re.compile(r"(?:prod|production|prd)(?:-(?:eu|us|ap|[0-9])[a-z0-9-]*)?\Z")


@rule("MS261", "a protected environment that promotes from nobody", protected=Severity.WARNING)
def untried(view: View) -> Iterator[Finding]:
    """A protected environment serves or scores, there are other environments, and it has no `promotes_from`.

    Why: Its versions come straight from the registry. No other environment has run them first, with the same image,
    server and features: the first to try a new model are the users.

    Bad:

        prod: {protected: true}

    Good:

        prod: {protected: true, promotes_from: dev}
    """
    environment = view.spec.environments.get(view.environment)
    if environment is None or not view.protected or environment.promotes_from:
        return
    others = [name for name in view.spec.environments if name not in (view.environment, "local")]
    delivered = tuple(("this is delivered", m.address) for m in view.spec.models.values() if m.serving or m.batch)
    if others and delivered:
        message = f"versions come to {view.environment} without having run anywhere else"
        yield Finding(environment.address, message, f"add `promotes_from: {others[-1]}`", delivered)


@rule("MS262", "a production that anybody may change")
def open_to_all(view: View) -> Iterator[Finding]:
    """An environment is production by its name (`prod`, `production`, `prd`), and not `protected`.

    Why: What is not protected is delivered from the branch that everybody pushes to. What is unlocked or moves is only
    warned of there, and left out: a half-finished spec takes parts of production away.

    Bad:

        prod: {promotes_from: dev}

    Good:

        prod: {promotes_from: dev, protected: true}
    """
    environment = view.spec.environments.get(view.environment)
    if environment and not environment.protected and _PRODUCTION.match(environment.name):
        message = f"the environment {environment.name} is not protected"
        yield Finding(environment.address, message, "add `protected: true`")


@rule("MS263", "two environments in one namespace", Severity.ERROR)
def shared(view: View) -> Iterator[Finding]:
    """Two environments have the same `namespace` in the same cluster.

    Why: Objects of both have the same names. Whichever is delivered last overwrites the other's, and prunes what the
    other needs: a trial in dev takes prod down.

    Bad:

        prod:
          namespace: churn

    Good:

        prod:
          namespace: churn-prod
    """
    here = _place(view, view.environment)
    for name, environment in view.spec.environments.items():
        if name == view.environment:
            return
        if name != "local" and _place(view, name) == here:
            yield Finding(
                f"environments.{view.environment}.namespace",
                f"{view.environment} and {name} are delivered into one namespace, {here[1]}",
                "give each environment a namespace of its own",
                (("this is the other one", f"{environment.address}.namespace"),),
            )


@rule("MS264", "a version that was never tried where it comes from", protected=Severity.WARNING)
def ahead(view: View) -> Iterator[Finding]:
    """The lock has a newer version of a model for an environment than for the one that it promotes from.

    Why: Either nothing but this environment has run it, or it was put back where it was tried, and still runs here.

    Bad:

        prod:
          models:
            churn:
              version: 8

    Good:

        prod:
          models:
            churn:
              version: 7
    """
    for model, here, there in _promoted(view):
        if here["version"] > there["version"]:
            source = view.spec.environments[view.environment].promotes_from
            yield Finding(
                f"models.{model}",
                f"{view.environment} has version {here['version']} of {model}, and {source}, which it promotes from, "
                f"has {there['version']}",
                f"let {source} run it first, or put {view.environment} back as well",
                locked=_lines(view, model),
            )


@rule("MS265", "one version that is two models", Severity.ERROR)
def forged(view: View) -> Iterator[Finding]:
    """The lock has the same version of a model for an environment and for the one that it promotes from, with another
    run, URI or digest.

    Why: A version of a registry never changes. One of the lines was edited by hand, or the files of the version were
    overwritten: what was tried is not what is about to run.

    Bad:

        prod:
          models:
            churn:
              version: 7
              run: 0f3a1c5e7b9d4e2f8a6c0b1d2e3f4a5b

    Good:

        prod:
          models:
            churn:
              version: 7
              run: 5b4a3f2e1d0b6c8a2e4f9d7b1c5e0f3a
    """
    for model, here, there in _promoted(view):
        other = [key for key in ("run", "uri", "digest") if here[key] != there[key]]
        if here["version"] == there["version"] and other:
            message = f"version {here['version']} of {model} has another {' and '.join(other)} where it comes from"
            hint = "find out which of them the registry has, and let `promote` copy it"
            yield Finding(f"models.{model}", message, hint, locked=_lines(view, model))


def _place(view: View, name: str) -> tuple[str, str]:
    environment = view.spec.environments.get(name)
    namespace = environment.namespace if environment else None
    cluster = environment.cluster if environment else CLUSTER
    return cluster, namespace or implied_namespace(view.spec.project.name, name)


def _promoted(view: View) -> Iterator[tuple[str, Map, Map]]:
    """Yield the models that are locked here and where they come from, with both lines of the lock."""
    environment = view.spec.environments.get(view.environment)
    source = environment.promotes_from if environment else None
    for model in view.spec.models if source else ():
        here = find(view.lock, ("environments", view.environment, "models", model))
        there = find(view.lock, ("environments", str(source), "models", model))
        if here is not None and there is not None:
            yield model, here, there


def _lines(view: View, model: str) -> tuple[tuple[str, str], ...]:
    source = view.spec.environments[view.environment].promotes_from
    names = (("this is locked here", view.environment), ("this is locked where it comes from", source))
    return tuple((message, f"environments.{name}.models.{model}") for message, name in names)


RULES = (untried, open_to_all, shared, ahead, forged)
