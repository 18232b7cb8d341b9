"""Where meaning is decided, once: the spec lowered to what every backend prints."""
