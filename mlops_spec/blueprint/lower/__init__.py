"""Lowering, one module per section of the spec: the only place where meaning is decided."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.blueprint.lower import cluster, servers, submissions
from mlops_spec.blueprint.lower.alerts import groups, scrapes
from mlops_spec.blueprint.lower.batch import scorings
from mlops_spec.blueprint.lower.collecting import collected
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.dashboards import dashboards
from mlops_spec.blueprint.lower.images import builds, integration
from mlops_spec.blueprint.lower.monitors import monitors
from mlops_spec.blueprint.lower.notifications import notifications
from mlops_spec.blueprint.lower.pipelines import pipelines
from mlops_spec.blueprint.lower.polling import polled
from mlops_spec.blueprint.lower.rollouts import rollouts
from mlops_spec.blueprint.lower.routes import gateway, routes
from mlops_spec.blueprint.lower.run_alerts import run_alerts
from mlops_spec.blueprint.lower.services import served
from mlops_spec.blueprint.lower.state import state
from mlops_spec.blueprint.lower.triggers import triggers
from mlops_spec.blueprint.types import Blueprint


def lower(context: Context, edges: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Blueprint:
    """Lower one environment; ``edges`` say for each pipeline what each step waits for. Problems stay in ``context``."""
    rendered = pipelines(context, edges)
    running = cluster.orchestrators(context, rendered)
    started = triggers(context, rendered)
    submitting, submitting_policies = submissions.access(context, rendered)
    looking = polled(context, rendered)
    document, own_accounts, own_policies = state(context)
    serving = served(context)
    logged = collected(context, ((each.model, each.serving) for each in serving))
    scored = scorings(context, frozenset(running))
    watched = monitors(context)
    alerted = groups(context, serving, watched.monitors)
    ran = run_alerts(context, looking.told)
    shown = dashboards(context, serving, watched.monitors)
    walked = rollouts(context, serving, alerted)
    ways = routes(context, serving)
    entrance = gateway(context, ways)
    server_accounts, server_secrets = servers.accounts(context, serving)
    built = builds(context)
    blueprint = Blueprint(
        address="",
        project=context.spec.project.name,
        environment=context.environment,
        namespace=cluster.namespace(context),
        pipelines=rendered,
        services=tuple(service for each in serving for service in each.services()),
        collector=logged.collector,
        gateway=entrance,
        routes=ways,
        scrapes=scrapes(context, serving),
        scorings=scored.scorings,
        monitors=watched.monitors,
        alerts=(*alerted, *ran, *shown.kept),
        dashboards=shown.dashboards,
        notifications=notifications(context, alerted, ran, started.triggers),
        triggers=started.triggers,
        bus=started.bus,
        jobs=(document.job,) if document and document.job else (),
        crons=(
            *(scoring.launch for scoring in scored.scorings if scoring.launch),
            *(monitor.job for monitor in watched.monitors),
            *looking.jobs,
            *walked.jobs,
        ),
        secrets=(*cluster.secrets(context), *server_secrets),
        accounts=(
            *cluster.accounts(context, running),
            *own_accounts,
            *submitting,
            *server_accounts,
            *logged.accounts,
            *started.accounts,
            *looking.accounts,
            *scored.accounts,
            *watched.accounts,
            *walked.accounts,
        ),
        roles=(*cluster.roles(context, running), *started.roles, *looking.roles, *scored.roles),
        policies=(
            *cluster.policies(context, rendered),
            *own_policies,
            *submitting_policies,
            *started.policies,
            *looking.policies,
            *scored.policies,
            *watched.policies,
            *walked.policies,
            *servers.policies(context, serving, ways, entrance),
            *logged.policies,
        ),
        budgets=(*servers.budgets(context, serving), *logged.budgets),
        state=document,
        builds=built,
        integration=integration(context, built),
        withheld=tuple(context.withheld),
    )
    cluster.check_keys(context, blueprint)
    return blueprint
