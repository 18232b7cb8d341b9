"""The reference pages of the documentation, made of the sources of truth: ``python -m reference`` writes them.

They are written below ``docs/reference``, where the site is built from, and are never committed.
"""
