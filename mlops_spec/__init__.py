"""One YAML spec of a team's ML system, compiled into the manifests that real systems run."""

__version__ = "0.1.0"
