#!/usr/bin/env bash
# Makes sure that everything is there to run or to test Ganhe: prepare.sh run|test|bench
#
# Root on a Debian system gets what is missing installed; everybody else is told its name. The Rust toolchain is
# the one thing that must be there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

purpose=${1:?"usage: prepare.sh run|test|bench"}

fail() {
    printf 'prepare: %s\n' "$@" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# SQLite and some cryptography are compiled from C.
can_compile_c() { echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1; }

# Debian keeps the server programs off the search path.
has_postgres() {
    # The benchmark starts a server of its own, with its own settings.
    [ "$purpose" = test ] && [ -n "${TEST_POSTGRES_URL:-}" ] || has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

has_chinese_font() { fc-list :lang=zh 2>/dev/null | grep --quiet .; }

has_python_venv() { python3 -c 'import venv, ensurepip' >/dev/null 2>&1; }

# Prints the Debian packages of what is missing, one a line.
missing_packages() {
    can_compile_c || printf '%s\n' gcc libc6-dev
    # The portal is built by npm; the contract is linted with it, too.
    [ "$purpose" = bench ] || has npm || echo npm
    [ "$purpose" != run ] || return 0
    has_postgres || echo postgresql
    [ "$purpose" = test ] || return 0
    # The tour of the README speaks with these.
    has curl || echo curl
    has jq || echo jq
    # Adds the exports up again.
    has hledger || echo hledger
    # Reads what is printed on certificates, and what is attached to them.
    has pdftotext || echo poppler-utils
    # The portal is tried in a browser, and its pages are Chinese.
    has chromium || echo chromium
    has_chinese_font || echo fonts-noto-cjk
    # The linters of the deployment files come as Python packages.
    has_python_venv || printf '%s\n' python3 python3-venv
}

check_rust() {
    local wanted found
    if ! has cargo || ! has rustc; then
        fail 'the Rust toolchain is missing: install cargo and rustc with rustup, see rust-lang.org/tools/install'
    fi
    wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)"/\1/p' Cargo.toml | head -n 1)
    found=$(rustc --version | cut -d ' ' -f 2)
    printf '%s\n' "$wanted" "${found%%-*}" | sort --check=quiet --version-sort ||
        fail "Rust $found is too old, Ganhe needs $wanted or later: rustup update stable"
    if [ "$purpose" = test ]; then
        { cargo fmt --version && cargo clippy --version && clippy-driver --version; } >/dev/null 2>&1 ||
            fail 'rustfmt or clippy is missing: rustup component add rustfmt clippy'
    fi
}

check_rust
mapfile -t packages < <(missing_packages)
if [ "${#packages[@]}" -gt 0 ]; then
    if ! has apt-get || [ "$(id -u)" != 0 ]; then
        fail "missing Debian package(s): ${packages[*]}" "install with: apt-get install ${packages[*]}"
    fi
    echo "prepare: installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
    mapfile -t packages < <(missing_packages)
    if [ "${#packages[@]}" -gt 0 ]; then
        fail "installed, but not found or not usable by this shell: ${packages[*]}"
    fi
fi

# What is missing of Node.js is told here rather than by a puzzling failure of the build.
least_node=20.19
if [ "$purpose" != bench ]; then
    found=$(node --version)
    printf '%s\n' "$least_node" "${found#v}" | sort --check=quiet --version-sort ||
        fail "Node.js ${found#v} is too old for the portal, which needs $least_node or later"
fi

# The other bookkeeper comes as a Python package.
beancount=3.2.0
if [ "$purpose" = test ] && [ ! -x target/bookkeepers/bin/bean-check ]; then
    echo "prepare: installing beancount $beancount"
    python3 -m venv target/bookkeepers
    target/bookkeepers/bin/pip install --quiet --disable-pip-version-check "beancount==$beancount"
fi

# And the independent client of the transparency log's formats.
log_client=0.1.11
if [ "$purpose" = test ] && ! target/log-client/bin/python -c 'import metamorphic_log' 2>/dev/null; then
    echo "prepare: installing metamorphic-log $log_client"
    python3 -m venv target/log-client
    target/log-client/bin/pip install --quiet --disable-pip-version-check "metamorphic-log==$log_client"
fi
