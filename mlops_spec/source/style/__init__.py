"""The one style of a spec's text. Each module makes one kind of change to lines and characters as they stand.

Not a round trip through a YAML library: those drop the comments within brackets, and break lines anew.
"""
