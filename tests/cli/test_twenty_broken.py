"""What a user reads who made one mistake: twenty-odd broken copies of the example, each with the exact output.

``MLOPS_SPEC_WRITE_BROKEN=1`` writes the expected outputs anew; read each of them as a user would before committing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

EXPECTED = Path(__file__).parent / "broken"
SPEC, BASE, MONITORS, LOCK = "mlops.yaml", "platform/base.mlops.yaml", "monitors.mlops.yaml", "mlops.lock.yaml"


NOT_BUILT = re.compile(r": warning (MS137|MS140|MS146) ")


class Mistake(NamedTuple):
    """A change of one place of one file, and how ``lint`` ends."""

    file: str
    right: str
    wrong: str
    code: int = 1


MISTAKES = {
    "typo-in-a-key": Mistake(SPEC, "    timeout: 6h", "    timout: 6h"),
    "wrong-type": Mistake(SPEC, "retries: {limit: 2,", "retries: {limit: two,"),
    "unknown-name": Mistake(SPEC, "    experiment: churn\n", "    experiment: chrun\n"),
    "name-of-another-kind": Mistake(SPEC, "failed: [ml-oncall]", "failed: [slack]"),
    "values-in-a-circle": Mistake(
        SPEC,
        "default: registry.acme.example/growth}",
        'default: "${{ variables.mirror }}/growth"}\n  mirror: {type: string, default: "${{ variables.image_repo }}"}',
    ),
    "duplicate-key": Mistake(SPEC, "    triggers:\n", "    timeout: 5h\n    triggers:\n", 3),
    "bad-cron": Mistake(SPEC, 'cron: "0 3 * * 1"', 'cron: "0 25 * * 1"'),
    "override-of-nothing": Mistake(SPEC, "        churn:\n          serving:", "        chrun:\n          serving:", 0),
    "locked-path-overridden": Mistake(SPEC, "    promotes_from: staging\n", "    promotes_from: staging\n    namespace: mine\n"),
    "secret-in-plain-sight": Mistake(
        SPEC, "env: {LOG_LEVEL: info}", "env: {LOG_LEVEL: info, AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY}"
    ),
    "on-unquoted": Mistake(SPEC, "tags: {domain: growth}", "tags: {domain: growth, on: monday}", 3),
    "unknown-environment-in-only": Mistake(SPEC, "only: [prod]", "only: [production]"),
    "missing-required-field": Mistake(SPEC, "    uri: s3://acme-ml/churn/customers.parquet\n", ""),
    "unknown-placeholder": Mistake(SPEC, "${{ variables.image_repo }}", "${{ variables.image_rep }}"),
    "run-time-value-in-the-wrong-field": Mistake(SPEC, "${{ variables.image_repo }}/churn-train", "acme.example/${{ run.id }}"),
    "steps-in-a-circle": Mistake(
        SPEC, "inputs: {customers: datasets.customers, ", "inputs: {customers: datasets.customers, model: steps.fit.outputs.model, "
    ),
    "unknown-backend": Mistake(BASE, "tracking: {backend: mlflow,", "tracking: {backend: mlfow,"),
    "bad-duration": Mistake(SPEC, "timeout: 6h", "timeout: 6 hours"),
    "section-in-two-files": Mistake(MONITORS, "monitors:\n", "experiments:\n  other: {metric: {name: auc, goal: maximize}}\nmonitors:\n"),
    "layers-extend-each-other": Mistake(BASE, "apiVersion: mlops-spec/v1\n", "apiVersion: mlops-spec/v1\nextends: [../mlops.yaml]\n"),
    "unknown-output-of-a-step": Mistake(SPEC, "from: steps.fit.outputs.model,", "from: steps.fit.outputs.modell,"),
    "output-of-another-type": Mistake(SPEC, "from: steps.fit.outputs.model,", "from: steps.fit.outputs.metrics,"),
    "bad-digest-in-the-lock": Mistake(LOCK, "sha256:4be1", "sha256:zz"),
    "missing-layer": Mistake(SPEC, "extends: [platform/base.mlops.yaml]", "extends: [platform/bse.mlops.yaml]", 3),
    "bracket-not-closed": Mistake(SPEC, "command: [python, -m, churn.fit,", "command: [python, [-m, churn.fit,", 3),
    "patch-that-matches-nothing": Mistake(SPEC, "target: {kind: InferenceService, name: churn}", "target: {kind: WorkflowTemplate, name: trian}"),
    "patch-that-does-not-fit": Mistake(
        SPEC,
        "target: {kind: InferenceService, name: churn}\n    patch: [{op: add, path: /metadata/labels/sidecar",
        "target: {kind: WorkflowTemplate, name: train}\n    patch: [{op: add, path: /spec/podMetadata/label/sidecar",
    ),
    "placeholder-unquoted-in-brackets": Mistake(SPEC, '"${{ outputs.table }}"]', "${{ outputs.table }}]", 3),
    "variable-that-is-not-declared": Mistake(SPEC, "variables: {train_compute: gpu}", "variables: {train_comput: gpu}"),
    "image-that-is-not-in-the-lock": Mistake(LOCK, "  train: {digest", "  trian: {digest"),
    "model-that-is-not-in-the-lock": Mistake(LOCK, "      churn: {version: 6", "      chrun: {version: 6"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_the_way_out(name: str, churn: Path, mlops: Callable[..., Any]) -> None:
    file, right, wrong, code = MISTAKES[name]
    text = (churn / file).read_text()
    assert right in text
    (churn / file).write_text(text.replace(right, wrong, 1))
    ran = mlops("lint", "--color", "never")
    expected = EXPECTED / f"{name}.txt"
    if os.environ.get("MLOPS_SPEC_WRITE_BROKEN"):
        expected.write_text(of_the_mistake(ran.out))
    assert (ran.code, of_the_mistake(ran.out), ran.err) == (code, expected.read_text(), "")


def of_the_mistake(out: str) -> str:
    """Leave out what is said of the right example too (what is not built yet, and what waits for it), and the counts."""
    *problems, _ = out.split("\n\n")
    told = [problem for problem in problems if not NOT_BUILT.search(problem.splitlines()[0])]
    return "\n\n".join(told) + "\n"


def test_every_expected_output_is_of_a_mistake() -> None:
    assert {path.stem for path in EXPECTED.iterdir()} == set(MISTAKES)
