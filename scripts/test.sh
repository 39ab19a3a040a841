#!/usr/bin/env bash
# Runs everything that CI runs, part by part. A failing part does not keep the later ones from running; the table
# at the end shows how each went and how long it took.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

report=()
failures=0
failed=()

# told NAME RESULT SECONDS: a line of the table.
told() {
    report+=("$(printf '%-30s %-7s %5d s' "$1" "$2" "$3")")
    [ "$2" != ok ] || return 0
    failures=$((failures + 1))
    failed+=("$1")
}

# log NAME: where the output of a part is kept.
log() { echo "$logs/${1// /-}"; }

# part NAME COMMAND...
part() {
    local name=$1 began=$SECONDS result=ok
    shift
    printf '\n=== %s\n' "$name"
    "$@" 2>&1 | tee "$(log "$name")" || result=FAILED
    told "$name" "$result" $((SECONDS - began))
}

# beside NAME COMMAND...: a part that takes what the next ones leave of two cores, until it is joined.
beside() {
    local log
    log=$(log "$1")
    (
        if "${@:2}" >"$log" 2>&1; then echo "ok $SECONDS"; else echo "FAILED $SECONDS"; fi >"$log.result"
    ) &
    echo "$! $SECONDS" >"$log.began"
}

# joined NAME
joined() {
    local log job began result ended
    log=$(log "$1")
    read -r job began <"$log.began"
    wait "$job" || true
    read -r result ended <"$log.result" || { result=FAILED ended=$SECONDS; }
    printf '\n=== %s\n' "$1"
    cat "$log"
    told "$1" "$result" $((ended - began))
}

# blamed NAME: of what a failed part printed, the first lines that name what went wrong.
blamed() {
    printf '\n%s:\n' "$1"
    sed 's/\x1b\[[0-9;]*m//g' "$(log "$1")" |
        { grep -m 6 -A 1 -E '^ *FAIL |panicked at|^error|[Ee]rror: |^test .* FAILED|more than [0-9]+ s' || tail -n 4; } | cut -c 1-200 || true
}

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# The linter stands in for the compiler: what a clean clone needs of others is compiled once, and not for the linter once more.
export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__

# What one call compiles is compiled at once on both cores; and a part of the workspace would be compiled anew, with the features that
# it needs alone.
compiled() { cargo test --workspace --locked --no-run --lib --bins --tests; }

unit_tests() {
    local file laws=()
    for file in crates/*/tests/*.rs; do
        laws+=(--test "$(basename "$file" .rs)")
    done
    cargo test --workspace --locked --no-fail-fast --lib --bins "${laws[@]}"
}

# In one process, whichever runner is installed: what the tests share (tables, the stage, the contract that every answer is held against)
# is made once and not a thousand times. None of them may hang for longer than all of them need.
integration_tests() { timeout 1500 cargo test --workspace --locked --test it "$@"; }

# A part of each test is waiting, for the database or for a clock: two more than there are cores keep them busy.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(($(nproc) + 2))}

on_sqlite() { GANHE_TEST_DATABASE=sqlite integration_tests; }

# The contract and the architecture are the same on either database.
on_postgres() { GANHE_TEST_DATABASE=postgres integration_tests -- --skip contract:: --skip architecture::; }

# What trials find is kept here while they pass, and shown at the end.
figures=${CARGO_TARGET_DIR:-target}/tmp/figures
rm -rf "$figures"

# In two shares side by side: the caller and the server each keep one core busy.
fuzz_bounded() {
    local other tree result
    # What is committed draws, so that a run is repeated by itself and every change is tried otherwise.
    tree=$(git rev-parse 'HEAD^{tree}' 2>/dev/null || echo "$RANDOM")
    export SEED=${SEED:-$((16#${tree:0:7}))}
    scripts/fuzz.sh prepare || return 1
    DATABASES=sqlite scripts/fuzz.sh bounded &
    other=$!
    DATABASES=postgres scripts/fuzz.sh bounded
    result=$?
    wait "$other" && return "$result"
}

part 'format' cargo fmt --all --check
# The compiler is at work on one core while it reads the largest crate.
beside 'portal' env JOURNEYS=off scripts/test-portal.sh
part 'deployment files' scripts/check-deployment.sh
part 'contract lint' scripts/lint-contract.sh
part 'lints and compilation' compiled
if [ "$failures" != 0 ]; then
    # What the linter has found keeps no test from running.
    unset RUSTC_WORKSPACE_WRAPPER CLIPPY_ARGS
    part 'compilation' compiled
fi
joined 'portal'
part 'unit and property tests' unit_tests
part 'documentation examples' cargo test --workspace --locked --doc --quiet
part 'made-up calls' fuzz_bounded
# On one database: what it proves is the contract. `make fuzz` has both.
part 'bank client from the contract' env DATABASES=sqlite scripts/bank-client.sh
# Alone, and in four lanes of its own: browsers keep both cores busy.
part 'journeys in the browser' env CHECKS=off scripts/test-portal.sh
part 'integration on SQLite' on_sqlite
part 'integration on PostgreSQL' on_postgres

if [ -d "$figures" ]; then
    printf '\n=== figures\n'
    for figure in "$figures"/*; do
        printf '%s: %s\n' "$(basename "$figure")" "$(cat "$figure")"
    done
fi

printf '\n%-30s %-7s %7s\n' part result time
printf '%s\n' "${report[@]}"
printf '%-30s %-7s %5d s\n' total "$([ "$failures" = 0 ] && echo ok || echo FAILED)" "$SECONDS"
# Of a run somewhere else often only the end is seen.
for name in "${failed[@]}"; do
    blamed "$name"
done
[ "$failures" = 0 ]
