"""What stands in for ``gh`` and ``glab``, which need a forge that no test can have.

It takes ``api`` with the flags that both programs really have (gh 2.60, glab 1.53: ``--hostname``, ``--method``,
``--header``, ``--input -``, and an endpoint) and no other ones, keeps every request in a file, and answers as the
forges' APIs do: with arrays of what is open, and with what was made. Nobody is logged in where ``FORGE_OUT`` is set,
and with ``FORGE_CLOSED`` the forge takes nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PROGRAM = f"""#!{sys.executable}
import argparse, json, os, pathlib, sys
from urllib.parse import parse_qsl, unquote
here = pathlib.Path(__file__)
github = here.name == "gh"
if os.environ.get("FORGE_OUT"):
    sys.exit("To get started with the forge, please run:  auth login")
parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("api", choices=["api"])
parser.add_argument("endpoint")
parser.add_argument("--hostname", required=True)
parser.add_argument("--method", required=True)
parser.add_argument("--header")
parser.add_argument("--input", choices=["-"])
given = parser.parse_args()
path, _, query = given.endpoint.partition("?")
project, what = ("repos/growth/churn", "pulls") if github else ("projects/growth%2Fchurn", "merge_requests")
assert path.startswith(project + "/" + what), path
rest = path.removeprefix(project + "/" + what)
body = json.load(sys.stdin) if given.input else None
assert (body is None) == (given.header is None), "GitLab answers 415 without a type"
file = here.with_suffix(".json")
kept = json.loads(file.read_text()) if file.exists() else {{"asked": [], "open": []}}
kept["asked"].append([given.hostname, given.method, given.endpoint, body])
asked, source, target = dict(parse_qsl(query)), *(("head", "base") if github else ("source_branch", "target_branch"))
if given.method == "GET":
    assert rest == "" and asked["state"] == ("open" if github else "opened")
    branch = asked[source].removeprefix("growth:") if github else asked[source]
    answer = [each for each in kept["open"] if (each[source], each[target]) == (branch, asked[target])]
elif os.environ.get("FORGE_CLOSED"):
    file.write_text(json.dumps(kept))
    sys.exit("Validation Failed (HTTP 422)\\nA pull request already exists for growth:churn.")
elif given.method == "POST":
    number = 10 + len(kept["open"])
    url = f"https://forge.acme.example/growth/churn/{{number}}"
    answer = {{**body, "source_project_id": 3, "target_project_id": 3}}
    answer |= {{"number": number, "html_url": url}} if github else {{"iid": number, "web_url": url}}
    kept["open"].append(answer)
else:
    assert given.method == ("PATCH" if github else "PUT")
    (answer,) = [each for each in kept["open"] if rest == f"/{{each['number' if github else 'iid']}}"]
    answer |= body
file.write_text(json.dumps(kept))
print(json.dumps(answer))
"""


def install(folder: Path, name: str) -> None:
    """Put it into ``folder`` as the program ``name``."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(PROGRAM)
    (folder / name).chmod(0o755)


def kept(folder: Path, name: str) -> dict[str, Any]:
    """Return what it was asked, and the requests that are open."""
    file = folder / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else {"asked": [], "open": []}
