#!/usr/bin/env bash
# Multicast between networks of their own: one who asks has two interfaces, behind one of them two answer, behind the other one.
# Needs root, ip (iproute2) and the kernel's network namespaces; without them it is left out and says so, or fails if
# SOAPSTONE_NETWORKS is "required".
# Usage: tests/interop/multicast.sh [BINARY]   (default target/release/examples/multicast)
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "${1:-target/release/examples/multicast}")
[ -x "$binary" ] || { echo "no $binary: cargo build --release --example multicast" >&2; exit 2; }
PATH=$PATH:/usr/sbin:/sbin

mark=soap$$
if ! ip netns add "$mark-ask" 2> /dev/null; then
    echo "multicast: left out, networks of its own need root, ip and the kernel's network namespaces"
    [ "${SOAPSTONE_NETWORKS:-}" != required ] || exit 1
    exit
fi
folder=$(mktemp -d)
running=()
cleanup() {
    if [ ${#running[@]} != 0 ]; then kill "${running[@]}" 2> /dev/null || true; fi
    wait
    for network in ask left right; do ip netns del "$mark-$network" 2> /dev/null || true; done
    rm -rf "$folder"
}
trap cleanup EXIT
ip netns add "$mark-left"
ip netns add "$mark-right"

# link NAME NETWORK NUMBER: an interface here, and its other end there.
link() {
    ip link add "$1" netns "$mark-ask" type veth peer name "$1" netns "$mark-$2"
    ip -n "$mark-ask" addr add "10.77.$3.1/24" dev "$1"
    ip -n "$mark-$2" addr add "10.77.$3.2/24" dev "$1"
    for network in ask "$2"; do
        ip netns exec "$mark-$network" sh -c "echo 0 > /proc/sys/net/ipv6/conf/$1/accept_dad"
        ip -n "$mark-$network" link set lo up
        ip -n "$mark-$network" link set "$1" up
    done
}
link eleft left 1
link eright right 2

passed=0 failed=0
# expect NAME PATTERN COUNT FILE: so many lines match.
expect() {
    local found
    found=$(grep -cE -- "$2" "$4" || true)
    if [ "$found" = "$3" ]; then
        passed=$((passed + 1))
        echo "PASS $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1: $found lines match $2, not $3:"
        sed 's/^/    /' "$4"
    fi
}

# respond NETWORK NAME INTERFACE GROUP
respond() {
    ip netns exec "$mark-$1" "$binary" --group "$4" respond "$2" "$3" > "$folder/$2" &
    running+=($!)
    for _ in $(seq 100); do
        grep -q "^listening on " "$folder/$2" && return
        sleep 0.05
    done
    echo "$2 did not start" >&2
    exit 1
}

for group in "soap.udp://239.255.42.99:42099/who" "soap.udp://[ff02::4299]:42099/who"; do
    family=IPv4
    [[ $group != *"["* ]] || family=IPv6
    running=()
    respond left one eleft "$group"
    respond left two eleft "$group"
    respond right three eright "$group"
    ip netns exec "$mark-ask" "$binary" --group "$group" ask eleft eright > "$folder/both"
    expect "$family: three answer on two interfaces, each once" "has heard" 3 "$folder/both"
    for name in one two three; do expect "$family: $name answers" "^$name at [^ ]+ has heard" 1 "$folder/both"; done
    ip netns exec "$mark-ask" "$binary" --group "$group" ask eright > "$folder/right"
    expect "$family: asked on one interface, one answers" "has heard" 1 "$folder/right"
    # Who is asked by his own machine: the question comes back to it by the loop of multicast, the answer once.
    respond ask self eleft "$group"
    ip netns exec "$mark-ask" "$binary" --group "$group" ask eleft > "$folder/self"
    expect "$family: one of the same machine answers too, once" "^self at [^ ]+ has heard" 1 "$folder/self"
    expect "$family: and nothing else is taken for an answer" "has heard" 3 "$folder/self"
    kill "${running[@]}"
    wait
done
running=()
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
