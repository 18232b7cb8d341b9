#!/bin/sh
# Writes what lint finds in the spec that is checked out here to the file REPORT, whatever that is. Made by mlops-spec, and
# run by CI with FOLDER (of the spec), RUNTIME (the image that has mlops-spec in it), FORMAT and REPORT.
set -eu
export FOLDER FORMAT

status=0
# shellcheck disable=SC2016 # the variables are those of the container
tar -cf - --exclude ./.git . | docker run --rm --interactive --network none --read-only --tmpfs /tmp \
  --cap-drop ALL --security-opt no-new-privileges --workdir /tmp --env FOLDER --env FORMAT --entrypoint sh "$RUNTIME" -uc '
    { mkdir -p spec/.git && cd spec && tar -xof -; } || exit 70
    mlops-spec lint "$FOLDER" --format "$FORMAT"
  ' > "$REPORT" || status=$?
# Findings are what it is for; how bad they are is for check.sh to say.
case $status in
  0 | 1 | 3 | 4) ;;
  *) exit "$status" ;;
esac
