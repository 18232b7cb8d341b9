"""Scorings as lowering makes them."""

from __future__ import annotations

import json

import pytest

from mlops_spec.language.text import Block, Name

TOLD = {"model": {"name": "churn"}, "output": 's3://acme-ml/ds=${{ run.date }}/{{ x }}: # "quoted"\\'}


@pytest.fixture
def told():
    """What the program of a scoring is told."""
    return TOLD


@pytest.fixture
def machine(nodes):
    def machine(**changes):
        fields = {
            "compute": nodes.compute(), "cpu": "500m", "cores": 1, "memory": 1024, "heap": "512m", "rest": "512m",
            "devices": (), "disk": "10Gi", "volumes": (nodes.volume("tmp", "/tmp"),), **changes,
        }  # fmt: skip
        return nodes.Machine(address="compute.small", **fields)

    return machine


@pytest.fixture
def scoring(nodes, machine):
    def scoring(file="score.json", **changes):
        resource = nodes.resource("churn", "batch")
        named = nodes.resource("churn.score", "batch")
        config = nodes.Config(**named, file=Name(file), text=Block(json.dumps(TOLD, indent=2) + "\n"))
        key = nodes.secret_key("object-store", "access_key")
        env = (nodes.variable("AWS_ACCESS_KEY_ID", key), nodes.variable("ON", "yes"))
        fields = {
            "model": Name("churn"), "account": Name("spark"), "pods": resource["labels"], "config": config,
            "schedule": nodes.Schedule(address="x", cron="0 5 * * *", timezone="Europe/Berlin", deadline=3600),
            "timeout": None, "retries": 2, "workload": nodes.workload("score", env=env), "driver": machine(),
            "worker": machine(cpu="2", cores=2, memory=8192, heap="4096m", rest="4096m"), "launch": None, **changes,
        }  # fmt: skip
        return nodes.Scoring(**resource, **fields)

    return scoring
