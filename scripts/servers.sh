# shellcheck shell=bash
# What the scripts share that try a real server over a database of its own, to be sourced: a folder in $scratch and whatever server runs,
# which go when the script ends, and a private PostgreSQL.

scratch=$(mktemp -d)
chmod 755 "$scratch"
# The server of Ganhe that runs at present, and where the private PostgreSQL listens.
server=''
postgres_port=''

finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$postgres_port" ] || as_postgres "$(postgres_bin)/pg_ctl" --pgdata "$scratch/postgres" --mode immediate stop >/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

# Debian keeps the server programs off the search path.
postgres_bin() { dirname "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort --version-sort | tail -n 1)"; }

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

on_postgres() { psql --quiet --no-psqlrc --host 127.0.0.1 --port "$postgres_port" --username ganhe --dbname postgres --command "$1"; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# A server of its own, with an empty database for the demonstration, whose address is in $demonstration.
start_postgres() {
    postgres_port=$(free_port)
    mkdir "$scratch/postgres"
    [ "$(id -u)" != 0 ] || chown postgres "$scratch/postgres"
    as_postgres "$(postgres_bin)/initdb" --pgdata "$scratch/postgres" --auth trust --username ganhe --encoding UTF8 --no-sync >/dev/null
    as_postgres "$(postgres_bin)/pg_ctl" --pgdata "$scratch/postgres" --wait --log "$scratch/postgres/log" --options \
        "-p $postgres_port -k $scratch/postgres -c listen_addresses=127.0.0.1 -c fsync=off" start >/dev/null
    on_postgres 'CREATE DATABASE demonstration'
    demonstration=postgres://ganhe@127.0.0.1:$postgres_port/demonstration
}

# fresh_database DATABASE: an empty one for the demonstration, with its address in $demonstration.
fresh_database() {
    if [ "$1" = postgres ]; then
        start_postgres
    else
        # Whoever sources this reads it.
        # shellcheck disable=SC2034
        demonstration=sqlite:$scratch/demonstration.sqlite
    fi
}

# stop: the server of Ganhe that runs at present.
stop() {
    kill "$server"
    wait "$server" || true
    server=''
}

# await ADDRESS: until the server there is ready, or has ended.
await() {
    for _ in $(seq 1800); do
        curl --silent --fail "$1/readyz" >/dev/null && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    return 1
}
