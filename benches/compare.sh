#!/usr/bin/env bash
# Measures soapstone beside gSOAP, bare hyper and a bare echo in one run, both sides in turn, and prints one table.
#   benches/compare.sh [PART…]             of codec, orders, calls, idle, compile; all of them without a name
#   benches/compare.sh --rounds 1 calls    quicker; --help names the other options
#   benches/compare.sh --before DIR        with the figures of another commit, whose examples are built there:
#                                          cargo build --release --example codec --example orders --example calculator --example calls
#   benches/compare.sh --write             writes the table and the plots of docs/performance.md
# Needs valgrind, wrk, python3, g++, make, gsoap and libgsoap-dev, which it installs on Debian where one is missing.
# SOAPSTONE_SHARED names the folder with gSOAP's side of the comparison (default ../shared).
set -euo pipefail
cd "$(dirname "$0")/.."
SOAPSTONE_SHARED=$(realpath "${SOAPSTONE_SHARED:-../shared}")
export SOAPSTONE_SHARED
if [ ! -d "$SOAPSTONE_SHARED/bench" ]; then
    echo "no $SOAPSTONE_SHARED/bench: set SOAPSTONE_SHARED" >&2
    exit 2
fi

missing=()
while read -r command package; do
    command -v "$command" > /dev/null || missing+=("$package")
done <<'END'
valgrind valgrind
wrk wrk
python3 python3
g++ g++
make make
soapcpp2 gsoap
END
[ -e /usr/include/stdsoap2.h ] || missing+=(libgsoap-dev pkg-config)
if [ ${#missing[@]} != 0 ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get -qq update
    DEBIAN_FRONTEND=noninteractive $sudo apt-get -qq install -y --no-install-recommends "${missing[@]}" > /dev/null
fi

cargo build --quiet --release --example codec --example orders --example calculator --example calls --example bare
make -s -C "$SOAPSTONE_SHARED/bench/gsoap" OUT="$PWD/target/gsoap/bench" > /dev/null
share=/usr/share/gsoap
peers=$PWD/target/gsoap/peers
make -s -C "$SOAPSTONE_SHARED/peers/gsoap" B="$peers" W=../calc.wsdl \
    CXXFLAGS="-O3 -w $(pkg-config --cflags gsoap++) -I$peers -I$share -I$share/plugin -I$share/custom" > /dev/null
exec python3 benches/compare.py "$@"
