"""How an environment does, as it is told."""

from __future__ import annotations

from mlops_spec.report.standing import Delivery, Row, Standing, Version, as_data, head, summary, table


def row(
    path: str,
    sync: str = "in sync",
    state: str = "none",
    ready: bool = True,
    why: str = "",
    fields: tuple[str, ...] = (),
) -> Row:
    return Row(path, "X", "ns", "n", sync, fields, state, ready, why)


ROWS = (
    row("a.yaml"),
    row("b.yaml", state="ready"),
    row("c.yaml", "differs", "failed", False, "no\x1b", ("a", "b", "c", "d")),
    row("d.yaml", "absent", "", False),
    row("e.yaml", state="progressing", ready=False),
)
DELIVERY = Delivery("churn-prod", "Synced", "Healthy", "0123456789abcdef", "Succeeded", "done", True)


def standing(*rows: Row, delivery: Delivery | None = None, versions: tuple[Version, ...] = ()) -> Standing:
    return Standing("prod", rows, versions, delivery, "")


def test_what_is_not_well_comes_first_and_what_only_lies_there_is_left_out() -> None:
    cells = table(standing(*ROWS), everything=False)
    assert [tuple(each) for each in cells] == [
        ("~", "differs", "failed", "c.yaml", "a, b, c and 1 more; no\\x1b"),
        ("+", "absent", "", "d.yaml", ""),
        ("…", "in sync", "progressing", "e.yaml", ""),
        ("=", "in sync", "ready", "b.yaml", ""),
    ]
    assert len(table(standing(*ROWS), everything=True)) == len(ROWS)


def test_the_summary_counts_what_is_not_well() -> None:
    assert summary(standing(*ROWS)) == "5 objects: 1 absent, 1 differs, 2 not ready"
    assert summary(standing(ROWS[2], ROWS[2])) == "2 objects: 2 differ, 2 not ready"
    assert summary(standing(ROWS[0])) == "1 object, all as rendered and ready"
    assert summary(standing(ROWS[0], delivery=DELIVERY._replace(well=False))) == "1 object: Argo CD is not content"


def test_all_is_well_only_where_argo_cd_says_so_too() -> None:
    assert standing(ROWS[0], ROWS[1], delivery=DELIVERY).well
    assert not standing(ROWS[0], delivery=DELIVERY._replace(well=False)).well
    assert not any(standing(each).well for each in ROWS[2:])
    assert as_data(standing(*ROWS))["well"] is False


def test_delivery_and_versions_are_said_above() -> None:
    versions = (
        Version("models.a", "6", "6", True),
        Version("models.b", "7", "6", True),
        Version("models.c", "7", None, False),
    )
    versions = (*versions, Version("models.d", "7", None, True))
    assert [*head(standing(delivery=DELIVERY, versions=versions))] == [
        "Argo CD: churn-prod is Synced at 0123456789, Healthy; last operation succeeded done",
        "models.a: version 6 is live, as the lock says",
        "models.b: version 6 is live, and the lock says 7",
        "models.c: nothing is live, and the lock says 7",
        "models.d: what is live says no version, and the lock says 7",
    ]
    absent = Delivery("churn-prod", None, None, "", "", "", False)
    assert [*head(standing(delivery=absent))] == ["Argo CD: there is no Application churn-prod"]
    assert [*head(Standing("prod", (), (), None, "Argo CD runs in another cluster"))] == [
        "Argo CD runs in another cluster"
    ]
