"""Rules over the spec, and the engine that selects, suppresses and places what they find."""
