"""``python -m mlops_spec`` is the ``mlops-spec`` command."""

from mlops_spec.cli import main

if __name__ == "__main__":
    main()
