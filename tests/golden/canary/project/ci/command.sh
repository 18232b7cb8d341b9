#!/bin/sh
# Runs a command of mlops-spec, whose words it is called with, on the spec of the commit that is checked out here. Made by
# mlops-spec, and run by CI with FOLDER (of the spec), RUNTIME (the image that has mlops-spec in it), OUT (a folder), and
# perhaps NETWORK (what the container gets: none, unless it is told) and what opens registries. The lock as the command leaves
# it is then OUT/mlops.lock.yaml, and what that does is OUT/body.md. Nothing else comes out of the container.
set -eu
host=${RUNTIME%%/*}
REGISTRY=${REGISTRY:-$host} NETWORK=${NETWORK:-none}
export FOLDER REGISTRY

given=
if [ "$NETWORK" != none ]; then
  for name in MLFLOW_TRACKING_TOKEN MLFLOW_TRACKING_USERNAME MLFLOW_TRACKING_PASSWORD MLFLOW_ARTIFACTS_DESTINATION \
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_ENDPOINT_URL AWS_ALLOW_HTTP \
    REGISTRY REGISTRY_USER REGISTRY_PASSWORD; do
    value=$(printenv "$name" || true)
    if [ -n "$value" ]; then
      given="$given --env $name"
    fi
  done
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(git rev-parse --absolute-git-dir)
git -c advice.detachedHead=false clone --quiet --depth 1 "file://$here" "$work/spec"
# shellcheck disable=SC2016,SC2086 # the variables are those of the container; a list of options
tar -cf - -C "$work" spec | docker run --rm --interactive --network "$NETWORK" --read-only --tmpfs /tmp \
  --cap-drop ALL --security-opt no-new-privileges --workdir /tmp --env FOLDER $given --entrypoint sh "$RUNTIME" -euc '
    here=$PWD
    tar -xof -
    if [ -n "${REGISTRY_PASSWORD:-}" ]; then
      mkdir docker
      secret=$(printf "%s:%s" "$REGISTRY_USER" "$REGISTRY_PASSWORD" | base64 | tr -d "\n")
      printf "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}" "$REGISTRY" "$secret" > docker/config.json
      export DOCKER_CONFIG="$here/docker"
    fi
    cd "spec/$FOLDER"
    mlops-spec "$@" >&2
    if ! mlops-spec diff HEAD --format markdown > "$here/body.md"; then
      printf "%s\n" "" "**mlops-spec**: what this change does is not known: the spec has errors." > "$here/body.md"
    fi
    cp mlops.lock.yaml "$here/mlops.lock.yaml"
    cd "$here"
    tar -cf - mlops.lock.yaml body.md
  ' sh "$@" > "$work/made.tar"
mkdir -p "$OUT"
tar -xof "$work/made.tar" -C "$OUT" mlops.lock.yaml body.md
