#!/usr/bin/env bash
# Tries the portal: its types, its style, its logic, the size of what a visitor loads, and journeys of people through the real server in
# a real browser, on both databases. Screenshots of every page are left in target/portal/screenshots.
#
# DATABASES chooses; PROGRAM names another build of the server; JOURNEYS=off leaves the browser out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-target}
program=$(realpath -m "${PROGRAM:-$target/debug/ganhe}")
output=$(realpath -m "$target/portal")
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

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

# Prints the address of a fresh database.
fresh_database() {
    if [ "$1" = sqlite ]; then
        echo "sqlite:$scratch/demonstration.sqlite"
        return
    fi
    local port
    port=$(free_port)
    as_postgres "$(postgres_bin)/initdb" --pgdata "$postgres_data" --auth trust --username ganhe --encoding UTF8 --no-sync >/dev/null
    as_postgres "$(postgres_bin)/pg_ctl" --pgdata "$postgres_data" --wait --log "$postgres_data/log" --options \
        "-p $port -k $postgres_data -c listen_addresses=127.0.0.1 -c fsync=off" start >/dev/null
    psql --quiet --no-psqlrc --host 127.0.0.1 --port "$port" --username ganhe --dbname postgres --command 'CREATE DATABASE demonstration' >&2
    echo "postgres://ganhe@127.0.0.1:$port/demonstration"
}

# journeys DATABASE: loads the demonstration, serves it, and sends people through it.
journeys() {
    local url port result=0
    if [ "$1" = postgres ]; then
        postgres_data=$scratch/postgres
        mkdir "$postgres_data"
        [ "$(id -u)" != 0 ] || chown postgres "$postgres_data"
    fi
    url=$(fresh_database "$1")
    port=$(free_port)
    GANHE_DATABASE_URL=$url GANHE_LISTEN=127.0.0.1:$port GANHE_LOG=error "$program" demo >"$scratch/server.log" 2>&1 &
    server=$!
    for _ in $(seq 900); do
        ! curl --silent --fail "http://127.0.0.1:$port/readyz" >/dev/null || break
        sleep 0.2
    done
    (cd portal && GANHE_URL=http://127.0.0.1:$port DATABASE=$1 SCREENSHOTS=$output/screenshots npm run --silent journeys) || result=1
    kill "$server"
    wait "$server" || true
    server=''
    [ "$result" = 0 ] || cat "$scratch/server.log"
    return "$result"
}

scripts/build-portal.sh
(cd portal && npm run --silent lint && npm run --silent test && npm run --silent check:size)
[ "${JOURNEYS:-on}" = on ] || exit 0

if ! command -v chromium >/dev/null 2>&1; then
    echo "test-portal: Chromium is missing, and without it no journey is tried: apt-get install chromium fonts-noto-cjk" >&2
    exit 1
fi
[ -x "$program" ] || cargo build --locked --bin ganhe
rm -rf "$output"
mkdir -p "$output/screenshots"
for database in ${DATABASES:-sqlite postgres}; do
    printf '\n--- journeys on %s\n' "$database"
    journeys "$database"
done
