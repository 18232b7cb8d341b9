"""The jobs that check a change and tell what it will do, run as they are rendered: on a change of a stranger's, too."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.backends.ci.forge import Forge, forge
from tests.backends.ci.runner import Ran, run_job, run_workflow
from tests.backends.ci.test_jobs import DIGEST, LOCK, SPEC, rendered

pytestmark = pytest.mark.long
BOT = "github-actions[bot]"
MARK = "<!-- mlops-spec diff: churn -->"
SAYS = f"{MARK}\n**mlops-spec** of `churn`: "
ERRORS = f"{SAYS}what this change does is not known: the spec has errors, with the change or where it began."
UNCHANGED = f"{SAYS}what is rendered does not change."
OTHER = f"{MARK}\nof a stranger, who would be quoted"
OF_ANOTHER_PROJECT = MARK.replace("churn", "fraud")
HOSTILE = (
    "`$(touch /tmp/mlops-spec-was-here)` ``` \\nEOF\\n::set-output name=comment::evil\\n"
    "##[set-output name=comment;]evil\\n<!-- --> @acme/all </details>"
)


PINNED = LOCK.replace("train: {", f'train: {{digest: "{DIGEST}", ').replace("lockVersion: 1\n", "lockVersion: 1\n\n")


def spec(backend: str, *changes: tuple[str, str]) -> dict[str, str]:
    """Return the spec in the style, with changes of its text, and its lock."""
    text = SPEC.replace("BACKEND", backend)
    for section in ("platform", "images", "pipelines"):
        text = text.replace(f"\n{section}:", f"\n\n{section}:")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return {"mlops.yaml": text, "mlops.lock.yaml": PINNED}


def changed(backend: str = "github", timeout: str = "7h") -> dict[str, str]:
    return spec(backend, ("train: {steps", f"train: {{timeout: {timeout}, steps"))


class GitHub:
    """A project on GitHub, with a pull request of number 7."""

    def __init__(self, made: Forge) -> None:
        self.made = made
        files = {**rendered("github"), **spec("github")}
        files[".github/workflows/check.yaml"] = files["deploy/project/ci/check.yaml"]
        self.base = made.push(files)

    def workflow(self) -> Any:
        return yaml.safe_load((self.made.work / "deploy/project/ci/check.yaml").read_text())

    def proposed(self, files: dict[str, str]) -> str:
        """Commit files as a pull request from a fork, and return its commit."""
        self.made.git("checkout", "--quiet", "-B", "change", self.base)
        head = self.made.push(files, ref="+refs/pull/7/head")
        self.made.git("checkout", "--quiet", "main")
        return head

    def run(self, head: str, *jobs: str) -> Ran:
        server, _, repository = self.made.url.rpartition("/growth/")
        known = {
            "github.server_url": server, "github.repository": f"growth/{repository}", "github.token": self.made.token,
            "github.event.pull_request.number": "7", "github.event.pull_request.base.sha": self.base,
            "github.event.pull_request.head.sha": head,
        }  # fmt: skip
        own = {
            "GITHUB_SHA": head, "GITHUB_SERVER_URL": server, "GITHUB_REPOSITORY": f"growth/{repository}",
            "GITHUB_WORKFLOW_REF": "growth/churn/.github/workflows/check.yaml@refs/pull/7/merge",
        }  # fmt: skip
        return run_workflow(self.made, self.workflow(), jobs, known, own)

    def comments(self) -> list[tuple[str, str]]:
        return [(one["user"]["login"], one["body"]) for one in json.loads((self.made.bin / "comments").read_text())]

    def commented(self, *comments: tuple[str, str]) -> None:
        said = [{"id": 1 + at, "user": {"login": who}, "body": body} for at, (who, body) in enumerate(comments)]
        (self.made.bin / "comments").write_text(json.dumps(said))


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with forge(tmp_path, "x-access-token") as made:
        yield GitHub(made)


def test_a_pull_request_is_told_what_it_will_do(github: GitHub) -> None:
    code, printed = github.run(github.proposed(changed()), "diff", "comment")
    assert code == 0, printed
    ((who, body),) = github.comments()
    assert who == BOT
    assert body.startswith(SAYS)
    assert "| `mlops.yaml:14:11` | `pipelines.train.timeout` | `+ 7h` |" in body


def test_it_is_compared_with_where_it_began_and_not_with_what_came_since(github: GitHub) -> None:
    head = github.proposed(changed())
    github.base = github.made.push(spec("github", ("{name: churn}", "{name: churn, labels: {team: growth}}")))
    code, printed = github.run(head, "diff", "comment")
    assert code == 0, printed
    ((_, body),) = github.comments()
    assert "pipelines.train.timeout" in body
    assert "project.labels" not in body


def test_the_second_run_updates_the_comment_of_the_first_and_touches_no_other(github: GitHub) -> None:
    others = [("mallory", OTHER), ("github-actions", OTHER), (BOT, "Tests are green."), (BOT, OF_ANOTHER_PROJECT)]
    github.commented(*others)
    github.run(github.proposed(changed()), "diff", "comment")
    first = github.comments()
    code, printed = github.run(github.proposed(changed(timeout="8h")), "diff", "comment")
    assert code == 0, printed
    second = github.comments()
    assert first[:-1] == second[:-1] == others
    assert "7h" in first[-1][1]
    assert "7h" not in second[-1][1]
    assert "8h" in second[-1][1]


def test_what_changes_nothing_is_no_comment_but_ends_the_one_that_is_there(github: GitHub) -> None:
    nothing = github.proposed({"notes.txt": "x"})
    code, printed = github.run(nothing, "diff", "comment")
    assert (code, github.comments()) == (0, []), printed
    github.commented((BOT, f"{MARK}\nof before"))
    github.run(nothing, "diff", "comment")
    assert github.comments() == [(BOT, UNCHANGED)]


def test_a_spec_with_errors_replaces_what_was_told_and_the_check_says_which(github: GitHub) -> None:
    github.commented((BOT, f"{MARK}\nof before"))
    wrong = "##[set-output name=comment;]evil"
    head = github.proposed(spec("github", ("project:", f'"{wrong}": 1\nproject:')))
    code, printed = github.run(head, "diff", "comment")
    assert code == 0, printed
    assert wrong in printed
    assert "obeyed" not in printed
    assert github.comments() == [(BOT, ERRORS)]
    code, printed = github.run(head, "check")
    assert code == 1
    assert "::error file=mlops.yaml,line=2,col=1" in printed


def test_a_spec_that_is_not_there_yet_or_no_yaml_is_told_of(github: GitHub) -> None:
    for text in ("a: [", "apiVersion: mlops-spec/v1\n"):
        github.run(github.proposed({"mlops.yaml": text}), "diff", "comment")
        assert github.comments() == [(BOT, ERRORS)]


def test_the_first_spec_of_a_repository_is_told_of(github: GitHub) -> None:
    github.made.git("rm", "--quiet", "mlops.yaml", "mlops.lock.yaml")
    github.base = github.made.push({})
    code, printed = github.run(github.proposed(changed()), "diff", "comment")
    assert code == 0, printed
    assert "creates" in github.comments()[0][1]


def test_no_text_of_a_spec_is_more_than_text(github: GitHub) -> None:
    told = f'project: {{name: churn, description: "$${{{{ github.token }}}} {HOSTILE}"}}'
    files = spec("github", ("churn.fit]", f'"{HOSTILE}"]'), ("project: {name: churn}", told))
    head = github.proposed({**files, "README.md": "$(touch evil)\n"})
    code, printed = github.run(head, "diff", "comment")
    assert code == 0, printed
    ((who, body),) = github.comments()
    assert who == BOT
    assert body.startswith(f"{SAYS}this change ")
    assert not Path("/tmp/mlops-spec-was-here").exists()
    assert "touch /tmp/mlops-spec-was-here" in body
    assert "evil" not in {line.strip() for line in body.splitlines()}
    assert not any(line.startswith(("EOF", "::", "##[", "@acme")) for line in body.splitlines())


def test_what_a_pull_request_makes_of_the_scripts_does_not_run_where_it_is_told_of(github: GitHub) -> None:
    evil = {f"deploy/project/ci/{name}": "echo evil; exit 3\n" for name in ("diff.sh", "check.sh", "check.yaml")}
    hidden = {".gitattributes": "* export-ignore\n", "deploy/project/ci/mlops-spec": "exit 3\n"}
    code, printed = github.run(github.proposed({**changed(), **evil, **hidden}), "diff", "comment")
    assert code == 0, printed
    assert "evil" not in printed
    assert "pipelines.train.timeout" in github.comments()[0][1]


def test_what_reads_a_change_has_no_network_no_token_and_no_way_to_write(github: GitHub) -> None:
    github.run(github.proposed(changed()), "diff", "comment")
    (ran,) = [json.loads(line) for line in github.made.said_to_docker().splitlines()]
    assert ran[:6] == ["run", "--rm", "--interactive", "--network", "none", "--read-only"]
    assert {"--cap-drop", "no-new-privileges"} <= {*ran}
    assert [word for at, word in enumerate(ran) if ran[at - 1] == "--env"] == ["BEFORE", "HEAD", "FOLDER"]
    assert not {"--volume", "-v", "--mount", "--privileged"} & {*ran}


def test_the_token_is_on_no_command_line_and_in_no_file(github: GitHub) -> None:
    _, printed = github.run(github.proposed(changed()), "diff", "comment")
    kept = [path for path in github.made.folder.glob("runner*/**/*") if path.is_file()]
    assert kept
    assert not [path for path in kept if github.made.token.encode() in path.read_bytes()]
    assert github.made.token not in printed + github.made.said_to_docker()


def test_a_change_that_cannot_be_read_fails_and_leaves_the_comment(github: GitHub) -> None:
    github.commented((BOT, f"{MARK}\nof before"))
    code, _ = github.run("0123456789" * 4, "diff", "comment")
    assert code != 0
    assert github.comments() == [(BOT, f"{MARK}\nof before")]


def test_a_change_without_a_common_past_says_so(github: GitHub) -> None:
    github.made.git("checkout", "--quiet", "--orphan", "other")
    head = github.made.push(changed(), ref="+refs/pull/7/head")
    github.made.git("checkout", "--quiet", "main")
    code, printed = github.run(head, "diff", "comment")
    assert code == 1
    assert "no commit is known that both" in printed


def test_the_check_takes_what_is_in_the_style_and_has_no_errors(github: GitHub) -> None:
    code, printed = github.run(github.proposed(changed()), "check")
    assert code == 0, printed


def test_the_check_tells_of_style_and_of_errors_at_once(github: GitHub) -> None:
    code, printed = github.run(github.proposed(spec("github", ("train: {s", "train:    {wrong: 1, s"))), "check")
    assert code == 1
    assert "+++ " in printed
    assert "::error file=mlops.yaml" in printed


@pytest.mark.parametrize("script", ["check.sh", "report.sh"])
def test_a_layer_above_the_folder_of_the_spec_is_read(script: str, github: GitHub, tmp_path: Path) -> None:
    """As where many specs of one repository lie on one layer: its root is the root in the container."""
    files = spec("github", ("project:", "extends: [../../platform.yaml]\n\nproject:"))
    moved = {f"teams/churn/{name}": text for name, text in files.items()}
    github.made.push({**moved, "platform.yaml": "apiVersion: mlops-spec/v1\n\ncompute: {odd: {cpu: 1}}\n"})
    checks = github.workflow()["env"]["CHECKS"]
    variables = {
        "FOLDER": "teams/churn", "RUNTIME": github.workflow()["env"]["RUNTIME"], "FORMAT": "text", "REPORT": str(tmp_path / "report"),
    }  # fmt: skip
    done = github.made.run(f"sh {checks}/{script}", variables, github.made.work)
    told = (tmp_path / "report").read_text() if script == "report.sh" else done.stdout
    assert "platform.yaml:3" in told, done
    assert "MS031" not in told


def test_a_stale_workflow_is_warned_of(github: GitHub) -> None:
    name = ".github/workflows/check.yaml"
    text = (github.made.work / name).read_text().replace("timeout-minutes: 15", "timeout-minutes: 10")
    head = github.proposed({name: text})
    code, printed = github.run(head, "check")
    assert code == 0, printed
    assert "::warning::this workflow is stale" in printed


class Notes:
    """What GitLab answers of the notes on a merge request, two a page; ``asked`` are the requests that it got."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        self.moved = False


