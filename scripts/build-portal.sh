#!/usr/bin/env bash
# Builds the portal into portal/dist, from where the program takes it in; does nothing when it was built from what is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

built=portal/dist/index.html
sources=(portal/src portal/public portal/scripts portal/index.html portal/package.json portal/package-lock.json portal/vite.config.ts
    portal/tsconfig.json openapi/openapi.json)
if [ -f "$built" ] && [ -z "$(find "${sources[@]}" -newer "$built" -not -path portal/src/api/contract.ts -print -quit)" ]; then
    exit 0
fi

cd portal
# What is installed fits the lock file when it was installed from it.
if ! cmp -s package-lock.json node_modules/.installed-from; then
    npm ci --no-progress --loglevel=error
    cp package-lock.json node_modules/.installed-from
fi
npm run --silent build
