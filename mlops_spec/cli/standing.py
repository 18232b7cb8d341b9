"""How what a spec renders does in a cluster: environment by environment, object by object."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.changes.live import Printed
from mlops_spec.cli import exits
from mlops_spec.cli.clusters import (
    Answered,
    Given,
    Group,
    beside,
    cluster_of,
    lacking,
    reach_argocd,
    told,
)
from mlops_spec.cli.console import Console
from mlops_spec.cli.live_diffing import difference, with_problems
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import report_compile
from mlops_spec.cli.standing_table import print_table
from mlops_spec.language.environment import CLUSTER
from mlops_spec.live.kubernetes.answer import Why
from mlops_spec.live.kubernetes.application import application
from mlops_spec.live.kubernetes.ask import Asked
from mlops_spec.live.kubernetes.client import Cluster
from mlops_spec.live.kubernetes.health import health
from mlops_spec.report.standing import (
    ABSENT,
    DIFFERS,
    IN_SYNC,
    REFUSED,
    UNKNOWN,
    Delivery,
    Row,
    Standing,
    Version,
    as_data,
)
from mlops_spec.source.tree import find

_SOURCE = ("metadata", "annotations", "mlops-spec.dev/source")
_VERSION = ("metadata", "annotations", "mlops-spec.dev/version")
_ELSEWHERE = "Argo CD runs in another cluster: name its context with --argocd-context"
_NOT_INSTALLED = "Argo CD is not installed in this cluster"


def show(console: Console, located: Located, given: Given, *, everything: bool) -> int:
    """Print how it does; 1 where not all is well."""
    asked = beside(console, located, given, reading=True)
    if isinstance(asked, int):
        return asked
    done, cluster, answered = asked
    argocd = reach_argocd(given) if given.argocd else None
    standings = [_standing(cluster, argocd, each) for each in answered]
    report_compile(console, with_problems(done, answered, given.manager))
    well = all(each.well for each in standings)
    if console.form == "text":
        for each in standings:
            print_table(console, cluster.server, each, everything=everything)
    data = {"cluster": cluster.server, "well": well, "environments": [as_data(each) for each in standings]}
    console.result("", data)
    untried = lacking(answered)
    console.problems(untried)
    if untried:
        return exits.IO
    return exits.FINE if well else exits.FINDINGS


def _standing(cluster: Cluster, argocd: Cluster | None, answered: Answered) -> Standing:
    rows = tuple(_row(printed, asked) for printed, asked in answered.pairs())
    delivery, why = _delivery(cluster, argocd, answered.group)
    return Standing(answered.group.name, rows, tuple(_versions(answered)), delivery, why)


def _row(printed: Printed, asked: Asked) -> Row:
    wanted, found = asked.wanted, difference(printed, asked)
    fields = tuple(".".join(field.change.path) for field in found.fields) if found else ()
    how = health(asked.live) if asked.live is not None else None
    why = asked.answer.why if asked.answer else None
    if why is Why.FORBIDDEN:
        sync = UNKNOWN if asked.live else ABSENT
    elif why not in (None, Why.NAMESPACE, Why.UNCHECKED, Why.IMMUTABLE):
        sync = REFUSED
    elif asked.live is None:
        sync = ABSENT
    else:
        sync = DIFFERS if found else IN_SYNC
    state, ready, said = (how.state.value, how.state.well, how.why) if how else ("", False, "")
    return Row(wanted.path, wanted.kind, wanted.namespace, wanted.name, sync, fields, state, ready, said)


def _versions(answered: Answered) -> Iterator[Version]:
    """Yield the versions that objects say they serve, in their annotations."""
    for printed, asked in answered.pairs():
        locked = find(printed.data, _VERSION)
        if locked is not None:
            live = find(asked.live, _VERSION) if asked.live is not None else None
            address = str(find(printed.data, _SOURCE)).rpartition("#")[2]
            yield Version(address, str(locked), None if live is None else str(live), asked.live is not None)


def _delivery(cluster: Cluster, argocd: Cluster | None, group: Group) -> tuple[Delivery | None, str]:
    """Return what Argo CD says of an environment, or why it cannot be asked; neither where it does not deliver it."""
    delivered = group.compiled.delivered if group.compiled else None
    if group.compiled is None or delivered is None:
        return None, ""
    if argocd is None and cluster_of(group.compiled) != CLUSTER:
        return None, _ELSEWHERE
    with told():
        found = application(argocd or cluster, str(delivered.namespace), str(delivered.name))
    return (Delivery(*found, found.well), "") if found else (None, _NOT_INSTALLED)
