"""What the scripts of this folder share: programs under measurement, calls to them, instruction counts and memory."""

import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WAIT = 60  # seconds for anything to happen, valgrind included


class Server:
    """A program that serves until this is left. It listens once it prints `listening on URL`, or once `port` takes connections."""

    def __init__(self, command, port=None, callgrind=False, threads=None, datagrams=False):
        environment = dict(os.environ)
        if threads:
            environment["TOKIO_WORKER_THREADS"] = str(threads)
        if callgrind:
            command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
        self.process = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
        )
        self.address = ("127.0.0.1", port)
        if port is None:
            self.url = self.read_url()
            self.address = ("127.0.0.1", int(re.search(r":(\d+)", self.url)[1]))
        elif not datagrams:
            self.wait_for_port()

    def read_url(self):
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("listening on "):
            self.process.kill()
            raise SystemExit(f"{self.process.args} does not listen: {line}{self.process.stderr.read()}")
        return line.removeprefix("listening on ").strip()

    def wait_for_port(self):
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            try:
                socket.create_connection(self.address).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.02)
        self.process.kill()
        raise SystemExit(f"{self.process.args} does not listen on {self.address}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends the program; what it has written to stderr."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.communicate(timeout=WAIT)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[1]

    def resident(self):
        """Resident memory in bytes, once it has not changed for a second."""
        last, since = None, time.monotonic()
        begun = since
        while time.monotonic() - begun < 20:
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
            now = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since >= 1:
                break
            time.sleep(0.1)
        return last


class Connection:
    """A connection that is kept, for one call at a time of the same request."""

    def __init__(self, address, request, is_whole):
        self.socket = socket.create_connection(address, timeout=WAIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request, self.is_whole = request, is_whole

    def call(self):
        self.socket.sendall(self.request)
        answer = b""
        while not self.is_whole(answer):
            piece = self.socket.recv(65536)
            if not piece:
                raise SystemExit(f"the server closed the connection after {answer!r}")
            answer += piece
        return answer

    def is_open(self):
        """False if the server has closed it."""
        self.socket.setblocking(False)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except ConnectionError:
            return False

    def close(self):
        self.socket.close()


def http_request(envelope, path, action):
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml; charset=utf-8\r\n"
        f'SOAPAction: "{action}"\r\nContent-Length: {len(envelope)}\r\n\r\n'
    )
    return head.encode() + envelope


def http_is_whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.I)
    return bool(end) and length is not None and len(body) >= int(length[1])


def envelope_is_whole(answer):
    return answer.rstrip().endswith(b"Envelope>")


ADD = (
    b'<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" '
    b'xmlns:n0="http://example.org/calc"><S:Body><n0:Add><n0:a>1.5</n0:a><n0:b>2.25</n0:b></n0:Add></S:Body></S:Envelope>'
)


def add_on(scheme, address, path="/calc"):
    """A connection for calls of Add over http or soap.tcp."""
    if scheme == "http":
        return Connection(address, http_request(ADD, path, "http://example.org/calc/Add"), http_is_whole)
    return Connection(address, ADD, envelope_is_whole)


def collected(text):
    found = re.search(r"Collected : (\d+)", text)
    if not found:
        raise SystemExit(f"callgrind counted nothing: {text[-2000:]}")
    return int(found[1])


def instructions(command):
    """The instructions of a whole run."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *map(str, command)]
    return collected(subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stderr)


def instructions_each(command, few, many):
    """The instructions of one loop of a program: command(loops) is its command line."""
    return (instructions(command(many)) - instructions(command(few))) / (many - few)


def instructions_a_call(command, connect, few=200, many=1200):
    """The instructions that one call costs a server, by one connection that is kept."""
    counts = []
    for calls in (few, many):
        server = Server(command, callgrind=True, threads=1)
        connection = connect(server.address)
        for _ in range(calls):
            connection.call()
        connection.close()
        counts.append(collected(server.stop()))
    return (counts[1] - counts[0]) / (many - few)


def idle_bytes(server, connect, connections, first=100):
    """Resident bytes of one idle connection after one call, beyond what the first connections took."""
    kept = []

    def open_until(count):
        while len(kept) < count:
            connection = connect(server.address)
            connection.call()
            kept.append(connection)

    open_until(first)
    before = server.resident()
    open_until(first + connections)
    after = server.resident()
    if closed := sum(not connection.is_open() for connection in kept):
        raise SystemExit(f"{server.process.args} has closed {closed} of {len(kept)} idle connections")
    for connection in kept:
        connection.close()
    return (after - before) / connections


def allow_files(count):
    """Lets this process and those it starts open so many files and connections, as far as the system allows."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
