#!/usr/bin/env python3
"""outage.py - PostgreSQL is stopped, hung or away while senders go on, and the service is told to stop
under 1,000 connections: senders hear 200 or, from a service that stops, 503; what was answered with
200 is counted once.

    outage.py [SECONDS]     how long PostgreSQL is away in the longest of them: 15 by default, 600 in
                            the long form
"""
import http.client
import json
import os
import resource
import selectors
import signal
import socket
import sys
import threading
import time

from database import Postgres
from fence import wait_for
from house import SLOW, House, check, main, same

AWAY = int(sys.argv[1]) if len(sys.argv) > 1 else 15
BATCH = 20


def begin(h):
    h.apply("docs/examples/healthy.yaml")
    key = h.run("key", "create", "--source", "crm").strip()
    h.run("seal", "healthy", "--replay-as-of", "2026-03-01T09:00:00Z")
    time.sleep(1.2)  # keys are read once a second
    return key


def body(first, n):
    return json.dumps([{"id": f"e{i}", "time": "2026-03-10T09:00:00+01:00", "user": f"u{i % 50}@x.example",
                        "action": "deal.move"} for i in range(first, first + n)])


class Senders:
    """Threads that send batch after batch, the same again until it is answered with 200."""

    def __init__(self, h, key, n=4):
        self.h, self.head = h, {"Content-Type": "application/json", "Authorization": "Bearer " + key}
        self.taken, self.repeated, self.slowest, self.other = 0, 0, 0.0, []
        self.stopping, self.lock = False, threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(n)]
        for t in self.threads:
            t.start()

    def run(self, who):
        c, n = http.client.HTTPConnection("127.0.0.1", self.h.port, timeout=30 * SLOW), 0
        while not self.stopping:
            begun = time.monotonic()
            c.request("POST", "/v1/events", body(who * 10_000_000 + n, BATCH), self.head)
            r = c.getresponse()
            r.read()
            with self.lock:
                self.slowest = max(self.slowest, time.monotonic() - begun)
                if r.status == 200:
                    self.taken += BATCH
                    n += BATCH
                else:
                    self.other.append(r.status)
            time.sleep(0.004)
        c.close()

    def end(self):
        self.stopping = True
        for t in self.threads:
            t.join()


def judge(h, s, what):
    h.settle()
    row = next(x for x in h.json("sources")["sources"] if x["source"] == "crm")
    print(f"{what}: {s.taken} acknowledged, {max(0, s.taken - row['loaded'])} lost, "
          f"{max(0, row['loaded'] - s.taken)} doubled, slowest answer {s.slowest * 1000:.0f} ms")
    same(s.other, [], "answers that are not 200")
    check(s.taken > 500, "senders sent")
    same((row["loaded"], row["duplicates"], row["quarantined"]), (s.taken, 0, 0), "what is loaded")
    status, _, text = h.http("GET", "/readyz")
    same(status, 200, f"ready at the end: {text}")


def postgres_pids(h):
    """The first process of the embedded PostgreSQL and its children."""
    with open(os.path.join(h.data, "pg", "postmaster.pid")) as f:
        first = int(f.readline())
    with open(f"/proc/{first}/task/{first}/children") as f:
        return [first, *map(int, f.read().split())]


def test_stopped_at_once():
    with House() as h:
        s = Senders(h, begin(h))
        for _ in range(3):
            time.sleep(1)
            before = postgres_pids(h)[0]
            os.kill(before, signal.SIGQUIT)

            def again():
                try:
                    return postgres_pids(h)[0] != before
                except (OSError, ValueError):
                    return False

            wait_for(again, 30 * SLOW, "it is started again")
        time.sleep(2)
        s.end()
        judge(h, s, "stopped at once, three times")


def test_hung():
    with House() as h:
        s = Senders(h, begin(h))
        for _ in range(2):
            time.sleep(1)
            pids = postgres_pids(h)
            for p in pids:
                os.kill(p, signal.SIGSTOP)
            time.sleep(4)
            taken = s.taken
            time.sleep(1)
            check(s.taken > taken, "events are taken while PostgreSQL stands still")
            for p in pids:
                os.kill(p, signal.SIGCONT)
        time.sleep(1)
        s.end()
        judge(h, s, "hung for 5 s, twice")


def test_away():
    with Postgres() as pg:
        h = House()
        try:
            h.start("--database", pg.url("one"))
            s = Senders(h, begin(h))
            time.sleep(1)
            pg.stop()
            time.sleep(AWAY)
            taken = s.taken
            time.sleep(0.5)
            check(s.taken > taken, "events are taken to the end")
            pg.start()
            begun = time.monotonic()
            time.sleep(1)
            s.end()
            judge(h, s, f"away for {AWAY} s")
            print(f"caught up {time.monotonic() - begun:.1f} s after its return")
        finally:
            h.stop()


def test_sigterm_under_1000_connections():
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    with House() as h:
        key = begin(h)
        sel, next_id, ok, other, closed = selectors.DefaultSelector(), 0, 0, 0, 0

        def send(s):
            nonlocal next_id
            text = body(next_id, 1).encode()
            next_id += 1
            try:
                s.send(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                       + key.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
            except (BrokenPipeError, ConnectionResetError):
                pass  # closed at this very moment: it was never read

        def read(seconds):
            nonlocal ok, other, closed
            end = time.monotonic() + seconds
            while sel.get_map() and time.monotonic() < end:
                for k, _ in sel.select(0.1):
                    try:
                        got = k.fileobj.recv(65536)
                    except ConnectionResetError:
                        got = b""
                    k.data.extend(got)
                    while b"\r\n\r\n" in k.data:
                        top, rest = bytes(k.data).split(b"\r\n\r\n", 1)
                        n = int(top.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                        if len(rest) < n:
                            break
                        k.data[:] = rest[n:]
                        ok += top.startswith(b"HTTP/1.1 200")
                        other += not top.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503"))
                        if b"connection: close" not in top.lower():
                            send(k.fileobj)
                    if not got:
                        closed += 1
                        check(not k.data, "no answer is cut off")
                        sel.unregister(k.fileobj)
                        k.fileobj.close()

        for _ in range(1000):
            s = socket.create_connection(("127.0.0.1", h.port), 10)
            s.setblocking(False)
            sel.register(s, selectors.EVENT_READ, bytearray())
            send(s)
        read(2)
        begun = time.monotonic()
        h.process.send_signal(signal.SIGTERM)
        read(10 * SLOW)
        h.process.wait(30 * SLOW)
        took = time.monotonic() - begun
        same((h.process.returncode, other, closed), (0, 0, 1000), "exit code, other answers, closed connections")
        check(took < 5 * SLOW, f"stopped after {took:.1f} s")
        h.start()
        h.settle()
        row = next(x for x in h.json("sources")["sources"] if x["source"] == "crm")
        lost = max(0, ok - row["loaded"])
        print(f"SIGTERM under 1,000 connections: {ok} acknowledged, {lost} lost, {row['duplicates']} doubled, "
              f"stopped in {took:.2f} s")
        check(ok > 1000, f"each was answered: {ok}")
        same((lost, row["duplicates"]), (0, 0), "lost and doubled")


if __name__ == "__main__":
    main(test_stopped_at_once, test_hung, test_away, test_sigterm_under_1000_connections)
