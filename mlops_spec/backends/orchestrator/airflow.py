"""Apache Airflow 3: each pipeline is a DAG file, whose tasks start pods in the environment's namespace.

Airflow moves no artifacts, so the runtime does. What the step ``begin`` says goes to the others through XCom, which is
Airflow's store for small values. Airflow reads a task's pod as Jinja templates, where only ``literal`` and ``text``
write text of the spec, and only ``reference`` and ``times`` write values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar

from mlops_spec.backends.backend import System
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.effects import Effect, does
from mlops_spec.blueprint.lower.artifacts import endpoint
from mlops_spec.blueprint.lower.words import secret_variable
from mlops_spec.blueprint.ports import File, Refused, Told, file
from mlops_spec.blueprint.types import Blueprint, Contribution, Endpoint, Event, Label, Pipeline, Reference, Rule
from mlops_spec.language.text import Name

_XCOM = "/airflow/xcom/return.json"
_CONFIGMAP = "configmap"
_OWN = "mlops-spec.dev/"
_OUTCOME = (
    "'failed' if ti.get_task_states(dag_id=ti.dag_id, run_ids=[run_id])[run_id].values()"
    " | reject('in', ['success', 'skipped', 'running']) | list else 'success'"
)
_STARTED_BY = (
    f"'{contract.SCHEDULE}' if dag_run.run_type == 'scheduled'"
    " else (triggering_asset_events | first).name.rpartition('.')[2] if dag_run.run_type == 'asset_triggered'"
    f" else params['{contract.STARTED_BY}']"
)
"""An event of an asset leaves all parameters at their defaults; which asset it was says what started the run."""
_RENAMED = {":": ".", "+": "_"}
_JINJA = re.compile(
    r"\{(?=[{%#\r]|\n?\Z)"  # a brace could meet that of what is escaped next to it, or of a value
    r"|\r"  # Jinja makes a line end of it
    r"|\n\Z"  # Jinja drops the last line end of a template
)


class Airflow(System):
    """The options of ``platform.orchestrator`` with ``backend: airflow``."""

    delivery: str
    host: str | None
    secret: str | None
    folder: str
    connection: str | None
    service_account: str

    schemes: ClassVar[frozenset[str]] = frozenset()
    brings: ClassVar[frozenset[str]] = frozenset()
    keeps: ClassVar[bool] = False
    init_containers: ClassVar[bool] = True
    loops: ClassVar[bool] = False
    hears: ClassVar[bool] = False
    versions: ClassVar[bool] = False
    outcomes: ClassVar[Mapping[str, str]] = {"success": contract.FINISHED}

    effects = (
        *does("ConfigMap", Effect.RETRAINS, "data"),
        *does("", Effect.RETRAINS, ""),
    )

    def account(self) -> Name:
        """Return the name of the ServiceAccount that steps run as."""
        return Name(self.service_account)

    def token(self) -> bool:
        """Airflow watches pods from outside: nothing in them talks to the API server."""
        return False

    def drivers(self) -> tuple[Label, ...]:
        """Airflow's own pods are in its own namespace."""
        return ()

    def literal(self, text: str) -> str:
        """Escape text for a command or a variable: Airflow reads Jinja in it, then Kubernetes ``$(X)`` and ``$$``."""
        return self.text(contract.literal(text))

    def text(self, text: str) -> str:
        """Escape text that Airflow reads as a Jinja template."""
        return _JINJA.sub(lambda found: "{{ " + repr(found.group()) + " }}", text)

    def default(self, text: str) -> str:
        """Return a parameter's default as it is: Airflow reads no Jinja in it."""
        return text

    def reference(self, reference: Reference) -> str:
        """Say a run-time value, in Jinja. Raises Refused.

        The run's id names folders: what object stores and file systems read in ways of their own is replaced.
        """
        if reference.parameter == contract.STARTED_BY:
            return "{{ " + _STARTED_BY + " }}"
        if reference.parameter is not None:
            return "{{ " + f"params['{reference.parameter}'] | replace('$', '$$')" + " }}"
        if reference.run:
            return "{{ " + " | ".join(("run_id", *(f"replace{pair!r}" for pair in _RENAMED.items()))) + " }}"
        if reference.begin is not None:
            return "{{ " + f"ti.xcom_pull(task_ids='{contract.BEGIN}')['{reference.begin}']" + " }}"
        raise Refused("Airflow moves no artifacts and has no loops of ours")

    def source(self, reference: Reference) -> str | None:
        """Say a run-time value where it is put in, which is the step itself; artifacts are wired by their URIs."""
        return None if reference.artifact is not None else self.reference(reference)

    def input_path(self, name: Name) -> str:
        """Return the contract's own path."""
        return contract.input_path(name)

    def input_uri(self, name: Name) -> str:
        """Airflow keeps no artifacts. Raises Refused."""
        raise Refused("Airflow has no word for the URI of an artifact")

    def output_path(self, name: Name) -> str:
        """Return the contract's own path."""
        return contract.output_path(name)

    def result_path(self, name: Name) -> str:
        """Return the one file that Airflow takes a task's XCom from."""
        return _XCOM

    def times(self) -> tuple[str, str]:
        """Say when a scheduled run was due (a run by hand has no such time) and when it started."""
        due = "{{ dag_run.run_after.isoformat() if dag_run.run_type in ('scheduled', 'backfill') else '' }}"
        return due, "{{ dag_run.start_date.isoformat() }}"

    def outcome(self) -> str:
        """Say how the tasks went; the one that asks is the only one that still runs."""
        return "{{ " + _OUTCOME + " }}"

    def condition(self, parameter: Name, value: str) -> str:
        """The DAG file compares in Python, which it prints from the parameter and the value."""
        return ""

    def rules(self) -> tuple[Rule, ...]:
        """The account of steps needs nothing: Airflow's own starts the pods."""
        return ()

    def followed(self, pipeline: Pipeline) -> Told | None:
        """Airflow's REST API answers, where an address and a secret are named."""
        if self.host is None or self.secret is None:
            return None
        env = (
            secret_variable(f"{self.address}.secret", f"AIRFLOW_{key.upper()}", self.secret, key)
            for key in ("username", "password")
        )
        told: dict[str, object] = {"host": self.host, "dag": _dag_id(pipeline), "known_as": _RENAMED}
        if assets := {str(event.name): f"{_dag_id(pipeline)}.{event.name}" for event in _arrivals(pipeline)}:
            told["assets"] = assets
        egress = (endpoint(self.host, f"{self.address}.host"),)
        reached = Contribution(address=self.address, env=tuple(env), egress=egress)
        return Told(configuration={"airflow": told}, contribution=reached)

    def follows(self) -> tuple[Rule, ...]:
        """A name and a password of Airflow's own open its API."""
        return ()

    def starts(self) -> tuple[Rule, ...]:
        """Nothing in the environment starts a DAG."""
        return ()

    def webhook(self, trigger: Name, namespace: Name, path: str) -> str:
        """Nothing in the environment hears requests for a DAG. Raises Refused."""
        raise Refused("Airflow hears no events in the environment")

    def listens(self) -> int:
        """Nothing in the environment hears requests for a DAG. Raises Refused."""
        raise Refused("Airflow hears no events in the environment")

    def bus(self) -> tuple[int, int] | None:
        """Airflow carries no events."""
        return None

    def egress(self) -> tuple[Endpoint, ...]:
        """Airflow has nothing of its own in a step's pod that talks: it reads XComs through the API server."""
        return ()

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print a DAG file for each pipeline: in a ConfigMap, or as a file of the tree that git-sync brings."""
        for pipeline in blueprint.pipelines:
            dag_id = _dag_id(pipeline)
            path = f"{self.folder}/{dag_id}.py"
            notes = tuple(note for note in pipeline.annotations if note.key.startswith(_OWN))
            dag = file(
                "orchestrator/airflow/dag.py.j2", path, pipeline=pipeline, dag_id=dag_id, airflow=self, notes=notes,
                arrivals=_arrivals(pipeline),
            )  # fmt: skip
            if self.delivery == _CONFIGMAP:
                yield file("orchestrator/airflow/configmap.yaml.j2", pipeline=pipeline, dag_id=dag_id, dag=dag)
            else:
                yield dag


def _arrivals(pipeline: Pipeline) -> tuple[Event, ...]:
    """Return what tells of new data: an asset of its own, named after the DAG and the event, starts the DAG then."""
    return tuple(event for event in pipeline.polled if event.path is None)


def _dag_id(pipeline: Pipeline) -> Name:
    """Return what Airflow calls a pipeline; of all projects and environments it is the only one of that name."""
    said = {label.key: label.value for label in pipeline.labels}
    project = said["app.kubernetes.io/part-of"]
    environment = said["app.kubernetes.io/instance"].removeprefix(f"{project}-")
    return Name(f"{project}_{environment}_{pipeline.name}")
