"""Many specs in one repository: one report of all, each written on its own, and only those that are touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.cli import workers
from mlops_spec.cli.linting import Asked
from mlops_spec.cli.selecting import select
from mlops_spec.cli.touched import since
from tests import kept_templates
from tests.cli.conftest import BASE, EXAMPLES, HELLO, IMAGES, LOCK, MANIFEST, Command, team

Git = Callable[..., str]
Process = Callable[..., subprocess.CompletedProcess[bytes]]
A, B = "teams/a/mlops.yaml", "teams/b/mlops.yaml"


def named(path: str, name: str) -> None:
    """Give a team's spec a name that is none, which is an error of it alone."""
    Path(path).write_text(Path(path).read_text().replace("project: {name: ", f"project: {{name: {name}"))


def test_a_glob_is_one_report_with_one_summary(teams: Path, mlops: Command) -> None:
    assert mlops("lint", "teams/*") == (0, "", "2 specs: 2 fine\n")
    named(A, "-")
    ran = mlops("lint", "teams/a", B)
    assert ran.code == 1
    assert ran.out.startswith(f"{A}:2:17: error MS")
    assert ran.out.endswith("\n\n1 error\n")
    assert ran.err == "2 specs: 1 fine, 1 with errors\n"


def test_one_spec_by_its_name_is_as_ever(teams: Path, mlops: Command) -> None:
    named(A, "-")
    alone = mlops("lint", "teams/a")
    assert alone.err == ""
    assert "specs" not in json.loads(mlops("lint", "teams/a", "--format", "json").out)
    assert mlops("lint", A) == alone
    assert mlops("lint", "teams/a*").out == alone.out


def test_a_problem_of_a_shared_layer_is_told_once_with_the_specs(teams: Path, mlops: Command) -> None:
    (teams / "platform/images.yaml").write_text(IMAGES.replace("}", ", tags: x}"))
    ran = mlops("lint", "teams/*")
    assert ran.code == 1
    assert ran.out.count("error MS100") == 1
    assert f"\nof {A}, {B}\n" in ran.out
    assert ran.err == "2 specs: 2 with errors\n"
    named(B, "-")
    data = json.loads(mlops("lint", "teams/*", "--format", "json").out)
    assert [(d["file"], d["specs"]) for d in data["diagnostics"]] == [("platform/images.yaml", [A, B]), (B, [B])]
    assert data["specs"] == [
        {"spec": A, "exit_code": 1, "errors": 1, "warnings": 0},
        {"spec": B, "exit_code": 1, "errors": 2, "warnings": 0},
    ]
    (run,) = json.loads(mlops("lint", "teams/*", "--format", "sarif").out)["runs"]
    assert "automationDetails" not in run
    sarif = run["results"]
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in sarif]
    assert uris == ["platform/images.yaml", B]
    assert [r["properties"]["specs"] for r in sarif] == [[A, B], [B]]
    github = mlops("lint", "teams/*", "--format", "github").out.splitlines()
    assert github[0].startswith("::error file=platform/images.yaml,line=2,")
    assert f"%0Aof {A}, {B}%0A" in github[0]
    assert github[1].startswith(f"::error file={B},line=2,")
    os.chdir("teams")
    assert json.loads(mlops("lint", "*", "--format", "json").out)["diagnostics"][0]["file"] == "../platform/images.yaml"


def test_the_worst_exit_code_is_that_of_all(teams: Path, mlops: Command) -> None:
    (teams / A).write_text("a: [\n")
    named(B, "-")
    ran = mlops("lint", "teams/*")
    assert ran.code == 3
    assert ran.err == "2 specs: 2 with errors\n"
    assert {line.partition(":")[0] for line in ran.out.splitlines() if " error " in line} == {A, B}


def test_an_environment_that_only_some_have(teams: Path, mlops: Command) -> None:
    for name in ("a", "b"):
        extra = ["environments: {dev: {}, prod: {promotes_from: dev}}"] if name == "a" else ["environments: {dev: {}}"]
        (teams / f"teams/{name}/mlops.yaml").write_text(team(name, *extra))
    assert mlops("lint", "teams/*", "--env", "prod").err == "1 spec: 1 with warnings; left out: 1 without prod\n"
    assert mlops("render", "teams/*", "--out", "out", "--env", "prod").code == 0
    assert sorted(path.name for path in Path("out/teams").glob("[!.]*")) == ["a"]
    ran = mlops("lint", "teams/*", "--env", "prd")
    assert ran.code == 2
    assert "no environment is named prd in any of 2 specs" in ran.out
    assert "did you mean prod?" in ran.out


