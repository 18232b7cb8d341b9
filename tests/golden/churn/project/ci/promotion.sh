# shellcheck shell=sh
# Names the branch and the title of a promotion in PROJECT. Made by mlops-spec, and read by jobs of CI that have MODEL and
# ENVIRONMENT from whoever started them: they become words of commands, so they are names, or nothing is done.
MODEL=${MODEL:-} ENVIRONMENT=${ENVIRONMENT:-}
for given in "$MODEL" "$ENVIRONMENT"; do
  case $given in
    "" | -* | *[!A-Za-z0-9_-]*)
      echo "a model and an environment have letters, digits, _ and - in their names, and are both to be named" >&2
      exit 2
      ;;
  esac
done
export PROPOSAL="mlops-spec/$PROJECT/promote-$MODEL-$ENVIRONMENT" TITLE="Promote $MODEL to $ENVIRONMENT"
