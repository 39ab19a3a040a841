#!/usr/bin/env bash
# Keeps today's contract as the one that the version of Cargo.toml was released with: run it when a release is tagged.
# `release-contract.sh baseline` keeps it as the one that clients build on before there is a release.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=${1:-$(sed -n 's/^version = "\([0-9.]*\)"/\1/p' Cargo.toml | head -n 1)}
kept=openapi/released/$name.json
if [ "$name" != baseline ] && [ -e "$kept" ]; then
    echo "release-contract: $kept is there already; a released contract never changes" >&2
    exit 1
fi
scripts/contract.sh
# Examples are no part of the promise, and most of its bytes.
jq --compact-output 'walk(if type == "object" then del(.example, .examples) else . end)' openapi/openapi.json >"$kept"
