#!/usr/bin/env bash
# A tap on the wire of a server on soap.udp whose callers are behind a router: how much it sends to whom.
# Needs root, ip (iproute2), python3 and the kernel's network namespaces; without them it is left out and says so, or fails if
# SOAPSTONE_NETWORKS is "required".
# Usage: tests/interop/tap.sh [BINARY]   (default target/release/examples/calculator)
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "${1:-target/release/examples/calculator}")
[ -x "$binary" ] || { echo "no $binary: cargo build --release --example calculator" >&2; exit 2; }
PATH=$PATH:/usr/sbin:/sbin

mark=soap$$
if ! command -v python3 > /dev/null || ! ip netns add "$mark-server" 2> /dev/null; then
    echo "tap: left out, networks of its own need root, ip, python3 and the kernel's network namespaces"
    [ "${SOAPSTONE_NETWORKS:-}" != required ] || exit 1
    exit
fi
log=$(mktemp)
server=
cleanup() {
    if [ -n "$server" ]; then kill "$server" 2> /dev/null || true; fi
    wait
    for network in server router callers; do ip netns del "$mark-$network" 2> /dev/null || true; done
    rm -f "$log"
}
trap cleanup EXIT
ip netns add "$mark-router"
ip netns add "$mark-callers"

# link NETWORK NUMBER: the router's interface to it is 10.78.NUMBER.1, its own 10.78.NUMBER.2.
link() {
    ip link add "wire" netns "$mark-$1" type veth peer name "wire$2" netns "$mark-router"
    ip -n "$mark-$1" addr add "10.78.$2.2/24" dev wire
    ip -n "$mark-router" addr add "10.78.$2.1/24" dev "wire$2"
    ip -n "$mark-$1" link set lo up
    ip -n "$mark-$1" link set wire up
    ip -n "$mark-router" link set "wire$2" up
    ip -n "$mark-$1" route add default via "10.78.$2.1"
}
link server 1
link callers 2
# The third party that nobody has asked anything.
ip -n "$mark-callers" addr add 10.78.2.3/24 dev wire
ip netns exec "$mark-router" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'

ip netns exec "$mark-server" "$binary" serve --listen soap.udp://10.78.1.2:9002/calc > "$log" &
server=$!
for _ in $(seq 100); do
    grep -q "^listening on " "$log" && break
    sleep 0.05
done
python3 tests/interop/tap.py "$mark-server" "$mark-callers"
