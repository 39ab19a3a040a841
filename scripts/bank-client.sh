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
scratch=$(mktemp -d)
chmod 755 "$scratch"
server=''
postgres_data=''

finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$postgres_data" ] || as_postgres "$(postgres_bin)/pg_ctl" --pgdata "$postgres_data" --mode immediate stop >/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

postgres_bin() { dirname "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort --version-sort | tail -n 1)"; }

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_postgres PORT: a server of its own, with an empty database for the demonstration.
start_postgres() {
    postgres_data=$scratch/postgres
    mkdir "$postgres_data"
    [ "$(id -u)" != 0 ] || chown postgres "$postgres_data"
    as_postgres "$(postgres_bin)/initdb" --pgdata "$postgres_data" --auth trust --username ganhe --encoding UTF8 --no-sync >/dev/null
    as_postgres "$(postgres_bin)/pg_ctl" --pgdata "$postgres_data" --wait --log "$postgres_data/log" --options \
        "-p $1 -k $postgres_data -c listen_addresses=127.0.0.1 -c fsync=off" start >/dev/null
    psql --quiet --no-psqlrc --host 127.0.0.1 --port "$1" --username ganhe --dbname postgres --command 'CREATE DATABASE demonstration'
}

# serve DATABASE: loads the demonstration and serves it, with its address in BASE.
serve() {
    local url=sqlite:$scratch/demonstration.sqlite port
    if [ "$1" = postgres ]; then
        port=$(free_port)
        start_postgres "$port"
        url=postgres://ganhe@127.0.0.1:$port/demonstration
    fi
    port=$(free_port)
    GANHE_DATABASE_URL=$url GANHE_LISTEN=127.0.0.1:$port GANHE_LOG=error "$program" demo >/dev/null 2>"$scratch/log" &
    server=$!
    export BASE=http://127.0.0.1:$port
    for _ in $(seq 600); do
        curl --silent --fail "$BASE/readyz" >/dev/null && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    cat "$scratch/log"
    return 1
}

# live DATABASE: the life of a pledge, told when it fails.
live() {
    local result=ok began
    serve "$1" || return 1
    began=$SECONDS
    PYTHONPATH=openapi/client:$output/generated PYTHONPYCACHEPREFIX=$output/cache \
        "$output/bin/python" openapi/client/pledge_life.py >"$scratch/told" 2>&1 || result=FAILED
    kill "$server"
    wait "$server" || true
    server=
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