def test_each_spec_is_rendered_to_a_folder_of_its_own(teams: Path, mlops: Command) -> None:
    ran = mlops("render", "teams/*", "--out", "deploy")
    assert ran.code == 0
    assert ran.out == "".join(f"deploy/teams/{t}: 10 written, 0 unchanged, 0 deleted\n" for t in "ab")
    assert ran.err == "2 specs: 2 written\n"
    assert mlops("render", "teams/*", "--out", "deploy", "--check").err == "2 specs: 2 up to date\n"
    alone = mlops("render", "teams/a", "--out", "alone")
    assert alone.out == "alone: 10 written, 0 unchanged, 0 deleted\n"
    trees = [{p.relative_to(r): p.read_bytes() for p in Path(r).rglob("*.yaml")} for r in ("alone", "deploy/teams/a")]
    assert trees[0] == trees[1]
    (teams / B).write_text(team("b").replace("6h", "7h"))
    assert mlops("render", "teams/*", "--out", "deploy").err == "2 specs: 1 written, 1 unchanged\n"
    (teams / B).write_text(team("c"))
    renamed = mlops("render", "teams/*", "--out", "deploy")
    assert renamed.code == 6
    assert "error MS604 deploy/teams/b/default is what the project b renders, and c would delete that" in renamed.err
    assert mlops("render", "teams/*", "--out", "deploy", "--allow-prune").code == 0


def test_two_specs_that_would_be_committed_to_one_folder(teams: Path, git: Git, mlops: Command) -> None:
    (teams / "platform/base.mlops.yaml").write_text(BASE.replace("${{ project.name }}", "all"))
    ran = mlops("lint", "teams/*")
    assert (ran.code, ran.err) == (1, "2 specs: 1 fine, 1 with errors\n")
    said = f"error MS603 {A} and {B} are both committed to deploy/teams/all of the branch main\n"
    assert ran.out.startswith(f"platform/base.mlops.yaml:4:20: {said}")
    assert "platform: {delivery: {path: deploy/teams/all/b}}" in ran.out
    git("commit", "-qam", "One folder")
    (teams / A).write_text(team("a") + "# touched\n")
    ran = mlops("lint", "teams/*", "--since", "HEAD")
    assert (ran.code, ran.err) == (1, "1 spec: 1 with errors; left out: 1 untouched since HEAD\n")
    assert f"error MS603 {B} and {A} are both" in ran.out
    (teams / B).write_text("project: [\n")
    git("commit", "-qam", "Broken")
    (teams / A).write_text(team("a"))
    assert mlops("lint", "teams/*", "--since", "HEAD").code == 0


def test_two_specs_of_one_project(teams: Path, mlops: Command) -> None:
    extra = "platform: {delivery: {path: elsewhere}}"
    (teams / B).write_text(team("a", extra))
    ran = mlops("lint", "teams/*")
    assert ran.code == 1
    assert f"{B}:2:17: error MS605 {A} and {B} are both the project a in default\n" in ran.out
    assert f"{A}:2:17: the other one\n" in ran.out
    (teams / B).write_text(team("a", extra, "environments: {prod: {}}"))
    assert mlops("lint", "teams/*").code == 0


def test_two_specs_of_one_namespace(teams: Path, git: Git, mlops: Command) -> None:
    (teams / A).write_text(
        team("a", "environments: {dev: {namespace: ml}, prod: {cluster: 'https://prod.acme.example'}}")
    )
    (teams / B).write_text(team("b", "environments: {dev: {namespace: ml}, prod: {namespace: a-prod}}"))
    ran = mlops("lint", "teams/*")
    assert (ran.code, ran.out.count("MS606")) == (0, 1)
    assert f"{B}:5:33: warning MS606 {A} and {B} are both in the namespace ml\n" in ran.out
    assert "help: give each its own, such as `environments: {dev: {namespace: b-dev}}`\n" in ran.out
    (teams / A).write_text(team("a", "environments: {dev: {namespace: b-prod}}"))
    (teams / B).write_text(team("b", "environments: {dev: {}, prod: {}}"))
    git("commit", "-qam", "Implied")
    (teams / B).write_text(team("b", "environments: {dev: {}, prod: {}}") + "# touched\n")
    ran = mlops("lint", "teams/*", "--since", "HEAD")
    assert f"{B}:2:17: warning MS606 {A} and {B} are both in the namespace b-prod\n" in ran.out


