"""Too much of everything: malformed requests, connections, bodies at once."""
import os
import random
import socket
import time
import unittest

import lib
import test_raw
from lib import Closed, Reader, Server, request


class Flood(unittest.TestCase):
    def test_malformed(self):
        """10,000 refused requests: all 4xx (or the library's 505), and memory stays flat."""
        bad = [data for name, data, want in test_raw.read_table()
               if want in ("400 close", "431 close", "413 close", "505 close")]
        rnd = random.Random(7)
        # where a sanitizer keeps freed memory, it must not keep all of it
        server = Server("loops=2", ASAN_OPTIONS="quarantine_size_mb=1:" +
                        os.environ.get("ASAN_OPTIONS", ""))
        seen = {}

        def send(n):
            for _ in range(n):
                data = rnd.choice(bad)
                with server.connect() as s:
                    try:
                        s.sendall(data)
                        status = Reader(s).answer(head=data.startswith(b"HEAD ")).status
                    except (Closed, BrokenPipeError, ConnectionResetError):
                        status = "closed"
                    seen[status] = seen.get(status, 0) + 1

        try:
            self.assertGreater(len(bad), 200)
            send(2000)
            before, files = server.rss(), server.files()
            send(8000)
            after = server.rss()
            print(f"\n  {seen}, memory {before} -> {after} KiB", end=" ")
            self.assertEqual(set(seen) - {400, 413, 431, 505}, set())
            self.assertLess(after - before, 2048)
            self.assertTrue(lib.wait_until(lambda: server.files() <= files + 2, 5))
            self.assertEqual(server.metric("request_memory"), 4112)  # of the one that asks
        finally:
            server.stop()

    def test_noise(self):
        """Bytes without any sense, and good requests with some bytes changed."""
        rnd = random.Random(11)
        server = Server("head_ms=300", "body_ms=300")
        good = [request("/sink", "Content-Encoding: gzip", method="POST", body=b"abc"),
                request("/echo", "Transfer-Encoding: chunked", method="POST") + b"3\r\nabc\r\n0\r\n\r\n",
                request("/args/a/b?c=d&e=f", "Cookie: a=b; c=d"), request("/later", version="1.0")]
        try:
            for i in range(1500):
                data = bytearray(rnd.choice(good)) if i % 5 else bytearray(rnd.randbytes(300) + b"\r\n\r\n")
                for _ in range(rnd.randrange(4)):
                    data[rnd.randrange(len(data))] = rnd.randrange(256)
                with server.connect() as s:
                    s.sendall(data)
                    if i % 3 == 0:
                        s.shutdown(socket.SHUT_WR)
                        try:
                            Reader(s).answer()
                        except Closed:
                            pass
            self.assertEqual(server.get("/hello").status, 200)
        finally:
            server.stop()


class Crowd(unittest.TestCase):
    def test_more_connections_than_allowed(self):
        """The longest idle ones make room; those at work are left alone."""
        server = Server("connections=50", "loops=1", "later_ms=20000")
        try:
            busy = [server.connect() for _ in range(10)]
            for s in busy:
                s.sendall(request("/gate"))
            idle = [server.connect() for _ in range(40)]
            for s in idle:
                s.sendall(request("/hello"))
                Reader(s).answer()
            time.sleep(0.2)
            self.assertEqual(server.get("/hello").status, 200)
            time.sleep(0.2)
            self.assertEqual(server.metric("evicted_total"), 1)  # one came, one went
            for _ in range(100):
                self.assertEqual(server.get("/hello").status, 200)
            self.assertEqual(server.get("/waiting").json()["waiting"], 10)
            self.assertTrue(Reader(idle[0]).is_closed(2))  # the oldest
            server.get("/open")
            for s in busy:
                self.assertEqual(Reader(s).answer().status, 200)
        finally:
            server.stop()

    def test_all_at_work(self):
        """Nobody can be sent away: newcomers wait in the kernel until there is room."""
        server = Server("connections=20", "loops=1", "later_ms=20000")
        try:
            busy = [server.connect() for _ in range(20)]
            for s in busy:
                s.sendall(request("/later?ms=1000"))
            time.sleep(0.3)
            start = time.monotonic()
            self.assertEqual(server.get("/hello").status, 200)
            self.assertGreater(time.monotonic() - start, 0.3)
            for s in busy:
                self.assertEqual(Reader(s).answer().status, 200)
        finally:
            server.stop()

    def test_1500_connections(self):
        server = Server("connections=2000", "loops=2")
        try:
            socks = [server.connect() for _ in range(1500)]
            for s in socks:
                s.sendall(request("/later?ms=100"))
            for s in socks:
                self.assertEqual(Reader(s).answer().status, 200)
            self.assertEqual(server.metric("connections"), 1501)
            self.assertEqual(server.metric("evicted_total"), 0)
        finally:
            server.stop()


class Budget(unittest.TestCase):
    def test_memory_of_all_requests(self):
        """20 MiB for all: of ten bodies of 4 MiB held at once some are refused with 503,
        the others finish, and then everything is given back."""
        server = Server("memory=20000000", "later_ms=20000")
        try:
            body = os.urandom(4 << 20)
            socks = []
            for _ in range(10):
                s = server.connect(20)
                s.sendall(request("/gate", method="POST", body=body))
                socks.append(s)
            waiting = lambda: server.get("/waiting").json()["waiting"]
            self.assertTrue(lib.wait_until(lambda: 1 <= waiting() <= 4))
            time.sleep(0.3)
            n = waiting()
            self.assertLessEqual(server.metric("request_memory"), 20000000)
            server.get("/open")
            answers = [Reader(s).answer() for s in socks]
            statuses = [a.status for a in answers]
            self.assertEqual(statuses.count(200), n)
            self.assertEqual(statuses.count(503), 10 - n)
            for a in answers:
                self.assertEqual("retry-after" in a.headers, a.status == 503)
            self.assertTrue(lib.wait_until(lambda: server.metric("request_memory") < 20000))
            self.assertEqual(server.ask(request("/sink", method="POST", body=body)).status, 200)
        finally:
            server.stop()

    def test_memory_of_one_handler(self):
        server = Server()
        try:
            self.assertEqual(server.get("/big?n=100000000").status, 503)
            self.assertEqual(server.get("/big?n=1000000").status, 200)
        finally:
            server.stop()

    def test_announced_is_not_taken(self):
        """A length is only a promise: memory follows what has come."""
        server = Server("memory=3000000")
        try:
            socks = []
            for _ in range(200):
                s = server.connect()
                s.sendall(request("/sink", "Content-Length: 8000000", method="POST") + b"x")
                socks.append(s)
            self.assertEqual(server.ask(request("/sink", method="POST", body=b"y" * 100000)).status, 200)
            self.assertLess(server.metric("request_memory"), 200 * 12000)
        finally:
            server.stop()

    def test_drain_has_an_end(self):
        """A refused body is read up to `drain` bytes; then it is told and cut."""
        server = Server("drain=3000000")
        try:
            with server.connect() as s:
                s.sendall(request("/small", "Content-Length: 50000000", method="POST"))
                try:
                    for _ in range(50):
                        s.sendall(bytes(1000000))
                except OSError:
                    pass
                a = Reader(s).answer()
                self.assertEqual((a.status, a.headers["connection"]), (413, "close"))
                self.assertLess(server.metric("body_bytes_in"), 4000000)
        finally:
            server.stop()


if __name__ == "__main__":
    lib.main()
