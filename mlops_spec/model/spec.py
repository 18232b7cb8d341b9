"""The root of the model: one environment's spec, whole."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.model.channels import Channel
from mlops_spec.model.compute import ComputeProfile
from mlops_spec.model.datasets import Dataset
from mlops_spec.model.environments import Environment
from mlops_spec.model.experiments import Experiment
from mlops_spec.model.features import Features
from mlops_spec.model.images import Image
from mlops_spec.model.manifests import Manifest
from mlops_spec.model.models import Model
from mlops_spec.model.monitors import Monitor
from mlops_spec.model.moved import Move
from mlops_spec.model.node import Node
from mlops_spec.model.patches import Patch
from mlops_spec.model.pipelines import Pipeline
from mlops_spec.model.platform import Platform
from mlops_spec.model.project import Project
from mlops_spec.model.secrets import Secret
from mlops_spec.model.variables import Variable


class Spec(Node):
    """What a system is in one environment: layers are merged, values put in, resources of other environments gone."""

    project: Project
    platform: Platform
    variables: Mapping[str, Variable]
    environments: Mapping[str, Environment]
    compute: Mapping[str, ComputeProfile]
    images: Mapping[str, Image]
    secrets: Mapping[str, Secret]
    channels: Mapping[str, Channel]
    datasets: Mapping[str, Dataset]
    features: Features
    experiments: Mapping[str, Experiment]
    pipelines: Mapping[str, Pipeline]
    models: Mapping[str, Model]
    monitors: Mapping[str, Monitor]
    manifests: tuple[Manifest, ...]
    patches: tuple[Patch, ...]
    templates: str | None
    moved: tuple[Move, ...]
