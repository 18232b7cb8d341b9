"""What jobs find on their path, in place of programs that this machine cannot run: ``docker`` and ``gh``.

The first takes exactly the commands that the jobs give: it hashes what a build would read, and runs the command of a
container in a folder of its own, by the programs of ``IMAGE``. The second keeps pull requests, comments and what is scanned in files.
"""

from __future__ import annotations

import sys

DOCKER = f"""#!{sys.executable}
import hashlib, json, os, pathlib, subprocess, sys, tempfile
state, words = pathlib.Path(__file__).parent / "state", sys.argv[1:]
state.mkdir(exist_ok=True)
with (state / "log").open("a") as log:
    log.write(json.dumps(words) + "\\n")
def value(option):
    return words[words.index(option) + 1]
if words[0] == "login":
    (state / "password").write_text(sys.stdin.read())
elif words[:2] == ["buildx", "create"]:
    print("builder")
elif words[:2] == ["buildx", "build"]:
    context, read = pathlib.Path(words[-1]), hashlib.sha256()
    texts = [pathlib.Path(value("--file")), context / "requirements.lock", *sorted((context / "src").rglob("*.py"))]
    for file in texts:
        read.update(file.read_bytes())
    read.update(value("--build-arg").encode())
    digest = "sha256:" + read.hexdigest()
    pathlib.Path(value("--metadata-file")).write_text(json.dumps({{"containerimage.digest": digest}}, indent=2))
elif words[0] == "run":
    # A container has the variables that it is given, the programs of its image, and a folder to write to.
    after, options, given, switches = iter(words[1:]), {{}}, [], ("--rm", "--interactive", "--read-only")
    for word in after:
        if not word.startswith("-"):
            break
        value = None if word in switches else next(after)
        options[word] = value
        if word == "--env":
            given.append(value)
    assert "@sha256:" in word, word
    image = pathlib.Path(__file__).parent / "image"
    inside = {{name: os.environ[name] for name in given if name in os.environ}}
    with tempfile.TemporaryDirectory() as folder:
        inside |= {{"PATH": f"{{image}}:{{os.environ['PATH']}}", "HOME": folder, "PYTHONPATH": os.environ["PYTHONPATH"]}}
        command = [options["--entrypoint"], *after]
        sys.exit(subprocess.run(command, cwd=folder, env=inside, check=False).returncode)
elif words[:2] != ["buildx", "rm"]:
    sys.exit(f"no such command: {{words}}")
"""
IMAGE = {
    "mlops-spec": f'#!/bin/sh\nexec {sys.executable} -m mlops_spec "$@"\n',
    "python": f'#!/bin/sh\nexec {sys.executable} "$@"\n',
}
GH = f"""#!{sys.executable}
import json, os, pathlib, sys
from jq import compile
from urllib.parse import parse_qsl
here, words = pathlib.Path(__file__).parent, sys.argv[1:]
opened, comments = here / "opened", here / "comments"
def jq(program, value):
    for found in compile(program).input_value(value).all():
        print(found if isinstance(found, str) else json.dumps(found))
if words[0] == "api":
    assert os.environ["GH_TOKEN"] == "t0ken" and os.environ["GH_HOST"].startswith("127.0.0.1:")
    after, options, fields, path = iter(words[1:]), {{}}, {{}}, ""
    for word in after:
        if word in ("--paginate", "--silent"):
            options[word] = True
        elif word in ("-f", "-F"):
            name, _, value = next(after).partition("=")
            fields[name] = pathlib.Path(value[1:]).read_text() if word == "-F" and value[1:2] == "/" else value
        elif word.startswith("-"):
            options[word] = next(after)
        else:
            path = word
    known, method = json.loads(comments.read_text()), options.get("--method", "GET")
    if path.startswith("repos/growth/churn/pulls"):
        requests, rest = json.loads(opened.read_text()), path.removeprefix("repos/growth/churn/pulls")
        if method == "GET":
            asked = dict(parse_qsl(rest.removeprefix("?")))
            wanted = asked["head"].removeprefix("growth:"), asked["base"]
            assert asked["state"] == "open"
            jq(options["--jq"], [one for one in requests if (one["head"], one["base"]) == wanted])
        elif method == "POST":
            assert rest == "" and set(fields) == {{"title", "head", "base", "body"}}
            requests.append({{"number": 20 + len(requests), **fields}})
        else:
            (changed,) = [one for one in requests if rest == f"/{{one['number']}}"]
            assert method == "PATCH" and set(fields) == {{"title", "body"}}
            changed.update(fields)
        opened.write_text(json.dumps(requests))
    elif path == "repos/growth/churn/code-scanning/sarifs":
        assert method == "POST" and set(fields) == {{"commit_sha", "ref", "tool_name", "sarif"}}
        (here / "scanned").write_text(json.dumps(fields))
    elif method == "GET":
        assert path == "repos/growth/churn/issues/7/comments?per_page=100", path
        for start in range(0, len(known) if "--paginate" in options else 2, 2):
            jq(options["--jq"], known[start : start + 2])
    else:
        assert fields == {{"body": "@-"}}
        body = sys.stdin.read()
        if method == "POST":
            assert path == "repos/growth/churn/issues/7/comments", path
            known.append({{"id": 100 + len(known), "user": {{"login": "github-actions[bot]"}}, "body": body}})
        else:
            (changed,) = [one for one in known if path == f"repos/growth/churn/issues/comments/{{one['id']}}"]
            assert method == "PATCH"
            changed["body"] = body
        comments.write_text(json.dumps(known))
else:
    sys.exit(f"no such command: {{words}}")
"""
