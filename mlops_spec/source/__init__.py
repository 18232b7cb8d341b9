"""Text with places: files of a spec, read as data whose every key and value remembers where it stands."""
