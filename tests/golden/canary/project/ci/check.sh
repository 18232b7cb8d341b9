#!/bin/sh
# Checks the spec that is checked out here: its style, and all that lint knows. Made by mlops-spec, and run by CI with
# FOLDER (of the spec), RUNTIME (the image that has mlops-spec in it) and FORMAT (of what lint finds).
set -eu
export FOLDER FORMAT

# Layers may lie above the folder, so all files of the repository go in; by a pipe, and not by a mount: the daemon need not
# be on this machine, nor its user be the one in there.
# shellcheck disable=SC2016 # the variables are those of the container
tar -cf - --exclude ./.git . | docker run --rm --interactive --network none --read-only --tmpfs /tmp \
  --cap-drop ALL --security-opt no-new-privileges --workdir /tmp --env FOLDER --env FORMAT --entrypoint sh "$RUNTIME" -euc '
    mkdir -p spec/.git # the root of the repository, as far as paths of a spec may lead up
    cd spec
    tar -xof -
    style=0
    mlops-spec fmt --check "$FOLDER" || style=$?
    mlops-spec lint "$FOLDER" --format "$FORMAT"
    exit "$style"
  '
