"""Deferred answers: many at once, clients that vanish, deadlines, the pool."""
import selectors
import socket
import threading
import time
import unittest

import lib
from lib import Case, Reader, Server, request


def open_many(server, n, data):
    """n connections, each with this request sent."""
    socks = []
    for _ in range(n):
        s = server.connect()
        s.sendall(data)
        socks.append(s)
    return socks


def read_all(socks, timeout, start):
    """Seconds from `start` until each has had one answer with status 200; fails without."""
    sel, took = selectors.DefaultSelector(), []
    for s in socks:
        s.setblocking(False)
        sel.register(s, selectors.EVENT_READ)
    while sel.get_map() and time.monotonic() - start < timeout:
        for key, _ in sel.select(0.2):
            got = key.fileobj.recv(4096)
            if not got.startswith(b"HTTP/1.1 200 "):
                raise AssertionError(repr(got))
            took.append(time.monotonic() - start)
            sel.unregister(key.fileobj)
    if sel.get_map():
        raise AssertionError(f"{len(sel.get_map())} of {len(socks)} have no answer")
    return took


class AtOnce(unittest.TestCase):
    """Connections made ready at the same moment. A loop that waits in the library's own
    thread leaves multiples of 128 of them waiting for seconds, or for ever."""

    def run_with(self, loops):
        server = Server(f"loops={loops}", "later_ms=20000", "connections=2000")
        try:
            for n in (127, 128, 129, 256, 512, 1024):
                socks = open_many(server, n, request("/gate"))
                self.assertTrue(lib.wait_until(
                    lambda: server.get("/waiting").json()["waiting"] == n, 10), n)
                self.assertEqual(server.metric("suspended"), n)
                start = time.monotonic()
                opened = threading.Thread(target=lambda: server.get("/open"))
                opened.start()
                took = read_all(socks, 15, start)
                opened.join()
                print(f"\n  {loops} loop(s), {n} at once: worst {max(took) * 1e3:.0f} ms", end="")
                self.assertLess(max(took), 1.0)
                for s in socks:
                    s.close()
            print()
            self.assertEqual(server.metric("late_total"), 0)
            self.assertEqual(server.metric("suspended"), 0)
        finally:
            server.stop()

    def test_one_loop(self):
        self.run_with(1)

    def test_two_loops(self):
        self.run_with(2)

    def test_requests_made_ready_at_once(self):
        """The same for plain requests: 128 k sockets readable in one moment."""
        server = Server("loops=1", "connections=2000")
        try:
            for n in (128, 256, 1024):
                socks = open_many(server, n, b"GET /hello HTTP/1.1\r\nHost: ")
                time.sleep(0.1)
                start = time.monotonic()
                for s in socks:
                    s.sendall(b"a\r\n\r\n")
                self.assertLess(max(read_all(socks, 15, start)), 1.0)
                for s in socks:
                    s.close()
        finally:
            server.stop()


class Fates(Case):
    SETTINGS = ("later_ms=700", "pool_ms=700", "workers=2", "queue=4")

    def test_result(self):
        self.assertEqual(self.server.get("/later").body, b"later\n")
        self.assertEqual(self.server.get("/later?ms=30").body, b"later\n")
        a = self.server.get("/later?fail=1")
        self.assertEqual((a.status, a.json()["error"]["code"]), (409, "conflict"))
        a = self.server.ask(request("/later?say=hello", method="POST", body=b"x" * 3000000))
        self.assertEqual(a.body, b"hello and 3000000 bytes\n")
        self.assertEqual(self.server.get("/later?say=" + "long" * 1000, "Accept-Encoding: gzip")
                         .headers["content-encoding"], "gzip")

    def test_loop_is_woken(self):
        """An answer leaves when it is finished, not when the loop looks round next."""
        for target in ("/later", "/pool"):
            with self.server.connect() as s:
                r, start = Reader(s), time.monotonic()
                for _ in range(100):
                    s.sendall(request(target))
                    r.answer()
                self.assertLess(time.monotonic() - start, 3)

    def test_client_vanished(self):
        """Finished for nobody: nothing breaks, nothing is kept."""
        for kind in ("close", "reset"):
            socks = open_many(self.server, 50, request("/gate", method="POST", body=b"x" * 50000))
            self.assertTrue(lib.wait_until(
                lambda: self.server.get("/waiting").json()["waiting"] == 50))
            self.assertGreater(self.server.metric("request_memory"), 50 * 50000)
            for s in socks:
                if kind == "reset":
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                s.close()
            self.assertEqual(self.server.get("/open").json()["opened"], 50)
            self.assertTrue(lib.wait_until(lambda: self.server.metric("connections") == 1))
            self.assertLess(self.server.metric("request_memory"), 20000)

    def test_finished_after_the_deadline(self):
        socks = open_many(self.server, 20, request("/gate", method="POST", body=b"x" * 50000))
        for s in socks:
            self.assertEqual(Reader(s).answer().status, 503)
            s.close()
        self.assertEqual(self.server.metric("suspended"), 0)
        self.assertGreater(self.server.metric("request_memory"), 20 * 50000)  # still its finisher's
        self.assertEqual(self.server.get("/open").json()["opened"], 20)
        self.assertTrue(lib.wait_until(lambda: self.server.metric("request_memory") < 20000))

    def test_race_of_finisher_and_deadline(self):
        """Both at the same moment, many times: each request gets exactly one answer."""
        statuses = []
        for _ in range(4):
            socks = []
            for i in range(100):  # the deadline is looked at in steps of 100 ms
                socks += open_many(self.server, 1, request(f"/later?ms={690 + i}") + request("/hello"))
            for s in socks:
                r = Reader(s)
                statuses.append(r.answer().status)
                self.assertEqual(r.answer().body, b"hello\n")
                s.close()
        self.assertEqual(set(statuses), {200, 503})
        self.assertEqual(self.server.metric("suspended"), 0)

    def test_pool(self):
        self.assertEqual(self.server.get("/pool?ms=20").body, b"from the pool\n")
        data = b"y" * 200000
        self.assertEqual(self.server.ask(request("/pool", method="POST", body=data)).body, data)
        self.assertEqual(self.server.get("/poollater?ms=20").body, b"later\n")
        self.assertEqual(self.server.get("/poollater?ms=20&fail=1").status, 409)

    def test_pool_is_bounded(self):
        """Two threads and four places: of ten slow ones at once at least four hear 503."""
        socks = open_many(self.server, 10, request("/pool?ms=150"))
        answers = [Reader(s).answer() for s in socks]
        statuses = sorted(a.status for a in answers)
        self.assertIn(statuses.count(200), (4, 5, 6))
        self.assertEqual(statuses.count(503), 10 - statuses.count(200))
        for a in answers:
            self.assertEqual("retry-after" in a.headers, a.status == 503)
        for s in socks:
            s.close()

    def test_pool_gives_up_what_nobody_waits_for(self):
        """Four wait behind two long ones past their deadline: they are never run."""
        socks = open_many(self.server, 6, request("/pool?ms=900"))
        for s in socks:
            self.assertEqual(Reader(s).answer().status, 503)
            s.close()
        time.sleep(0.3)
        start = time.monotonic()  # had the four been run, this would wait for them
        self.assertEqual(self.server.get("/pool?ms=1").status, 200)
        self.assertLess(time.monotonic() - start, 0.5)


if __name__ == "__main__":
    lib.main()
