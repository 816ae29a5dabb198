#!/usr/bin/env python3
"""Measures soapstone beside gSOAP, bare hyper and a bare echo, and prints one table; benches/compare.sh builds them and runs it."""

import argparse
import datetime
import os
import pathlib
import platform
import re
import socket
import subprocess
import statistics

import crates
import measure
import plot
from measure import Connection, Server, add_on, http_is_whole, http_request, instructions_each

PARTS = ("codec", "orders", "calls", "idle", "compile")
SCHEMES = {"http": "/calc", "soap.tcp": "", "soap.udp": ""}
GSOAP_KIND = {"http": "http", "soap.tcp": "tcp", "soap.udp": "udp"}
CALLERS = (1, 2, 4, 8, 16, 32)
ITEMS = (1, 5, 20, 100, 500)
DOCUMENT = measure.ROOT / "docs/performance.md"
BEGIN, END = "<!-- the table of benches/compare.sh -->\n", "<!-- its end -->\n"


def number(value):
    if value is None:
        return "does not compile"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def ratio(value, other):
    return "" if value is None or not other else f"{value / other:.2f}"


class Table:
    """One row for each figure: before, now, and what stands beside it."""

    def __init__(self):
        self.rows = []

    def row(self, what, better, now, before=None, beside=()):
        """beside: pairs of a name and a figure."""
        beside = [(name, value) for name, value in beside if value is not None]
        self.rows.append(
            (
                f"{what} ({better})",
                number(before[0]) if before else "",
                number(now),
                ratio(now, before[0]) if before else "",
                "; ".join(f"{name} {number(value)}" for name, value in beside),
                "; ".join(ratio(now, value) for _, value in beside),
            )
        )
        print(" | ".join(self.rows[-1]), flush=True)

    def markdown(self):
        head = ("what", "before", "now", "now : before", "beside it", "now : beside")
        lines = [head, ("---", "--:", "--:", "--:", "---", "--:"), *self.rows]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def in_turn(rounds, sides):
    """The median of each side; a side is a function that measures once, and they take turns."""
    figures = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            figures[name].append(side())
    return {name: statistics.median(values) for name, values in figures.items()}


