"""What runs pipelines."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.orchestrator.airflow import Airflow
from mlops_spec.backends.orchestrator.argo import Argo
from mlops_spec.backends.orchestrator.kubeflow import Kubeflow
from mlops_spec.backends.orchestrator.vertex import Vertex

SYSTEMS: dict[str, type[System]] = {"airflow": Airflow, "argo": Argo, "kubeflow": Kubeflow, "vertex": Vertex}
