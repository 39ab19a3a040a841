#!/usr/bin/env bash
# Writes the committed contract from the program. A build that fails leaves the old one as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir -p openapi
new=$(mktemp openapi/.openapi.XXXXXX)
trap 'rm -f "$new"' EXIT
cargo run --quiet --locked --bin ganhe -- openapi >"$new"
chmod 644 "$new"
mv "$new" openapi/openapi.json
