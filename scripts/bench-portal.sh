#!/usr/bin/env bash
# Measures the portal in headless Chromium with the processor slowed down fourfold: when the largest part of a page stands, what its first
# load weighs, and how a table of 10,000 rows scrolls. Fails above the limits; docs/PORTAL.md keeps the figures.
#
# PROGRAM names another build of the server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-target}
program=$(realpath -m "${PROGRAM:-$target/release/ganhe}")
. scripts/servers.sh

[ -x "$program" ] || {
    echo "bench-portal: there is no $program" >&2
    exit 1
}
fresh_database sqlite
port=$(free_port)
# The long table is made by a program that asks as fast as it can.
GANHE_DATABASE_URL=$demonstration GANHE_LISTEN=127.0.0.1:$port GANHE_LOG=error GANHE_RATE_PER_USER=off GANHE_RATE_PER_ADDRESS=off \
    "$program" demo >"$scratch/server.log" 2>&1 &
server=$!
await "http://127.0.0.1:$port" || { cat "$scratch/server.log"; exit 1; }
result=0
(cd portal && GANHE_URL=http://127.0.0.1:$port MEASURED=$scratch/measured npm run --silent measure) || result=1
[ "$result" = 0 ] || cat "$scratch/server.log"
printf '\n'
cat "$scratch/measured"
exit "$result"
