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

. "$here/checks.sh"
. "$here/tls/certificates.sh"
certificates "$folder"
ca=$folder/ca.pem
serve 2 plain --listen http://127.0.0.1:0/calc --listen soap.tcp://127.0.0.1:0
secure=(--listen https://127.0.0.1:0/calc --listen soap.tls://127.0.0.1:0)
serve 2 good "${secure[@]}" --certificate "$folder/good.pem" --key "$folder/good.key" --client-roots "$ca"

if [ -n "$peers" ]; then
    . "$here/tls/stacks.sh"
else
    serve 2 expired "${secure[@]}" --certificate "$folder/expired.pem" --key "$folder/expired.key"
    serve 2 wrong "${secure[@]}" --certificate "$folder/wrong.pem" --key "$folder/wrong.key"
    serve 2 demands "${secure[@]}" --certificate "$folder/good.pem" --key "$folder/good.key" \
        --client-roots "$ca" --require-client-certificate
    . "$here/tls/server.sh"
    . "$here/tls/client.sh"
    renegotiated
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
