"""Trees into a folder or a Git commit, whole or not at all."""
