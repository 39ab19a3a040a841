#!/usr/bin/env bash
# Keeps today's contract as the one that the version of Cargo.toml was released with: run it when a release is tagged.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(sed -n 's/^version = "\([0-9.]*\)"/\1/p' Cargo.toml | head -n 1)
kept=openapi/released/$version.json
if [ -e "$kept" ]; then
    echo "release-contract: $kept is there already; a released contract never changes" >&2
    exit 1
fi
scripts/contract.sh
cp openapi/openapi.json "$kept"