class Comparison:
    def __init__(self, options):
        self.options = options
        self.table = Table()
        self.ours = measure.ROOT / "target/release/examples"
        self.before = options.before and options.before / "target/release/examples"
        self.gsoap = measure.ROOT / "target/gsoap"
        self.bench = options.shared / "bench"

    def builds(self):
        """Our builds by name: now, and before if it is there."""
        return {"now": self.ours, **({"before": self.before} if self.before else {})}

    # codec

    def codec(self):
        counted = {}
        programs = {name: build / "codec" for name, build in self.builds().items()}
        programs["gSOAP"] = self.gsoap / "bench/codec"
        for name, program in programs.items():
            for items in ITEMS:
                few, many = (20, 220) if items <= 20 else (2, 12)
                for mode in ("read", "write"):
                    each = instructions_each(lambda loops: [program, items, loops, mode], few, many)
                    counted[name, items, mode] = each, self.size(program, items)
        for mode in ("read", "write"):
            for items in (5, 500):
                a_byte = {name: counted[name, items, mode][0] / counted[name, items, mode][1] for name in programs}
                before = (a_byte["before"],) if self.before else None
                what = f"codec: {mode}, {items} items, instructions a byte"
                self.table.row(what, "less is better", a_byte["now"], before, [("gSOAP", a_byte["gSOAP"])])
        panels = [
            (mode, ITEMS, *([counted[name, items, mode][0] for items in ITEMS] for name in ("now", "gSOAP")))
            for mode in ("read", "write")
        ]
        self.plot(
            "performance-messages.svg",
            plot.chart(
                "Instructions to read and write a message",
                "For orders of 1 to 500 items, on logarithmic scales; less is better.",
                panels,
                "items in the order",
                log=True,
            ),
        )

    @staticmethod
    def size(program, items):
        """Bytes of the message, as the program says."""
        output = subprocess.run([program, str(items), "1", "write"], capture_output=True, text=True, check=True).stdout
        return int(re.search(r"bytes=(\d+)", output)[1])

    # orders

    def orders(self):
        def serve(build):
            return Server([build / "orders", "serve", "--listen", "http://127.0.0.1:0/orders"])

        def bare():
            return Server([self.ours / "bare", "http", "127.0.0.1:0"])

        def gsoap():
            port = free_port()
            return Server([self.gsoap / "bench/server", port], port)

        sides = {name: (lambda build=build: serve(build)) for name, build in self.builds().items()}
        sides |= {"gSOAP": gsoap, "hyper": bare}
        for file in ("order1.xml", "order5.xml"):
            rate = in_turn(
                self.options.rounds,
                {name: (lambda start=start: self.wrk(start, self.bench / file)) for name, start in sides.items()},
            )
            before = (rate["before"],) if self.before else None
            beside = [("gSOAP", rate["gSOAP"]), ("bare hyper", rate["hyper"])]
            self.table.row(f"orders: {file}, wrk -c32, requests/s", "more is better", rate["now"], before, beside)
        request = http_request((self.bench / "order1.xml").read_bytes(), "/orders", "urn:example:orders/SubmitOrder")

        def connect(address):
            return Connection(address, request, http_is_whole)

        commands = {name: [build / "orders", "serve", "--listen", "http://127.0.0.1:0/orders"] for name, build in self.builds().items()}
        commands["hyper"] = [self.ours / "bare", "http", "127.0.0.1:0"]
        count = {name: measure.instructions_a_call(command, connect) for name, command in commands.items()}
        before = (count["before"],) if self.before else None
        what = "orders: order1.xml over http, instructions a call"
        self.table.row(what, "less is better", count["now"], before, [("bare hyper", count["hyper"])])

    def wrk(self, start, body):
        with start() as server:
            url = f"http://127.0.0.1:{server.address[1]}/orders"
            command = ["wrk", "-t1", "-c32", f"-d{max(1, round(self.options.seconds))}s", "-s", self.bench / "post.lua", url]
            output = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "BODY": str(body)}).stdout
            if "Non-2xx" in output:
                raise SystemExit(f"not all requests were answered: {output}")
            return float(re.search(r"Requests/sec: *([\d.]+)", output)[1])

    # calls

    def calls(self):
        failed = {}

        def measure_calls(build, url, callers):
            command = [build / "calls", callers, self.options.seconds, url]
            return self.rate(command, failed, (build, url.split(":")[0], callers))

        def ours(build, scheme, callers):
            with Server([build / "calculator", "serve", "--listen", f"{scheme}://127.0.0.1:0{SCHEMES[scheme]}"]) as server:
                return measure_calls(build, server.url, callers)

        def gsoap(scheme, callers):
            port = free_port()
            command = [self.gsoap / "peers/server", GSOAP_KIND[scheme], port]
            with Server(command, port, datagrams=scheme == "soap.udp") as server:
                if scheme == "soap.udp":
                    server.process.stdout.readline()
                return measure_calls(self.ours, f"{scheme}://127.0.0.1:{port}{SCHEMES[scheme]}", callers)

        def echo(callers):
            with Server([self.ours / "bare", "echo", "127.0.0.1:0"]) as server:
                return self.rate([self.ours / "bare", "calls", callers, self.options.seconds, f"127.0.0.1:{server.address[1]}"])

        panels = []
        for scheme in SCHEMES:
            now, theirs = [], []
            for callers in CALLERS:
                sides = {"now": lambda: ours(self.ours, scheme, callers), "gSOAP": lambda: gsoap(scheme, callers)}
                ends = callers in (CALLERS[0], CALLERS[-1])
                if ends and self.before:
                    sides["before"] = lambda: ours(self.before, scheme, callers)
                if ends and scheme == "soap.tcp":
                    sides["echo"] = lambda: echo(callers)
                rate = in_turn(self.options.rounds, sides)
                now.append(rate["now"])
                theirs.append(rate["gSOAP"])
                if ends:
                    who = "one caller" if callers == 1 else f"{callers} callers"
                    lost = failed.get((self.ours, scheme, callers), 0)
                    what = f"calls: {scheme}, {who}, calls/s" + (f", {lost} failed" if lost else "")
                    before = (rate["before"],) if "before" in rate else None
                    beside = [("gSOAP's server", rate["gSOAP"]), ("tokio echo", rate.get("echo"))]
                    self.table.row(what, "more is better", rate["now"], before, beside)
            panels.append((scheme, CALLERS, now, theirs))
        self.plot(
            "performance-calls.svg",
            plot.chart(
                "Calls a second by callers",
                "Calls of the calculator's Add by one client program, with 1 to 32 callers; more is better.",
                panels,
                "callers at the same time",
            ),
        )

    @staticmethod
    def rate(command, failed=None, key=None):
        output = subprocess.run([str(word) for word in command], capture_output=True, text=True).stdout
        found = re.search(r"calls/s=(\d+) failed=(\d+)", output)
        if not found:
            raise SystemExit(f"no calls a second in {output!r} of {command}")
        if failed is not None:
            failed[key] = failed.get(key, 0) + int(found[2])
        return float(found[1])

    # idle

    def idle(self):
        connections = self.options.connections
        order = http_request((self.bench / "order1.xml").read_bytes(), "/orders", "urn:example:orders/SubmitOrder")

        config = measure.ROOT / "target/compare/idle.toml"
        config.parent.mkdir(exist_ok=True)
        config.write_text(f"[server.capacity]\nconnections = {connections + 1000}\n")

        def ours(build, scheme):
            url = f"{scheme}://127.0.0.1:0{SCHEMES[scheme]}"
            with Server([build / "calculator", "serve", "--config", config, "--listen", url]) as server:
                return measure.idle_bytes(server, lambda address: add_on(scheme, address), connections)

        def bare(kind, connect):
            with Server([self.ours / "bare", kind, "127.0.0.1:0"]) as server:
                return measure.idle_bytes(server, connect, connections)

        def gsoap(scheme):
            port = free_port()
            with Server([self.gsoap / "peers/server", GSOAP_KIND[scheme], port], port) as server:
                # A thread for each connection: 400 show it.
                return measure.idle_bytes(server, lambda address: add_on(scheme, address), min(400, connections))

        beside = {
            "http": ("bare hyper", lambda: bare("http", lambda address: Connection(address, order, http_is_whole))),
            "soap.tcp": ("tokio echo", lambda: bare("echo", lambda address: Connection(address, measure.ADD, measure.envelope_is_whole))),
        }
        for scheme, (name, start) in beside.items():
            sides = {build: (lambda path=path: ours(path, scheme)) for build, path in self.builds().items()}
            sides |= {name: start, "gSOAP": lambda: gsoap(scheme)}
            size = in_turn(self.options.rounds, sides)
            before = (size["before"],) if self.before else None
            what = f"idle: {scheme}, {connections:,} connections after a call, resident bytes each"
            self.table.row(what, "less is better", size["now"], before, [(name, size[name]), ("gSOAP", size["gSOAP"])])

    # compile

    def compile(self):
        built = {"now": crates.Crate("now", measure.ROOT)}
        if self.before:
            built["before"] = crates.Crate("before", self.options.before)
        types = {mode: self.types(mode) for mode in ("soap", "std")}
        size = {}
        for mode in crates.MODES:
            sides = {name: (lambda crate=crate: crate.compile(types["soap"], mode)) for name, crate in built.items()}
            sides["std"] = lambda: built["now"].compile(types["std"], mode)
            time = in_turn(self.options.compile_rounds, sides)
            if mode == "release":
                for name in sides:
                    crate = built.get(name, built["now"])
                    crate.compile(types["std" if name == "std" else "soap"], mode)
                    size[name] = crate.library.stat().st_size / 1e6
            before = (time["before"],) if self.before else None
            self.table.row(f"compile: 500 types, {mode}, seconds", "less is better", time["now"], before, [("std's derives", time["std"])])
        before = (size["before"],) if self.before else None
        self.table.row("compile: 500 types, rlib, MB", "less is better", size["now"], before, [("std's derives", size["std"])])
        for mode in ("check", "release"):
            few, many = (in_turn(self.options.compile_rounds, self.services(built, count, mode)) for count in (300, 1200))
            before = (few["before"],) if self.before else None
            self.table.row(f"compile: service of 300 operations, {mode}, seconds", "less is better", few["now"], before)
            # The commit before may not compile it at all: nothing is said of it then.
            now = many["now"]
            self.table.row(f"compile: service of 1,200 operations, {mode}, seconds", "less is better", now, None, [("300 operations", few["now"])])

    @staticmethod
    def services(built, count, mode):
        source = crates.service(count)
        sides = built if count <= 300 else {"now": built["now"]}
        return {name: (lambda crate=crate: crate.compile(source, mode)) for name, crate in sides.items()}

    def types(self, mode):
        return subprocess.run(["python3", self.bench / "types.py", "500", mode], capture_output=True, text=True, check=True).stdout

    # what comes of it

    def plot(self, name, svg):
        folder = measure.ROOT / ("docs" if self.options.write else "target/compare")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(svg)

    def document(self, circumstances):
        text = DOCUMENT.read_text()
        head, rest = text.split(BEGIN)
        _, tail = rest.split(END)
        DOCUMENT.write_text(f"{head}{BEGIN}\n{self.table.markdown()}\n{circumstances}\n\n{END}{tail}")


