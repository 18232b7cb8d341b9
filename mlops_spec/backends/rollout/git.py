"""Git: the state of a rollout is a line of the lock, and each step of it a commit.

The commits are made by a job in the cluster where it is given the repository's credentials, else by CI or by hand.
"""

from __future__ import annotations

from typing import Any

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.ports import limit, unbuilt
from mlops_spec.blueprint.types import SecretKey, Variable
from mlops_spec.language.text import Name
from mlops_spec.model.monitors import ROLLBACK

_TOKEN = Name("token")
_CONDITIONS = ("quality", "drift", "prediction_drift", "performance", "service", "custom.*")


def _stepwise(rollout: Any) -> bool:
    return rollout.get("strategy") == "canary" or not rollout.get("analysis")


def _without_pause(steps: Any) -> bool:
    return not any(step.get("pause") for step in steps)


def _nothing_back(action: Any) -> bool:
    return bool(action != ROLLBACK)


class Git(System):
    """The options of ``platform.rollout`` with ``backend: git``."""

    secret: Name | None
    path: str

    limits = (
        limit(
            "models.*.serving.rollout", _stepwise,
            "only a canary has steps at which an analysis can hold a version back",
        ),
        unbuilt(
            "models.*.serving.rollout.analysis", "the CI job that decides by it is not built yet", secret=None
        ),
        unbuilt(
            "models.*.serving.rollout.steps",
            "the CI job that waits between them is not built yet, `mlops-spec rollout` walks them", _without_pause,
            secret=None,
        ),
        *(
            unbuilt(
                f"monitors.*.{condition}.action",
                "the CI job that puts a version back is not built yet, people alone are told", _nothing_back,
                secret=None,
            )
            for condition in _CONDITIONS
        ),
    )  # fmt: skip

    def credentials(self) -> tuple[Variable, ...]:
        """Return the token that opens the repository over HTTPS."""
        if self.secret is None:
            return ()
        key = SecretKey(address=f"{self.address}.secret", name=self.secret, key=_TOKEN)
        return (Variable(address=f"{self.address}.secret", name=Name("MLOPS_GIT_TOKEN"), value=None, secret=key),)
