#!/usr/bin/env bash
# Makes a client from the WSDL of a running calculator with each of five SOAP stacks, and calls Add, Divide and the typed fault
# through it: wsdl.sh URL. PEERS_BUILD names the folder of the peers' setup (zeep, node soap).
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
url=$1
build=$PEERS_BUILD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() { # check NAME COMMAND…: the command prints a line PASS for each of Add, Divide and DivFault
    local output count
    output=$("${@:2}" 2>&1)
    count=$(grep -c ' PASS$' <<<"$output")
    printf '%-10s %s of 3\n' "$1" "$count"
    [ "$count" = 3 ] || sed 's/^/    /' <<<"$output"
    passed=$((passed + count)) failed=$((failed + 3 - count))
}

gsoap() {
    cd "$work" || return
    wsdl2h -L -o calc.h "$url?wsdl" && soapcpp2 -j -C -L -w -x -I/usr/share/gsoap/import calc.h >soapcpp2.log || return
    local proxy
    proxy=$(basename "$(ls soap*Soap11*Proxy.h soap*Proxy.h 2>/dev/null | head -1)" .h)
    local class=${proxy#soap}
    sed -e "s/PROXY_HEADER/$proxy.h/; s/PROXY_NSMAP/${class%Proxy}.nsmap/; s/PROXY/$class/" "$here/wsdl.cpp" >client.cpp
    g++ -w -o client client.cpp soapC.cpp "$proxy.cpp" -lgsoap++ && ./client "$url"
}

jaxws() {
    local jars
    jars=$(dirname "$(dpkg -L libjaxws-java | grep -m1 'jaxws-rt.jar$')")
    mkdir -p "$work/java" && cd "$work/java" || return
    java -cp "$jars/*" com.sun.tools.ws.WsImport -quiet -Xnocompile -p calc -s . "$url?wsdl" || return
    javac -nowarn -cp "$jars/*" -d . calc/*.java "$here/Wsdl.java" && java -cp ".:$jars/*" Wsdl "$url?wsdl"
}

check zeep "$build/venv/bin/python" "$here/wsdl.py" "$url?wsdl"
check node env NODE_PATH="$build/node/node_modules" node "$here/wsdl.js" "$url?wsdl"
check php php "$here/wsdl.php" "$url?wsdl"
check gsoap gsoap
check jaxws jaxws
echo "$passed passed, $failed failed"
[ $failed = 0 ]
