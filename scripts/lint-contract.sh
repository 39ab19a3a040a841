#!/usr/bin/env bash
# Lints the committed contract with Redocly, as its lock file pins it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../openapi/lint"

installed=node_modules/.installed
if ! cmp --quiet package-lock.json "$installed"; then
    npm ci --ignore-scripts --no-audit --no-fund --silent
    cp package-lock.json "$installed"
fi
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
    node_modules/.bin/redocly lint --config redocly.yaml ../openapi.json
