"""Diagnostics and results in the formats that people and machines read."""
