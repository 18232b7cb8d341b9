"""What is asked for in Argo CD's name is what Argo CD applies."""

from __future__ import annotations

from mlops_spec.live.kubernetes.ask import Wanted

TRACKING = {"argocd.argoproj.io/tracking-id": "churn:/ConfigMap:ns/a"}
INSTANCE = {"argocd.argoproj.io/instance": "churn"}


def wanted(**metadata: object) -> Wanted:
    return Wanted("a.yaml", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **metadata}})


def test_what_argo_cd_tracks_by_is_kept_and_what_others_have_added_is_not_ours_to_say() -> None:
    live = {
        "metadata": {
            "annotations": {**TRACKING, "theirs": "x", "argocd.argoproj.io/sync-wave": "1"},
            "labels": INSTANCE,
        }
    }
    asked = wanted(annotations={"a": "b"}).delivered(live)
    assert asked["metadata"] == {"name": "a", "annotations": {"a": "b", **TRACKING}, "labels": INSTANCE}


def test_what_is_not_there_or_not_tracked_is_asked_for_as_it_is_rendered() -> None:
    for live in (None, {"metadata": {"name": "a"}}, {"metadata": {"annotations": None}}):
        assert wanted(labels={"a": "b"}).delivered(live) == wanted(labels={"a": "b"}).data
