"""Files to text: the strict Jinja environment, its printers, the trace, patches and trees."""
