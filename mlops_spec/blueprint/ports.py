"""What lowering asks of backends, and what backends give: here, since ``blueprint`` imports nothing above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Union

from mlops_spec.blueprint.signals import Series
from mlops_spec.blueprint.types import (
    Blueprint,
    Check,
    Contribution,
    Credentials,
    Endpoint,
    Ignored,
    Label,
    Location,
    Machine,
    Objective,
    Parent,
    Pipeline,
    Project,
    Reference,
    Rule,
    Service,
    Signals,
    Source,
    Target,
    Variable,
)
from mlops_spec.language.condition import Condition
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration
from mlops_spec.model.node import Frozen, Node

Value = Union[Node, str, int, float, bool, tuple[Any, ...], "File", None]


class File(Frozen):
    """One file to print: ``values`` are what the template names, a ``File`` among them prints as a block.

    ``path`` places a file that is no Kubernetes object; an object's path follows from its component, kind and name.
    """

    template: str
    values: Mapping[str, Value]
    path: str | None


def file(template: str, path: str | None = None, **values: Value) -> File:
    """Name a template (below ``templates/``) and the nodes that it prints."""
    return File(template=template, values=values, path=path)


class Limit(Frozen):
    """Something that a backend cannot say: a field of the spec, the values that it honours, and why not the others.

    ``field`` is an address with ``*`` for names. ``built`` is False where the product does not do it *yet*: that is a
    warning which never rises, while what the system itself cannot do is an error. ``options`` are those of the system's
    own options with which it holds, empty for always.
    """

    field: str
    honours: Callable[[Any], bool]
    reason: str
    built: bool
    options: Mapping[str, Any]


def limit(field: str, honours: Callable[[Any], bool], reason: str, **options: Any) -> Limit:
    """Declare what a system cannot do, with ``options`` as they are given."""
    return Limit(field=field, honours=honours, reason=reason, built=True, options=options)


def absent(value: Any) -> bool:
    """Honour only a field that says nothing."""
    return value is None or value is False or value in ((), [], {}, "")


def unbuilt(field: str, reason: str, honours: Callable[[Any], bool] = absent, **options: Any) -> Limit:
    """Declare what the language names and this product does not do yet, with ``options`` as they are given."""
    return Limit(field=field, honours=honours, reason=reason, built=False, options=options)


def one_of(*values: Any) -> Callable[[Any], bool]:
    """Honour these values and none else."""
    return lambda value: value in values


class Refused(Exception):
    """A value that a system has no way to carry; the message says why, ``address`` which, where that is known."""

    def __init__(self, message: str, address: str = "") -> None:
        super().__init__(message)
        self.address = address


class Backend(Protocol):
    """A real system: the node of its own options, what it cannot do, and the files that it prints."""

    limits: ClassVar[tuple[Limit, ...]]

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Say which template prints which node of one environment."""
        ...

    def emit_project(self, project: Project) -> Iterable[File]:
        """Say which template prints which node of what belongs to no environment."""
        ...


class Run(Frozen):
    """What a tracking backend is told of the run that a step belongs to.

    ``id`` is the text of the tracking run's id (a run-time reference, already in the orchestrator's words), None in the
    step that creates the run.
    """

    experiment: str | None
    id: str | None


class Tracking(Backend, Protocol):
    """Records runs."""

    def variables(self, run: Run) -> Contribution:
        """Return the environment that the run's steps need, and where they talk to."""
        ...

    def available(self) -> bool:
        """Tell whether there is an address to record to."""
        ...

    def declares(self) -> bool:
        """Tell whether ``emit`` prints the desired state as a document, which ``sync`` can read and bring about."""
        ...


class Registry(Backend, Protocol):
    """Keeps the versions of models."""

    def declared(self) -> bool:
        """Tell whether ``sync`` can bring about what it shall hold."""
        ...

    def variables(self) -> Contribution:
        """Return the environment that gate, register and sync need, and where they talk to."""
        ...


class Told(Frozen):
    """What a program of ours is told of a pipeline, and what it needs to reach the orchestrator."""

    configuration: Mapping[str, Any]
    contribution: Contribution


