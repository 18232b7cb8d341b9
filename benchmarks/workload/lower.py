"""W(N) as one writes it by hand: C-YAML, Jinja with a bytecode cache, files. Nothing is checked: the lower bound.

Arguments: the spec, the folder to write to, the folder for compiled templates.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import yaml
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader

TEMPLATES = os.path.join(os.path.dirname(__file__), "lower")


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        result[key] = merge(result[key], value) if isinstance(value, dict) else value
    return result


def main(spec: str, out: str, cache: str) -> None:
    with open(spec, encoding="utf-8") as stream:
        data = yaml.load(stream, yaml.CSafeLoader)
    os.makedirs(cache, exist_ok=True)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=FileSystemBytecodeCache(cache),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates = {name.partition(".")[0]: environment.get_template(name) for name in sorted(os.listdir(TEMPLATES))}
    for name, settings in data["environments"].items():
        services = merge(data["services"], settings.get("overrides", {}).get("services", {}))
        folder = os.path.join(out, name, "fleet")
        os.makedirs(folder)
        for service_name, service in services.items():
            for kind, template in templates.items():
                text = template.render(name=service_name, namespace=settings["namespace"], service=service)
                with open(os.path.join(folder, f"{kind}-{service_name}.yaml"), "w", encoding="utf-8") as stream:
                    stream.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
