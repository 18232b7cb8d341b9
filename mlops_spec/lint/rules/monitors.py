"""Rules about monitors: MS401 to MS499."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.lint.conditions import conditions
from mlops_spec.lint.rule import Finding, View, rule


@rule("MS401", "a page with nobody notified")
def unheard(view: View) -> Iterator[Finding]:
    """A monitor has a condition of `severity: page`, but names no channel to notify.

    Why: `page` says that somebody is to be woken. Without `notify` the alert fires and nobody hears of it.

    Bad:

        churn-quality:
          model: churn
          service: {error_rate: "< 1%", severity: page}

    Good:

        churn-quality:
          model: churn
          notify: [ml-oncall]
          service: {error_rate: "< 1%", severity: page}
    """
    known = next(iter(view.spec.channels), None)
    hint = f"add `notify: [{known}]`" if known else "define a channel under `channels`, and name it in `notify`"
    for monitor in view.spec.monitors.values():
        pages = tuple(f"{c.address}.severity" for c in conditions(monitor) if c.severity == "page")
        if pages and not monitor.notify:
            message = f"the monitor {monitor.name} pages, but notifies nobody"
            yield Finding(monitor.address, message, hint, tuple(("this is a page", page) for page in pages))


RULES = (unheard,)
