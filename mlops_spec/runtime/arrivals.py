"""What asks for a run of a pipeline, looked for from time to time: data, messages that tell of data, alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mlops_spec.runtime.program import Failed, needed
from mlops_spec.runtime.store import at
from mlops_spec.runtime.store.listing import Nothing

_PATIENCE = 60
_MESSAGES, _WAIT = 10, 5
_ENDPOINT = "AWS_ENDPOINT_URL_SQS"


class Arrival(NamedTuple):
    """Something that asks for a run: its name, when it came, of what, and what is done once a run has seen to it."""

    name: str
    came: datetime
    of: Mapping[str, str]
    settle: Callable[[], None]


def arrival(asks: Mapping[str, Any], environment: Mapping[str, str]) -> Arrival | None:
    """Look for what asks; None where nothing does. Raises Failed where nobody can tell."""
    name = asks["name"]
    if "data" in asks:
        written = _written(asks["data"], environment)
        return Arrival(name, written, {"data": asks["data"]}, lambda: None) if written else None
    if "queue" in asks:
        return _Queue(asks["queue"], environment).told(name)
    return Arrival(name, datetime.now(UTC), {}, lambda: None) if _firing(**asks["alerts"]) else None


def _written(uri: str, environment: Mapping[str, str]) -> datetime | None:
    """Return when the newest of the files at a URI was written; None where there is none yet."""
    try:
        times = [found.modified for found in at(uri, environment).look().objects]
    except Nothing:
        return None
    known = [time for time in times if time is not None]
    if not known or len(known) < len(times):
        raise Failed(f"the store does not say when what lies at {uri} was written")
    return max(known)


def _firing(url: str, queries: list[str]) -> bool:
    """Tell whether Prometheus has an alert of these."""
    import requests

    found = False
    for query in queries:
        try:
            answer = requests.get(f"{url.rstrip('/')}/api/v1/query", params={"query": query}, timeout=_PATIENCE)
            said = answer.json()
        except (requests.RequestException, ValueError) as problem:
            raise Failed(f"Prometheus cannot be asked for alerts: {problem}") from None
        if said.get("status") != "success":
            raise Failed(f"Prometheus does not answer {query}: {said.get('error')}")
        found = found or bool(said["data"]["result"])
    return found


class _Queue:
    """A queue of Amazon SQS; its messages come again until they are settled."""

    def __init__(self, said: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        try:
            from botocore.config import Config
            from botocore.session import get_session
        except ImportError:
            raise Failed("botocore is not installed: install mlops-spec[runtime]") from None
        keys = [needed(environment, name) for name in said.get("keys", ())]
        own = dict(zip(("aws_access_key_id", "aws_secret_access_key"), keys))
        with self._asked(said["name"]):
            self.client = get_session().create_client(
                "sqs",
                region_name=said["region"],
                # What speaks as S3 does is no queue: the endpoint of the store is not that of queues.
                endpoint_url=environment.get(_ENDPOINT),
                config=Config(ignore_configured_endpoint_urls=True),
                **own,
            )
            self.name, self.url = said["name"], self.client.get_queue_url(QueueName=said["name"])["QueueUrl"]

    def told(self, name: str) -> Arrival | None:
        """Return the newest of the messages that are there, all to be settled."""
        found: list[dict[str, Any]] = []
        with self._asked(self.name):
            while len(found) < 50 * _MESSAGES:
                page = self.client.receive_message(
                    QueueUrl=self.url,
                    MaxNumberOfMessages=_MESSAGES,
                    WaitTimeSeconds=_WAIT if not found else 0,
                    AttributeNames=["SentTimestamp"],
                ).get("Messages", [])
                found += page
                if not page:
                    break
        if not found:
            return None
        came = max(int(message["Attributes"]["SentTimestamp"]) for message in found)
        of = {"queue": self.name}
        return Arrival(name, datetime.fromtimestamp(came / 1000, UTC), of, lambda: self._settle(found))

    def _settle(self, messages: list[dict[str, Any]]) -> None:
        with self._asked(self.name):
            for message in messages:
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    @contextmanager
    def _asked(self, name: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as problem:
            raise Failed(f"the queue {name} cannot be asked: {problem}") from None
