"""Rendered text read back and checked."""