def test_a_glob_that_finds_one_writes_where_it_would_with_others(teams: Path, mlops: Command) -> None:
    assert mlops("render", "teams/a*", "--out", "deploy").out.startswith("deploy/teams/a: 10 written")


def test_a_spec_with_errors_holds_up_no_other(teams: Path, mlops: Command) -> None:
    assert mlops("render", "teams/*", "--out", "deploy").code == 0
    named(A, "-")
    (teams / B).write_text(team("b").replace("6h", "7h"))
    (teams / "edited.yaml").write_text(HELLO)
    ran = mlops("render", "teams/*", "edited.yaml", "--out", "deploy")
    assert ran.code == 1
    assert ran.out.startswith("deploy/teams/b: ")
    assert ran.out.splitlines()[1] == "deploy/edited: 10 written, 0 unchanged, 0 deleted"
    assert f"{A}:2:17: error" in ran.err
    assert ran.err.endswith("3 specs: 2 written, 1 with errors\n")
    assert "name: a" in Path("deploy/teams/a/default/cluster/namespace-a.yaml").read_text()


def test_what_was_edited_by_hand_stops_only_its_own_spec(teams: Path, mlops: Command) -> None:
    mlops("render", "teams/*", "--out", "deploy")
    edited = Path("deploy/teams/a/default/cluster/namespace-a.yaml")
    edited.write_text("kind: Other\n")
    for name in "ab":
        (teams / f"teams/{name}/mlops.yaml").write_text(team(f"{name}{name}"))
    ran = mlops("render", "teams/*", "--out", "deploy", "--format", "json", "--allow-prune")
    assert ran.code == 1
    told = json.loads(ran.out)["specs"]
    assert [(each["spec"], each["out"], each["exit_code"]) for each in told] == [
        (A, "deploy/teams/a", 1),
        (B, "deploy/teams/b", 0),
    ]
    assert told[1]["written"]
    assert edited.read_text() == "kind: Other\n"


def test_check_shows_every_spec_that_is_stale(teams: Path, mlops: Command) -> None:
    mlops("render", "teams/*", "--out", "deploy")
    for name in "ab":
        (teams / f"teams/{name}/mlops.yaml").write_text(team(name).replace("6h", "7h"))
    ran = mlops("render", "teams/*", "--out", "deploy", "--check")
    assert ran.code == 1
    changed = [line for line in ran.out.splitlines() if line.startswith("+++")]
    assert changed == [f"+++ b/deploy/teams/{t}/default/pipelines/workflowtemplate-train.yaml" for t in "ab"]
    assert ran.err == "".join(f"deploy/teams/{t} is stale: 1 changed\n" for t in "ab") + "2 specs: 2 stale\n"


def test_the_folder_of_a_spec_that_is_no_more_is_told_of_and_kept(teams: Path, mlops: Command) -> None:
    (teams / "one.yaml").write_text(HELLO)
    assert mlops("render", "teams/*", "one.yaml", "--out", "deploy").code == 0
    (teams / A).unlink()
    (teams / "one.yaml").unlink()
    for check, code in ((["--check"], 1), ([], 0)):
        ran = mlops("render", "teams/*", "--out", "deploy", *check)
        assert ran.code == code
        assert "\ndeploy/teams/a is left of a spec that is no more" in f"\n{ran.err}"
        assert "\ndeploy/one is left of a spec that is no more" in f"\n{ran.err}"
        assert "deploy/teams/b is left" not in ran.err
    assert Path("deploy/teams/a/default/cluster/namespace-a.yaml").exists()
    told = json.loads(mlops("render", "teams/*", "--out", "deploy", "--format", "json").out)
    assert told["left_over"] == ["deploy/one", "deploy/teams/a"]