@pytest.fixture
def notes() -> Iterator[tuple[Notes, str]]:
    kept = Notes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def do_PUT(self) -> None:
            self.answer()

        def answer(self) -> None:
            kept.asked.append((self.command, self.path))
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if kept.moved:
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                return
            following, found = "", None
            if self.headers.get("PRIVATE-TOKEN") != "n0te":
                pass
            elif path == "/api/v4/user":
                found = {"id": 5}
            elif self.command == "GET" and path == "/api/v4/projects/3/merge_requests/7/notes":
                page = int(dict(part.split("=") for part in query.split("&"))["page"])
                found = kept.notes[2 * page - 2 : 2 * page]
                following = str(page + 1) if len(kept.notes) > 2 * page else ""
            elif self.command == "POST" and path == "/api/v4/projects/3/merge_requests/7/notes":
                found = {"id": 100, "author": {"id": 5}, "body": json.loads(body)["body"]}
                kept.notes.append(found)
            elif self.command == "PUT":
                (found,) = [n for n in kept.notes if path == f"/api/v4/projects/3/merge_requests/7/notes/{n['id']}"]
                found["body"] = json.loads(body)["body"]
            self.send_response(200 if found is not None else 401)
            self.send_header("X-Next-Page", following)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kept, f"http://127.0.0.1:{server.server_port}/api/v4"
    finally:
        server.shutdown()
        server.server_close()


