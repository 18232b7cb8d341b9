"""Write every page of the reference; what no source of truth says any more goes."""

from __future__ import annotations

import shutil
from pathlib import Path

from reference.pages import pages

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


def main() -> None:
    """Write the pages below ``docs/reference``."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for path, text in pages().items():
        file = FOLDER / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
