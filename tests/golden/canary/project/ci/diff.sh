#!/bin/sh
# Writes what a change of the spec will do, as a comment in markdown, to the file COMMENT. Made by mlops-spec, and run by
# CI with REMOTE, BASE and HEAD (commits there: what the change goes into, and the change), PROJECT and FOLDER (of the spec),
# RUNTIME (the image that has mlops-spec in it) and COMMENT. Nothing of the change is checked out or run: it is only read, in a
# container that has no network, no secret and nothing of this machine.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Where the change began, by the commits alone; a server that does not filter sends all.
git init --quiet --bare "$work/history"
git -C "$work/history" fetch --quiet --no-tags --filter=tree:0 "$REMOTE" "$BASE" "$HEAD"
if ! BEFORE=$(git -C "$work/history" merge-base "$BASE" "$HEAD"); then
  echo "no commit is known that both $BASE and $HEAD come from" >&2
  exit 1
fi
# The files of these two commits, and of no other.
git init --quiet "$work/spec"
git -C "$work/spec" fetch --quiet --no-tags --depth 1 "$REMOTE" "$BEFORE" "$HEAD"

export BEFORE HEAD FOLDER
status=0
# The spec's name is all that is looked for in the folder: its files are read from the commits.
# shellcheck disable=SC2016 # the variables are those of the container
tar -cf - -C "$work/spec" .git | docker run --rm --interactive --network none --read-only --tmpfs /tmp \
  --cap-drop ALL --security-opt no-new-privileges --workdir /tmp --env BEFORE --env HEAD --env FOLDER \
  --entrypoint sh "$RUNTIME" -uc '
    { mkdir spec && cd spec && tar -xof - && mkdir -p "$FOLDER" && cd "$FOLDER" && : > mlops.yaml; } || exit 70
    mlops-spec diff "$BEFORE" "$HEAD" --format markdown
  ' > "$COMMENT" || status=$?
case $status in
  0) ;;
  # A comment of before would tell of another change.
  1 | 3 | 4)
    printf '%s\n' "<!-- mlops-spec diff: $PROJECT -->" "**mlops-spec** of \`$PROJECT\`: what this change does is not known:\
 the spec has errors, with the change or where it began." > "$COMMENT"
    ;;
  *) exit "$status" ;;
esac
