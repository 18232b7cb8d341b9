"""KServe: each server is an InferenceService, as plain Deployments or on Knative.

The model's name in requests is said in full (``MLSERVER_MODEL_NAME``): a shadow or a variant is another
InferenceService, and must answer under the same path. The stable predictor gets no name of its own, since KServe
refuses a change of it without a change of the model; a canary is named after its version.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.effects import Effect, does
from mlops_spec.blueprint.ports import File, absent, file, limit, one_of, unbuilt
from mlops_spec.blueprint.types import (
    S3,
    Blueprint,
    CredentialKey,
    Credentials,
    Label,
    Location,
    SecretKey,
    Service,
    Signals,
    Target,
)
from mlops_spec.language.text import Name
from mlops_spec.language.units import Share

_STANDARD, _KNATIVE = "standard", "knative"
_SERVICE_PORT, _POD_PORT, _AGENT_PORT, _QUEUE_PROXY_PORT = 80, 8080, 9081, 8012
_AWS = "s3.amazonaws.com"


def _awake(least: Any) -> bool:
    return bool(least)


def _whole_percent(target: Any) -> bool:
    return Share(target).percent.is_integer() if isinstance(target, str) or target <= 1 else True


def _whole(target: Any) -> bool:
    return isinstance(target, str) or float(target).is_integer()


class KServe(System):
    """The options of ``platform.serving`` with ``backend: kserve``."""

    mode: str

    schemes: ClassVar[frozenset[str]] = frozenset(("s3", "gs", "hf", "oci", "http", "https", "pvc"))
    effects = (
        *does("InferenceService", Effect.CANARY, "spec/canary", "spec/predictor/canaryTrafficPercent"),
        *does(
            "InferenceService",
            Effect.SCALES,
            "spec/predictor/minReplicas",
            "spec/predictor/maxReplicas",
            "spec/predictor/scale*",
        ),
        *does("InferenceService", Effect.RESTARTS, "spec"),
    )
    limits = (
        limit(
            "models.*.serving.rollout.strategy", one_of("rolling", "canary"),
            "a Deployment takes over pod by pod, or by the weights of a canary", mode=_STANDARD,
        ),
        limit(
            "models.*.serving.rollout.strategy", one_of("blue-green", "canary"),
            "Knative takes over at one stroke, or by the weights of a canary", mode=_KNATIVE,
        ),
        limit("models.*.serving.replicas.min", _awake, "only on Knative can a server sleep", mode=_STANDARD),
        limit(
            "models.*.serving.autoscale.metric", one_of("cpu", "memory"),
            "a HorizontalPodAutoscaler counts no requests", mode=_STANDARD,
        ),
        limit(
            "models.*.serving.autoscale.metric", one_of("concurrency", "rps"),
            "Knative's autoscaler counts requests, and no cpu or memory", mode=_KNATIVE,
        ),
        limit("models.*.serving.autoscale.target", _whole_percent, "it takes whole percentages", mode=_STANDARD),
        limit("models.*.serving.autoscale.target", _whole, "it takes whole numbers", mode=_KNATIVE),
        limit(
            "models.*.serving.expose", absent,
            "an HTTPRoute does not lead to a Knative service, which has a route of its own", mode=_KNATIVE,
        ),
        unbuilt("models.*.serving.features", "completing requests with features is not built yet"),
        unbuilt("models.*.serving.logging.retain", "removing old records is not built yet: let the store do it"),
    )  # fmt: skip

    @property
    def standard(self) -> bool:
        """Tell whether servers are plain Deployments."""
        return self.mode == _STANDARD

    @property
    def splits(self) -> bool:
        """Knative splits the requests of a service itself; in standard mode the route in front of it does."""
        return not self.standard

    def port(self, *, logged: bool) -> int:
        """Return the port of what is first in a pod: KServe's agent where it logs, on Knative the proxy before all."""
        return (_AGENT_PORT if logged else _POD_PORT) if self.standard else _QUEUE_PROXY_PORT

    def signals(self, service: Service) -> Signals:
        """Return what MLServer writes, in both modes (its REST server's metrics, by starlette_exporter)."""
        return Signals(
            address=service.address,
            container=Name("kserve-container"),
            port=8082,
            path="/metrics",
            requests=Name("rest_server_requests_total"),
            latency=Name("rest_server_request_duration_seconds"),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10),
            asked='path=~".*/infer"',
            failed='status_code=~"5.."',
        )

    def targets(self, service: Service) -> tuple[Target, ...]:
        """Return the Services that KServe makes: of the predictor, and of a named canary beside it."""
        canary, standing = service.canary, Name(f"{service.name}-predictor")
        if canary is None or self.splits:
            return (Target(address=service.address, name=standing, port=_SERVICE_PORT, weight=None),)
        named = Name(f"{service.name}-{canary.version.name}-predictor")
        return (
            Target(address=canary.address, name=standing, port=_SERVICE_PORT, weight=100 - canary.weight),
            Target(address=canary.address, name=named, port=_SERVICE_PORT, weight=canary.weight),
        )

    def credentials(self, location: Location) -> Credentials:
        """Return what KServe's storage initializer looks for: keys of a secret, annotations for the rest."""
        if location.s3 is not None:
            return self._s3(location.s3)
        keys = _keys({"gcloud-application-credentials.json": location.gcs.account if location.gcs else None})
        return Credentials(address=location.address, keys=keys, notes=())

    def _s3(self, s3: S3) -> Credentials:
        said = {"s3-region": s3.region}
        if s3.endpoint != _AWS:
            said |= {"s3-endpoint": s3.endpoint, "s3-usehttps": "0" if s3.insecure else "1"}
        notes = tuple(
            Label(address=s3.address, key=f"serving.kserve.io/{key}", value=value)
            for key, value in sorted(said.items())
            if value
        )
        keys = _keys({"AWS_ACCESS_KEY_ID": s3.access, "AWS_SECRET_ACCESS_KEY": s3.secret})
        return Credentials(address=s3.address, keys=keys, notes=notes)

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print each server."""
        for service in blueprint.services:
            yield file("serving/kserve/inferenceservice.yaml.j2", service=service, options=self)


def _keys(wanted: dict[str, SecretKey | None]) -> tuple[CredentialKey, ...]:
    return tuple(
        CredentialKey(address=secret.address, key=Name(key), secret=secret)
        for key, secret in wanted.items()
        if secret is not None
    )
