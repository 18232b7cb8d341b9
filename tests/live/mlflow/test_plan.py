"""What brings a server to what it shall hold, and what is nobody's business."""

from __future__ import annotations

import json

import pytest

from mlops_spec.blueprint.contract import NOTE
from mlops_spec.live.mlflow.plan import Action, Verb, plan
from mlops_spec.live.mlflow.state import PROJECT, Alias, Desired, Found, Kind, Wanted, desired

EXPERIMENT, MODEL = Kind.EXPERIMENT, Kind.MODEL
DEV, PROD = "mlops-spec.environment.dev", "mlops-spec.environment.prod"


def wish(*things: Wanted, project: str = "churn", environment: str = "dev") -> Desired:
    return Desired(project, environment, things)


def only(desired: Desired, *found: Found, delete: bool = False) -> Action:
    (action,) = plan(desired, found, delete=delete)
    return action


def after(action: Action, found: Found | None = None) -> Found:
    """What a server holds once an action is done."""
    tags = {**(found.tags if found else {})}
    aliases = {**(found.aliases if found else {})}
    for change in action.changes:
        held, key = (aliases, change.key[1:]) if change.key.startswith("@") else (tags, change.key)
        assert held.get(key) == change.before
        if change.after is None:
            del held[key]
        else:
            held[key] = change.after
    return Found(action.kind, action.name, tags, "7", aliases)


CHURN = Wanted(EXPERIMENT, "churn", {"domain": "growth", NOTE: "a"})


def test_what_is_not_there_is_created_with_all_that_says_whose_it_is() -> None:
    action = only(wish(CHURN))
    assert (action.verb, action.kind, action.name) == (Verb.CREATE, EXPERIMENT, "churn")
    assert dict(after(action).tags) == {
        "domain": "growth", NOTE: "a", PROJECT: "churn", DEV: f'["domain","{NOTE}"]',
    }  # fmt: skip
    assert [change.key for change in action.told()] == ["domain", NOTE]


def test_once_done_there_is_nothing_to_do() -> None:
    found = after(only(wish(CHURN)))
    assert only(wish(CHURN), found) == Action(Verb.NOTHING, EXPERIMENT, "churn", id="7")


def test_what_differs_is_updated_and_what_others_set_stays() -> None:
    found = after(only(wish(CHURN)))
    found = found._replace(tags={**found.tags, "domain": "sales", "theirs": "x"})
    action = only(wish(CHURN), found)
    assert (action.verb, action.changes) == (Verb.UPDATE, (("domain", "sales", "growth"),))
    assert after(action, found).tags["theirs"] == "x"


def test_a_tag_that_the_spec_drops_goes_and_the_same_tag_of_somebody_else_stays() -> None:
    found = after(only(wish(CHURN)))
    less = wish(Wanted(EXPERIMENT, "churn", {NOTE: "a"}))
    action = only(less, found)
    assert action.told() == (("domain", "growth", None),)
    assert only(less, after(action, found)).verb is Verb.NOTHING
    assert only(less, Found(EXPERIMENT, "churn", {"domain": "growth"})).told() == ((NOTE, None, "a"),)


def test_a_tag_that_another_environment_asks_for_stays() -> None:
    found = after(only(wish(CHURN)))
    found = after(only(wish(CHURN, environment="prod"), found), found)
    action = only(wish(Wanted(EXPERIMENT, "churn", {})), found)
    assert [change.key for change in action.changes] == [DEV]
    assert only(wish(CHURN, environment="prod"), after(action, found)).verb is Verb.NOTHING


def test_whose_it_is_is_said_first_and_what_was_asked_for_last() -> None:
    """So that one who is stopped half way neither works on a stranger's thing nor forgets a tag."""
    found = Found(EXPERIMENT, "churn", {})
    assert [change.key for change in only(wish(CHURN), found).changes] == [PROJECT, "domain", NOTE, DEV]


def test_what_is_nobodys_is_taken_by_an_update_that_says_so() -> None:
    action = only(wish(CHURN), Found(EXPERIMENT, "churn", {"domain": "growth"}, "7"))
    assert (action.verb, action.why, action.id) == (Verb.UPDATE, "nobody's so far", "7")


