#!/usr/bin/env bash
# Counts the instructions of codec, framer and a call over http, and the memory of an idle connection.
#   benches/counts.sh           compares them with benches/counts.txt; fails if one has grown by more than 3 %
#   benches/counts.sh --bless   writes them there
# Instructions are counted by callgrind, which is exact on a busy machine too. They depend on the compiler, the C library and the
# processor: with others than the file names they are printed and not compared. Needs valgrind and python3.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --release --features tls --example codec --example framer --example orders --example calculator
exec python3 benches/counts.py "$@"
