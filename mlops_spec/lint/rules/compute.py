"""Rules about hardware profiles: MS271 to MS279."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.lint.rule import Finding, View, rule


@rule("MS271", "more shared memory than memory", Severity.ERROR)
def crowded(view: View) -> Iterator[Finding]:
    """The `shared_memory` of a hardware profile is larger than its `memory`.

    Why: /dev/shm counts as memory of the container. A data loader that uses what it was promised is killed for it, with
    no more of a reason than `OOMKilled`, hours into the training.

    Bad:

        gpu: {cpu: "8", memory: 8Gi, shared_memory: 16Gi}

    Good:

        gpu: {cpu: "8", memory: 32Gi, shared_memory: 16Gi}
    """
    for profile in view.spec.compute.values():
        shared = profile.shared_memory
        if shared is not None and shared.amount > profile.memory.amount:
            yield Finding(
                f"{profile.address}.shared_memory",
                f"with {profile.memory} of memory, {profile.name} has no room for {shared} of shared memory",
                "let `memory` hold the shared memory and what the program needs",
            )


RULES = (crowded,)