class GitLab:
    """A project on GitLab, with a merge request of number 7."""

    def __init__(self, made: Forge, url: str) -> None:
        self.made, self.url, self.at = made, url, made.folder / "runner"
        self.base = made.push({**rendered("gitlab"), **spec("gitlab")})

    def run(self, files: dict[str, str], name: str, **variables: str) -> Ran:
        self.made.git("checkout", "--quiet", "-B", "change", self.base)
        head = self.made.push(files, ref="+refs/merge-requests/7/head")
        shutil.rmtree(self.at, ignore_errors=True)
        self.made.git("clone", "--quiet", str(self.made.work), str(self.at), at=self.made.folder)
        self.made.git("checkout", "--quiet", "main")
        jobs = yaml.safe_load((self.at / "deploy/project/ci/check.yaml").read_text())
        known = {
            "CI_PROJECT_URL": self.made.url, "CI_COMMIT_SHA": head, "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.base,
            "CI_JOB_TOKEN": self.made.token, "CI_API_V4_URL": self.url, "CI_MERGE_REQUEST_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": "7", "MLOPS_SPEC_NOTE_TOKEN": "n0te", **variables,
        }  # fmt: skip
        return run_job(self.made, jobs, name, known, self.at)


@pytest.fixture
def gitlab(tmp_path: Path, notes: tuple[Notes, str]) -> Iterator[GitLab]:
    with forge(tmp_path, "gitlab-ci-token") as made:
        yield GitLab(made, notes[1])


