"""The language's phases on data: layers, environments, values, schema, defaults, lock."""
