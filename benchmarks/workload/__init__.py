"""W(N): N services, six objects each, in two environments that differ by overrides; for the product and for others."""
