from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from mlops_spec.diagnostic import Place
from mlops_spec.language.environment import resolve
from mlops_spec.language.layers import Loaded
from mlops_spec.language.schema import check

HEAD = "apiVersion: mlops-spec/v1\nproject: {name: churn}\n"
Load = Callable[..., Loaded]


def test_all_faults_are_said_in_one_run_in_the_order_of_the_text(loaded: Load) -> None:
    spec = (
        HEAD
        + "compute:\n  small: {cpu: 500m}\n  large: {cpu: 0, memory: 1Gi, disc: 1Gi}\nmodels: {churn: {flavor: x}}\n"
    )
    tree, _ = resolve(loaded(spec).layers, "default")
    places = [d.place for d in check(tree.tree)]
    assert places == [Place("mlops.yaml", *p) for p in ((4, 3), (5, 16), (5, 32), (6, 26))]


def test_a_fault_of_an_override_stands_there_and_shows_what_it_replaced(loaded: Load) -> None:
    spec = HEAD + (
        "environments: {dev: {overrides: {compute: {small: {memory: lots}}}}}\ncompute: {small: {cpu: 500m, memory: 1Gi}}\n"
    )
    tree, _ = resolve(loaded(spec).layers, "dev")
    (problem,) = check(tree.tree)
    assert problem.place == Place("mlops.yaml", 3, 60)
    assert [r.place for r in problem.related] == [Place("mlops.yaml", 4, 38)]


def test_a_missing_key_stands_at_the_key_that_lacks_it(loaded: Load) -> None:
    tree, _ = resolve(loaded(HEAD + "models:\n  churn:\n    batch:\n      input: active\n").layers, "default")
    problems = check(tree.tree)
    assert [(d.place, d.address) for d in problems] == [(Place("mlops.yaml", 5, 5), "models.churn.batch")] * 2
    assert [d.message for d in problems] == ["models.churn.batch lacks output", "models.churn.batch lacks schedule"]


def test_the_value_of_a_secret_is_not_repeated(loaded: Load) -> None:
    spec = (
        HEAD
        + "channels: {oncall: {slack: {url: hunter2}}}\nsecrets: {token: {path: ml/x, keys: [token], value: hunter2}}\n"
    )
    tree, _ = resolve(loaded(spec).layers, "default")
    problems = check(tree.tree)
    assert [d.code for d in problems] == ["MS104", "MS100"]
    assert not any("hunter2" in d.message + d.hint for d in problems)


def test_valid_data_need_no_explainer() -> None:
    script = (
        "import sys\n"
        "from mlops_spec.language.schema import check\n"
        "from mlops_spec.source.tree import Map\n"
        "assert not check(Map({'apiVersion': 'mlops-spec/v1', 'project': Map({'name': 'churn'})}))\n"
        "assert 'jsonschema' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
