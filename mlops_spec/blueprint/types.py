"""The blueprint: what every backend prints, with all meaning decided.

``None`` means absent; variants are optional fields of which one is present, so that a template tests presence alone.
"""

from __future__ import annotations

from mlops_spec.language.text import Block, Name, Word
from mlops_spec.language.units import Quantity as Amount
from mlops_spec.model.node import Node


class Label(Node):
    """A label or an annotation of an object."""

    key: str
    value: str


class Resource(Node):
    """What every object that is printed from this node bears; ``component`` is also its folder in the tree."""

    name: Name
    namespace: Name
    component: Name
    labels: tuple[Label, ...]
    annotations: tuple[Label, ...]


class SecretKey(Node):
    """One key of a Secret object in the workload's namespace."""

    name: Name
    key: Name


class Variable(Node):
    """An environment variable: ``value`` or ``secret``."""

    name: Name
    value: str | None
    secret: SecretKey | None


class Endpoint(Node):
    """Where a workload may talk to: a namespace of this cluster, or anything outside it, on a (target) port."""

    namespace: Name | None
    port: int


class Contribution(Node):
    """What a backend adds to a workload that uses it."""

    env: tuple[Variable, ...]
    egress: tuple[Endpoint, ...]


class Quantity(Node):
    """An amount of a Kubernetes resource: ``cpu``, ``memory``, ``nvidia.com/gpu``."""

    name: str
    amount: str


class Toleration(Node):
    """A taint that a pod stands."""

    key: str | None
    operator: str
    value: str | None
    effect: str | None


class Accelerator(Node):
    """The devices of a container: the model that the spec names, and the resource that a device plugin makes of it."""

    model: Name
    resource: str
    count: str


class Compute(Node):
    """The hardware of one container and where its pod may run; ``queue`` is a Kueue LocalQueue.

    The ``accelerator`` is among the requests and limits too.
    """

    requests: tuple[Quantity, ...]
    limits: tuple[Quantity, ...]
    accelerator: Accelerator | None
    node_selector: tuple[Label, ...]
    tolerations: tuple[Toleration, ...]
    queue: Name | None

    @property
    def cpu(self) -> str:
        """How much processor it asks for."""
        return self._amount("cpu")

    @property
    def memory(self) -> str:
        """How much memory it asks for."""
        return self._amount("memory")

    @property
    def cores(self) -> float:
        """The same as a number of processors."""
        return float(Amount(self.cpu).amount)

    @property
    def gigabytes(self) -> float:
        """The memory in gigabytes of 10^9 bytes."""
        return float(Amount(self.memory).amount / 10**9)

    def _amount(self, name: str) -> str:
        return next(quantity.amount for quantity in self.requests if quantity.name == name)


class Volume(Node):
    """A volume of a pod and where its containers see it: ``size`` for scratch, ``config`` for a ConfigMap's name.

    ``token`` is one that holds a short-lived token of the pod's account, as Kubernetes' clients look for it.
    """

    name: Name
    path: str
    size: str | None
    memory: bool
    config: Name | None
    token: bool


class Workload(Node):
    """One container of ours or of the user's."""

    name: Name
    image: str
    command: tuple[str, ...]
    env: tuple[Variable, ...]
    compute: Compute
    volumes: tuple[Volume, ...]

    @property
    def plain(self) -> tuple[Variable, ...]:
        """The variables that hold their values themselves."""
        return tuple(variable for variable in self.env if variable.secret is None)

    @property
    def secrets(self) -> tuple[Variable, ...]:
        """The variables that come from secrets."""
        return tuple(variable for variable in self.env if variable.secret is not None)


class S3(Node):
    """An object in an S3 bucket, with the keys to it; neither key means the workload's own identity."""

    bucket: str
    key: str
    endpoint: str
    insecure: bool
    region: str | None
    access: SecretKey | None
    secret: SecretKey | None


class GCS(Node):
    """An object in a Google Cloud Storage bucket; no key means the workload's own identity."""

    bucket: str
    key: str
    account: SecretKey | None


class Location(Node):
    """Where an artifact lies, for orchestrators that move artifacts themselves: one is present."""

    s3: S3 | None
    gcs: GCS | None