def test_specs_may_be_rendered_beside_themselves(teams: Path, mlops: Command) -> None:
    (teams / "one.yaml").write_text(HELLO)
    assert mlops("render", "one.yaml", "--out", "alone").code == 0
    ran = mlops("render", "teams/*", "--out", ".")
    assert ran.out.startswith("./teams/a: 10 written")
    assert ran.err == "2 specs: 2 written\n"
    assert sorted(path.name for path in Path("teams/a").glob("[!.]*")) == ["default", "mlops.lock.yaml", "mlops.yaml"]
    assert mlops("render", "teams/*", "--out", ".", "--check").code == 0


@pytest.mark.parametrize(
    "specs, words, told",
    [
        (["a.yaml", "a/mlops.yaml"], ["*.yaml", "a"], "a.yaml and a/mlops.yaml would be written to the same folder"),
        (["x.yaml", "x.yml"], ["x.yaml", "x.yml"], "x.yaml and x.yml would be written to the same folder"),
        (["mlops.yaml", "a/mlops.yaml"], ["**"], "a/mlops.yaml would be written to a folder within that of mlops.yaml"),
        (["a/mlops.yaml", "a/b/mlops.yaml"], ["a", "a/b"], "would be written to a folder within that of a/mlops.yaml"),
    ],
)
def test_two_specs_of_one_folder_are_refused_before_anything_is_written(
    here: Path, mlops: Command, specs: list[str], words: list[str], told: str
) -> None:
    for path in specs:
        (here / path).parent.mkdir(exist_ok=True)
        (here / path).write_text(HELLO)
    ran = mlops("render", *words, "--out", "deploy")
    assert (ran.code, ran.out) == (6, "")
    assert "error MS601 " in ran.err
    assert told in ran.err
    assert not Path("deploy").exists()


def test_a_spec_beside_the_current_folder_has_no_place_below_out(teams: Path, mlops: Command) -> None:
    os.chdir("teams/a")
    ran = mlops("render", ".", "../b", "--out", "deploy")
    assert ran.code == 2
    assert "../b/mlops.yaml is not below the current folder" in ran.err


def test_a_stream_is_of_one_spec(teams: Path, mlops: Command) -> None:
    assert mlops("render", "teams/*", "--out", "-").code == 2
    assert mlops("render", "teams/a", "--out", "-", "--since", "HEAD").code == 2


def touched(mlops: Command, *words: str) -> list[str]:
    ran = mlops("lint", "teams/*", "--since", "main", "--format", "json", *words)
    assert ran.code in (0, 1, 3), ran
    return [each["spec"] for each in json.loads(ran.out)["specs"]]


def test_nothing_is_touched_where_nothing_is(teams: Path, mlops: Command, git: Git) -> None:
    assert touched(mlops) == []
    assert mlops("lint", "teams/*", "--since", "main") == (0, "", "0 specs; left out: 2 untouched since main\n")
    assert mlops("lint", "teams/a", "--since", "main").code == 0
    (teams / "teams/a/notes.md").write_text("x")
    (teams / "teams/a/train.py").write_text("x")
    git("checkout", "-qb", "mine")
    git("commit", "-qm", "More", "--allow-empty")
    assert touched(mlops) == []


SHARED = (
    "templates: ../../platform/templates",
    "manifests: [{path: ../../platform/manifest.yaml}, {path: own/manifest.yaml, only: [dev]}]",
    "environments: {dev: {}, prod: {overrides: {manifests: [{path: own/prod.yaml}]}}}",
    "include: [monitors.yaml]",
)


@pytest.fixture
def hatched(teams: Path, git: Git) -> Path:
    """Of two teams the first has every file that a spec can name."""
    (teams / A).write_text(team("a", *SHARED))
    for path in ("own/manifest.yaml", "own/prod.yaml"):
        (teams / "teams/a" / path).parent.mkdir(exist_ok=True)
        (teams / "teams/a" / path).write_text(MANIFEST)
    (teams / "teams/a/monitors.yaml").write_text("channels: {}\n")
    template = "orchestrator/argo/workflowtemplate.yaml.j2"
    own = teams / "platform/templates" / template
    own.parent.mkdir(parents=True)
    own.write_text((EXAMPLES.parent / "templates" / template).read_text())
    git("add", "-A")
    git("commit", "-qm", "More")
    return teams


Change = Callable[[], object]


def write(path: str, text: str) -> Change:
    def change() -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)

    return change


def append(path: str) -> Change:
    return lambda: Path(path).write_text(Path(path).read_text() + "# x\n")


