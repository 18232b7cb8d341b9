"""Pipelines on this machine: each step a process, what it left kept by its content, what is unchanged not run again."""
