"""Deadlines: whoever drips is cut in time, and nobody else notices. Times are short here."""
import os
import socket
import threading
import time
import unittest

import lib
from lib import Case, Closed, Reader, Server, request


class Deadlines(Case):
    SETTINGS = ("head_ms=600", "body_ms=1500", "rate_ms=500", "idle_ms=1000", "drain_ms=700",
                "send_ms=1000", "later_ms=500", "pool_ms=700")

    def lasts(self, sock, within=5.0):
        """Seconds until the server ends the connection, and what it said."""
        sock.settimeout(within)
        start, got = time.monotonic(), b""
        try:
            while True:
                more = sock.recv(1 << 16)
                if not more:
                    break
                got += more
        except ConnectionResetError:
            pass
        return time.monotonic() - start, got

    def drip(self, sock, data, pause=0.05):
        """Sends byte by byte in a thread until it is over or the server has had enough."""
        def work():
            try:
                for i in range(len(data)):
                    sock.sendall(data[i:i + 1])
                    time.sleep(pause)
            except OSError:
                pass

        t = threading.Thread(target=work, daemon=True)
        t.start()
        return t

    def test_nothing_sent(self):
        with self.server.connect() as s:
            took, got = self.lasts(s)
        self.assertTrue(0.4 < took < 1.2, took)
        self.assertEqual(got, b"")

    def test_dripping_request_line(self):
        with self.server.connect() as s:
            self.drip(s, request("/hello" + "x" * 200))
            took, _ = self.lasts(s)
        self.assertTrue(0.4 < took < 1.2, took)

    def test_dripping_headers(self):
        with self.server.connect() as s:
            s.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n")
            self.drip(s, b"X: y\r\n" * 100)
            took, got = self.lasts(s)
        self.assertTrue(0.4 < took < 1.2, took)
        self.assertTrue(got.startswith(b"HTTP/1.1 408 "), got)
        self.assertIn(b'"code":"timeout"', got)

    def test_headers_count_from_the_beginning(self):
        """A request line that comes late leaves its headers only what is left."""
        with self.server.connect() as s:
            time.sleep(0.4)
            s.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n")
            took, _ = self.lasts(s)
        self.assertLess(took, 0.45)

    def test_dripping_headers_of_a_later_request(self):
        with self.server.connect() as s:
            s.sendall(request("/hello"))
            Reader(s).answer()
            s.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n")
            self.drip(s, b"X: y\r\n" * 100)
            took, got = self.lasts(s)
        self.assertTrue(0.4 < took < 1.2, took)
        self.assertTrue(got.startswith(b"HTTP/1.1 408 "), got)

    def test_body_below_the_rate(self):
        """20 bytes a second, where 1 KiB is asked for after half a second."""
        with self.server.connect() as s:
            s.sendall(request("/sink", "Content-Length: 1000", method="POST"))
            self.drip(s, b"x" * 1000)
            took, got = self.lasts(s)
        self.assertTrue(0.4 < took < 1.2, took)
        self.assertTrue(got.startswith(b"HTTP/1.1 408 "), got)

    def test_body_that_stops(self):
        with self.server.connect() as s:
            s.sendall(request("/sink", "Content-Length: 1000", method="POST") + b"x" * 100)
            took, got = self.lasts(s)
        self.assertTrue(0.3 < took < 1.2, took)
        self.assertTrue(got.startswith(b"HTTP/1.1 408 "), got)

    def test_body_above_the_rate_but_endless(self):
        """4 KiB every 50 ms is fast enough and yet over after body_ms."""
        def feed(s):
            try:
                for _ in range(100):
                    s.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                    time.sleep(0.05)
            except OSError:
                pass

        with self.server.connect() as s:
            s.sendall(request("/sink", "Transfer-Encoding: chunked", method="POST"))
            threading.Thread(target=feed, args=(s,), daemon=True).start()
            took, got = self.lasts(s)
        self.assertTrue(1.2 < took < 2.2, took)
        self.assertTrue(got.startswith(b"HTTP/1.1 408 "), got)

    def test_body_in_time(self):
        """Slow, but above the rate and within the time."""
        with self.server.connect() as s:
            s.sendall(request("/sink", "Content-Length: 20000", method="POST"))
            for _ in range(10):
                s.sendall(b"x" * 2000)
                time.sleep(0.1)
            self.assertEqual(Reader(s).answer().json()["n"], 20000)

    def test_refused_body_has_its_own_time(self):
        def feed(s):
            try:
                for _ in range(100):
                    s.sendall(b"x" * 4096)
                    time.sleep(0.05)
            except OSError:
                pass

        with self.server.connect() as s:
            s.sendall(request("/small", "Content-Length: 400000", method="POST"))
            threading.Thread(target=feed, args=(s,), daemon=True).start()
            took, got = self.lasts(s)
        self.assertTrue(0.5 < took < 1.3, took)
        self.assertTrue(got.startswith(b"HTTP/1.1 413 "), got)  # what it would have been told

    def test_idle(self):
        with self.server.connect() as s:
            s.sendall(request("/hello"))
            a = Reader(s).answer()
            self.assertEqual(a.headers["keep-alive"], "timeout=0")  # 0.8 s, cut to seconds
            took, got = self.lasts(s)
        self.assertTrue(0.8 < took < 1.6, took)
        self.assertEqual(got, b"")

    def test_answer_not_taken(self):
        before = self.server.metric("timeouts_total")
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.connect(("127.0.0.1", self.server.port))
            s.settimeout(10)
            # many small answers, none of which is read: the buffers fill, then the time runs
            s.sendall(request("/big?n=900&no_gzip=1") * 12000)
            self.assertTrue(lib.wait_until(lambda: self.server.metric("connections") == 1, 8))
        self.assertEqual(self.server.metric("timeouts_total") - before, 1)

    def test_deferred_too_long(self):
        start = time.monotonic()
        a = self.server.get("/gate")
        took = time.monotonic() - start
        self.assertEqual((a.status, a.json()["error"]["code"]), (503, "busy"))
        self.assertEqual(a.headers["retry-after"], "5")
        self.assertTrue(0.4 < took < 1.0, took)
        self.assertGreaterEqual(self.server.get("/open").json()["opened"], 1)  # into the void

    def test_route_with_its_own_deadline(self):
        start = time.monotonic()
        self.assertEqual(self.server.get("/short").status, 503)
        self.assertTrue(0.1 < time.monotonic() - start < 0.4)
        self.server.get("/open")

    def test_pool_too_long(self):
        start = time.monotonic()
        self.assertEqual(self.server.get("/pool?ms=1500").status, 503)
        self.assertTrue(0.6 < time.monotonic() - start < 1.2)
        self.assertEqual(self.server.get("/pool").status, 200)  # the other threads work on

    def test_page_too_long(self):
        """A browser that waited is told so by a page, also while the handler is still at work."""
        a = self.server.get("/poolpage?ms=1500")
        self.assertEqual((a.status, a.headers["content-type"]), (503, "text/html; charset=utf-8"))
        self.assertIn(b"<p>no answer in time", a.body)
        a = self.server.get("/pool?ms=1500")
        self.assertEqual((a.status, a.headers["content-type"]), (503, "application/json"))

    def test_connection_goes_on_after_the_deadline(self):
        with self.server.connect() as s:
            r = Reader(s)
            for _ in range(2):
                s.sendall(request("/gate") + request("/hello"))
                self.assertEqual([r.answer().status, r.answer().status], [503, 200])
        self.server.get("/open")