CHANGES: list[tuple[Change, list[str]]] = [
    (append(A), [A]),
    (append("platform/base.mlops.yaml"), [A, B]),
    (append("platform/images.yaml"), [A, B]),
    (append("teams/b/mlops.lock.yaml"), [B]),
    (lambda: Path("teams/b/mlops.lock.yaml").unlink(), [B]),
    (append("teams/a/monitors.yaml"), [A]),
    (lambda: Path("teams/a/monitors.yaml").unlink(), [A]),
    (lambda: Path("platform/images.yaml").unlink(), [A, B]),
    (append("platform/manifest.yaml"), [A]),
    (append("teams/a/own/manifest.yaml"), [A]),
    (append("teams/a/own/prod.yaml"), [A]),
    (append("platform/templates/orchestrator/argo/workflowtemplate.yaml.j2"), [A]),
    (write("platform/templates/orchestrator/argo/cronworkflow.yaml.j2", "kind: CronWorkflow\n"), [A]),
    (lambda: Path("platform/templates/orchestrator/argo/workflowtemplate.yaml.j2").unlink(), [A]),
    (write("teams/c/mlops.yaml", HELLO), ["teams/c/mlops.yaml"]),
    (lambda: Path("platform/images.yaml").rename("platform/more.yaml"), [A, B]),
    (lambda: Path(B).chmod(0o755), []),
    (append("teams/b/mlops.yaml"), [B]),
]


def test_a_spec_is_touched_where_any_file_that_it_is_read_from_is(hatched: Path, git: Git) -> None:
    def found() -> list[str]:
        return [located.shown(located.name) for located in since(select(["teams/*"]).specs, "main")]

    for number, (change, expected) in enumerate(CHANGES):
        change()
        assert found() == expected, f"case {number}"
        git("checkout", "-q", ".")
        git("clean", "-fdq")
        assert found() == []


def test_what_is_staged_or_committed_since_is_touched_and_what_main_did_meanwhile_is_not(
    hatched: Path, mlops: Command, git: Git
) -> None:
    git("checkout", "-qb", "mine")
    append(A)()
    git("commit", "-qam", "Mine")
    git("checkout", "-q", "main")
    append(B)()
    git("commit", "-qam", "Theirs")
    git("checkout", "-q", "mine")
    assert touched(mlops) == [A]
    append("teams/b/mlops.lock.yaml")()
    git("add", "-A")
    assert touched(mlops) == [A, B]


def test_a_link_counts_with_where_it_leads(hatched: Path, mlops: Command, git: Git) -> None:
    (hatched / "teams/b/mlops.lock.yaml").rename("teams/b/pins.yaml")
    (hatched / "teams/b/mlops.lock.yaml").symlink_to("pins.yaml")
    git("add", "-A")
    git("commit", "-qm", "Link")
    assert touched(mlops) == []
    append("teams/b/pins.yaml")()
    assert touched(mlops) == [B]
    git("checkout", "-q", ".")
    (hatched / "teams/b/others.yaml").write_text(LOCK)
    (hatched / "teams/b/mlops.lock.yaml").unlink()
    (hatched / "teams/b/mlops.lock.yaml").symlink_to("others.yaml")
    assert touched(mlops) == [B]


def test_crds_of_the_repository_touch_every_spec(hatched: Path, mlops: Command, git: Git) -> None:
    (hatched / "crds").mkdir()
    (hatched / "crds/notes.md").write_text("none yet")
    assert touched(mlops, "--crds", "crds") == [A, B]
    git("add", "-A")
    git("commit", "-qm", "CRDs")
    assert touched(mlops, "--crds", "crds") == []


def test_only_what_is_touched_is_rendered(hatched: Path, mlops: Command) -> None:
    append(B)()
    ran = mlops("render", "teams/*", "--out", "deploy", "--since", "main")
    assert ran.out == "deploy/teams/b: 10 written, 0 unchanged, 0 deleted\n"
    assert ran.err == "1 spec: 1 written; left out: 1 untouched since main\n"
    assert mlops("render", "teams/b", "--out", "alone", "--since", "main").out.startswith("alone: 10 written")
    assert mlops("render", "teams/a", "--out", "none", "--since", "main").err.startswith(
        "0 specs; left out: 1 untouched"
    )
    assert not Path("none").exists()