def line(command):
    return subprocess.run(command, capture_output=True, text=True).stdout.strip().split("\n")[0]


def circumstances(options, load):
    """When, where and how it was measured."""
    processor = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = line(["git", "-C", measure.ROOT, "rev-parse", "--short", "HEAD"])
    before = f", before is {line(['git', '-C', options.before, 'log', '-1', '--format=%h'])}" if options.before else ""
    gsoap = line(["dpkg-query", "-W", "-f", "${Version}", "libgsoap-dev"])
    return (
        f"Measured on {datetime.date.today()}, commit {commit}{before}: medians of {options.rounds} (compile: of {options.compile_rounds}), both sides in turn. "
        f"{os.cpu_count()} × {processor[1] if processor else platform.machine()}, Linux {platform.release()}, "
        f"load {load} at the start and {os.getloadavg()[0]:.1f} at the end, clients on the same processors. "
        f"{line(['rustc', '--version'])}, `--release`; gSOAP {gsoap} of Debian, its programs by {line(['g++', '--version'])} with `-O3`."
    )


def arguments():
    parser = argparse.ArgumentParser(prog="benches/compare.sh", description="Compare soapstone with gSOAP, hyper and a bare echo.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them without it")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured; the median counts (default 5)")
    parser.add_argument("--compile-rounds", type=int, metavar="ROUNDS", help="the same for the part compile (default: as --rounds)")
    parser.add_argument("--seconds", type=float, default=2, help="how long one measurement of calls lasts (default 2)")
    parser.add_argument("--connections", type=int, default=10_000, help="how many idle connections (default 10000)")
    parser.add_argument("--before", type=pathlib.Path, metavar="DIR", help="another commit, with its examples built for release")
    parser.add_argument("--write", action="store_true", help="write table and plots to docs/")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.compile_rounds = options.compile_rounds or options.rounds
    options.shared = pathlib.Path(os.environ["SOAPSTONE_SHARED"])
    if options.before:
        options.before = options.before.resolve()
        if missing := [name for name in ("codec", "orders", "calculator", "calls") if not (options.before / "target/release/examples" / name).exists()]:
            parser.error(f"{options.before} has no release build of the examples {', '.join(missing)}")
    if options.write and options.parts:
        parser.error("--write takes all parts")
    return options


def main():
    options = arguments()
    measure.allow_files(options.connections + 2000)
    load = f"{os.getloadavg()[0]:.1f}"
    comparison = Comparison(options)
    for part in PARTS:
        if not options.parts or part in options.parts:
            getattr(comparison, part)()
    said = circumstances(options, load)
    print(f"\n{comparison.table.markdown()}\n{said}")
    if options.write:
        comparison.document(said)


main()
