# What the scripts of this folder share: checks that are counted, and programs that run until the script ends. Sourced; expects
# $binary, the calculator.

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

# passes NAME COUNT COMMAND…: so many of the checks of the command pass.
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
    : > "$folder/$1.log"
    "${@:2}" > "$folder/$1.log" 2>&1 < /dev/null &
    running+=($!)
}

# serve COUNT NAME OPTIONS…: a calculator on one URL or two, which come as ${NAME}_http and ${NAME}_tcp.
serve() {
    local urls
    launch "$2" "$binary" serve "${@:3}"
    for _ in $(seq 100); do
        mapfile -t urls < <(sed -n 's/^listening on //p' "$folder/$2.log")
        if [ ${#urls[@]} = "$1" ]; then
            declare -g "$2_http=${urls[0]}" "$2_tcp=${urls[1]:-}"
            return
        fi
        sleep 0.1
    done
    echo "the calculator did not start:" >&2
    cat "$folder/$2.log" >&2
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
