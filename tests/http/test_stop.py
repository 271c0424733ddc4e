"""Stopping: in time, and nothing that was answered is lost."""
import selectors
import socket
import threading
import time
import unittest

import lib
from lib import Closed, Reader, Server, request


class Load:
    """Many connections that each send one request after the other until they are closed."""

    def __init__(self, server, n, data):
        self.sel, self.data = selectors.DefaultSelector(), data
        self.ok = self.other = self.closed = self.torn = 0
        for _ in range(n):
            s = server.connect()
            s.setblocking(False)
            self.sel.register(s, selectors.EVENT_READ, bytearray())
            s.send(data)

    def run(self, seconds):
        end = time.monotonic() + seconds
        while self.sel.get_map() and time.monotonic() < end:
            for key, _ in self.sel.select(0.1):
                self.read(key.fileobj, key.data)

    def read(self, s, data):
        try:
            got = s.recv(65536)
        except ConnectionResetError:
            got = b""
        data += got
        while b"\r\n\r\n" in data:
            top, rest = bytes(data).split(b"\r\n\r\n", 1)
            n = int(top.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            if len(rest) < n:
                break
            data[:] = rest[n:]
            self.ok += top.startswith(b"HTTP/1.1 200")
            self.other += not top.startswith(b"HTTP/1.1 200")
            if b"connection: close" not in top.lower():
                try:
                    s.send(self.data)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # closed as idle at this very moment; it was never read
        if not got:
            self.closed += 1
            self.torn += bool(data)
            self.sel.unregister(s)
            s.close()


class Stop(unittest.TestCase):
    def stop_under(self, n, data, counted):
        server = Server("connections=2000", "loops=2", "workers=4", "queue=2000")
        load = Load(server, n, data)
        load.run(0.7)
        start = time.monotonic()
        server.signal()
        load.run(8)
        end = server.stop()
        took = time.monotonic() - start
        print(f"\n  {n} connections: {load.ok} answers, stopped in {took:.2f} s", end=" ")
        self.assertEqual(load.closed, n)
        self.assertEqual(load.torn, 0)
        self.assertEqual(load.other, 0)
        self.assertGreater(load.ok, n)
        if counted:
            self.assertEqual(load.ok, end["finished"])
        self.assertLess(took, 5)

    def test_deferred(self):
        self.stop_under(1000, request("/later?ms=20"), True)

    def test_deferred_bodies(self):
        self.stop_under(300, request("/later", method="POST", body=b"x" * 20000), True)

    def test_inline(self):
        self.stop_under(300, request("/hello"), False)

    def test_pool(self):
        self.stop_under(300, request("/pool"), False)

    def test_what_never_finishes(self):
        """Held laters, dripping clients, an idle one, a pool thread that sleeps: 503 for
        those who were read, the end for the others, and in time."""
        server = Server("stop_ms=1000", "later_ms=60000", "pool_ms=60000", "loops=2")
        held = [server.connect() for _ in range(200)]
        for s in held:
            s.sendall(request("/gate", method="POST", body=b"x" * 3000))
        sleeper = server.connect()
        sleeper.sendall(request("/pool?ms=1500"))
        idle, half, slow = server.connect(), server.connect(), server.connect()
        half.sendall(b"GET /hello HTT")
        slow.sendall(request("/sink", "Content-Length: 100", method="POST") + b"x")
        self.assertTrue(lib.wait_until(lambda: server.get("/waiting").json()["waiting"] == 200))
        start = time.monotonic()
        server.signal()
        self.assertTrue(Reader(idle).is_closed(0.9))  # at once, not at the end
        for s in held + [sleeper]:
            a = Reader(s).answer()
            self.assertEqual((a.status, a.headers["connection"]), (503, "close"))
        self.assertTrue(Reader(half).is_closed(3))
        self.assertTrue(Reader(slow).is_closed(3))
        end = server.stop()
        for s in held + [sleeper, idle, half, slow]:
            s.close()
        self.assertEqual(end["finished"], 200)  # into the void, after the stop
        self.assertLess(time.monotonic() - start, 3)

    def test_last_answers_say_close(self):
        server = Server()
        s = server.connect()
        s.sendall(request("/later?ms=300") + request("/hello"))
        time.sleep(0.1)
        server.signal()
        r = Reader(s)
        self.assertEqual(r.answer().headers["connection"], "close")
        self.assertTrue(r.is_closed(2))
        server.stop()

    def test_nobody_new(self):
        server = Server("stop_ms=2000")
        busy = server.connect()
        busy.sendall(request("/later?ms=800"))
        time.sleep(0.1)
        server.signal()
        time.sleep(0.2)
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", server.port), 1)
        self.assertEqual(Reader(busy).answer().status, 200)
        server.stop()

    def test_idle_server_stops_at_once(self):
        server = Server("loops=4", "workers=8")
        start = time.monotonic()
        server.stop()
        self.assertLess(time.monotonic() - start, 1)


if __name__ == "__main__":
    lib.main()
