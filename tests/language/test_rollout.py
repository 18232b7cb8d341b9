"""A rollout in a lock of any style: each step changes what says it, and an abort restores the lock byte for byte."""

from __future__ import annotations

import pytest

from mlops_spec.language import rollout
from mlops_spec.language.rollout import UnderWay
from mlops_spec.source import edit
from mlops_spec.source.tree import Map
from mlops_spec.source.yaml import read

BLOCK = """\
lockVersion: 1
environments:
  prod:
    models:
      churn:
        version: {version} # live
        run: {run}
        uri: s3://acme/m-{version}
        digest: "sha256:{version}"
{rollout}        # beside it
        shadow: {{version: 9, run: x, uri: s3://acme/m-9, digest: "sha256:9"}}
"""
UNDER_WAY = """\
        rollout: # under way
          # from 0
          step: {step} # of 3
          from:
            version: 6
            run: '6c'
            uri: s3://acme/m-6
            digest: "sha256:6"
"""


def lock(text: str) -> Map:
    source, problems = read(text.encode(), "mlops.lock.yaml")
    assert source is not None, problems
    return source.data


def the_one(text: str) -> UnderWay:
    (found,) = rollout.under_way(lock(text))
    return found


def at(step: int) -> str:
    return BLOCK.format(version=7, run="'7f'", rollout=UNDER_WAY.format(step=step))


def over(version: int) -> str:
    return BLOCK.format(version=version, run={6: "'6c'", 7: "'7f'"}[version], rollout="")


def test_a_lock_says_what_is_under_way_and_where() -> None:
    assert the_one(at(1)) == ("prod", "churn", 7, 6, 1, ("mlops.lock.yaml", 10, 9))
    assert list(rollout.under_way(lock(over(7)))) == []
    assert list(rollout.under_way(Map())) == []


def test_each_step_changes_one_number_and_the_last_one_takes_the_rollout_out() -> None:
    assert rollout.advance(at(0), the_one(at(0)), 3) == at(1)
    assert rollout.advance(at(1), the_one(at(1)), 3) == at(2)
    assert rollout.advance(at(2), the_one(at(2)), 3) == over(7)
    assert rollout.advance(at(0), the_one(at(0)), 1) == over(7)


@pytest.mark.parametrize("step", range(3))
def test_an_abort_restores_the_lock(step: int) -> None:
    assert rollout.abort(at(step), lock(at(step)), the_one(at(step))) == over(6)


def test_what_a_version_needs_comes_and_goes_with_it() -> None:
    entry = (
        "{version: 7, run: a, uri: b, digest: c%s, rollout: {step: 0, from: {version: 6, run: d, uri: e, digest: f%s}}}"
    )
    line = f"environments: {{prod: {{models: {{churn: {entry}}}}}}}\n"
    libraries = ", requirements: [a==1]"
    for new, old, wanted in (
        (libraries, "", ""),
        ("", libraries, libraries),
        (", requirements: [a==2]", libraries, libraries),
    ):
        text = line % (new, old)
        restored = rollout.abort(text, lock(text), the_one(text))
        assert (
            restored
            == f"environments: {{prod: {{models: {{churn: {{version: 6, run: d, uri: e, digest: f{wanted}}}}}}}}}\n"
        )


def test_a_version_that_stands_in_several_places_is_not_edited() -> None:
    text = at(0).replace("from:", "from: &old").replace("models:\n", "models: # x\n") + "old: 1\n"
    with pytest.raises(edit.Refused, match="several places"):
        rollout.abort(text, lock(text), the_one(text))
