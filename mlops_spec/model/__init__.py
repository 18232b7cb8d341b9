"""The spec as frozen nodes: one module per section, built from valid data by their annotations alone."""