class Reference(Node):
    """A value that is known only at run time: exactly one field beside ``name`` is present.

    ``name`` is what a step calls it that is handed it. ``run`` is the orchestrator's own run id; ``begin`` names an
    output of the step ``begin`` (``run_id``, ``date``, ``scheduled_at``); ``item`` is a key of a ``foreach``'s item.
    """

    name: Name
    parameter: Name | None
    run: bool
    begin: Name | None
    item: Name | None
    artifact: Artifact | None


class Artifact(Node):
    """The output of a step before."""

    step: Name
    output: Name


class Taken(Node):
    """A run-time value that a step is handed: ``source`` is the orchestrator's word for it where steps are wired."""

    reference: Reference
    source: str | None


class Input(Node):
    """An artifact that a step finds at ``path``: of a step before, from outside, or text that is known already.

    ``uri`` is where it is kept, in the orchestrator's words; None where the orchestrator keeps that to itself.
    ``type`` is the type of the output that it is.
    """

    name: Name
    type: Name
    path: str
    uri: str | None
    artifact: Artifact | None
    source: str | None
    location: Location | None
    content: str | None


class Output(Node):
    """An artifact that a step leaves at ``path``, kept at ``uri``; None where the orchestrator decides that itself.

    ``taken`` tells whether it is the input of another step, ``flavor`` how a model is kept.
    """

    name: Name
    path: str
    type: Name
    flavor: str | None
    taken: bool
    uri: str | None
    location: Location | None


class Result(Node):
    """A small value that a step leaves in the file ``path``."""

    name: Name
    path: str


class Retries(Node):
    """How often a step that failed is run again, and how long (seconds) before the first time; it doubles.

    ``wait`` is the same time with its unit, as Go reads it.
    """

    limit: int
    backoff: int
    wait: str


class When(Node):
    """Run the step only if the parameter has this value; ``expression`` is the orchestrator's word for it."""

    parameter: Name
    value: str
    expression: str


class Item(Node):
    """One item of a ``foreach``, with its index as text."""

    index: str
    key: Name
    value: str


