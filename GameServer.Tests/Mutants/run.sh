#!/bin/bash
# Applies each planted bug to a copy of the last commit, builds it and runs the tests that should notice; each must turn them red.
# The same tests must be green without a bug first, else nothing is proved and nothing is run.
# Usage: GameServer.Tests/Mutants/run.sh [PATCH…]; prints a table; exit 0 all were noticed, 1 one was not, 2 the tests are red by themselves.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(git -C "$here" rev-parse --show-toplevel)
copy=$(mktemp -d)
trap 'git -C "$root" worktree remove --force "$copy" > /dev/null 2>&1; rm -rf "$copy"' EXIT
git -C "$root" worktree add --quiet --force --detach "$copy" HEAD || exit 2
export GAMESERVER_LAB_SEEDS=${GAMESERVER_LAB_SEEDS:-20}
filter=
for folder in Scenarios Snapshots Game Inputs Server Rewind Client Messages Transport; do
    filter="$filter|(FullyQualifiedName~Tests.$folder.&TestCategory!=Socket&TestCategory!=LiteNetLib)"
done
[ $# -gt 0 ] && patches=("$@") || patches=("$here"/*.patch)
for i in "${!patches[@]}"; do patches[i]=$(realpath "${patches[i]}"); done
cd "$copy" || exit 2

build() {
    dotnet build -c Release GameServer.Tests -clp:ErrorsOnly --nologo > build.log 2>&1
}

# 0 green, 124 they hang, else red
run_tests() {
    timeout 400 dotnet test -c Release --no-build GameServer.Tests --filter "${filter#|}" > test.log 2>&1
}

if ! build || ! run_tests; then
    echo "without any bug: red; nothing is proved by this commit"
    grep -hE 'error|^  Failed ' build.log test.log 2> /dev/null | sort -u | head
    exit 2
fi
echo "without any bug: green, $(grep -o 'Passed: *[0-9]*' test.log | tail -1)"

survived=0
for patch in "${patches[@]}"; do
    name=$(basename "$patch" .patch)
    if ! git apply "$patch"; then
        echo "$name: DOES NOT APPLY"
        survived=1
    elif ! build; then
        echo "$name: DOES NOT BUILD $(grep -m1 'error' build.log)"
        survived=1
    else
        run_tests
        code=$?
        red=$(grep -c '^  Failed ' test.log)
        names=$(grep '^  Failed ' test.log | sed 's/^  Failed \([A-Za-z0-9_]*\).*/\1/' | sort | uniq -c | sort -rn | head -3 | awk '{printf "%s x%s ", $2, $1}')
        ids=$(grep -o '"[A-Z][0-9] at' test.log | cut -c2-3 | sort -u | tr '\n' ' ')
        if [ "$code" -eq 0 ]; then
            echo "$name: SURVIVED"
            survived=1
        elif [ "$code" -eq 124 ]; then
            echo "$name: noticed, the tests hang"
        else
            echo "$name: noticed, $red red; $ids$names"
        fi
    fi
    git checkout --quiet .
done
exit $survived
