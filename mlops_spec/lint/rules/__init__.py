"""Lint rules, one module per section of the spec."""
