"""What a change of the spec comes to: how two rendered trees differ, what that will do, and which line caused it."""