def test_a_merge_request_has_one_note_that_follows_it(gitlab: GitLab, notes: tuple[Notes, str]) -> None:
    bodies = (OTHER, "Tests are green.", OTHER, OF_ANOTHER_PROJECT)
    others = [{"id": at, "author": {"id": 4 + at % 2}, "body": body} for at, body in enumerate(bodies)]
    notes[0].notes = [dict(one) for one in others]
    for wait in ("7h", "8h"):
        code, printed = gitlab.run(changed("gitlab", wait), "comment-spec-churn")
        assert code == 0, printed
        *rest, own = notes[0].notes
        assert rest == others
        assert own["body"].startswith(f"{SAYS}this change")
        assert f"`pipelines.train.timeout` | `+ {wait}` |" in own["body"]


def test_a_merge_request_that_changes_nothing_has_no_note(gitlab: GitLab, notes: tuple[Notes, str]) -> None:
    code, printed = gitlab.run({"notes.txt": "x"}, "comment-spec-churn")
    assert (code, notes[0].notes) == (0, []), printed


def test_without_a_token_as_in_a_fork_the_job_says_so_and_ends_well(gitlab: GitLab, notes: tuple[Notes, str]) -> None:
    code, printed = gitlab.run(changed("gitlab"), "comment-spec-churn", MLOPS_SPEC_NOTE_TOKEN="")
    assert code == 0
    assert printed == "MLOPS_SPEC_NOTE_TOKEN is not set, as in a fork: nothing is written on the merge request\n"
    assert not notes[0].asked


def test_a_token_that_opens_nothing_fails_and_is_told_to_nobody_else(gitlab: GitLab, notes: tuple[Notes, str]) -> None:
    code, printed = gitlab.run(changed("gitlab"), "comment-spec-churn", MLOPS_SPEC_NOTE_TOKEN="another")
    assert code != 0
    assert "401" in printed
    notes[0].moved = True
    code, printed = gitlab.run(changed("gitlab"), "comment-spec-churn")
    assert code != 0
    assert ("GET", "/elsewhere") not in notes[0].asked
    assert "n0te" not in printed + gitlab.made.said_to_docker()


def test_the_commit_that_was_pushed_is_told_of_where_results_are_merged(
    gitlab: GitLab, notes: tuple[Notes, str]
) -> None:
    pushed = gitlab.made.push(changed("gitlab"), ref="refs/merge-requests/8/head")
    code, printed = gitlab.run({"notes.txt": "x"}, "comment-spec-churn", CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=pushed)
    assert code == 0, printed
    assert "pipelines.train.timeout" in notes[0].notes[0]["body"]


def test_a_merge_request_is_checked(gitlab: GitLab) -> None:
    assert gitlab.run(changed("gitlab"), "check-spec-churn")[0] == 0
    code, printed = gitlab.run(spec("gitlab", ("train: {s", "train: {wrong: 1, s")), "check-spec-churn")
    assert code == 1
    assert "mlops.yaml:" in printed