class Orchestrator(Backend, Protocol):
    """Runs pipelines."""

    schemes: ClassVar[frozenset[str]]
    """The URI schemes between which it moves artifacts itself; elsewhere the runtime does."""

    brings: ClassVar[frozenset[str]]
    """The URI schemes of data that moves which it brings to a step itself; the runtime brings all else."""

    keeps: ClassVar[bool]
    """Whether it decides itself at which URI each artifact is kept."""

    init_containers: ClassVar[bool]
    """Whether a step's pod can have containers that end before the step's own starts."""

    loops: ClassVar[bool]
    """Whether it runs a step once per item; elsewhere each item is a step of its own."""

    @property
    def hears(self) -> bool:
        """Tell whether events start its pipelines, beside their schedules."""
        ...

    versions: ClassVar[bool]
    """Whether it keeps pipelines as versions, which cannot be changed."""

    outcomes: ClassVar[Mapping[str, str]]
    """What its words for how a run went mean, in those of the contract; any other word is one for a failure."""

    def account(self) -> Name | None:
        """Return the name of the ServiceAccount that steps run as; None where they run outside the cluster."""
        ...

    def token(self) -> bool:
        """Tell whether the orchestrator's own containers need a token for that account."""
        ...

    def drivers(self) -> tuple[Label, ...]:
        """Return the labels of pods that it runs in the namespace beside those of steps; empty where it runs none.

        These pods and those of steps see a token of the account.
        """
        ...

    def literal(self, text: str) -> str:
        """Escape text that stands for itself in a command or an environment variable. Raises Refused."""
        ...

    def text(self, text: str) -> str:
        """Escape text for what Kubernetes itself does not expand, such as a pod's annotations. Raises Refused."""
        ...

    def default(self, text: str) -> str:
        """Escape text that a parameter has where a run says nothing else. Raises Refused."""
        ...

    def reference(self, reference: Reference) -> str:
        """Say a run-time value as the step's own container sees it, with no quote or backslash. Raises Refused."""
        ...

    def source(self, reference: Reference) -> str | None:
        """Say a run-time value as it is handed to a step where steps are wired; None where none needs to be handed."""
        ...

    def input_path(self, name: Name) -> str:
        """Say where a step's own container finds an input."""
        ...

    def input_uri(self, name: Name) -> str:
        """Say where an input is kept, in the step that has it; asked only of what ``keeps``. Raises Refused."""
        ...

    def output_path(self, name: Name) -> str:
        """Say where a step's own container leaves an output."""
        ...

    def result_path(self, name: Name) -> str:
        """Say where a step's own container leaves a small value; one file of JSON may take all, as an object."""
        ...

    def times(self) -> tuple[str, str]:
        """Say when the run was due (RFC 3339; words that stay as they are in a run by hand) and when it started."""
        ...

    def outcome(self) -> str:
        """Say how the run went, in the step that ends it: one of ``outcomes``, or JSON that holds one as ``state``."""
        ...

    def condition(self, parameter: Name, value: str) -> str:
        """Say that a parameter has a value. Raises Refused."""
        ...

    def rules(self) -> tuple[Rule, ...]:
        """Return what the account must be allowed."""
        ...

    def told(self, pipeline: Pipeline, version: Name) -> Told | None:
        """Say what a program must tell it of a pipeline; None where objects of the cluster do.

        Asked only of what keeps ``versions``. Raises Refused where it cannot start a step.
        """
        ...

    def followed(self, pipeline: Pipeline) -> Told | None:
        """Say where the program ``poll`` asks how runs of a pipeline went; None where nothing answers."""
        ...

    def follows(self) -> tuple[Rule, ...]:
        """Return what the account must be allowed that asks; empty where no token of Kubernetes' opens it."""
        ...

    def starts(self) -> tuple[Rule, ...]:
        """Return what the account must be allowed that starts a pipeline when an event asks for it."""
        ...

    def webhook(self, trigger: Name, namespace: Name, path: str) -> str:
        """Return the address at which a trigger hears an HTTP POST."""
        ...

    def listens(self) -> int:
        """Return the port of that address."""
        ...

    def bus(self) -> tuple[int, int] | None:
        """Return the ports on which an event bus hears clients and its own like; None where events need none."""
        ...

    def egress(self) -> tuple[Endpoint, ...]:
        """Return where the orchestrator's own containers talk to from a step's pod."""
        ...