def test_a_revision_that_git_does_not_know_and_no_repository_are_said(
    teams: Path, mlops: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = mlops("lint", "teams/*", "--since", "nowhere")
    assert ran.code == 6
    assert "Git knows no commit nowhere here" in ran.out
    (tmp_path / "none").mkdir()
    monkeypatch.chdir(tmp_path / "none")
    Path("mlops.yaml").write_text(HELLO)
    assert mlops("lint", "--since", "main").code == 6


def test_untouched_specs_are_not_compiled(hatched: Path, mlops: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    whole = Asked.compiled

    def noted(self: Asked, located: Any, files: Any = None) -> Any:
        compiled.append(located.shown(located.name))
        return whole(self, located, files)

    monkeypatch.setattr(Asked, "compiled", noted)
    append(B)()
    assert touched(mlops) == compiled == [B]


TRAINS = """\
        inputs: {customers: datasets.customers, own: datasets.own}
        outputs: {model: {type: model}}
"""


def test_repairs_of_all_specs_are_written_and_a_shared_layer_once(teams: Path, mlops: Command) -> None:
    base = "platform/base.mlops.yaml"
    data = "datasets:\n  {}:\n    uri: s3://acme-ml/customers.parquet  # one row each\n"
    kept = "  artifacts: {uri: s3://acme-ml/artifacts, region: eu-central-1, auth: workload-identity}\n"
    platform, compute = BASE.split("compute:")
    (teams / base).write_text(f"{platform}{kept}compute:{compute}{data.format('customers')}")
    for name in "ab":
        spec = teams / f"teams/{name}/mlops.yaml"
        spec.write_text(f"{team(name)}{TRAINS}models: {{{name}: {{trained_by: train}}}}\n{data.format('own')}")
    ran = mlops("lint", "teams/*")
    assert "3 of them can be repaired: mlops-spec lint --fix" in ran.err
    before = [(teams / path).read_text() for path in (base, A, B)]
    ran = mlops("lint", "teams/*", "--fix", "--dry-run")
    assert ran.code == 1
    changed = [line for line in ran.out.splitlines() if line.startswith("+++")]
    assert changed == [f"+++ b/{path}" for path in (base, A, B)]
    assert [(teams / path).read_text() for path in (base, A, B)] == before
    ran = mlops("lint", "teams/*", "--fix", "--format", "json")
    assert [d["file"] for d in json.loads(ran.out)["repaired"]] == [base, A, B]
    after = [(teams / path).read_text() for path in (base, A, B)]
    assert all("version: per-run" in text and "# one row each" in text for text in after)
    assert mlops("lint", "teams/*", "--fix").err.startswith("nothing can be repaired\n2 specs: ")


# Several processes.


@pytest.fixture
def crowd(teams: Path) -> Iterator[Path]:
    """More specs than one process works on; some have errors, and all have a warning of their own line."""
    for number in range(workers.LEAST + 8):
        name = f"t{number:02}"
        (teams / f"teams/{name}").mkdir()
        (teams / f"teams/{name}/mlops.yaml").write_text(team("-" * (number % 5 == 0) + name))
    yield teams
    assert not children(os.getpid())


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found]


needs_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one core")


@pytest.mark.long
@needs_cores
@pytest.mark.parametrize(
    "words",
    [("lint", "--format", "json"), ("lint",), ("render", "--out", "deploy"), ("render", "--out", "deploy", "--check")],
)
def test_two_processes_print_what_one_does(
    crowd: Path, process: Process, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    two = process(words[0], "teams/*", *words[1:], cwd=crowd)
    if Path("deploy").exists():
        subprocess.run(["rm", "-rf", "deploy", ".mlops-spec"], check=True)
    core = str(min(os.sched_getaffinity(0)))
    alone = [
        sys.executable,
        "-c",
        f"import os; os.sched_setaffinity(0, [{core}]); from mlops_spec.cli import main; main()",
    ]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(EXAMPLES.parent),
        "XDG_CACHE_HOME": str(kept_templates.cache()),
    }
    one = subprocess.run(
        [*alone, words[0], "teams/*", *words[1:]], cwd=crowd, env=environment, capture_output=True, check=False
    )
    assert one.returncode == 1
    assert (one.returncode, one.stdout, one.stderr) == (two.returncode, two.stdout, two.stderr)


# Forks of what runs the tests, whose threads hold no lock of ours.
forks = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@forks
def test_work_is_done_in_order_by_the_processes_that_are_asked_for() -> None:
    found = [*workers.each(range(50), lambda number: (number, os.getpid()), lambda item, code: (-1, code), 2)]
    assert [number for number, _ in found] == [*range(50)]
    assert len({process for _, process in found}) == 2
    assert os.getpid() not in {process for _, process in found}


@forks
def test_a_worker_that_is_killed_is_told_of_and_the_others_go_on() -> None:
    def work(number: int) -> int:
        if number == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    found = [*workers.each(range(20), work, lambda item, code: 1000 * item - code, 2)]
    assert found == [*range(7), 7000 + signal.SIGKILL, *range(8, 20)]
    assert children(os.getpid()) == []


@forks
def test_every_worker_that_is_killed_is_told_of() -> None:
    def work(number: int) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert [*workers.each(range(6), work, lambda item, code: code, 2)] == [-signal.SIGKILL] * 6


@forks
def test_what_is_raised_in_a_worker_is_raised_here_and_no_worker_is_left() -> None:
    def work(number: int) -> int:
        return 1 // (number - 3)

    with pytest.raises(ZeroDivisionError):
        [*workers.each(range(20), work, lambda item, code: code, 2)]
    assert children(os.getpid()) == []


@pytest.mark.long
@forks
@needs_cores
def test_a_killed_process_is_a_problem_of_its_spec(
    crowd: Path, mlops: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, here = Asked.compiled, os.getpid()

    def compiled(self: Asked, located: Any, files: Any = None) -> Any:
        if os.getpid() != here and located.shown(located.name) == B:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(self, located, files)

    monkeypatch.setattr(Asked, "compiled", compiled)
    monkeypatch.setattr(workers, "processes", lambda items: 2)  # where other threads of the test would forbid it
    ran = mlops("lint", "teams/*", "--format", "json")
    assert ran.code == 5
    (problem,) = [d for d in json.loads(ran.out)["diagnostics"] if d["code"] == "MS602"]
    assert problem["specs"] == [B]
    assert "(SIGKILL)" in problem["message"]


@pytest.mark.long
@needs_cores
@pytest.mark.parametrize(
    "number, alone, code", [(signal.SIGINT, False, 130), (signal.SIGINT, True, 130), (signal.SIGTERM, True, 143)]
)
def test_a_signal_ends_all_processes(crowd: Path, number: signal.Signals, alone: bool, code: int) -> None:
    """The processes are held where they are at work, so that there is something to end."""
    script = (
        "import sys, time; from mlops_spec.cli import linting\n"
        "whole, first = linting.Asked.compiled, []\n"
        "def compiled(self, located, files=None):\n"
        "    if first: time.sleep(3600)\n"
        "    first.append(1)\n"
        "    return whole(self, located, files)\n"
        "linting.Asked.compiled = compiled\n"
        "from mlops_spec.cli import main; main()\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(EXAMPLES.parent),
        "XDG_CACHE_HOME": str(kept_templates.cache()),
    }
    running = subprocess.Popen(
        [sys.executable, "-c", script, "lint", "teams/*"],
        cwd=crowd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    found = until(lambda: found if len(found := children(running.pid)) >= 2 else None)
    running.send_signal(number) if alone else os.killpg(running.pid, number)  # as a terminal does
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (code, b"", b"")
    assert not [child for child in found if Path(f"/proc/{child}").exists()]


@pytest.mark.long
@needs_cores
def test_no_process_outlives_one_that_was_killed(tmp_path: Path) -> None:
    """A worker that is idle sees that end, with no signal and nobody to tell it."""
    script = (
        "import time, os; from mlops_spec.cli import workers\n"
        "def work(number):\n"
        "    time.sleep(0.05)\n"
        "    return number\n"
        "for done in workers.each(range(100000), work, None, 2): print(done, flush=True)\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(EXAMPLES.parent)}
    running = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.readline()
    found = children(running.pid)
    assert len(found) == 2
    running.kill()
    running.wait()
    until(lambda: True if not [child for child in found if Path(f"/proc/{child}").exists()] else None)
    running.stdout.close()


def until(look: Callable[[], Any]) -> Any:
    for _ in range(3000):
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("it does not come")
