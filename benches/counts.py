#!/usr/bin/env python3
"""Compares instructions and memory with benches/counts.txt; benches/counts.sh runs it and says more."""

import pathlib
import platform
import re
import subprocess
import sys
import tempfile

import measure
from measure import Connection, Server, add_on, http_is_whole, http_request, instructions_each

MOST = 1.03  # instructions may grow by this factor: they are exact
MOST_MEMORY = 1.15  # memory by this one: it comes in pages, and runs of one program differ by a tenth
FILE = pathlib.Path(__file__).with_name("counts.txt")
EXAMPLES = measure.ROOT / "target/release/examples"
CONNECTIONS = 2000


def figures():
    """Name and figure of all that is counted."""
    for items, few, many in ((5, 20, 220), (500, 2, 12)):
        for mode in ("read", "write"):
            count = instructions_each(lambda loops: [EXAMPLES / "codec", items, loops, mode], few, many)
            yield f"codec {mode} {items} items, instructions", count
    for size, few, many in ((2000, 20, 220), (100_000, 2, 12)):
        count = instructions_each(lambda loops: [EXAMPLES / "framer", size, loops], few, many)
        yield f"framer {size} bytes, instructions", count
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "order1.xml"
        subprocess.run([EXAMPLES / "codec", "1", "1", "write", file], check=True)
        request = http_request(file.read_bytes(), "/orders", "urn:example:orders/SubmitOrder")
    orders = [EXAMPLES / "orders", "serve", "--listen", "http://127.0.0.1:0/orders"]
    count = measure.instructions_a_call(orders, lambda address: Connection(address, request, http_is_whole))
    yield "orders http 1 item, instructions a call", count
    for scheme, url in (("http", "http://127.0.0.1:0/calc"), ("soap.tcp", "soap.tcp://127.0.0.1:0")):
        with Server([EXAMPLES / "calculator", "serve", "--listen", url], threads=1) as server:
            count = measure.idle_bytes(server, lambda address: add_on(scheme, address), CONNECTIONS)
        yield f"calculator {scheme} idle connection, resident bytes", count


def made_with():
    """What the counts depend on beside our code."""
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    valgrind = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    flags = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    vector = "avx2" if flags and "avx2" in flags[1].split() else "no avx2"
    return f"{rustc}; {' '.join(platform.libc_ver())}; {valgrind}; {platform.machine()}, {vector}"


def kept():
    """What the file says: with what its counts were made, and the counts by name."""
    made, counts = "", {}
    for line in FILE.read_text().splitlines():
        if line.startswith("made with: "):
            made = line.removeprefix("made with: ")
        elif line and not line.startswith("#"):
            name, count = line.rsplit(":", 1)
            counts[name] = int(count)
    return made, counts


def write(counts):
    lines = [
        "# Instructions and memory that .ci/run holds us to: it fails when instructions grow by more than 3 %, or memory by more than 15 %.",
        "# Written by `benches/counts.sh --bless`; review the difference.",
        f"made with: {made_with()}",
        *(f"{name}: {count:.0f}" for name, count in counts.items()),
    ]
    FILE.write_text("\n".join(lines) + "\n")


def main():
    bless = sys.argv[1:] == ["--bless"]
    if sys.argv[1:] and not bless:
        sys.exit("usage: benches/counts.sh [--bless]")
    measure.allow_files(CONNECTIONS + 1000)
    made, before = kept() if FILE.exists() else ("", {})
    same = made == made_with()
    if not same and not bless:
        print(f"not compared, only printed: the counts of {FILE.name} were made with\n  {made}\nand here is\n  {made_with()}")
    now, grown = {}, []
    for name, count in figures():
        now[name] = count
        old = before.get(name)
        change = f" was {old} {100 * (count / old - 1):+.1f} %" if old and (same or bless) else ""
        print(f"{name}: {count:.0f}{change}", flush=True)
        most = MOST_MEMORY if name.endswith("bytes") else MOST
        if same and (old is None or count > old * most):
            grown.append(f"{name}: {count:.0f}, and {FILE.name} has {old}" + (f": {100 * (count / old - 1):+.1f} %" if old else ""))
    if bless:
        write(now)
    elif grown:
        print("These grew by more than 3 %, or memory by more than 15 %:", *grown, sep="\n  ", file=sys.stderr)
        sys.exit("Find the cause. If the growth is worth it: benches/counts.sh --bless, and say why in the commit.")


main()
