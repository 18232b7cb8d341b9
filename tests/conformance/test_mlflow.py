"""What a spec says of experiments and models, planned, applied and synced on a real MLflow server."""

from __future__ import annotations

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conformance.conftest import named
from tests.conformance.mlflow_server import Server, served
from tests.reader import Reader

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("mlflow")]

ROOT = Path(__file__).parents[2]
SPEC = """\
apiVersion: mlops-spec/v1
project: {name: PROJECT}
platform: {tracking: {uri: "http://mlflow.mlops.svc:5000"}}
experiments:
  PROJECT-e: {description: Churn classifiers., metric: {name: auc, goal: maximize}, tags: {domain: growth}}
models:
  PROJECT-m: {description: "Churn: who leaves?"}
"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Here:
    """A folder with a spec, whose project is the test's own, and the command."""

    def __init__(self, python: str, folder: Path, server: Server, project: str) -> None:
        self.python, self.folder, self.server, self.project = python, folder, server, project
        self.write(SPEC)

    def write(self, spec: str) -> None:
        (self.folder / "mlops.yaml").write_text(spec.replace("PROJECT", self.project))

    def begin(
        self, module: str, *arguments: str, stdin: int = subprocess.DEVNULL, **variables: str
    ) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **variables,
        }  # fmt: skip
        command = [self.python, "-m", module, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=pipe, stderr=pipe, stdin=stdin, text=True
        )

    def run(self, module: str, *arguments: str, **variables: str) -> Ran:
        process = self.begin(module, *arguments, **variables)
        out, err = process.communicate()
        assert "Traceback" not in err, err
        return Ran(process.returncode, out, err)

    def mlops(self, *arguments: str) -> Ran:
        return self.run("mlops_spec", *arguments, "--tracking-uri", self.server.uri)

    def plan(self, *arguments: str) -> Ran:
        return self.mlops("plan", "mlflow", *arguments)

    def apply(self, *arguments: str) -> Ran:
        return self.mlops("apply", "mlflow", "--yes", *arguments)

    def sync(self, document: str) -> tuple[int, dict[str, Any]]:
        (self.folder / "desired-state.yaml").write_text(document)
        ran = self.run(
            "mlops_spec.runtime", "sync", "--config", "desired-state.yaml", MLFLOW_TRACKING_URI=self.server.uri
        )
        (line,) = ran.out.splitlines()
        return ran.code, json.loads(line)

    def experiment(self, name: str = "PROJECT-e") -> dict[str, Any]:
        quoted = urllib.parse.quote(name.replace("PROJECT", self.project))
        found = self.server.ask(f"experiments/get-by-name?experiment_name={quoted}")["experiment"]
        return {**found, "tags": {tag["key"]: tag["value"] for tag in found.get("tags", ())}}

    def model(self, name: str = "PROJECT-m") -> dict[str, Any]:
        found = self.server.ask(f"registered-models/get?name={name.replace('PROJECT', self.project)}")[
            "registered_model"
        ]
        return {**found, "tags": {tag["key"]: tag["value"] for tag in found.get("tags", ())}}


@pytest.fixture(scope="module")
def python() -> str:
    return str(named("MLOPS_SPEC_RUNTIME_PYTHON"))


