"""``python -m mlops_spec.runtime`` is ``mlops-spec-runtime``."""

from mlops_spec.runtime.command import main

main(prog_name="mlops-spec-runtime")
