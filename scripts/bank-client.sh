#!/usr/bin/env bash
# Runs the life of a pledge by a bank's own program, on both databases: a Python client is generated from the contract, every operation
# of it, and openapi/client/pledge_life.py speaks with a server over a fresh demonstration through nothing else.
#
# DATABASES chooses; PROGRAM names another build of the server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-target}
program=$(realpath -m "${PROGRAM:-$target/debug/ganhe}")
output=$(realpath -m "$target/bank-client")
. scripts/servers.sh

# serve DATABASE: loads the demonstration and serves it, with its address in BASE.
serve() {
    local port
    fresh_database "$1"
    port=$(free_port)
    GANHE_DATABASE_URL=$demonstration GANHE_LISTEN=127.0.0.1:$port GANHE_LOG=error "$program" demo >/dev/null 2>"$scratch/log" &
    server=$!
    export BASE=http://127.0.0.1:$port
    await "$BASE" || { cat "$scratch/log"; return 1; }
}

# live DATABASE: the life of a pledge, told when it fails.
live() {
    local result=ok began
    serve "$1" || return 1
    began=$SECONDS
    PYTHONPATH=openapi/client:$output/generated PYTHONPYCACHEPREFIX=$output/cache \
        "$output/bin/python" openapi/client/pledge_life.py >"$scratch/told" 2>&1 || result=FAILED
    stop
    if [ -s "$scratch/log" ]; then
        result=FAILED
        cat "$scratch/log"
    fi
    [ "$result" = ok ] || cat "$scratch/told"
    printf '%-10s %-7s %5d s, %s expectations met\n' "$1" "$result" $((SECONDS - began)) "$(grep --count '^ok: ' "$scratch/told")"
    [ "$result" = ok ]
}

if ! cmp --quiet openapi/client/requirements.txt "$output/installed"; then
    rm -rf "$output"
    python3 -m venv "$output"
    "$output/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement openapi/client/requirements.txt
    cp openapi/client/requirements.txt "$output/installed"
fi

# What the generator cannot make of the contract is a warning, and a warning is a failure.
rm -rf "$output/generated"
mkdir "$output/generated"
"$output/bin/openapi-python-client" generate --path openapi/openapi.json --config openapi/client/generator.yml --meta none \
    --fail-on-warning --output-path "$output/generated/ganhe_client" >"$scratch/generated" || { cat "$scratch/generated"; exit 1; }

failures=0
for database in ${DATABASES:-sqlite postgres}; do
    live "$database" || failures=$((failures + 1))
done
printf 'bank client: on %s in %s s\n' "${DATABASES:-sqlite postgres}" "$SECONDS"
[ "$failures" = 0 ]