class Serving(Backend, Protocol):
    """Answers requests with models."""

    schemes: ClassVar[frozenset[str]]
    """The URI schemes from which it reads models."""

    @property
    def splits(self) -> bool:
        """Tell whether it splits requests between versions itself, wherever they come from."""
        ...

    def credentials(self, location: Location) -> Credentials:
        """Say how a server opens the store of a model."""
        ...

    def targets(self, service: Service) -> tuple[Target, ...]:
        """Return the Services of the cluster that requests for a model go to; with a canary, each with its weight."""
        ...

    def port(self, *, logged: bool) -> int:
        """Return the port on which a server's pods hear requests; ``logged``: they send on what they hear and say."""
        ...

    def signals(self, service: Service) -> Signals:
        """Return which series the servers write, and where they are read."""
        ...


class Gateway(Backend, Protocol):
    """Brings requests in from outside, splits and mirrors them."""

    host: str | None

    @property
    def kind(self) -> Name | None:
        """The kind of gateway to make for the environment; None where one exists already."""
        ...

    def parent(self, own: Name, namespace: Name) -> Parent | None:
        """Return the gateway that routes belong to, ``own`` if one is made; None where none is named."""
        ...

    def source(self, port: int) -> Source:
        """Return who brings the requests in to a port."""
        ...

    def pods(self) -> tuple[Label, ...]:
        """Return the labels of the pods of the gateway that is made."""
        ...

    def egress(self) -> tuple[Endpoint, ...]:
        """Return where those pods get their configuration."""
        ...


class Rollout(Backend, Protocol):
    """Walks new versions from their first requests to all of them."""

    path: str
    """The folder of the spec in its repository."""

    def credentials(self) -> tuple[Variable, ...]:
        """Return the variables by which a job in the cluster opens the repository; none where no such job walks."""
        ...


class Batch(Backend, Protocol):
    """Scores whole datasets."""

    engine: ClassVar[str]
    """What the program ``score`` works with there."""

    stores: ClassVar[frozenset[str]]
    """The URI schemes between which it reads and writes."""

    launches: ClassVar[bool]
    """Whether a job of ours starts each scoring elsewhere, by the program ``launch``."""

    image: str | None
    """The image of what it starts; None for the runtime's."""

    def account(self) -> Name:
        """Return the name of the ServiceAccount that it works as."""
        ...

    def rules(self) -> tuple[Rule, ...]:
        """Return what that account must be allowed."""
        ...

    def lacks(self, worker: Machine) -> str | None:
        """Say why it has no such workers; None where it has."""
        ...

    def hears(self) -> tuple[int, ...]:
        """Return the ports on which the pods of one scoring hear each other."""
        ...

    def egress(self) -> tuple[Endpoint, ...]:
        """Return where its own containers talk to beside the data."""
        ...


class Monitoring(Backend, Protocol):
    """Compares live data with what a model was made for."""

    def variables(self) -> tuple[Variable, ...]:
        """Return the environment that the job needs which compares."""
        ...

    def unmoved(self, method: str, threshold: float) -> Condition:
        """Return what the score of a method satisfies as long as nothing has moved."""
        ...


