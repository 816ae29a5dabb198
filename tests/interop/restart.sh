#!/usr/bin/env bash
# The calculator restarted again and again under the load of wrk: by a socket that all its processes inherit, and by reuse_port in
# networks of its own, where the kernel hands waiting connections over and where it does not. Without the privilege for those the
# second part is left out, and it says so.
# Usage: tests/interop/restart.sh [BINARY]   (default target/release/examples/calculator)
set -euo pipefail
self=$(realpath "$0")
cd "$(dirname "$0")/../.."
port=19000 # in a network of its own, or the one that was free

if [ "${1:-}" != --listening ] && [ "${1:-}" != --alone ]; then
    binary=$(realpath "${1:-target/release/examples/calculator}")
    for command in wrk perl; do
        command -v $command > /dev/null || { echo "$command is not installed: apt-get install $command" >&2; exit 2; }
    done
    [ -x "$binary" ] || { echo "no $binary: cargo build --release --example calculator" >&2; exit 2; }
    # A socket that listens, as descriptor 3 of this script begun anew: perl is on every Debian, and bash cannot listen.
    perl -MIO::Socket::INET -MPOSIX -e '
        my $socket = IO::Socket::INET->new(Listen => 1024, LocalAddr => "127.0.0.1", Proto => "tcp", ReuseAddr => 1) or die "listen: $!";
        POSIX::dup2(fileno $socket, 3) == 3 or die "dup2: $!" if fileno $socket != 3;
        $^F = 3;
        fcntl $socket, 2, 0 if fileno $socket == 3;
        exec "bash", $ARGV[0], "--listening", $ARGV[1], $socket->sockport or die "exec: $!";
    ' "$self" "$binary"
    for migrate in 1 0; do
        in_network="ip link set lo up && echo $migrate > /proc/sys/net/ipv4/tcp_migrate_req && exec bash \"\$0\" --alone \"\$1\" $migrate"
        if ! unshare --net sh -c "ip link set lo up && test -w /proc/sys/net/ipv4/tcp_migrate_req" 2> /dev/null; then
            echo "reuse_port: left out, a network of its own needs privileges, unshare, ip and Linux 5.14"
            break
        fi
        unshare --net sh -c "$in_network" "$self" "$binary"
    done
    echo PASS
    exit
fi

mode=$1
binary=$2
[ "$mode" = --alone ] && migrate=$3 || port=$3
url=http://127.0.0.1:$port/calc
folder=$(mktemp -d)
printf '[server.socket]\nreuse_port = true\n' > "$folder/shared.toml"
server=
cleanup() {
    if [ -n "$server" ]; then kill -KILL "$server" 2> /dev/null || true; fi
    rm -rf "$folder"
}
trap cleanup EXIT

# Starts a server beside the one there is; it listens when this returns. Sets $server.
serve() {
    rm -f "$folder/out"
    mkfifo "$folder/out"
    if [ "$mode" = --listening ]; then
        (export LISTEN_FDS=1 LISTEN_PID=$BASHPID; exec "$binary" serve --listen "$url" > "$folder/out") &
    else
        "$binary" serve --config "$folder/shared.toml" --listen "$url" > "$folder/out" &
    fi
    server=$!
    exec 4< "$folder/out"
    read -r -t 10 line <&4
    [ "$line" = "listening on $url" ]
}

# A server after another while wrk runs. Keeping connections, and (with the argument close) a new one for each call.
under_load() {
    local restarts=0 old load
    serve
    wrk -t1 -c32 -d6s -s tests/interop/load.lua ${1:+-H "Connection: $1"} "$url" > "$folder/figures" &
    load=$!
    sleep 0.5
    while kill -0 $load 2> /dev/null && [ $restarts -lt 8 ]; do
        old=$server
        serve
        kill -TERM "$old"
        wait "$old"
        restarts=$((restarts + 1))
        sleep 0.1
    done
    wait $load
    kill -TERM "$server"
    wait "$server"
    server=
    echo "$restarts restarts, connections ${1:-kept}, $what: $(grep figures "$folder/figures" | sed 's/figures: //')"
    [ $restarts -ge 3 ] || { echo "FAIL: too few restarts"; exit 1; }
}

# None of the errors that wrk counts.
none() {
    for name in connect read write status timeout; do
        if ! grep -q "figures:.* $name 0 " "$folder/figures"; then
            echo "FAIL: $name errors"
            cat "$folder/figures"
            exit 1
        fi
    done
}

if [ "$mode" = --listening ]; then what="inherited socket"; else what="reuse_port with tcp_migrate_req=$migrate"; fi
for connections in "" close; do
    under_load $connections
    if [ "${migrate:-1}" = 1 ]; then none; fi
done
