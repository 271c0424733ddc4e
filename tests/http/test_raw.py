"""Raw requests, byte for byte, against their golden answers in raw.table.

    python3 test_raw.py TESTSERVER            check
    python3 test_raw.py TESTSERVER --print    what the server does now, in the table's form

An answer is written as the statuses in their order and whether the connection is then
`open` or `close`d; `open` alone: the server waits for more.
"""
import ctypes
import ctypes.util
import os
import re
import selectors
import socket
import sys
import time
import unittest

import lib
from lib import Server

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "raw.table")
LLHTTP = os.path.join(HERE, "..", "data", "llhttp")
WAIT = float(os.environ.get("RAW_WAIT", "0.8"))  # seconds of silence that mean `open`


def unescape(text):
    """\\r \\n \\t \\0 \\xNN \\\\ and *N (the byte before it, N times)."""
    def one(m):
        s = m.group(0)
        if s[1] == "x":
            return chr(int(s[2:], 16))
        return {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}[s[1]]

    text = re.sub(r"(\\x[0-9a-f]{2}|.)\{\*(\d+)\}", lambda m: m.group(1) * int(m.group(2)), text)
    return re.sub(r"\\(x[0-9a-f]{2}|[rnt0\\])", one, text).encode("latin-1")


def is_old_library():
    """Below 1.0 libmicrohttpd parses leniently; some answers are its own."""
    lib_ = ctypes.CDLL(ctypes.util.find_library("microhttpd"))
    lib_.MHD_get_version.restype = ctypes.c_char_p
    return lib_.MHD_get_version().startswith(b"0.")


def read_table():
    """[(name, bytes, expected)] of raw.table."""
    cases, old = [], is_old_library()
    with open(TABLE, encoding="utf-8") as f:
        for line in f:
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            name, expected, text = (part.strip(" ") for part in line.split("|", 2))
            if " / " in expected:
                expected = expected.split(" / ")[0 if old else 1]
            cases.append((name, load(name, text), expected))
    return cases


def load(name, text):
    if not text.startswith("@"):
        return unescape(text)
    with open(os.path.join(LLHTTP, text.split()[0][1:] + ".bin"), "rb") as f:
        data = f.read()
    if text.endswith("+host") and b"\nhost:" not in data.lower():
        data = data.replace(b" HTTP/1.1\r\n", b" HTTP/1.1\r\nHost: t\r\n")
    return data


def statuses(got):
    """The statuses of the answers in these bytes; bodies hold no status lines."""
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", got)


def run(server, cases):
    """Sends all cases at once, each on its own connection; {name: what happened}."""
    sel, seen = selectors.DefaultSelector(), {}
    for name, data, _ in cases:
        s = server.connect()
        s.settimeout(5)
        seen[name] = [s, b"", "open"]
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        s.setblocking(False)
        sel.register(s, selectors.EVENT_READ, name)
    last = time.monotonic()
    while time.monotonic() - last < WAIT and sel.get_map():
        for key, _ in sel.select(0.05):
            last = time.monotonic()
            try:
                got = key.fileobj.recv(1 << 16)
            except ConnectionResetError:
                got = b""
            seen[key.data][1] += got
            if not got:
                seen[key.data][2] = "close"
                sel.unregister(key.fileobj)
    for s, _, _ in seen.values():
        s.close()
    return {n: b" ".join(statuses(got) + [end.encode()]).decode() for n, (_, got, end) in seen.items()}


class Battery(unittest.TestCase):
    def test_every_row(self):
        cases = read_table()
        self.assertGreater(len(cases), 400)
        server = Server()
        try:
            for at in range(0, len(cases), 200):
                part = cases[at:at + 200]
                got = run(server, part)
                for name, data, expected in part:
                    with self.subTest(name):
                        self.assertEqual(got[name], expected, repr(data[:300]))
            self.assertEqual(server.get("/hello").status, 200)
        finally:
            server.stop()

    def test_no_file_is_forgotten(self):
        with open(TABLE, encoding="utf-8") as f:
            named = set(re.findall(r"\| @([a-z0-9-]+)", f.read()))
        there = {n[:-4] for n in os.listdir(LLHTTP) if n.endswith(".bin")}
        self.assertEqual(named, there)
        self.assertEqual(len(there), 166)


if __name__ == "__main__":
    if "--print" in sys.argv:
        lib.TESTSERVER = sys.argv[1]
        cases, server = read_table(), Server()
        for at in range(0, len(cases), 200):
            for name, what in run(server, cases[at:at + 200]).items():
                print(f"{name}\t{what}")
        server.stop()
    else:
        lib.main()
