#!/bin/sh
# Stops the test server when no test process has shown a sign of life for so many seconds, then removes its
# data. Stopping happens under the lock that test processes take to look for the server, so no test loses it
# half-way.
lock=$1 data=$2 sign=$3 idle=$4

server() { head -n 1 "$data/postmaster.pid" 2>/dev/null; }
# Another process may have got the number of a server that died; only the server names this folder.
is_up() { [ "$(server)" = "$pid" ] && grep -qaF "$data" "/proc/$pid/cmdline" 2>/dev/null; }
is_idle() { [ $(($(date +%s) - $(stat -c %Y "$sign" 2>/dev/null || echo 0))) -ge "$idle" ]; }

pid=$(server)
while is_up; do
    rm -rf "$data".old-*
    sleep 5
    is_idle || continue
    # Where the lock's folder is gone (cargo clean), so are the tests.
    if [ -d "${lock%/*}" ]; then
        exec 9>>"$lock"
        flock 9
    fi
    if is_up && is_idle; then
        kill -INT "$pid"
        while [ -d "/proc/$pid" ]; do sleep 0.2; done
        mv "$data" "$data.old-$pid"
    fi
    exec 9>&-
done
rm -rf "$data".old-*
