"""Kubernetes itself: what every environment needs in its cluster, whichever systems the spec chooses."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.effects import Effect, does
from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Blueprint


class Kubernetes(System):
    """The cluster; it has no options."""

    effects = (
        *does("Deployment", Effect.SCALES, "spec/replicas"),
        *does("Deployment", Effect.RECREATES, "spec/selector"),
        *does("Deployment", Effect.RESTARTS, "spec/template"),
        *does("StatefulSet", Effect.SCALES, "spec/replicas"),
        *does("StatefulSet", Effect.RECREATES, "spec/selector", "spec/serviceName", "spec/volumeClaimTemplates"),
        *does("StatefulSet", Effect.RESTARTS, "spec/template"),
        *does("Job", Effect.RUNS, "spec"),
        *does("RoleBinding", Effect.RECREATES, "roleRef"),
        *does("Secret", Effect.RECREATES, "type"),
        *does("Namespace", Effect.CHANGES, "metadata/labels"),
    )

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print the namespace, who works in it, what they may do and reach, our programs and what they are told."""
        yield file("cluster/kubernetes/namespace.yaml.j2", namespace=blueprint.namespace)
        for account in blueprint.accounts:
            yield file("cluster/kubernetes/serviceaccount.yaml.j2", account=account)
            if account.token is not None:
                yield file("cluster/kubernetes/secret.yaml.j2", token=account.token)
        for role in blueprint.roles:
            yield file("cluster/kubernetes/role.yaml.j2", role=role)
            yield file("cluster/kubernetes/rolebinding.yaml.j2", role=role)
        for policy in blueprint.policies:
            yield file("cluster/kubernetes/networkpolicy.yaml.j2", policy=policy)
        for budget in blueprint.budgets:
            yield file("cluster/kubernetes/poddisruptionbudget.yaml.j2", budget=budget)
        collector = blueprint.collector
        for told in (*((collector.config,) if collector else ()), *(cron.config for cron in blueprint.crons)):
            if told is not None:
                yield file("cluster/kubernetes/configmap.yaml.j2", config=told)
        if collector is not None:
            yield file("cluster/kubernetes/deployment.yaml.j2", collector=collector)
            yield file("cluster/kubernetes/service.yaml.j2", collector=collector)
        for job in blueprint.jobs:
            yield file("cluster/kubernetes/job.yaml.j2", job=job)
        for cron in blueprint.crons:
            yield file("cluster/kubernetes/cronjob.yaml.j2", job=cron)
