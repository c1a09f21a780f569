#!/bin/bash
# Applies each planted bug to a copy of the last commit, builds it and runs the tests that should notice; each must turn them red.
# Usage: GameServer.Tests/Mutants/run.sh [PATCH…]; prints a table, exits 1 when a bug survives or does not build.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(git -C "$here" rev-parse --show-toplevel)
copy=$(mktemp -d)
trap 'git -C "$root" worktree remove --force "$copy" > /dev/null 2>&1; rm -rf "$copy"' EXIT
git -C "$root" worktree add --quiet --force --detach "$copy" HEAD || exit 1
export GAMESERVER_LAB_SEEDS=${GAMESERVER_LAB_SEEDS:-20}
filter="FullyQualifiedName~Tests.Scenarios|FullyQualifiedName~Tests.Snapshots|FullyQualifiedName~Tests.Game."
[ $# -gt 0 ] && patches=("$@") || patches=("$here"/*.patch)
survived=0
cd "$copy" || exit 1
for patch in "${patches[@]}"; do
    name=$(basename "$patch" .patch)
    git apply "$patch" || { echo "$name: does not apply"; survived=1; continue; }
    if ! dotnet build -c Release GameServer.Tests -clp:ErrorsOnly --nologo > build.log 2>&1; then
        echo "$name: does not build"; grep -m1 'error' build.log; survived=1
    else
        timeout 300 dotnet test -c Release --no-build GameServer.Tests --filter "$filter" > test.log 2>&1
        red=$(grep -c '^  Failed ' test.log)
        names=$(grep '^  Failed ' test.log | sed 's/^  Failed \([A-Za-z0-9_]*\).*/\1/' | sort | uniq -c | sort -rn | head -3 | awk '{printf "%s x%s ", $2, $1}')
        ids=$(grep -o '"[A-Z][0-9] at' test.log | cut -c2-3 | sort -u | tr '\n' ' ')
        echo "$name: $red red; $ids$names"
        [ "$red" -gt 0 ] || { survived=1; echo "$name: SURVIVED"; }
    fi
    git checkout --quiet .
done
exit $survived
