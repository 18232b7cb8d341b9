"""``mlops-spec lint --fix``: what rules can mend by themselves, in the text's own layout."""

from __future__ import annotations

import difflib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_spec.cli.compiling import Done
from mlops_spec.cli.locate import Located
from mlops_spec.cli.mending import Mended, mend
from mlops_spec.compiler import Options, compile_spec
from mlops_spec.diagnostic import error
from mlops_spec.lint.rule import Rule
from mlops_spec.lint.rules import RULES
from mlops_spec.lint.run import Choice
from mlops_spec.source.files import Files, Memory
from mlops_spec.source.style.outline import comments

Mlops = Callable[..., Any]
CASES = Path(__file__).parents[1] / "lint"
SPEC = "mlops.yaml"
FIXABLE = [rule for rule in RULES if rule.repair]
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
BAD = """\
apiVersion: mlops-spec/v1
project: {name: churn}
datasets:
  customers:    # one row each
    uri: s3://acme-ml/customers.parquet   # in the lake

models: {churn: {}}
monitors:
  churn-quality:
    model: churn
    schedule: "0 * * * *"
    window: 24h
    quality: {nulls: {tenure: '> 1%'},   # mostly known
              ranges: {tenure: [600, 0]}}
  other: {model: churn, reference: customers, schedule: "0 * * * *", window: 1h, drift: {method: psi, threshold: 0.2, action: rollback}}
pipelines:
  train:
    steps:
      fit:
        image: registry.acme.example/train@sha256:4be1c7a0d1a1a0b2c6e5f1c6a3fb7f7f1dcb4f2c8a1d7e8e3a5b6c7d8e9f0a1b
        command: [python, -m, churn.fit]
"""


def bad(code: str) -> str:
    lines = (CASES / code / "bad.yaml").read_text().splitlines()
    return "".join(f"{line}\n" for line in lines if not line.startswith("#:"))


def mended(files: dict[str, bytes], *codes: str, only: tuple[str, ...] = ()) -> Mended:
    def compiled(given: Files) -> Done:
        options = Options(only=only, rules=Choice(select=codes))
        return Done(Located(Path(), SPEC), compile_spec(given, SPEC, options))

    return mend(compiled, Memory(files))


def text(found: Mended, file: str = SPEC) -> str:
    return found.contents[file].after.decode()


@each_rule
def test_a_rule_that_repairs_has_what_becomes_of_its_bad_spec(rule: Rule) -> None:
    expected = CASES / rule.code / "fixed.yaml"
    found = mended({SPEC: bad(rule.code).encode()}, rule.code)
    if os.environ.get("MLOPS_SPEC_UPDATE") and found.contents:
        expected.write_text(text(found))
    assert expected.exists() == bool(rule.repair) == bool(found.repaired)
    if rule.repair:
        assert text(found) == expected.read_text()


@settings(max_examples=25)
@given(st.data())
def test_a_second_time_changes_nothing_and_comments_stay(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from([rule.code for rule in FIXABLE]))
    lines = bad(code).splitlines()
    for number in data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=5)):
        lines[number] += f"   # of line {number}"
    for number in data.draw(st.lists(st.integers(0, len(lines)), max_size=5)):
        lines.insert(number, data.draw(st.sampled_from(["", "# alone", "      # indented"])))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    before = data.draw(st.sampled_from(["", "\ufeff"])) + "".join(line + end for line in lines)
    once = mended({SPEC: before.encode()}, code)
    assert once.repaired
    again = mended({SPEC: once.contents[SPEC].after}, code)
    assert (again.repaired, again.contents) == ((), {})
    assert comments(text(once).removeprefix("\ufeff")) == comments(before.removeprefix("\ufeff"))
    changed = [line for line in difflib.ndiff(before.split("\n"), text(once).split("\n")) if line[0] in "+-"]
    assert len(changed) <= 2 * len(once.repaired)


@pytest.fixture
def faulty(here: Path) -> Path:
    """The current folder, with a spec that can be repaired in four places."""
    (here / SPEC).write_text(BAD)
    return here / SPEC


def test_what_is_repaired_is_said_and_the_rest_is_printed(faulty: Path, mlops: Mlops) -> None:
    code, out, err = mlops("lint", "--fix")
    assert code == 0
    assert err.splitlines()[0] == (
        "mlops.yaml:13:31: MS411 the share of rows without tenure must be > 1%: "
        'this is broken as long as all is well: wrote `"< 1%"`'
    )
    assert [line.split()[1] for line in err.splitlines()] == ["MS411", "MS412", "MS404"]
    assert "MS242 the monitor other compares with the dataset customers" in out
    assert not any(rule in out for rule in ("MS411", "MS412", "MS404"))


