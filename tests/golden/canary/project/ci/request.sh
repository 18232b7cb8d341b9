#!/bin/sh
# Opens a pull request for the branch PROPOSAL into BRANCH, or brings the text of the open one up to date. Made by mlops-spec,
# and run by GitHub Actions with GH_TOKEN, GITHUB_SERVER_URL, GITHUB_REPOSITORY, TITLE and OUT, where propose.sh left its work.
set -eu
if [ ! -e "$OUT/proposed" ]; then
  exit 0
fi
GH_HOST=${GITHUB_SERVER_URL#*://}
export GH_HOST
owner=${GITHUB_REPOSITORY%%/*}
pulls="repos/$GITHUB_REPOSITORY/pulls"
sed 1d "$OUT/body.md" > "$OUT/text.md"
open=$(gh api "$pulls?state=open&head=$owner:$PROPOSAL&base=$BRANCH" --jq '.[0].number // empty')
if [ -n "$open" ]; then
  gh api --silent --method PATCH "$pulls/$open" -f "title=$TITLE" -F "body=@$OUT/text.md"
else
  gh api --silent --method POST "$pulls" -f "title=$TITLE" -f "head=$PROPOSAL" -f "base=$BRANCH" -F "body=@$OUT/text.md"
fi