class Crowd(unittest.TestCase):
    """Hundreds of dripping clients beside one that works."""

    def test_others_work_meanwhile(self):
        server = Server("head_ms=1500", "body_ms=1500", "rate_ms=700", "connections=1200", "loops=2")
        n = 300
        try:
            slow = []
            for i in range(3 * n):
                s = server.connect()
                if i % 3 == 1:
                    s.sendall(b"GET /hello HTTP/1.1\r\nHo")
                elif i % 3 == 2:
                    s.sendall(request("/sink", "Content-Length: 100000", method="POST") + b"x")
                slow.append(s)
            took, end = [], time.monotonic() + 2.5
            while time.monotonic() < end:
                start = time.monotonic()
                self.assertEqual(server.get("/hello").status, 200)
                took.append(time.monotonic() - start)
                for s in slow[::10]:  # they drip
                    try:
                        s.send(b"x")
                    except OSError:
                        pass
                time.sleep(0.01)
            took.sort()
            print(f"\n  beside {3 * n} slow clients: p50 {took[len(took) // 2] * 1e3:.1f} ms, "
                  f"p99 {took[int(len(took) * .99)] * 1e3:.1f} ms, worst {took[-1] * 1e3:.1f} ms")
            self.assertLess(took[int(len(took) * .99)], 0.5)
            self.assertGreaterEqual(server.metric("timeouts_total"), 3 * n)
            self.assertTrue(lib.wait_until(lambda: server.metric("connections") == 1))
            for s in slow:
                s.close()
            self.assertTrue(lib.wait_until(lambda: server.files() < 40), server.files())
        finally:
            server.stop()


if __name__ == "__main__":
    lib.main()