def test_only_the_values_change(faulty: Path, mlops: Mlops) -> None:
    mlops("lint", "--fix")
    expected = BAD.replace("'> 1%'", '"< 1%"').replace("[600, 0]", "[0, 600]").replace(", action: rollback", "")
    assert faulty.read_text() == expected
    assert os.listdir(faulty.parent) == [SPEC]


def test_a_second_run_says_that_there_is_nothing(faulty: Path, mlops: Mlops) -> None:
    mlops("lint", "--fix")
    before = faulty.stat()
    assert mlops("lint", "--fix").err == "nothing can be repaired\n"
    assert faulty.stat() == before


def test_a_dry_run_shows_the_difference_and_changes_nothing(faulty: Path, mlops: Mlops) -> None:
    code, out, err = mlops("lint", "--fix", "--dry-run", "--select", "MS412")
    assert code == 1
    assert out == (
        "--- a/mlops.yaml\n+++ b/mlops.yaml\n@@ -11,7 +11,7 @@\n"
        '     schedule: "0 * * * *"\n     window: 24h\n'
        "     quality: {nulls: {tenure: '> 1%'},   # mostly known\n"
        "-              ranges: {tenure: [600, 0]}}\n+              ranges: {tenure: [0, 600]}}\n"
        + "".join(f" {line}\n" for line in BAD.splitlines()[14:17])
    )
    assert err == "mlops.yaml:14:24: MS412 no value of tenure is at least 600 and at most 0: wrote `[0, 600]`\n"
    assert faulty.read_text() == BAD
    mlops("lint", "--fix")
    assert mlops("lint", "--fix", "--dry-run") == (0, "", "nothing can be repaired\n")


def test_a_dry_run_is_of_repairs_alone(faulty: Path, mlops: Mlops) -> None:
    code, _, err = mlops("lint", "--dry-run")
    assert code == 2
    assert "Error: --dry-run is for --fix: without it nothing is written" in err


def test_only_the_chosen_rules_repair(faulty: Path, mlops: Mlops) -> None:
    mlops("lint", "--fix", "--ignore", "MS41")
    assert faulty.read_text() == BAD.replace(", action: rollback", "")


def test_what_is_suppressed_is_not_repaired(faulty: Path, mlops: Mlops) -> None:
    text = BAD.replace("{tenure: [600, 0]}}", "{tenure: [600, 0]}}   # mlops-spec: ignore[MS412] a test of alerts")
    faulty.write_text(text)
    mlops("lint", "--fix", "--select", "MS412")
    assert faulty.read_text() == text


def test_lint_says_how_many_could_be_repaired(faulty: Path, mlops: Mlops) -> None:
    assert mlops("lint").err == "3 of them can be repaired: mlops-spec lint --fix\n"


def test_json_has_what_was_repaired_and_what_is_left(faulty: Path, mlops: Mlops) -> None:
    code, out, err = mlops("lint", "--fix", "--format", "json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert [(d["code"], d["repair"]) for d in told["repaired"]][1:2] == [
        ("MS412", {"file": SPEC, "line": 14, "column": 24, "key": None, "value": [0, 600]})
    ]
    assert {d["code"] for d in told["diagnostics"]} >= {"MS242"}
    assert "repaired" not in json.loads(mlops("lint", "--format", "json").out)


def test_json_of_a_dry_run_has_the_difference(faulty: Path, mlops: Mlops) -> None:
    told = json.loads(mlops("lint", "--fix", "--dry-run", "--format", "json").out)
    assert [d["code"] for d in told["repaired"]] == ["MS411", "MS412", "MS404"]
    assert told["written"] is False
    assert told["diff"].startswith("--- a/mlops.yaml\n")


@pytest.mark.parametrize(
    "fault", ["models: {x: {servin: {}}}\n", "models: {churn: {trained_by: nobody}}\n", "models: [\n"]
)
def test_a_spec_with_faults_is_left_alone(fault: str, faulty: Path, mlops: Mlops) -> None:
    faulty.write_text(BAD.replace("models: {churn: {}}\n", fault))
    code, out, err = mlops("lint", "--fix")
    assert code in (1, 3)
    assert " error MS" in out
    assert err == "nothing can be repaired\n"
    assert faulty.read_text() == BAD.replace("models: {churn: {}}\n", fault)


