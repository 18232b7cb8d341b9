"""MLflow servers: what one shall hold, what it holds, and what brings the second to the first."""
