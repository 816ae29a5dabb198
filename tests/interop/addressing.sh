#!/usr/bin/env bash
# WS-Addressing against other software: addressing.sh PEERS. PEERS is the folder of the peers, PEERS_BUILD that of their setup (zeep,
# mono, gSOAP); CALCULATOR names the binary (default target/release/examples/calculator).
set -euo pipefail
peers=$(realpath "$1")
cd "$(dirname "$0")/../.."
here=$PWD/tests/interop
build=$PEERS_BUILD
binary=${CALCULATOR:-$PWD/target/release/examples/calculator}
export RUST_BACKTRACE=0
if [ ! -x "$binary" ]; then
    echo "no $binary: cargo build --release --example calculator" >&2
    exit 2
fi

. "$here/checks.sh"

# zeep sends WS-Addressing where a WSDL has actions, and by its plugin where it has none.
zeep() {
    timeout 60 "$build/venv/bin/python" "$here/addressing/zeep_client.py" "$@"
}

# The calculator of mono, with SOAP 1.2 and WS-Addressing 1.0 in every message.
mono_calc() {
    timeout 60 mono "$folder/Addressed.exe" "$@"
}

# From the port before the one given, because it adds 2 for this binding.
start_mono() {
    launch mono mono "$build/mono/Calc.exe" server $((port - 2)) 12a
}

start_mono_addressed() {
    launch mono_addressed mono "$folder/Addressed.exe" server "http://127.0.0.1:$port/calc"
}

start_gsoap() {
    launch gsoap "$build/gsoap/server" http "$port"
}

on_http=(--listen http://127.0.0.1:0/calc)
serve 1 optional "${on_http[@]}"
serve 1 required "${on_http[@]}" --addressing required
serve 1 off "${on_http[@]}" --addressing off
mcs -nologo -out:"$folder/Addressed.exe" -r:System.ServiceModel.dll -r:System.Runtime.Serialization.dll -r:System.Xml.dll \
    "$here/addressing/Addressed.cs"

for mode in optional required; do
    url=${mode}_http
    passes "zeep, our WSDL: $mode" 8 zeep "${!url}?wsdl"
    passes "zeep, its plugin: $mode" 8 zeep "$peers/calc.wsdl" "${!url}"
    passes "mono, any action in answers: $mode" 7 timeout 60 mono "$build/mono/Calc.exe" "${!url}" 12a
    passes "mono, the actions of our WSDL: $mode" 4 mono_calc "${!url}"
    for version in 11 12; do
        passes "ours, $version: $mode" 7 ours "${!url}" $version --addressing required
    done
done
expect "zeep without it is refused where it is required" 'Add FAIL .*Action' \
    timeout 60 "$build/venv/bin/python" "$peers/zeep/client.py" "$required_http" 12 "$peers/calc.wsdl"
passes "zeep, our WSDL that says nothing of it" 3 \
    timeout 60 "$build/venv/bin/python" "$here/wsdl.py" "$off_http?wsdl"
expect "our WSDL says nothing of it where it is off" '^0$' bash -c "curl -sf '$off_http?wsdl' | grep -c 'wsam\\|wsaw\\|wsp:'"
expect "mono is not understood where it is off" 'Add FAIL .*Exception' mono_calc "$off_http"

# Of clients made from a WSDL that requires it some send it by themselves; PHP, which cannot, refuses the WSDL.
made=$(PEERS_BUILD=$build timeout 200 "$here/wsdl.sh" "$required_http" 2>&1 || true)
judge "zeep, made from our WSDL that requires it" '^zeep +3 of 3' "$made"
judge "JAX-WS, made from our WSDL that requires it" '^jaxws +3 of 3' "$made"
judge "PHP refuses our WSDL that requires it" 'Unknown required WSDL extension' "$made"

on_free_ports 1 start_mono
passes "mono's server, any action in its answers" 7 ours "http://127.0.0.1:$port/calc12a" 12 --addressing required
on_free_ports 1 start_mono_addressed
passes "mono's server, with actions" 4 ours "http://127.0.0.1:$port/calc" 12 --addressing required
on_free_ports 1 start_gsoap
for version in 11 12; do
    passes "gSOAP's server, $version" 7 ours "http://127.0.0.1:$port/calc" $version --addressing required
done

echo "$passed passed, $failed failed"
[ $failed = 0 ]