class Metrics(Backend, Protocol):
    """Collects series, and decides alerts."""

    url: str | None
    """The address at which queries are answered; None where there is none."""

    push: str | None
    """The address at which short jobs leave their series; None where there is none."""

    def check(self, metric: str, condition: Condition, signals: Signals, labels: Mapping[str, str]) -> Check:
        """Say a condition on ``latency_p50 p95 p99``, ``error_rate`` or ``throughput`` of the servers with ``labels``.

        Raises Refused where the condition's unit does not fit the metric.
        """
        ...

    def custom(self, query: str, condition: Condition) -> Check:
        """Say a condition on a query of the user's own. Raises Refused where that is not one whole expression."""
        ...

    def measured(self, metric: str, signals: Signals, labels: Mapping[str, str], by: Sequence[str] = ()) -> str:
        """Say the number that a condition is about: in seconds, a share, or per second, for each value of ``by``."""
        ...

    def split(self, signals: Signals, labels: Mapping[str, str], by: str) -> str:
        """Say the share of requests that each value of a label has."""
        ...

    def spread(self, signals: Signals, labels: Mapping[str, str]) -> str:
        """Say how many requests per second took how long, in the buckets of the servers' histogram."""
        ...

    def missed(self, objective: Objective, signals: Signals, labels: Mapping[str, str], window: Duration) -> str:
        """Say the share of requests in a window that missed an objective."""
        ...

    def burn(self, series: Series, labels: Mapping[str, str], bound: float, windows: tuple[Duration, Duration]) -> str:
        """Say that the share of missed requests, kept in a series for each window, is above the bound in both."""
        ...

    def reached(self, series: Series, labels: Mapping[str, str], by: Sequence[str], count: int) -> str:
        """Say that a series has come to a count; told apart by the labels ``by``."""
        ...

    def later(self, series: Series, than: Series, labels: Mapping[str, str], *, ever: bool = False) -> str:
        """Say that a series of Unix times is later than another one; with ``ever`` also where there is no other."""
        ...

    def age(self, series: Series, labels: Mapping[str, str]) -> str:
        """Say how many seconds ago the last of a series of Unix times was."""
        ...

    def silent(self, series: Series, labels: Mapping[str, str], seconds: int) -> str:
        """Say that a series of Unix times is older than so many seconds."""
        ...

    def missing(self, series: Series, labels: Mapping[str, str]) -> str:
        """Say that there is no such series."""
        ...

    def left(self, objective: Objective, signals: Signals, labels: Mapping[str, str], window: Duration) -> str:
        """Say which share of the requests that may miss an objective in a window is left; below 0 it is overdrawn."""
        ...

    def pace(self, series: Series, labels: Mapping[str, str], share: float) -> str:
        """Say how many times as fast as promised requests miss an objective of ``share``."""
        ...

    def latest(self, series: Series, labels: Mapping[str, str], by: Sequence[str] = ()) -> str:
        """Say a series' own number, for each value of ``by``: the largest where several have it."""
        ...

    def outermost(self, series: Series, labels: Mapping[str, str], by: str, count: int, *, least: bool) -> str:
        """Say as many of a series as are largest (or smallest), one for each value of a label."""
        ...

    def counted(self, series: Series, labels: Mapping[str, str], above: float | None = None) -> str:
        """Say how many of a series there are, or are above a number; 0 where there is none."""
        ...

    def begun(self, series: Series, labels: Mapping[str, str]) -> str:
        """Say 1 for a few minutes of each of a series that there was not before, with the labels that are its own."""
        ...

    def constant(self, value: float) -> str:
        """Say a number that is always the same."""
        ...

    def firing(self, labels: Mapping[str, str]) -> str:
        """Say 1 of each alert that has these labels and is firing, with the labels that are its own."""
        ...

    def active(self, labels: Mapping[str, str]) -> str:
        """Say the same of each that waits to fire, or fires: what was there is found again by its labels."""
        ...

    def text(self, text: str) -> str:
        """Return text that stands for itself where alerts and those who tell of them put values in."""
        ...

    def scraped_from(self) -> Name | None:
        """Return the namespace that series are read from; None where no address is known."""
        ...


class Dashboards(Backend, Protocol):
    """Draws what is measured."""

    def literal(self, text: str) -> str:
        """Escape text that stands for itself in a title, a description, a query or an address. Raises Refused."""
        ...

    def labelled(self, *labels: str) -> str:
        """Say the name of a series by the values of its labels."""
        ...

    def unit(self, unit: str) -> Name:
        """Return the system's word for ``seconds``, ``share``, ``per second``, ``times`` or a bare number (empty)."""
        ...


class Secrets(Backend, Protocol):
    """Brings secrets into the namespace: each as one object of the secret's name."""

    stores: ClassVar[bool]
    """Whether it reads them from a store that each secret names."""


class Delivery(Backend, Protocol):
    """Brings the tree into the cluster."""

    namespace: str
    project: str
    path: str
    branch: str

    def annotations(self, wave: int, hook: bool) -> tuple[Label, ...]:
        """Return what an object bears to be delivered in its wave, or as a hook that runs after each delivery."""
        ...

    def ignored(self) -> tuple[Ignored, ...]:
        """Return the fields that controllers write into the objects of this product."""
        ...
