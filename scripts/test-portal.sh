#!/usr/bin/env bash
# Tries the portal: its types, its style, its logic, the size of what a visitor loads, and journeys of people through the real server in
# a real browser, on both databases. Screenshots of every page are left in target/portal/screenshots.
#
# People in browsers take less than eight minutes on two cores that do nothing else. A slower machine, or one that does more, is given twice
# the time before that is a failure.
#
# DATABASES chooses; PROGRAM names another build of the server; JOURNEYS=off leaves the browser out, CHECKS=off all the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-target}
program=$(realpath -m "${PROGRAM:-$target/debug/ganhe}")
output=$(realpath -m "$target/portal")

# journeys DATABASE FILE...: loads the demonstration, serves it, and sends people through it. In a shell of its own, so that several run
# side by side: a page waits for its server and a server for its pages, and one of them leaves most of two cores idle.
journeys() (
    . scripts/servers.sh
    local port result=0
    fresh_database "$1"
    port=$(free_port)
    GANHE_DATABASE_URL=$demonstration GANHE_LISTEN=127.0.0.1:$port GANHE_LOG=error "$program" demo >"$scratch/server.log" 2>&1 &
    server=$!
    await "http://127.0.0.1:$port" || { cat "$scratch/server.log"; return 1; }
    (cd portal && DATABASE=$1 GANHE_URL=http://127.0.0.1:$port SCREENSHOTS=$output/screenshots npm run --silent journeys -- "${@:2}") || result=1
    stop
    [ "$result" = 0 ] || cat "$scratch/server.log"
    return "$result"
)

if [ "${CHECKS:-on}" = on ]; then
    scripts/build-portal.sh
    (cd portal && npm run --silent lint && npm run --silent test && npm run --silent check:size)
fi
[ "${JOURNEYS:-on}" = on ] || exit 0

if ! command -v chromium >/dev/null 2>&1; then
    echo "test-portal: Chromium is missing, and without it no journey is tried: apt-get install chromium fonts-noto-cjk" >&2
    exit 1
fi
[ -x "$program" ] || cargo build --locked --bin ganhe
rm -rf "$output"
mkdir -p "$output/screenshots"
most=960
begun=$SECONDS
# Beside each other, each with a book of its own: people wait for pages, for clocks and for one another, and leave most of two cores idle.
lanes=()
# lane NAME DATABASE FILE...
lane() {
    journeys "$2" "${@:3}" >"$output/journeys-$1.log" 2>&1 &
    lanes+=("$1 $!")
}
both=() alone=()
for file in portal/journeys/*.journey.ts; do
    case $file in
        */pages.*) ;;
        */auction.* | */market.* | */offices.* | */organisation.* | */pledge.*) both+=("${file#portal/}") ;;
        # What these try is the portal's alone: one database is enough for it.
        *) alone+=("${file#portal/}") ;;
    esac
done
for database in ${DATABASES:-sqlite postgres}; do
    lane "on-$database" "$database" "${both[@]}"
done
lane alone sqlite "${alone[@]}"
# How pages look does not depend on the database.
printf '\n--- all pages\n'
result=0
journeys sqlite journeys/pages.journey.ts || result=1
for lane in "${lanes[@]}"; do
    read -r name travellers <<<"$lane"
    wait "$travellers" || result=1
    printf '\n--- journeys %s\n' "$name"
    cat "$output/journeys-$name.log"
done
taken=$((SECONDS - begun))
printf '\n--- browsers took %s s\n' "$taken"
if [ "$taken" -gt "$most" ]; then
    echo "test-portal: browsers took $taken s, more than $most s: make journeys shorter, or let people stay signed in" >&2
    result=1
fi
exit "$result"
