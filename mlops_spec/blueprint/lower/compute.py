"""Compute profiles to the resources, placement and scratch volumes of a pod."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.mounts import folder
from mlops_spec.blueprint.types import Accelerator, Compute, Label, Quantity, Toleration, Volume
from mlops_spec.language.text import Name
from mlops_spec.model.compute import ComputeProfile

_VENDORS = {
    "nvidia": "nvidia.com/gpu",
    "amd": "amd.com/gpu",
    "intel": "gpu.intel.com/i915",
    "habana": "habana.ai/gaudi",
    "google": "google.com/tpu",
    "aws": "aws.amazon.com/neuron",
}
"""The extended resource of each vendor's device plugin."""


def compute(profile: ComputeProfile | None, address: str) -> Compute:
    """Return what a container asks for; requests equal limits but for CPU, which is no limit to be throttled by."""
    at = profile.address if profile else address

    def quantity(name: str, amount: str) -> Quantity:
        return Quantity(address=f"{at}.{name}" if profile else at, name=name, amount=amount)

    cpu = quantity("cpu", str(profile.cpu) if profile else contract.CPU)
    memory = quantity("memory", str(profile.memory) if profile else contract.MEMORY)
    device = _accelerator(profile)
    devices = (Quantity(address=device.address, name=device.resource, amount=device.count),) if device else ()
    return Compute(
        address=at,
        requests=(cpu, memory, *devices),
        limits=(cpu, memory, *devices),
        accelerator=device,
        node_selector=tuple(
            Label(address=f"{at}.node_selector", key=key, value=value)
            for key, value in sorted((profile.node_selector if profile else {}).items())
        ),
        tolerations=tuple(
            Toleration(address=t.address, key=t.key, operator=t.operator, value=t.value, effect=t.effect)
            for t in (profile.tolerations if profile else ())
        ),
        queue=Name(profile.queue) if profile and profile.queue else None,
    )


def _accelerator(profile: ComputeProfile | None) -> Accelerator | None:
    said = profile.accelerator if profile else None
    if said is None:
        return None
    vendor = said.model.partition("-")[0]
    return Accelerator(address=said.address, model=said.model, resource=_VENDORS[vendor], count=str(said.count))


def daemon(address: str) -> Compute:
    """Return what a pod asks for that stands by all the time."""
    amounts = {"cpu": contract.DAEMON_CPU, "memory": contract.DAEMON_MEMORY}
    quantities = tuple(Quantity(address=address, name=name, amount=amount) for name, amount in amounts.items())
    return Compute(**{**compute(None, address).__dict__, "requests": quantities, "limits": quantities})


def temporary(address: str) -> tuple[Volume, ...]:
    """Return the one folder that every program of ours may write to."""
    return (folder(address, "tmp", contract.TEMPORARY, contract.TEMPORARY_SIZE),)


def scratch(profile: ComputeProfile | None, address: str) -> tuple[Volume, ...]:
    """Return the writable folders of a server: the temporary one, as large as the profile says, and shared memory."""
    at = profile.address if profile else address
    size = str(profile.disk) if profile and profile.disk else contract.TEMPORARY_SIZE
    return (folder(at, "tmp", contract.TEMPORARY, size), *_shared_memory(profile))


def _shared_memory(profile: ComputeProfile | None) -> Iterator[Volume]:
    if profile and profile.shared_memory:
        yield folder(profile.address, "shm", "/dev/shm", str(profile.shared_memory), memory=True)


def volumes(profile: ComputeProfile | None, address: str) -> tuple[Volume, ...]:
    """Return the writable folders of a container: the contract's, the temporary one, shared memory if asked for.

    Each of the contract's folders is a volume of its own: the kubelet makes them writable for whoever runs the
    container, while what an orchestrator makes below a shared one belongs to the orchestrator.
    """
    at = profile.address if profile else address
    disk = str(profile.disk) if profile and profile.disk else contract.SCRATCH
    return (
        folder(at, "inputs", contract.INPUTS, disk),
        folder(at, "outputs", contract.OUTPUTS, disk),
        folder(at, "results", contract.RESULTS, contract.TEMPORARY_SIZE),
        *temporary(at),
        *_shared_memory(profile),
    )
