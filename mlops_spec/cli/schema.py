"""``mlops-spec schema``."""

from __future__ import annotations

import click

from mlops_spec.cli import options

EXAMPLES = """
  mlops-spec schema > mlops.schema.json      and in the first lines of a spec, for editors:
                                             # yaml-language-server: $schema=mlops.schema.json
"""


@options.command("schema", EXAMPLES)
def command() -> int:
    """Print the JSON Schema of specs for editors: it completes, explains and checks while you write.

    It takes placeholders and the partial sections of overrides and layers, of which `lint` alone can tell what they
    come to. Editors with yaml-language-server, such as VS Code and its YAML extension, find it by a line of the spec.
    """
    from mlops_spec import assets
    from mlops_spec.cli import exits
    from mlops_spec.language.editor import FILE

    click.echo((assets.SCHEMAS / FILE).read_text("utf-8"), nl=False)
    return exits.FINE
