"""What registries answer: versions of models by each environment's own, digests of images. Nothing is asked twice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from mlops_spec.compiler import Compiled
from mlops_spec.diagnostic import Diagnostic, Place, error, warning
from mlops_spec.language.needs import Need, gated
from mlops_spec.live import oci
from mlops_spec.live.mlflow.client import NotInstalled, Servers, Unreachable, connect
from mlops_spec.live.mlflow.versions import Unfit, Version, Versions
from mlops_spec.source.tree import find, mark

_AT_ONCE = 8
_AGAIN = "mend that, then run again; nothing is written"


class Question(NamedTuple):
    """What is asked: a version of a model in an environment, or else an image's tag or digest; and who asks where."""

    of: str
    said: str | int
    environment: str
    address: str
    place: Place | None

    @classmethod
    def by(cls, need: Need) -> Question:
        """Return what a line of the lock asks."""
        return cls(need.of, need.said, need.environment, need.address, need.place)


class Registries:
    """Answers by question; ``problems`` tells of what could not be asked, and ``unreachable`` whether that may pass.

    ``locked``: what is asked for is in the lock already, by whatever way it came there.
    """

    def __init__(
        self, environments: Mapping[str, Compiled], registry: str | None, destination: str | None, *, locked: bool
    ) -> None:
        self.environments, self.registry, self.destination, self.locked = environments, registry, destination, locked
        self.problems: list[Diagnostic] = []
        self.unreachable = False
        self._versions: dict[Servers, Versions] = {}
        self._known: dict[tuple[Any, ...], Version | None] = {}

    def ask(self, questions: Iterable[Question]) -> dict[Question, Any]:
        """Return the answers; None where a registry has none such. What could not be asked is left out."""
        answers: dict[Question, Any] = {}
        asked = list(dict.fromkeys(questions))
        images = [question for question in asked if not question.environment]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for question, found in zip(images, pool.map(_digest, images)):
                if isinstance(found, oci.Unreachable):
                    self._failed(question, str(found))
                else:
                    answers[question] = found
        for question in asked:
            if question.environment:
                self._version(question, answers)
        return answers

    def _version(self, question: Question, answers: dict[Question, Any]) -> None:
        servers = self._servers(question)
        if servers is None:
            return
        key = (servers, question.of, str(question.said))
        try:
            if key not in self._known:
                self._known[key] = self._of(servers).find(question.of, question.said)
        except (Unreachable, NotInstalled) as why:
            self._failed(question, str(why))
        except Unfit as why:
            self.problems.append(error("MS117", str(why), question.place, question.address, why.hint))
        else:
            version = self._known[key]
            answers[question] = version and version.pinned
            if version:
                self._judge(question, version)

    def _judge(self, question: Question, version: Version) -> None:
        """Report a version that none of the pipelines has registered which put gates before that."""
        trees = [compiled.resolved for compiled in self.environments.values()]
        behind = sorted({name for tree in trees for name in gated(tree, question.of)})
        if not behind or (version.pipeline in behind and version.project == find(trees[0], ("project", "name"))):
            return
        what = f"version {version.pinned['version']} of {question.of}"
        by = f"by the pipeline {version.pipeline} of {version.project}" if version.pipeline else "by hand"
        gates = " or ".join(f"pipelines.{name}" for name in behind)
        message = f"{what} was registered {by}, and not behind the gates of {gates}"
        hint = "lock one that the pipeline has registered; to serve this one all the same, write its line by hand"
        kind = warning if self.locked else error
        self.problems.append(kind("MS516", message, question.place, question.address, hint))

    def _of(self, servers: Servers) -> Versions:
        if servers not in self._versions:
            self._versions[servers] = Versions(connect(servers), servers, self.destination)
        return self._versions[servers]

    def _servers(self, question: Question) -> Servers | None:
        """Return the registry of an environment; None where there is none that can be asked, which is told."""
        tree = self.environments[question.environment].resolved
        backend = find(tree, ("platform", "registry", "backend"))
        own, tracking = find(tree, ("platform", "registry", "uri")), find(tree, ("platform", "tracking", "uri"))
        registry = self.registry or own or tracking
        if own is None or tracking is None:  # one server is both
            tracking = registry
        if backend == "mlflow" and registry:
            return Servers(str(tracking), str(registry))
        where = mark(tree, ("platform", "registry"))
        if backend == "mlflow":
            message, hint = "the model registry has no address", "set platform.tracking.uri, or give --registry-uri"
        else:
            message, hint = f"versions of {backend} are not read yet", "write them into mlops.lock.yaml by hand"
        place = where.key if where and where.layer != "default" else question.place
        message = f"{message}, so that {question.address} stays as it is"
        self.problems.append(warning("MS118", message, place, question.address, hint))
        return None

    def _failed(self, question: Question, why: str) -> None:
        self.unreachable = True
        self.problems.append(error("MS114", f"{question.address}: {why}", question.place, question.address, _AGAIN))


def _digest(question: Question) -> str | oci.Unreachable | None:
    try:
        return oci.digest(question.of, str(question.said), os.environ)
    except oci.Unreachable as why:
        return why
