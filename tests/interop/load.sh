#!/usr/bin/env bash
# The calculator under load, then stopped by SIGTERM under load: no request may be lost.
# Usage: tests/interop/load.sh [BINARY]   (default target/release/examples/calculator)
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v wrk > /dev/null; then
    echo "wrk is not installed: apt-get install wrk" >&2
    exit 2
fi
binary=${1:-target/release/examples/calculator}
if [ ! -x "$binary" ]; then
    echo "no $binary: cargo build --release --example calculator" >&2
    exit 2
fi
folder=$(mktemp -d)
server=
cleanup() {
    if [ -n "$server" ]; then kill -KILL "$server" 2> /dev/null || true; fi
    rm -rf "$folder"
}
trap cleanup EXIT

# Sets $server and $url.
serve() {
    rm -f "$folder/out"
    mkfifo "$folder/out"
    "$binary" serve --listen http://127.0.0.1:0/calc > "$folder/out" &
    server=$!
    exec 3< "$folder/out"
    read -r -t 10 line <&3
    url=${line#listening on }
}

# figure NAME FILE
figure() {
    sed -n "s/^figures:.* $1 \([0-9]*\).*/\1/p" "$2"
}

# none RUN NAME...: these figures are 0.
none() {
    local run=$1 name
    shift
    for name in "$@"; do
        if [ "$(figure "$name" "$folder/$run")" != 0 ]; then
            echo "FAIL $run: $name errors"
            cat "$folder/$run"
            exit 1
        fi
    done
}

serve
wrk -t1 -c32 -d10s -s tests/interop/load.lua "$url" > "$folder/steady"
grep figures "$folder/steady" | sed 's/figures/steady/'
none steady connect read write status timeout
kill -TERM "$server"
wait "$server"
server=

serve
wrk -t1 -c32 -d5s -s tests/interop/load.lua "$url" > "$folder/stopped" &
load=$!
sleep 2
start=$(date +%s%N)
kill -TERM "$server"
code=0
wait "$server" || code=$?
server=
milliseconds=$((($(date +%s%N) - start) / 1000000))
wait "$load"
grep figures "$folder/stopped" | sed 's/figures/stopped/'
echo "stopped: exit $code after $milliseconds ms"
# Whoever calls after the end finds the port closed: wrk counts that as connect or write errors, and rightly so.
none stopped read status timeout
if [ "$(figure requests "$folder/stopped")" -lt 1000 ]; then
    echo "FAIL: no load"
    exit 1
fi
if [ "$code" != 0 ] || [ "$milliseconds" -gt 10500 ]; then
    echo "FAIL: exit $code after $milliseconds ms"
    exit 1
fi
echo PASS
