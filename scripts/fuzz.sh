#!/usr/bin/env bash
# Calls every operation of the contract as every role, on both databases, with what Schemathesis makes up from the contract, all its
# checks on: fuzz.sh bounded|full; fuzz.sh prepare installs it
#
# Each role gets a copy of the demonstration and a server of its own, so that what one does harms no other and one seed repeats one
# run. SEED repeats a run, DATABASES and ROLES choose, PROGRAM names another build, SHARE=i/n does the i-th of n parts. A bounded run
# begins with the role that the seed draws and begins with no other role after BUDGET seconds: it says who waits for another seed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

extent=${1:?"usage: fuzz.sh bounded|full|prepare"}
target=${CARGO_TARGET_DIR:-target}
program=$(realpath -m "${PROGRAM:-$target/debug/ganhe}")
fuzzer=$(realpath -m "$target/fuzzer")
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
password=ganhe-demo-2022
# One login for each role, and the head of the city beside that of a county.
logins=(operator tongcheng.officer tongcheng.head city.head city.reviewer liwei.admin liwei.trader liwei.approver reserve.trader
    reserve.approver huifa.pledgee huifa.approver settlement.officer settlement.head exchange.officer exchange.approver auditor)
read -r -a roles <<<"${ROLES:-${logins[*]}}"
. scripts/servers.sh

# load DATABASE: the demonstration, once, as what every role gets a copy of.
load() {
    fresh_database "$1"
    GANHE_DATABASE_URL=$demonstration GANHE_LOG=error "$program" demo --load-only
}

# serve DATABASE COPY: a server over a copy, with its address in FUZZ_URL.
serve() {
    local port url
    port=$(free_port)
    if [ "$1" = postgres ]; then
        on_postgres "CREATE DATABASE $2 TEMPLATE demonstration"
        url=postgres://ganhe@127.0.0.1:$postgres_port/$2
    else
        cp "$scratch/demonstration.sqlite" "$scratch/$2.sqlite"
        url=sqlite:$scratch/$2.sqlite
    fi
    GANHE_DATABASE_URL=$url GANHE_LISTEN=127.0.0.1:$port GANHE_LOG=error GANHE_RECONCILE_EVERY=never GANHE_SECOND_FACTOR=off GANHE_LONGEST_STREAM=20ms GANHE_TRUSTED_PROXIES=127.0.0.0/8 \
        GANHE_RATE_PER_USER=1000000/10s GANHE_RATE_PER_ADDRESS=1000000/10s \
        "$program" serve >/dev/null 2>"$scratch/$2.log" &
    server=$!
    export FUZZ_URL=http://127.0.0.1:$port
    await "$FUZZ_URL" || { cat "$scratch/$2.log"; return 1; }
}

# token_of LOGIN: of somebody who signs in.
token_of() {
    curl --silent --fail "$FUZZ_URL/api/v1/auth/login" --json "{\"login\": \"$1\", \"password\": \"$password\"}" | jq -r .access_token
}

# Where the seed puts a role among the others, from 0.
place_of() { echo $((($1 + seed) % ${#roles[@]})); }

# In a bounded run a role tries the examples and a few made-up calls on one of the databases; the systematic ones are left to two of
# them, one on each. The seed draws, so that the next run draws otherwise.
phases_of() {
    if [ "$(place_of "$1")" -lt 2 ]; then
        echo examples,coverage,fuzzing
    else
        echo examples,fuzzing
    fi
}

# Of the two that do so in a bounded run, one tries what is read and the other what is done, each every other operation; the seed draws
# which, so that the next run has the rest. `make fuzz` has all.
operations_of() {
    local reads
    case $(place_of "$1") in
        0) reads=true ;;
        1) reads=false ;;
        *) return ;;
    esac
    printf '%s\n' --include-operation-id-regex "^($(jq -r --argjson reads "$reads" --argjson turn $((seed / ${#roles[@]} % 2)) '[.paths[][]
        | objects | .operationId | select(test("^(list|find)_") == $reads)] | sort | [to_entries[] | select(.key % 2 == $turn) | .value]
        | join("|")' openapi/openapi.json))$"
}

# is_drawn DATABASE NUMBER: whether the role is tried on it; on both in a full run, and when roles were chosen.
is_drawn() {
    local turn=0
    [ "$1" = sqlite ] || turn=1
    [ "$extent" = full ] || [ -n "${ROLES:-}" ] || [ $((($2 + seed) % 2)) = "$turn" ]
}

