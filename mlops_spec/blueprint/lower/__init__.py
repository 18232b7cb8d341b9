"""Lowering, one module per section of the spec."""
