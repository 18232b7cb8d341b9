"""Kubernetes clusters as they are: what is there, what an apply would make of it, and how it does."""