def test_a_file_that_changes_meanwhile_is_kept(faulty: Path, mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlops_spec.cli import fixing

    def late(*given: Any) -> Mended:
        found = mend(*given)
        faulty.write_text("mine\n")
        return found

    monkeypatch.setattr(fixing, "mend", late)
    code, out, _ = mlops("lint", "--fix")
    assert code == 6
    assert "MS159 mlops.yaml was changed by someone else meanwhile" in out
    assert faulty.read_text() == "mine\n"


def test_a_symlink_is_not_written_through(faulty: Path, mlops: Mlops) -> None:
    shutil.move(faulty, faulty.parent / "real.yaml")
    faulty.symlink_to("real.yaml")
    code, out, _ = mlops("lint", "--fix")
    assert code == 5
    assert "MS154 mlops.yaml: " in out
    assert (faulty.parent / "real.yaml").read_text() == BAD


MONITOR = "monitors: {m: {model: churn, schedule: '0 * * * *', window: 1h, quality: {ranges: {tenure: [600, 0]}%s}}}\n"
TOP = "apiVersion: mlops-spec/v1\nproject: {name: churn}\nmodels: {churn: {}}\n"


def test_includes_and_layers_of_the_repository_are_repaired_where_they_stand() -> None:
    files = {
        SPEC: (TOP + "include: [part.yaml]\nextends: [base.yaml]\n").encode(),
        "part.yaml": (MONITOR % "").encode(),
        "base.yaml": b"apiVersion: mlops-spec/v1\ndatasets: {active: {uri: s3://acme-ml/active/}}\nmodels: {churn: {batch: "
        b"{schedule: '0 5 * * *', input: active, output: 's3://acme-ml/scores/${{ run.date }}/'}}}\n",
    }
    found = mended(files, "MS412", "MS243")
    assert text(found, "part.yaml") == (MONITOR % "").replace("[600, 0]", "[0, 600]")
    assert "{uri: s3://acme-ml/active/, version: per-run}" in text(found, "base.yaml")
    assert SPEC not in found.contents


def test_a_layer_from_elsewhere_is_left_as_its_digest_says() -> None:
    digest = "sha256:" + "4b" * 32
    files = {
        SPEC: (TOP + "extends: [vendor/base.yaml]\n").encode(),
        "vendor/base.yaml": ("apiVersion: mlops-spec/v1\nproject: {}\n" + MONITOR % "").encode(),
        "mlops.lock.yaml": f'lockVersion: 1\nlayers: {{"oci://acme.example/b:3": {{path: vendor/base.yaml, digest: "{digest}"}}}}\n'.encode(),
    }
    found = mended(files, "MS412")
    assert "MS412" in {d.code for d in found.done.compilation.diagnostics}
    assert (found.repaired, found.contents) == ((), {})


def test_a_value_of_an_override_is_repaired_there() -> None:
    override = "environments: {dev: {}, prod: {overrides: {monitors: {m: {quality: {ranges: {tenure: [600, 0]}}}}}}}\n"
    spec = TOP + override + (MONITOR % "").replace("[600, 0]", "[0, 600]")
    assert text(mended({SPEC: spec.encode()}, "MS412")) == spec.replace("[600, 0]", "[0, 600]")


def test_what_lies_below_an_action_is_not_uncovered() -> None:
    override = "environments: {prod: {overrides: {monitors: {m: {quality: {action: rollback}}}}}}\n"
    spec = TOP + override + (MONITOR % ", action: retrain").replace("[600, 0]", "[0, 600]")
    found = mended({SPEC: spec.encode()}, "MS404")
    assert [d.code for d in found.done.compilation.diagnostics if d.code == "MS404"] == ["MS404"]
    assert found.contents == {}


def test_a_value_that_a_placeholder_brings_is_left_to_a_person() -> None:
    variable = "variables: {most: {type: string, default: '> 1%'}}\n"
    service = "monitors: {m: {model: churn, service: {error_rate: '${{ variables.most }}'}}}\n"
    found = mended({SPEC: (TOP + variable + service).encode()}, "MS411")
    assert "MS411" in {d.code for d in found.done.compilation.diagnostics}
    assert found.contents == {}


def test_an_anchor_is_left_to_a_person_and_the_rest_is_repaired() -> None:
    quality = "{ranges: {tenure: &range [600, 0], plan: [9, 1]}, nulls: {a: &share '< 1%', b: *share}}"
    spec = TOP + f"monitors: {{m: {{model: churn, schedule: '0 * * * *', window: 1h, quality: {quality}}}}}\n"
    assert text(mended({SPEC: spec.encode()}, "MS412")) == spec.replace("[9, 1]", "[1, 9]")


def test_a_repair_that_brings_another_problem_is_taken_back() -> None:
    def compiled(given: Files) -> Done:
        done = compile_spec(given, SPEC, Options(rules=Choice(select=("MS41",))))
        if b"[0, 600]" in (given.read(SPEC, None)[0] or b""):
            problem = error("MS133", "this comes of it", None, "monitors.churn-quality")
            done = done._replace(diagnostics=(*done.diagnostics, problem))
        return Done(Located(Path(), SPEC), done)

    found = mend(compiled, Memory({SPEC: BAD.encode()}))
    assert [d.code for d in found.repaired] == ["MS411"]
    assert text(found) == BAD.replace("'> 1%'", '"< 1%"')
