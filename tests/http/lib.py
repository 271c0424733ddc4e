"""What the HTTP tests share: a toy server to start, raw sockets to talk to it with.

Each test file is a program:  python3 test_x.py PATH_OF_TESTSERVER [unittest arguments]
"""
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import unittest

TESTSERVER = None


class Server:
    """A running testserver; settings as on its command line."""

    def __init__(self, *settings, **env):
        self.proc = subprocess.Popen([TESTSERVER, *settings], stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, env=dict(os.environ, **env))
        line = self.proc.stdout.readline()
        if not line:
            _, why = self.proc.communicate()
            raise RuntimeError((why or b"?").decode())
        self.ports = json.loads(line)["ports"]
        self.port = self.ports[0]

    def connect(self, timeout=10.0, port=None):
        s = socket.create_connection(("127.0.0.1", port or self.port), timeout)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def ask(self, request, timeout=10.0):
        """One request on a connection of its own; the answer."""
        with self.connect(timeout) as s:
            s.sendall(request)
            return Reader(s).answer(head=request.startswith(b"HEAD "))

    def get(self, target, *headers, method="GET", timeout=10.0):
        return self.ask(request(target, *headers, method=method), timeout)

    def metric(self, name):
        text = self.get("/metrics").body.decode()
        found = [l for l in text.splitlines() if l.startswith("collaudo_http_" + name)]
        return sum(int(l.rsplit(" ", 1)[1]) for l in found)

    def rss(self):
        """Resident memory in KiB."""
        with open(f"/proc/{self.proc.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def files(self):
        return len(os.listdir(f"/proc/{self.proc.pid}/fd"))

    def signal(self):
        self.proc.send_signal(signal.SIGTERM)

    def stop(self, timeout=30):
        """Stops it; returns what it printed last. Fails the test when it died badly."""
        if self.proc.poll() is None:
            self.signal()
        out, err = self.proc.communicate(timeout=timeout)
        if self.proc.returncode != 0:
            raise AssertionError(f"server ended with {self.proc.returncode}: {(err or b'').decode()}")
        return json.loads(out.decode().splitlines()[-1])

    def kill(self):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.communicate()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:200]!r}"


class Closed(Exception):
    """The server closed the connection before an answer was complete."""


class Reader:
    """Cuts answers out of a connection's bytes."""

    def __init__(self, sock):
        self.sock, self.data = sock, b""

    def _more(self):
        try:
            got = self.sock.recv(1 << 16)
        except ConnectionResetError:
            raise Closed("reset")
        if not got:
            raise Closed(repr(self.data[:200]))
        self.data += got

    def answer(self, head=False):
        while b"\r\n\r\n" not in self.data:
            self._more()
        top, self.data = self.data.split(b"\r\n\r\n", 1)
        first, *rest = top.decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers = {}
        for line in rest:
            name, value = line.split(": ", 1)
            name = name.lower()
            headers[name] = headers[name] + ", " + value if name in headers else value
        n = int(headers.get("content-length", 0))
        if head or status in (100, 204, 304):
            n = 0
        while len(self.data) < n:
            self._more()
        body, self.data = self.data[:n], self.data[n:]
        return Answer(status, headers, body)

    def is_closed(self, within):
        """Does the server close the connection in this many seconds (and send nothing)?"""
        self.sock.settimeout(within)
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return True
        except (socket.timeout, TimeoutError):
            return False


def request(target, *headers, method="GET", version="1.1", body=None, host=True):
    lines = [f"{method} {target} HTTP/{version}"] + (["Host: test"] if host else []) + list(headers)
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def chunked(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


class Case(unittest.TestCase):
    """Tests of one class share a server with SETTINGS."""

    SETTINGS = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.SETTINGS)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()


def wait_until(what, timeout=5.0):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.01)
    return False


def main():
    global TESTSERVER
    import lib  # the module tests import, not this program's __main__

    lib.TESTSERVER = sys.argv.pop(1)
    unittest.main(module=sys.modules["__main__"], verbosity=2)