@pytest.mark.parametrize("deleted", [False, True])
def test_what_is_another_projects_is_never_touched(deleted: bool) -> None:
    theirs = Found(EXPERIMENT, "churn", {PROJECT: "other", DEV: "[]"}, deleted=deleted)
    for delete in (False, True):
        action = only(wish(CHURN), theirs, delete=delete)
        assert (action.verb, action.changes) == (Verb.REFUSED, ())
        assert "belongs to the project other" in action.why
        assert plan(wish(), [theirs], delete=delete) == ()


def test_what_was_deleted_by_hand_is_restored_with_what_has_changed_since() -> None:
    found = after(only(wish(CHURN)))
    action = only(wish(Wanted(EXPERIMENT, "churn", {**CHURN.tags, "domain": "sales"})), found._replace(deleted=True))
    assert (action.verb, action.told(), action.id) == (Verb.RESTORE, (("domain", "growth", "sales"),), "7")


@pytest.mark.parametrize("kind", Kind)
def test_what_the_spec_no_longer_has_is_left_unless_it_is_said(kind: Kind) -> None:
    found = after(only(wish(Wanted(kind, "old", {}))))
    assert only(wish(), found).verb is Verb.LEFT
    assert only(wish(), found, delete=True).verb is Verb.DELETE
    assert plan(wish(), [found._replace(deleted=True)]) == ()
    assert plan(wish(environment="prod"), [found], delete=True) == ()
    assert plan(wish(project="other"), [found], delete=True) == ()


def test_a_model_with_versions_is_never_deleted() -> None:
    found = after(only(wish(Wanted(MODEL, "old", {}))))._replace(holds=True)
    action = only(wish(), found, delete=True)
    assert (action.verb, action.why) == (
        Verb.LEFT, "the spec no longer has it; it has versions, which are never deleted here",
    )  # fmt: skip


def test_what_another_environment_has_is_given_up_and_not_deleted() -> None:
    found = after(only(wish(CHURN)))
    found = after(only(wish(CHURN, environment="prod"), found), found)
    assert only(wish(), found).verb is Verb.LEFT
    action = only(wish(), found, delete=True)
    assert (action.verb, [change.key for change in action.changes]) == (Verb.UPDATE, [DEV])
    assert plan(wish(), [after(action, found)], delete=True) == ()


def test_an_alias_moves_and_others_stay() -> None:
    model = Wanted(MODEL, "churn", {}, Alias("champion", "7"))
    found = after(only(wish(model)))
    assert found.aliases == {"champion": "7"}
    found = found._replace(aliases={"champion": "6", "challenger": "8"})
    action = only(wish(model), found)
    assert action.told() == (("@champion", "6", "7"),)
    assert after(action, found).aliases == {"champion": "7", "challenger": "8"}
    assert only(wish(model).without_aliases(), found).verb is Verb.NOTHING


@pytest.mark.parametrize("mark", ["", "{", "3", "[1, null]", '"domain"', '{"domain": 1}'])
def test_a_mark_that_somebody_has_spoilt_is_written_anew_and_costs_no_tag(mark: str) -> None:
    found = after(only(wish(CHURN)))
    action = only(wish(Wanted(EXPERIMENT, "churn", {})), found._replace(tags={**found.tags, DEV: mark}))
    assert action.changes == ((DEV, mark, "[]"),)


def test_marks_are_no_tags_that_can_be_dropped() -> None:
    found = Found(EXPERIMENT, "churn", {PROJECT: "churn", PROD: "[]", DEV: json.dumps([PROJECT, PROD])})
    assert [change.key for change in only(wish(Wanted(EXPERIMENT, "churn", {})), found).changes] == [DEV]


def test_the_order_is_by_kind_and_name() -> None:
    things = [Wanted(kind, name, {}) for name in "ba" for kind in Kind]
    assert [(action.kind, action.name) for action in plan(wish(*things), [])] == [
        (EXPERIMENT, "a"), (EXPERIMENT, "b"), (MODEL, "a"), (MODEL, "b"),
    ]  # fmt: skip


def test_the_rendered_document_is_read_as_what_is_wanted() -> None:
    document = {
        "project": "churn", "environment": "dev", "experiments": {"e": {"tags": {"a": "b"}}},
        "registered_models": {
            "m": {"description": "Churn.", "tags": {}, "alias": {"name": "dev-live", "version": 7}}, "n": {"tags": {}},
        },
    }  # fmt: skip
    assert desired(document) == wish(
        Wanted(EXPERIMENT, "e", {"a": "b"}),
        Wanted(MODEL, "m", {NOTE: "Churn."}, Alias("dev-live", "7")),
        Wanted(MODEL, "n", {}),
    )
