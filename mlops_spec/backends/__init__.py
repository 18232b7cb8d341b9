"""The real systems: each says which template prints which node of the blueprint, and what it cannot do."""
