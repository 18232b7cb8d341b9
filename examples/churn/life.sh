#!/bin/sh
# The life of the model churn, from its first training to a rollback, as commits of a line each.
#
#   TRACKING=http://127.0.0.1:5000 ARTIFACTS=s3://acme-ml/churn BASE=sha256:… sh life.sh FOLDER
#
# FOLDER is made: a copy of this example in a repository of its own. TRACKING is an MLflow server, ARTIFACTS a place in
# an object store (opened by AWS_*), and BASE the digest of docker.io/library/python:3.12-slim. What CI and the cluster
# would do at a commit, publishing the manifests and syncing the registry, is done here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cp -R "$here" "$1"
cd "$1"
rm -rf .mlops-spec
# The example's own versions are in nobody's registry.
sed -i '/^environments:/,$d' mlops.lock.yaml
git init --quiet --initial-branch main
git config user.name Ada
git config user.email ada@acme.example
mlops-spec lock image train "$BASE" --base
git add .
git commit --quiet --message "Begin churn"

train() { mlops-spec run train --tracking-uri "$TRACKING" --artifacts-uri "$ARTIFACTS" "$@"; }

lock() { # follow what the alias names now
  mlops-spec lock --env dev --registry-uri "$TRACKING" "$@"
  git commit --quiet --all --message "Try what was registered last in dev"
}

deliver() { # ENVIRONMENT...: as CI and the cluster do at a commit; say what it came to
  only=$(printf -- '--env %s ' "$@")
  # shellcheck disable=SC2086 # these are words
  mlops-spec publish --branch delivered $only
  champion=none
  if git rev-parse --quiet --verify delivered-prod >/dev/null; then
    git show delivered-prod:deploy/prod/tracking/configmap-mlops-sync.yaml |
      python -c 'import sys, yaml; print(yaml.safe_load(sys.stdin)["data"]["desired-state.yaml"])' >.git/desired-state.yaml
    MLFLOW_TRACKING_URI=$TRACKING mlops-spec-runtime sync --config .git/desired-state.yaml
    champion=$(MLFLOW_TRACKING_URI=$TRACKING python -c 'import mlflow; print(
      mlflow.MlflowClient().get_registered_model("churn").aliases.get("champion", "none"))')
  fi
  git log -1 --numstat --format='life: %s' -- mlops.lock.yaml | tr '\n' ' '
  echo "champion $champion"
}

train
lock
deliver dev
mlops-spec promote churn --to staging --commit
deliver dev staging
mlops-spec promote churn --to prod --commit
deliver dev staging prod

train --param max_depth=5
lock --upgrade churn
deliver dev staging prod
mlops-spec promote churn --to staging --commit
deliver dev staging prod
mlops-spec promote churn --to prod --commit # a tenth of the requests
deliver dev staging prod
for what in "half of the requests" "all requests" "its place"; do
  mlops-spec rollout advance churn --env prod
  git commit --quiet --all --message "Give the new churn $what in prod"
  deliver dev staging prod
done
mlops-spec rollback churn --env prod --commit
deliver dev staging prod
