"""What jobs find on their path, in place of programs that this machine cannot run: ``docker`` and ``gh``.

The first takes exactly the commands that the jobs give: it hashes what a build would read, and runs the command of a
container in a folder of its own, by the programs of ``IMAGE``. The second keeps pull requests and comments in files.
"""

from __future__ import annotations

import sys

DOCKER = f"""#!{sys.executable}
import hashlib, json, os, pathlib, shutil, subprocess, sys, tarfile, tempfile
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
elif words[0] == "create":
    (state / "container" / "tmp").mkdir(parents=True)
    entry = words.index("--entrypoint") + 1
    (state / "command").write_text(json.dumps([value("--workdir"), words[entry], *words[entry + 4 :]]))
    print("container")
elif words[:2] == ["cp", "-"]:
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
        archive.extractall(state / words[2].replace(":/", "/"), filter="data")
elif words[0] == "cp":
    shutil.copyfile(state / words[1].replace(":/", "/"), words[2])
elif words[0] == "start":
    folder, program, *arguments = json.loads((state / "command").read_text())
    assert program == "mlops-spec"
    command = [sys.executable, "-m", "mlops_spec", *arguments]
    sys.exit(subprocess.run(command, cwd=state / "container" / folder.lstrip("/"), check=False).returncode)
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
elif words[0] == "rm":
    shutil.rmtree(state / "container")
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
here, words = pathlib.Path(__file__).parent, sys.argv[1:]
opened, comments = here / "opened", here / "comments"
def jq(program, value):
    for found in compile(program).input_value(value).all():
        print(found if isinstance(found, str) else json.dumps(found))
if words[:2] == ["pr", "list"]:
    print(len(opened.read_text().splitlines()))
elif words[:2] == ["pr", "create"]:
    opened.write_text(opened.read_text() + " ".join(words).replace("\\n", " ") + "\\n")
elif words[0] == "api":
    assert os.environ["GH_TOKEN"] == "t0ken" and os.environ["GH_HOST"].startswith("127.0.0.1:")
    after, options, path = iter(words[1:]), {{}}, ""
    for word in after:
        if word in ("--paginate", "--silent"):
            options[word] = True
        elif word.startswith("-"):
            options[word] = next(after)
        else:
            path = word
    known, method = json.loads(comments.read_text()), options.get("--method", "GET")
    if method == "GET":
        assert path == "repos/growth/churn/issues/7/comments?per_page=100", path
        for start in range(0, len(known) if "--paginate" in options else 2, 2):
            jq(options["--jq"], known[start : start + 2])
    else:
        assert options["-F"] == "body=@-"
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