@pytest.fixture(scope="module")
def server(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(python, tmp_path_factory.mktemp("mlflow")) as running:
        yield running


@pytest.fixture
def here(python: str, server: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Here:
    """The current folder; each test is a project of its own, so that one server does for all."""
    return Here(python, tmp_path, server, request.node.name.replace("_", "-")[5:40].rstrip("-"))


def test_apply_makes_what_plan_shows_and_then_there_is_nothing_to_do(here: Here) -> None:
    planned = here.plan("--exit-code")
    assert (planned.code, planned.err) == (1, "")
    name = here.project
    assert planned.out == (
        f"default: {here.server.uri}\n"
        f'  + create   experiment {name}-e: domain "growth"; description "Churn classifiers."; '
        'mlops-spec.goal "maximize"; mlops-spec.metric "auc"\n'
        f'  + create   registered model {name}-m: description "Churn: who leaves?"\n'
        "  2 to create\n"
    )
    assert here.apply() == (0, f"{planned.out}  2 created\n", "")
    assert here.experiment()["tags"]["mlflow.note.content"] == "Churn classifiers."
    assert here.model()["description"] == "Churn: who leaves?"
    nothing = f"default: {here.server.uri}\n  = nothing  2 are as they shall be\n  nothing to do\n"
    assert here.plan("--exit-code") == (0, nothing, "")
    assert here.apply() == (0, nothing, "")


@pytest.mark.parametrize("typed, code, verb", [("n\n", 1, "create"), ("y\n", 0, "nothing")])
def test_on_a_terminal_apply_shows_what_it_would_do_and_asks(here: Here, typed: str, code: int, verb: str) -> None:
    terminal, side = pty.openpty()
    try:
        asking = here.begin("mlops_spec", "apply", "mlflow", "--tracking-uri", here.server.uri, stdin=side)
        os.write(terminal, typed.encode())
        out, err = asking.communicate()
    finally:
        os.close(terminal)
        os.close(side)
    assert (asking.returncode, "  2 to create\n" in out, "Do it? [y/N]: " in err) == (code, True, True), err
    assert ("nothing is changed\n" in err) is (code == 1)
    actions = json.loads(here.plan("--format", "json").out)["environments"][0]["actions"]
    assert [each["verb"] for each in actions] == [verb] * 2


def test_what_is_deleted_by_hand_is_restored_with_its_runs(here: Here) -> None:
    here.apply()
    before = here.experiment()["experiment_id"]
    here.server.ask("experiments/delete", {"experiment_id": before})
    assert f"  ^ restore  experiment {here.project}-e\n" in here.plan().out
    assert "  1 restored\n" in here.apply().out
    found = here.experiment()
    assert (found["experiment_id"], found["lifecycle_stage"]) == (before, "active")
    assert here.plan("--exit-code").code == 0


def test_a_change_shows_from_what_to_what_and_what_others_set_stays(here: Here) -> None:
    here.apply()
    found = here.experiment()["experiment_id"]
    here.server.ask("experiments/set-experiment-tag", {"experiment_id": found, "key": "theirs", "value": "x"})
    here.server.ask("registered-models/set-tag", {"name": f"{here.project}-m", "key": "theirs", "value": "x"})
    here.write(SPEC.replace("{domain: growth}", "{team: a}").replace("who leaves?", "who stays?"))
    out = here.plan().out
    assert f'  ~ update   experiment {here.project}-e: team "a"; domain "growth" -> none\n' in out
    assert '-m: description "Churn: who leaves?" -> "Churn: who stays?"\n' in out
    assert here.apply().code == 0
    tags = here.experiment()["tags"]
    assert (tags["theirs"], tags["team"], "domain" in tags) == ("x", "a", False)
    assert (here.model()["tags"]["theirs"], here.model()["description"]) == ("x", "Churn: who stays?")
    here.write(SPEC.replace('{description: "Churn: who leaves?"}', "{}"))
    here.apply()
    assert here.model().get("description", "") == ""
    assert here.plan("--exit-code").code == 0


def test_what_is_nobodys_is_taken_and_what_is_anothers_is_refused(here: Here) -> None:
    here.server.ask("experiments/create", {"name": f"{here.project}-e"})
    theirs = [{"key": "mlops-spec.project", "value": "other\x1b[31m\nINFO fine"}]
    here.server.ask("registered-models/create", {"name": f"{here.project}-m", "tags": theirs, "description": "Theirs."})
    planned = here.plan()
    assert planned.code == 6
    assert f"  ~ update   experiment {here.project}-e: " in planned.out
    assert (
        f"  ! refused  registered model {here.project}-m: it belongs to the project other\\u001b[31m INFO fine, as"
        in planned.out
    )
    applied = here.apply()
    assert applied.code == 6
    assert (
        f"error MS504 registered model {here.project}-m is not touched: it belongs to the project other" in applied.err
    )
    assert "\x1b" not in planned.out + applied.out + applied.err
    assert here.experiment()["tags"]["domain"] == "growth", "the rest is done"
    assert (here.model()["description"], set(here.model()["tags"])) == ("Theirs.", {"mlops-spec.project"})
    code, said = here.sync(document(here))
    assert (code, said["nothing"]) == (1, 1)
    assert "belongs to the project other" in said["error"]


def document(here: Here, *, alias: str = "") -> str:
    """What the compiler renders for the sync Job."""
    assert here.run("mlops_spec", "render", "--out", "out").code == 0
    _, _, text = (
        (here.folder / "out/default/tracking/configmap-mlops-sync.yaml")
        .read_text()
        .partition("desired-state.yaml: |\n")
    )
    return "".join(f"{line[4:]}\n" for line in text.splitlines()) + alias


def test_what_the_spec_drops_is_left_until_it_is_said(here: Here) -> None:
    here.apply()
    for name in ("a", "b"):
        here.server.ask("registered-models/create", {"name": f"{here.project}-{name}"})
    here.write(SPEC + "  PROJECT-a: {}\n  PROJECT-b: {}\n")
    here.apply()
    here.server.ask("model-versions/create", {"name": f"{here.project}-b", "source": "s3://acme-ml/b"})
    here.write(SPEC.partition("experiments:")[0])
    out = here.plan("--exit-code").out
    assert f"  ? left     experiment {here.project}-e: the spec no longer has it; --delete deletes it\n" in out
    assert here.apply().out.endswith("  nothing to do\n")
    assert here.experiment()["lifecycle_stage"] == "active"
    out = here.apply("--delete").out
    assert f"  ? left     registered model {here.project}-b: the spec no longer has it; it has versions" in out
    assert out.endswith("  3 to delete\n  3 deleted\n")
    assert here.experiment()["lifecycle_stage"] == "deleted"
    assert here.model("PROJECT-b")["name"] == f"{here.project}-b"
    here.write(SPEC)
    assert f"  ^ restore  experiment {here.project}-e\n" in here.plan().out


def test_environments_on_one_server_share_things_and_none_deletes_anothers(here: Here) -> None:
    environments = "environments: {dev: {}, prod: {promotes_from: dev}}\n"
    here.write(SPEC + environments)
    out = here.apply().out
    assert f"prod: {here.server.uri}\n  ~ update   experiment {here.project}-e: marked as prod's too\n" in out
    here.write(SPEC.replace("tags: {domain: growth}", "only: [prod]") + environments)
    out = here.apply("--env", "dev", "--delete").out
    assert f"  ~ update   experiment {here.project}-e: dev no longer has it; prod may\n" in out
    assert here.experiment()["tags"]["domain"] == "growth", "which prod still wants"
    assert "  ~ update " in here.apply("--env", "prod").out
    assert "domain" not in here.experiment()["tags"]


def test_environments_that_want_different_things_are_told_apart(here: Here) -> None:
    overrides = "{overrides: {experiments: {PROJECT-e: {tags: {domain: sales}}}}}"
    here.write(SPEC + f"environments: {{dev: {{}}, prod: {overrides}}}\n")
    assert f"warning: dev and prod want another domain each of experiment {here.project}-e on" in here.plan().err


HOSTILE = "$(touch x) ${HOME} {{workflow.name}} '; DROP TABLE tags; -- \\u001b[31m \\u202e \\\"é\\n---\\n%s"


def test_text_that_means_something_elsewhere_arrives_as_it_is(here: Here) -> None:
    here.write(SPEC.replace("domain: growth", f'a/b.c_d: "{HOSTILE}"').replace("Churn classifiers.", f'"{HOSTILE}"'))
    applied = here.apply()
    assert (applied.code, "\x1b" in applied.out, "\u202e" in applied.out) == (0, False, False)
    wanted = json.loads(f'"{HOSTILE}"')
    tags = here.experiment()["tags"]
    assert tags["a/b.c_d"] == wanted
    assert tags["mlflow.note.content"] == wanted
    assert here.plan("--exit-code").code == 0


def test_eight_who_apply_at_once_come_to_the_same_and_none_fails(here: Here) -> None:
    things = "".join(f"  PROJECT-{number}: {{tags: {{a: b, c: d}}}}\n" for number in range(6))
    here.write(SPEC.replace("models:", f"{things}models:"))
    (here.folder / "document").write_text(document(here))
    racing = here.run("tests.conformance.racing", here.server.uri, "document")
    assert json.loads(racing.out) == [[]] * 8, racing.err
    assert here.plan("--exit-code").code == 0
    for name in ("PROJECT-e", "PROJECT-0"):
        here.server.ask("experiments/delete", {"experiment_id": here.experiment(name)["experiment_id"]})
    racing = here.run("tests.conformance.racing", here.server.uri, "document")
    assert json.loads(racing.out) == [[]] * 8, racing.err
    assert here.plan("--exit-code").code == 0


def test_a_server_that_dies_half_way_is_said_and_the_second_run_goes_on(python: str, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with served(python, tmp_path / "server") as server:
        here = Here(python, tmp_path, server, "half")
        things = "".join(f"  PROJECT-{number:03}: {{tags: {{a: b}}}}\n" for number in range(300))
        here.write(SPEC.replace("models:", f"{things}models:"))
        applying = here.begin("mlops_spec", "apply", "mlflow", "--yes", "--tracking-uri", server.uri)
        while made(server) < 3:
            assert applying.poll() is None, applying.communicate()
            time.sleep(0.01)
        server.kill()
        out, err = applying.communicate()
        done = made(server)
        assert (applying.returncode, "Traceback" in err) == (5, False), err
        assert 3 <= done < 300
        counted = int(out.splitlines()[-1].split()[0])
        assert counted in (done, done - 1), "one may be done whose answer was never heard"
        assert err.count("error MS504 ") == 302 - counted
        assert f"error MS504 registered model half-m is not created: {server.uri} does not answer: " in err
        gone = here.plan()
        assert (gone.code, gone.out) == (5, "")
        assert f"error MS501 {server.uri} does not answer: Connection refused\n" in gone.err
        server.start()
        again = here.apply()
        assert again.code == 0, again.err
        assert f"  = nothing  {done} are as they shall be\n" in again.out
        assert here.plan("--exit-code").code == 0


def made(server: Server) -> int:
    with sqlite3.connect(f"file:{server.folder}/mlflow.db?mode=ro", uri=True) as books:
        (found,) = books.execute("SELECT count(*) FROM experiments WHERE name LIKE 'half-%'").fetchone()
        return int(found)


def test_the_job_in_the_cluster_does_the_same_and_moves_the_alias(here: Here) -> None:
    code, said = here.sync(document(here))
    assert (code, [(each["verb"], each["kind"]) for each in said["done"]]) == (
        0, [("create", "experiment"), ("create", "registered model")],
    )  # fmt: skip
    assert here.plan("--exit-code").code == 0, "plan reads the same document"
    for _ in "12":
        here.server.ask("model-versions/create", {"name": f"{here.project}-m", "source": "s3://acme-ml/m"})
    moved = {}
    for version in (1, 2, 2, 1):
        document_ = document(here, alias=f"    alias: {{name: champion, version: {version}}}\n")
        code, said = here.sync(document_)
        assert code == 0, said
        moved[version] = said["done"]
        assert here.model()["aliases"] == [{"alias": "champion", "version": str(version)}]
        assert here.plan("--exit-code").code == 0, "an alias is none of plan's business"
    assert moved[1][0]["aliases"] == {"champion": "1"}
    assert moved[2] == []


def test_an_alias_of_a_version_that_the_registry_lacks_is_said(here: Here) -> None:
    code, said = here.sync(document(here, alias="    alias: {name: champion, version: 7}\n"))
    assert code == 1
    assert f"registered model {here.project}-m: " in said["error"]
    assert [each["kind"] for each in said["done"]] == ["experiment"]
    assert here.model()["name"] == f"{here.project}-m"


def test_a_registry_elsewhere_holds_the_models(here: Here, python: str, tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    with served(python, tmp_path / "registry") as registry:
        assert here.apply("--registry-uri", registry.uri).code == 0
        assert (
            registry.ask(f"registered-models/get?name={here.project}-m")["registered_model"]["name"]
            == f"{here.project}-m"
        )
        assert here.plan("--registry-uri", registry.uri, "--exit-code").code == 0
        assert f"  + create   registered model {here.project}-m" in here.plan().out
        registry.kill()
        gone = here.plan("--registry-uri", registry.uri)
        assert (gone.code, f"and {registry.uri} does not answer" in gone.err) == (5, True)


def test_what_answers_but_is_no_mlflow_is_said(here: Here) -> None:
    ran = here.run("mlops_spec", "plan", "mlflow", "--tracking-uri", f"{here.server.uri}/elsewhere")
    assert ran.code == 5
    assert (
        "it answers with the status 404, and not as MLflow does" in ran.err
        or "it answers, but not as MLflow does" in ran.err
    )


def test_programs_read_a_plan_as_json(here: Here) -> None:
    planned = here.plan("--format", "json")
    (environment,) = json.loads(planned.out)["environments"]
    assert (environment["environment"], environment["server"]) == ("default", here.server.uri)
    assert [(each["verb"], each["name"]) for each in environment["actions"]] == [
        ("create", f"{here.project}-e"), ("create", f"{here.project}-m"),
    ]  # fmt: skip
    applied = json.loads(here.apply("--format", "json").out)
    assert [each["failed"] for each in applied["environments"][0]["actions"]] == [None, None]


def test_what_is_imported_lints_and_applies_to_what_it_came_from(here: Here) -> None:
    name = here.project
    under = name.replace("-", "_")
    tags = [{"key": "team", "value": "a"}, {"key": "no label", "value": "b"}]
    here.apply()
    here.server.ask("experiments/create", {"name": f"{under}_old", "tags": tags})
    here.server.ask("experiments/create", {"name": f"{name}/Ada's \x1b[31m"})
    here.server.ask("registered-models/create", {"name": f"{name}-n"})
    here.server.ask("model-versions/create", {"name": f"{name}-n", "source": "s3://acme-ml/n"})
    here.server.ask("registered-models/alias", {"name": f"{name}-n", "alias": "champion", "version": "1"})
    globs = ("--experiment", f"{name}*", "--experiment", f"{under}*", "--model", f"{name}*")
    (here.folder / "imported").mkdir()
    arguments = ("import", "mlflow", *globs, "--project", name, "--write", "imported/mlops.yaml")
    imported = here.mlops(*arguments)
    assert (imported.code, imported.out) == (0, "wrote imported/mlops.yaml\n"), imported.err
    assert f"left out: experiment {name}/Ada's \\u001b[31m: a spec's names are of" in imported.err
    assert f"left out: experiment {under}_old, its tag no label: " in imported.err
    text = (here.folder / "imported/mlops.yaml").read_text()
    assert f"  {name}-old: {{tags: {{team: a}}}}\n" in text
    assert f"  - {{from: experiments.{under}_old, to: experiments.{name}-old}}\n" in text
    assert f'  {name}-n: {{version: "@champion"}}\n' in text
    linted = here.run("mlops_spec", "lint", "imported")
    assert linted.code == 0, linted.out
    planned = here.plan("--spec", "imported", "--exit-code")
    assert planned.code == 1
    assert f"  ~ update   experiment {under}_old: nobody's so far\n" in planned.out
    assert "create" not in planned.out
    assert here.apply("--spec", "imported").code == 0
    assert here.plan("--spec", "imported", "--exit-code").code == 0
    again = here.mlops(*arguments)
    assert (again.code, again.out) == (0, ""), again.err
    assert "nothing was found that the spec lacks\n" in again.err
    here.server.ask("experiments/create", {"name": f"{name}-one-more"})
    added = here.mlops(*arguments)
    assert [line for line in added.out.splitlines() if line[0] in "+-" and line[1] != line[0]] == [
        f"+  {name}-one-more: {{}}"
    ]
    printed = here.mlops("import", "mlflow", "--model", f"{name}-m", "--project", name)
    assert printed.out.startswith(f"apiVersion: mlops-spec/v1\nproject: {{name: {name}}}\n")
    assert "experiments:" not in printed.out


PAGE = ROOT / "docs" / "how-to" / "apply-to-mlflow.md"
ADDRESS = "localhost:5000"


def test_the_guide_prints_what_the_commands_do(python: str, tmp_path: Path) -> None:
    """The page's other blocks are those of tests/docs/test_pages.py. ``MLOPS_SPEC_UPDATE=1`` writes what is printed now."""
    text = PAGE.read_text("utf-8")
    reader = Reader(tmp_path)
    reader.follow(text)
    command = reader.home / "bin" / "mlops-spec"
    command.write_text(command.read_text().replace(sys.executable, python))
    (tmp_path / "server").mkdir()
    with served(python, tmp_path / "server") as server:
        here = server.uri.removeprefix("http://")

        def played(block: re.Match[str]) -> str:
            commands = re.findall(r"^\$ (.*)$", block[1], re.MULTILINE)
            printed = [
                f"$ {each}\n{reader.run(each.replace(ADDRESS, here))}".replace(here, ADDRESS) for each in commands
            ]
            return f"```text\n{''.join(printed)}```"

        found = re.sub(r"^```text\n(.*?)^```", played, text, flags=re.MULTILINE | re.DOTALL)
    if os.environ.get("MLOPS_SPEC_UPDATE"):
        PAGE.write_text(found, "utf-8")
    assert found == text