class Step(Node):
    """One container of a pipeline, its order and wires.

    It starts when every step in ``after`` has succeeded or was skipped. ``init`` are containers of its pod that end
    before its own starts: they bring inputs, and the runtime where the step's own image has none. ``repeatable`` tells
    whether it leaves the same whenever it runs, so that what it left before will do.
    """

    name: Name
    workload: Workload
    init: tuple[Workload, ...]
    annotations: tuple[Label, ...]
    after: tuple[Name, ...]
    takes: tuple[Taken, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    results: tuple[Result, ...]
    retries: Retries | None
    timeout: int | None
    when: When | None
    items: tuple[Item, ...]
    repeatable: bool

    @property
    def handed_on(self) -> tuple[Output, ...]:
        """The outputs that other steps take."""
        return tuple(output for output in self.outputs if output.taken)


class Parameter(Node):
    """A parameter of a pipeline and its default, as text."""

    name: Name
    value: str


class Schedule(Node):
    """A five-field cron expression and the IANA time zone that it is read in.

    A run that is due while one is under way is left out; ``deadline`` (seconds) is how late one may start.
    """

    cron: str
    timezone: str
    deadline: int


class Queue(Node):
    """An SQS queue that tells of new data, and the keys to it; neither key means the workload's own identity."""

    name: str
    region: str
    access: SecretKey | None
    secret: SecretKey | None


class Topic(Node):
    """A Kafka topic that tells of new data; ``brokers`` are host:port, joined by commas."""

    name: str
    brokers: str
    group: str
    user: SecretKey | None
    password: SecretKey | None


class Event(Node):
    """What asks for a run of a pipeline: one of ``queue``, ``topic``, ``path`` (an HTTP POST) and ``data`` is present.

    ``data`` is looked at from time to time: where it lies.
    """

    name: Name
    queue: Queue | None
    topic: Topic | None
    path: str | None
    data: str | None


class Pipeline(Resource):
    """A graph of steps; ``timeout`` in seconds. ``pods`` are the labels of its pods.

    ``events`` are what may start it beside its schedule and is heard of, ``polled`` what a job looks for. Where a run
    itself decides whether it goes on, the step ``decision`` leaves ``yes`` or ``no`` as its result before all others,
    which run after a ``yes`` alone. The step ``end`` runs when all others are done with, however that went, and changes
    nothing of it. ``root`` is the URI below which an
    orchestrator keeps artifacts that decides itself where; ``submission`` is how it is told of the pipeline. The
    ``account`` is None where its steps run outside the cluster.
    """

    account: Name | None
    description: str | None
    pods: tuple[Label, ...]
    parameters: tuple[Parameter, ...]
    schedule: Schedule | None
    timeout: int | None
    events: tuple[Event, ...]
    polled: tuple[Event, ...]
    decision: Step | None
    steps: tuple[Step, ...]
    end: Step | None
    root: str | None
    submission: Submission | None

    @property
    def asked(self) -> tuple[Event, ...]:
        """What may start it beside its schedule, however that is noticed: where there is any, runs say who did."""
        return (*self.events, *self.polled)


class Job(Resource):
    """A workload that runs once per delivery; ``deadline`` in seconds, ``retries`` before it has failed."""

    account: Name
    pods: tuple[Label, ...]
    workload: Workload
    deadline: int
    retries: int


class Config(Resource):
    """A document that a job reads from a mounted file."""

    file: Name
    text: Block


class CronJob(Job):
    """A job that runs by the clock, one run at a time.

    ``config`` says what it is to do; None where a backend prints that in words of its own.
    """

    schedule: Schedule
    config: Config | None


class Submission(Resource):
    """A pipeline as it is now, for an orchestrator that keeps versions: the name ends in a hash of all that it says.

    ``job`` tells the orchestrator of it, as ``config`` says, and talks to ``egress``; both are None where the objects
    of the cluster say all.
    """

    config: Config | None
    job: Job | None
    egress: tuple[Endpoint, ...]


class SecretEntry(Node):
    """One key of a secret, and where it lives in the store: ``property`` of what lies at ``path``."""

    key: Name
    path: str
    property: Name


class Secret(Resource):
    """Where a secret's values live; never the values. ``notes`` are annotations of the Secret that is made of them."""

    store: str | None
    entries: tuple[SecretEntry, ...]
    notes: tuple[Label, ...]


class Account(Resource):
    """A ServiceAccount; ``token`` is the Secret that holds a token for those containers alone that need one.

    ``mounted`` tells whether all of its pods see a token instead. ``secrets`` are those that its controllers may read
    for it.
    """

    token: Token | None
    mounted: bool
    secrets: tuple[Name, ...]


class Token(Resource):
    """A Secret that the cluster fills with a token for ``account``."""

    account: Name


class Rule(Node):
    """What a Role allows: verbs on resources of one API group."""

    group: str
    resources: tuple[Name, ...]
    verbs: tuple[Name, ...]


class Role(Resource):
    """Rules, bound to one account of the same namespace."""

    account: Name
    rules: tuple[Rule, ...]


class Source(Node):
    """Who may talk to a pod's ``port``: a namespace, pods of its own one, or without either all of the cluster.

    Without a port: anyone at all, from outside too.
    """

    port: int | None
    namespace: Name | None
    pods: tuple[Label, ...]


class Policy(Resource):
    """A NetworkPolicy: ``pods`` is empty for all; they hear ``ingress`` and talk to ``egress`` alone, and to DNS."""

    pods: tuple[Label, ...]
    ingress: tuple[Source, ...]
    egress: tuple[Endpoint, ...]


class Budget(Resource):
    """A PodDisruptionBudget: of these pods one at a time may be evicted."""

    pods: tuple[Label, ...]


class Version(Node):
    """A version of a model as the lock has it; ``name`` is its number as part of a name: ``v7``."""

    name: Name
    uri: str


class Replicas(Node):
    """How many servers there are."""

    min: int
    max: int


class Autoscale(Node):
    """What the number of servers follows: ``target`` is a percentage of cpu and memory, else for each server."""

    metric: Name
    target: int


class Canary(Node):
    """The new version of a rollout under way: it gets ``weight`` of a hundred requests; ``log`` as its service has."""

    version: Version
    weight: int
    replicas: int
    log: str | None


class Service(Resource):
    """A server of one version of a model; while a rollout is under way of the one before, with the new one as canary.

    ``model`` is what requests call it. ``pods`` are the labels of its pods, ``selector`` those that find them. ``log``
    is the address to which its servers send what they are asked and answer.
    """

    model: Name
    account: Name
    pods: tuple[Label, ...]
    selector: tuple[Label, ...]
    version: Version
    canary: Canary | None
    replicas: Replicas
    autoscale: Autoscale | None
    compute: Compute
    volumes: tuple[Volume, ...]
    log: str | None


class Collector(Resource):
    """What takes the requests and answers of servers, and keeps them; it hears them on ``port``, behind ``served``.

    ``grace`` (seconds) is how long it may take to keep what it holds. Halves of one request come from one address, and
    go to one of the ``replicas``.
    """

    account: Name
    pods: tuple[Label, ...]
    selector: tuple[Label, ...]
    replicas: int
    grace: int
    port: int
    served: int
    workload: Workload
    config: Config


class Credentials(Node):
    """How a server opens a store: keys under the names that it looks for, and settings as annotations beside them."""

    keys: tuple[CredentialKey, ...]
    notes: tuple[Label, ...]


class CredentialKey(Node):
    """A key of a secret, and the name that a server looks for."""

    key: Name
    secret: SecretKey


class Target(Node):
    """A Service of the cluster that requests go to, with its weight of a hundred where there are several."""

    name: Name
    port: int
    weight: int | None


class Fraction(Node):
    """A share that is no whole percentage."""

    numerator: int
    denominator: int


class Mirror(Node):
    """Where copies of requests go: ``percent`` or ``fraction`` of them, of all where neither is present."""

    target: Target
    percent: int | None
    fraction: Fraction | None


class Parent(Node):
    """The gateway that a route belongs to."""

    name: Name
    namespace: Name


class Gateway(Resource):
    """A gateway of the environment's own; ``kind`` is its GatewayClass."""

    kind: Name
    port: int


class Route(Resource):
    """How requests from outside reach a model: those for ``host`` below ``path``, which ``rewrite`` replaces."""

    parent: Parent
    host: str | None
    path: str
    rewrite: str | None
    targets: tuple[Target, ...]
    mirror: Mirror | None


class Signals(Node):
    """Which series a server of models writes, and where they are read; durations in seconds.

    ``requests`` is a counter, ``latency`` a histogram with the upper ends ``buckets``. ``asked`` matches the requests
    that ask the model, and not for its health; ``failed`` those of them that the server is to blame for. They are read
    from one container of each pod, which need not declare the port.
    """

    container: Name
    port: int
    path: str
    requests: Name
    latency: Name
    buckets: tuple[float, ...]
    asked: str
    failed: str


class Check(Node):
    """A condition as the metrics system decides it.

    ``query`` is the measured number in base units; ``breach`` has a result only where the condition does not hold.
    """

    metric: Name
    query: str
    breach: str


class Objective(Node):
    """A promise: ``share`` of the requests are answered without an error, or within ``under`` seconds if said."""

    share: float
    under: float | None


class Alert(Node):
    """What is told when ``expression`` has had a result for the time ``wait``; ``name`` is in CamelCase."""

    name: Name
    expression: str
    wait: str | None
    severity: Name
    action: Name | None
    labels: tuple[Label, ...]
    summary: str
    description: str


class Recording(Node):
    """A series that is kept of an expression, with labels of its own."""

    series: Name
    expression: str
    labels: tuple[Label, ...]


class AlertGroup(Resource):
    """The alerts of one monitor or of one model's objectives, and the series that they are decided by.

    Without alerts, what is kept for dashboards alone.
    """

    recordings: tuple[Recording, ...]
    alerts: tuple[Alert, ...]


class Slack(Node):
    """An incoming webhook of Slack's."""

    url: SecretKey
    channel: str | None


class Email(Node):
    """Mail to these addresses, joined by commas."""

    to: str
    sender: str | None


class Webhook(Node):
    """An HTTP endpoint that takes alerts: ``url``, or where it is a secret the ``key`` that holds it."""

    url: str | None
    key: SecretKey | None


class Receiver(Node):
    """Who is told: one of slack, email, pagerduty (the integration's routing key) and webhook is present.

    ``resolved`` tells it also when all is well again.
    """

    name: Name
    slack: Slack | None
    email: Email | None
    pagerduty: SecretKey | None
    webhook: Webhook | None
    resolved: bool


class Notice(Node):
    """Alerts that have all of ``labels`` go to a receiver, again and again after ``repeat`` while they last."""

    labels: tuple[Label, ...]
    receiver: Name
    repeat: str


class Notifications(Resource):
    """Who is told of which alerts."""

    receivers: tuple[Receiver, ...]
    notices: tuple[Notice, ...]


class Monitor(Resource):
    """What a job of ours watches of a model."""

    model: Name
    job: CronJob


class Machine(Node):
    """One that works for a scoring: ``cores`` tasks at once, ``memory`` (MiB) in all, ``disk`` for scratch.

    Where it is a pod with a virtual machine in it, ``heap`` is that machine's own memory and ``rest`` what is left for
    everything beside it. ``devices`` are what it has beyond these, such as ``nvidia.com/gpu``.
    """

    compute: Compute
    cpu: str
    cores: int
    memory: int
    heap: str
    rest: str
    devices: tuple[Quantity, ...]
    disk: str
    volumes: tuple[Volume, ...]


class Scoring(Resource):
    """A model that scores a dataset by the clock; ``config`` is what the program is told, ``timeout`` in seconds.

    The ``driver`` plans and publishes, in the container ``workload``; ``worker`` is each of those that do the work.
    Where the engine is not of this cluster, the job ``launch`` starts it there and waits for it.
    """

    model: Name
    account: Name
    pods: tuple[Label, ...]
    config: Config
    schedule: Schedule
    timeout: int | None
    retries: int
    workload: Workload
    driver: Machine
    worker: Machine
    launch: CronJob | None


class Scrape(Resource):
    """Where the series of a model's servers are read: pods that have the labels ``pods``, on ``signals``' port."""

    model: Name
    pods: tuple[Label, ...]
    signals: Signals


class Query(Node):
    """What a panel asks; ``legend`` names each series of the answer. ``instant``: of now alone, not of all the time."""

    name: Name
    expression: str
    legend: str
    instant: bool


class Threshold(Node):
    """From ``value`` on (None: from below everything) numbers have a colour."""

    value: float | None
    colour: Name


class Panel(Node):
    """Numbers as a person looks at them, on a grid of 24 columns; ``least`` and ``most`` end its axis.

    One of ``lines``, ``areas`` (on top of each other), ``number`` (the last one, large), ``names`` (of the series,
    large), ``history`` (a cell for each series and time) and ``spread`` (a heat map of a histogram) is true. ``id`` is
    part of a panel's own address, and stays when others come and go.
    """

    id: int
    title: str
    description: str
    x: int
    y: int
    width: int
    height: int
    unit: Name
    least: float | None
    most: float | None
    thresholds: tuple[Threshold, ...]
    queries: tuple[Query, ...]
    lines: bool
    areas: bool
    number: bool
    names: bool
    history: bool
    spread: bool


class Row(Node):
    """Panels below a heading, or without one."""

    id: int
    title: str | None
    y: int
    panels: tuple[Panel, ...]


class Mark(Node):
    """Moments and spans that all panels show: whenever ``expression`` is 1, under the heading ``title``."""

    name: str
    expression: str
    title: str
    colour: Name


class Dashboard(Resource):
    """What a person looks at to see how a model does.

    ``uid`` is part of its address, ``family`` the tag that all dashboards of the project have; ``link`` leads to the
    repository.
    """

    uid: Name
    title: str
    description: str | None
    tags: tuple[str, ...]
    family: str
    link: str | None
    marks: tuple[Mark, ...]
    rows: tuple[Row, ...]


class Trigger(Resource):
    """What starts a pipeline beside its schedule: each of ``listeners`` hears one event, ``starter`` acts on all."""

    pipeline: Name
    bus: Name | None
    listeners: tuple[Listener, ...]
    starter: Daemon


class Listener(Resource):
    """What hears an event."""

    event: Event
    bus: Name | None
    daemon: Daemon


class Daemon(Node):
    """A pod that a controller makes for us and that stands by all the time."""

    account: Name
    pods: tuple[Label, ...]
    compute: Compute


class Bus(Resource):
    """What carries the environment's events from those that hear them to those that act on them."""

    daemon: Daemon


class Namespace(Resource):
    """The namespace of an environment, with the Pod Security level that it enforces."""


class Experiment(Node):
    """An experiment as the tracking server shall have it."""

    name: str
    tags: tuple[Label, ...]


class Alias(Node):
    """The name in the registry of the version that an environment runs."""

    name: Name
    version: int


class RegisteredModel(Node):
    """A registered model as the registry shall have it.

    ``alias`` is None where no version is locked, or nobody knows when what is delivered is healthy.
    """

    name: str
    description: str | None
    tags: tuple[Label, ...]
    alias: Alias | None


class DesiredState(Resource):
    """What the tracking server and the registry shall hold of one environment of a project, and the Job that syncs it.

    It is one document. ``job`` is None, and nothing is synced, without a runtime image or an address.
    """

    project: Name
    environment: Name
    file: Name
    experiments: tuple[Experiment, ...]
    models: tuple[RegisteredModel, ...]
    job: Job | None


class Environment(Node):
    """Where the tree of one environment goes: its cluster and namespace, and the branch and folder Argo CD follows."""

    name: Name
    namespace: Name
    cluster: str
    protected: bool
    branch: str
    path: str


class Build(Node):
    """How an image is made of ``base``, the locked ``requirements`` and the folder ``source`` of the ``context``.

    Paths are from the root of the repository, but those two from the context. ``inputs`` are all that it is made of,
    joined by spaces, ``patterns`` the same for those who match paths. ``registry`` is where its repository lies.
    """

    name: Name
    repository: Word
    registry: Word
    tag: Word | None
    base: Word
    python: Name
    context: Word
    requirements: Word
    source: Name
    file: Word
    inputs: str
    patterns: tuple[str, ...]


class Integration(Node):
    """Where CI works: for ``branch``, on the spec of ``project`` in ``folder``, by ``runtime``, our programs' image.

    The scripts that build images lie in the folder ``scripts``, those that check a change in ``checks``.
    """

    project: Name
    branch: Word
    folder: Word
    scripts: Word
    checks: Word
    runtime: Word


class Withheld(Node):
    """What is not rendered, and why."""

    reason: str


class Blueprint(Node):
    """One environment, lowered."""

    project: str
    environment: Environment
    namespace: Namespace
    pipelines: tuple[Pipeline, ...]
    services: tuple[Service, ...]
    collector: Collector | None
    gateway: Gateway | None
    routes: tuple[Route, ...]
    scorings: tuple[Scoring, ...]
    monitors: tuple[Monitor, ...]
    scrapes: tuple[Scrape, ...]
    alerts: tuple[AlertGroup, ...]
    dashboards: tuple[Dashboard, ...]
    notifications: Notifications | None
    triggers: tuple[Trigger, ...]
    bus: Bus | None
    jobs: tuple[Job, ...]
    crons: tuple[CronJob, ...]
    secrets: tuple[Secret, ...]
    accounts: tuple[Account, ...]
    roles: tuple[Role, ...]
    policies: tuple[Policy, ...]
    budgets: tuple[Budget, ...]
    state: DesiredState | None
    builds: tuple[Build, ...]
    integration: Integration | None
    withheld: tuple[Withheld, ...]


class Ignored(Node):
    """Fields of a kind of object that its controller writes, so that delivery shall not fight over them."""

    group: str
    kind: Name
    paths: tuple[str, ...]


class Delivered(Resource):
    """One environment as delivery sees it: the Application that syncs it."""

    environment: Environment
    repository: str
    ignored: tuple[Ignored, ...]


class Project(Resource):
    """What belongs to the project and to no environment. Without ``integration`` no job checks it or builds for it."""

    description: str | None
    repository: str | None
    delivered: tuple[Delivered, ...]
    builds: tuple[Build, ...]
    integration: Integration | None
