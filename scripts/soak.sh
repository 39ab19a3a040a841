#!/usr/bin/env bash
# Runs the random trials for long, on both databases: the model test and the crowd of banks and a court for MINUTES (30) each, the crash test for KILLS (1000).
# Before them every row is tampered with alone.
# SEED=n repeats one run. What they print is the report.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export GANHE_TEST_AT_ONCE=1 GANHE_TEST_SOAK_SECONDS=$((${MINUTES:-30} * 60)) GANHE_TEST_KILLS=${KILLS:-1000}
[ -z "${SEED:-}" ] || export GANHE_SEED=$SEED

# Not by the usual test runner: it ends a test that takes minutes.
for database in ${DATABASES:-sqlite postgres}; do
    for trial in tamper::trials model:: pledges::crowd crash::; do
        printf '\n=== %s on %s\n' "${trial%::}" "$database"
        GANHE_TEST_DATABASE=$database cargo test --locked --test it -- "$trial" --nocapture
    done
done
