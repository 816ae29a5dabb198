#!/usr/bin/env bash
# https and soap.tls against other software.
#   tls.sh          curl and openssl against our server; our client against nginx and stunnel, and what it says of each mistake
#   tls.sh PEERS    clients of other SOAP stacks against our server, our client against their servers behind nginx and stunnel:
#                   PEERS is the folder of the peers, PEERS_BUILD that of their setup
# CALCULATOR names the binary (default target/release/examples/calculator), built with the feature tls.
set -euo pipefail
peers=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../.."
here=$PWD/tests/interop
binary=${CALCULATOR:-$PWD/target/release/examples/calculator}

PATH=$PATH:/usr/sbin
export RUST_BACKTRACE=0

for command in openssl curl nginx stunnel4; do
    if ! command -v $command > /dev/null; then
        echo "$command is not installed: apt-get install openssl curl nginx-light stunnel4" >&2
        exit 2
    fi
done
if [ ! -x "$binary" ]; then
    echo "no $binary: cargo build --release --features tls --example calculator" >&2
    exit 2
fi

folder=$(mktemp -d)
running=()
cleanup() {
    if [ ${#running[@]} != 0 ]; then kill "${running[@]}" 2> /dev/null || true; fi
    wait
    rm -rf "$folder"
}
trap cleanup EXIT
passed=0 failed=0

# expect NAME PATTERN COMMAND…: a line of what the command prints matches the pattern (ERE).
expect() {
    local output
    output=$("${@:3}" 2>&1 < /dev/null) || true
    judge "$1" "$2" "$output"
}

# passes NAME COUNT COMMAND…: so many of the seven checks of the command pass.
passes() {
    local output
    output=$("${@:3}" 2>&1 < /dev/null) || true
    judge "$1" "^$2 passed" "$(grep -c ' PASS' <<< "$output" || true) passed
$(grep -v ' PASS' <<< "$output" || true)"
}

# ours URL VERSION OPTIONS…: the checks by our client.
ours() {
    timeout 30 "$binary" check "$@"
}

# judge NAME PATTERN TEXT
judge() {
    if grep -qE -- "$2" <<< "$3"; then
        passed=$((passed + 1))
        echo "ok   $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1: nothing like \"$2\" in"
        sed 's/^/    /' <<< "$3"
    fi
}

# launch NAME COMMAND…: in the background until this script ends, what it prints in $folder/NAME.log.
launch() {
    "${@:2}" > "$folder/$1.log" 2>&1 < /dev/null &
    running+=($!)
}

# serve NAME OPTIONS…: a calculator on two URLs, which come as ${NAME}_http and ${NAME}_tcp.
serve() {
    local urls
    launch "$1" "$binary" serve "${@:2}"
    for _ in $(seq 100); do
        mapfile -t urls < <(sed -n 's/^listening on //p' "$folder/$1.log")
        if [ ${#urls[@]} = 2 ]; then
            declare -g "$1_http=${urls[0]}" "$1_tcp=${urls[1]}"
            return
        fi
        sleep 0.1
    done
    echo "the calculator did not start:" >&2
    cat "$folder/$1.log" >&2
    exit 1
}

# on_free_ports COUNT COMMAND…: runs the command until it has something listening on the last of COUNT ports from $port on.
on_free_ports() {
    local last pid
    for _ in $(seq 5); do
        port=$((20000 + RANDOM % 12000)) last=$((port + $1 - 1))
        "${@:2}"
        pid=${running[-1]}
        for _ in $(seq 100); do
            kill -0 "$pid" 2> /dev/null || break
            if (: < "/dev/tcp/127.0.0.1/$last") 2> /dev/null; then return; fi
            sleep 0.1
        done
        kill "$pid" 2> /dev/null || true
    done
    echo "$* does not start:" >&2
    tail -n 20 "$folder"/*.log >&2
    exit 1
}

port_of() {
    sed -E 's|.*:([0-9]+).*|\1|' <<< "$1"
}

. "$here/tls/certificates.sh"
certificates "$folder"
ca=$folder/ca.pem
serve plain --listen http://127.0.0.1:0/calc --listen soap.tcp://127.0.0.1:0
secure=(--listen https://127.0.0.1:0/calc --listen soap.tls://127.0.0.1:0)
serve good "${secure[@]}" --certificate "$folder/good.pem" --key "$folder/good.key" --client-roots "$ca"

if [ -n "$peers" ]; then
    . "$here/tls/stacks.sh"
else
    serve expired "${secure[@]}" --certificate "$folder/expired.pem" --key "$folder/expired.key"
    serve wrong "${secure[@]}" --certificate "$folder/wrong.pem" --key "$folder/wrong.key"
    serve demands "${secure[@]}" --certificate "$folder/good.pem" --key "$folder/good.key" \
        --client-roots "$ca" --require-client-certificate
    . "$here/tls/server.sh"
    . "$here/tls/client.sh"
    renegotiated
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
