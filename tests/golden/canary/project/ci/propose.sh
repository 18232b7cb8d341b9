#!/bin/sh
# Runs a command of mlops-spec that edits the lock, whose words it is called with, on the branch BRANCH, and pushes what it
# made of it as the branch PROPOSAL: a person merges it. Made by mlops-spec, and run by CI in a clone, with REMOTE, TITLE (of
# the commit), CHECKS (the folder of command.sh) and what that needs, and perhaps PUSH_OPTIONS. Where there is anything to
# merge, OUT/proposed holds the name of the branch.
set -eu
PUSH_OPTIONS=${PUSH_OPTIONS:-}

git fetch --quiet --no-tags "$REMOTE" "refs/heads/$BRANCH"
git checkout --quiet --force --detach FETCH_HEAD
mkdir -p "$OUT"
rm -f "$OUT/proposed"
sh "$CHECKS/command.sh" "$@"
cp "$OUT/mlops.lock.yaml" "$FOLDER/mlops.lock.yaml"
git add -- "$FOLDER/mlops.lock.yaml"
if git diff --quiet --cached; then
  echo "the lock has it already"
  exit 0
fi

tip=$(git ls-remote "$REMOTE" "refs/heads/$PROPOSAL" | cut -f 1)
if [ -n "$tip" ]; then
  git fetch --quiet --no-tags "$REMOTE" "refs/heads/$PROPOSAL"
  if git log --format=%ce "$tip" ^HEAD | grep -qvxF "$GIT_COMMITTER_EMAIL"; then
    echo "somebody else committed to $PROPOSAL, which stays: merge it, or delete it" >&2
    exit 1
  fi
fi
git commit --quiet --message "$TITLE"
# The first line is a mark, by which a comment of CI is known.
sed 1d "$OUT/body.md"
# What is there already is not pushed again, which would start all checks anew.
made=$(git show --no-patch --format='%T %P')
known=
if [ -n "$tip" ]; then
  known=$(git show --no-patch --format='%T %P' "$tip")
fi
if [ "$made" != "$known" ]; then
  # shellcheck disable=SC2086 # a list of options
  git push --quiet "--force-with-lease=refs/heads/$PROPOSAL:$tip" $PUSH_OPTIONS "$REMOTE" "HEAD:refs/heads/$PROPOSAL"
fi
printf '%s\n' "$PROPOSAL" > "$OUT/proposed"
