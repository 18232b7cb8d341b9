"""Write the model's card: how well it does in each region."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from pyarrow.fs import FileSystem


def measured(uri: str) -> dict[str, Any]:
    """Return what was measured in one region."""
    store, path = FileSystem.from_uri(uri)
    with store.open_input_stream(path) as stream:
        found: dict[str, Any] = json.loads(stream.read())
    return found


def main() -> None:
    """Read the list of URIs, write the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", required=True)
    parser.add_argument("--out", required=True)
    told = parser.parse_args()
    lines = ["# Churn classifier", "", "| region | auc | rows |", "| --- | --- | --- |"]
    for uri in json.loads(Path(told.regions).read_text()):
        metrics = measured(uri)
        lines.append(f"| {metrics['region']} | {metrics['auc']:.3f} | {metrics['rows']:.0f} |")
    Path(told.out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