# may_do LOGIN: what the contract lets a user's roles do, as alternatives of a regular expression.
may_do() {
    local token roles permissions
    token=$(token_of "$1")
    roles=$(curl --silent --fail "$FUZZ_URL/api/v1/me" --header "Authorization: Bearer $token" | jq -c .roles)
    permissions=$(curl --silent --fail "$FUZZ_URL/api/v1/roles" --header "Authorization: Bearer $token" |
        jq -c --argjson mine "$roles" '[.items[] | select(.role | IN($mine[])) | .permissions[].permission]')
    jq -r --argjson mine "$permissions" '[.paths[][] | objects | select((."x-permission" // []) | if type == "string" then [.] else . end
        | length == 0 or any(IN($mine[]))) | .operationId] | join("|")' openapi/openapi.json
}

# call PHASES EXAMPLES ARGUMENT...: one run of the made-up calls, whose report is added to what was told.
call() {
    (cd "$scratch" && "$fuzzer/bin/schemathesis" --config-file "$OLDPWD/openapi/fuzz/schemathesis.toml" run "$contract" \
        --url "$FUZZ_URL" --seed "$seed" --phases "$1" --max-examples "$2" "${@:3}" --warnings off) >>"$told" 2>&1
}

# fuzz DATABASE NUMBER LOGIN
fuzz() {
    local copy=${3//./_} told=$scratch/told
    serve "$1" "$copy" || return 1
    # Some other user, to be signed out and worse.
    local spare=${logins[0]}
    [ "$3" != "$spare" ] || spare=${logins[-1]}
    export FUZZ_LOGIN=$3 FUZZ_SPARE=$spare FUZZ_PASSWORD=$password PYTHONPATH=$PWD/openapi/fuzz
    local result=ok began=$SECONDS operations may
    : >"$told"
    if [ "$extent" = full ]; then
        may=$(may_do "$3") || { stop; return 1; }
        call examples,coverage,fuzzing,stateful 25 --include-operation-id-regex "^($may)$" || result=FAILED
        # Whoever is refused at the door is refused whatever the call says.
        call examples,fuzzing 3 --exclude-operation-id-regex "^($may)$" || result=FAILED
    else
        mapfile -t operations < <(operations_of "$2")
        call "$(phases_of "$2")" 3 "${operations[@]}" || result=FAILED
    fi
    stop
    if [ -s "$scratch/$copy.log" ]; then
        result=FAILED
        cat "$scratch/$copy.log"
    fi
    [ "$result" = ok ] || cat "$told"
    printf '%-10s %-20s %-7s %5d s  seed %s  %s\n' "$1" "$3" "$result" $((SECONDS - began)) "$seed" \
        "$(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' "$told" | paste --serial --delimiters + | bc) calls"
    [ "$result" = ok ]
}

if ! cmp --quiet openapi/fuzz/requirements.txt "$fuzzer/installed"; then
    rm -rf "$fuzzer"
    python3 -m venv "$fuzzer"
    "$fuzzer/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement openapi/fuzz/requirements.txt
    cp openapi/fuzz/requirements.txt "$fuzzer/installed"
fi

[ "$extent" != prepare ] || exit 0

# What every operation takes alike (in which language it answers, for whom one acts) is not varied with each of them: it doubles the
# calls, and the walks of the integration tests try it.
contract=$scratch/openapi.json
jq 'del(.paths[][].parameters[]? | select(.name == "Accept-Language" or .name == "Acting-For"
    or (."$ref" // "" | test("/(AcceptLanguage|ActingFor)$"))))' openapi/openapi.json >"$contract"

# A check that people wait for stays one that they wait for.
budget=${BUDGET:-50}
failures=0
left=()
for database in ${DATABASES:-sqlite postgres}; do
    load "$database"
    for turn in "${!roles[@]}"; do
        # The seed draws who begins, so that whoever is left out of one run begins another.
        number=$(((turn + ${#roles[@]} - seed % ${#roles[@]}) % ${#roles[@]}))
        [ -z "${SHARE:-}" ] || [ $((number % ${SHARE#*/})) = $((${SHARE%/*} - 1)) ] || continue
        is_drawn "$database" "$number" || continue
        if [ "$extent" = bounded ] && [ "$SECONDS" -gt "$budget" ]; then
            left+=("${roles[$number]}")
            continue
        fi
        fuzz "$database" "$number" "${roles[$number]}" || failures=$((failures + 1))
    done
done
printf 'fuzz: %s on %s in %s s%s\n' "$extent" "${DATABASES:-sqlite postgres}" "$SECONDS" "${left[*]:+; left for another seed: ${left[*]}}"
[ "$failures" = 0 ] || { echo "fuzz: $failures runs failed; SEED=$seed repeats them" >&2; exit 1; }
