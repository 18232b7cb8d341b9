"""Real servers and processes: the only room, beside the runtime, that opens a socket or runs a process."""
