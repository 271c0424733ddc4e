"""Who has no key, or a wrong one, takes nothing from those who have one."""
import os
import selectors
import socket
import subprocess
import sys
import time
import unittest

import lib
from lib import Reader, Server, request

GOOD = "Authorization: Bearer good"


def took(what):
    begun = time.monotonic()
    got = what()
    return time.monotonic() - begun, got


class Held(unittest.TestCase):
    """An answer 401 or 429 is held back, and nobody else waits for it."""

    def test_too_many(self):
        server = Server("loops=1", "many_ms=1500")
        try:
            long, short = server.connect(), server.connect()
            begun = time.monotonic()
            long.sendall(request("/fail?code=too_many&wait=7"))
            short.sendall(request("/fail?code=too_many&wait=1"))
            for _ in range(20):
                seconds, a = took(lambda: server.get("/hello"))
                self.assertEqual(a.status, 200)
                self.assertLess(seconds, 0.3)
            a = Reader(short).answer()
            self.assertEqual((a.status, a.headers["retry-after"]), (429, "1"))
            self.assertTrue(0.9 < time.monotonic() - begun < 1.4, time.monotonic() - begun)
            a = Reader(long).answer()
            self.assertEqual((a.status, a.headers["retry-after"]), (429, "7"))
            self.assertTrue(1.4 < time.monotonic() - begun < 2.5, time.monotonic() - begun)
            long.sendall(request("/hello"))  # the connection goes on
            self.assertEqual(Reader(long).answer().status, 200)
            self.assertEqual(server.metric("held_total"), 2)
            self.assertEqual(server.metric("suspended"), 0)
        finally:
            server.stop()

    def test_from_every_side(self):
        """From allow() before the body, behind it, on a pool thread; and a 503 is not held."""
        server = Server("unknown_ms=300")
        try:
            for target in ("/early", "/private", "/poolkey"):
                seconds, a = took(lambda: server.ask(request(target, method="POST", body=b"x" * 1000)))
                self.assertEqual(a.status, 401)
                self.assertGreater(seconds, 0.29, target)
                seconds, a = took(lambda: server.ask(request(target, GOOD, method="POST", body=b"x" * 1000)))
                self.assertEqual(a.status, 200)
                self.assertLess(seconds, 0.25, target)
            seconds, a = took(lambda: server.get("/fail?code=busy&wait=9"))
            self.assertEqual((a.status, a.headers["retry-after"]), (503, "9"))
            self.assertLess(seconds, 0.25)
            # asked before sending: no body to spare, and no wait
            expect = request("/early", "Expect: 100-continue", "Content-Length: 5", method="POST")
            self.assertEqual(server.ask(expect).status, 401)
        finally:
            server.stop()

    def test_at_the_end(self):
        """A stop answers those who are held, and does not wait for them; so does a client that goes."""
        server = Server("many_ms=60000", "stop_ms=3000")
        held = [server.connect() for _ in range(50)]
        for s in held:
            s.sendall(request("/fail?code=too_many"))
        self.assertTrue(lib.wait_until(lambda: server.metric("held_total") == 50))
        for s in held[:10]:
            s.close()
        begun = time.monotonic()
        server.signal()
        for s in held[10:]:
            a = Reader(s).answer()
            self.assertEqual((a.status, a.headers["connection"]), (429, "close"))
        server.stop()
        self.assertLess(time.monotonic() - begun, 2.5)


class Room(unittest.TestCase):
    def test_slow_strangers(self):
        """Every connection is taken by somebody who sends half a head, or half a body nobody wants:
        who has a key gets in, and who is in stays in."""
        for half in (b"GET /hello HTTP/1.1\r\nHost: test\r\nX-",
                     b"GET /hello HTTP/1.1\r\nHos",
                     b"GE",
                     request("/early", "Content-Length: 9000", method="POST") + b"x"):
            with self.subTest(half):
                server = Server("connections=60", "loops=1", "later_ms=20000", "stop_ms=300")
                try:
                    busy = [server.connect() for _ in range(10)]
                    for s in busy:
                        s.sendall(request("/later?ms=2000", GOOD))
                    crowd = [server.connect() for _ in range(50)]
                    for s in crowd:
                        s.sendall(half)
                    time.sleep(1.2)
                    for i in range(20):
                        seconds, a = took(lambda: server.ask(request("/early", GOOD, method="POST", body=b"abc")))
                        self.assertEqual(a.status, 200)
                        self.assertLess(seconds, 0.9)
                    for s in busy:
                        self.assertEqual(Reader(s).answer().status, 200)
                    self.assertGreaterEqual(server.metric("evicted_total"), 1)
                finally:
                    server.stop()

    def test_held_strangers(self):
        """Those whose 401 is held make room at once, with their answer."""
        server = Server("connections=30", "loops=1", "unknown_ms=60000")
        try:
            crowd = [server.connect() for _ in range(30)]
            for s in crowd:
                s.sendall(request("/early", method="POST", body=b"x"))
            time.sleep(0.5)
            for _ in range(5):
                seconds, a = took(lambda: server.ask(request("/early", GOOD, method="POST", body=b"abc")))
                self.assertEqual(a.status, 200)
                self.assertLess(seconds, 0.9)
            self.assertEqual(Reader(crowd[0]).answer().status, 401)
        finally:
            server.kill()

    def test_memory(self):
        """Bodies of strangers fill half of the memory at most; the other half is there for keys."""
        server = Server("memory=24000000", "later_ms=20000")
        try:
            body = os.urandom(2 << 20)
            socks = []
            for _ in range(16):
                s = server.connect(20)
                s.sendall(request("/gate", method="POST", body=body))
                socks.append(s)
            waiting = lambda: server.get("/waiting").json()["waiting"]
            self.assertTrue(lib.wait_until(lambda: waiting() >= 2))
            time.sleep(0.3)
            n = waiting()
            self.assertLessEqual(n, 12000000 // len(body))
            self.assertLessEqual(server.metric("request_memory"), 13000000)
            for _ in range(10):
                a = server.ask(request("/early", GOOD, method="POST", body=os.urandom(900000)))
                self.assertEqual(a.status, 200)
            server.get("/open")
            statuses = [Reader(s).answer().status for s in socks]
            self.assertEqual((statuses.count(200), statuses.count(503)), (n, 16 - n))
            self.assertTrue(lib.wait_until(lambda: server.metric("request_memory") < 20000))
        finally:
            server.stop()


def hammer(port, clients, seconds, target, *headers):
    """Requests of strangers on so many connections, each as fast as it is answered; their number."""
    sel = selectors.DefaultSelector()
    one = request(target, *headers, method="POST", body=b"x" * 200)
    answers = 0
    for _ in range(clients):
        s = socket.create_connection(("127.0.0.1", port))
        s.sendall(one)
        sel.register(s, selectors.EVENT_READ)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in sel.select(0.1):
            s = key.fileobj
            if s.recv(4096):
                s.sendall(one)
                answers += 1
            else:
                sel.unregister(s)
    print(answers)


class Flood(unittest.TestCase):
    def work(self, server, seconds):
        """What one client with a key gets through: answers, and the time that 99 in 100 are within."""
        times = []
        end = time.monotonic() + seconds
        with server.connect() as s:
            r = Reader(s)
            while time.monotonic() < end:
                begun = time.monotonic()
                s.sendall(request("/early", GOOD, method="POST", body=b"x" * 200))
                self.assertEqual(r.answer().status, 200)
                times.append(time.monotonic() - begun)
        times.sort()
        return len(times), times[len(times) // 2], times[len(times) * 99 // 100]

    def test_500_without_a_key(self):
        server = Server()
        try:
            alone = self.work(server, 2)
            crowd = subprocess.Popen([sys.executable, "-B", os.path.abspath(__file__), "hammer", str(server.port), "/early"],
                                     stdout=subprocess.PIPE)
            self.assertTrue(lib.wait_until(lambda: server.metric("connections") >= 500, 10))
            time.sleep(0.5)
            among = self.work(server, 3)
            answers = int(crowd.communicate()[0])
            say = lambda w: f"{w[0]} answers, p50 {w[1] * 1000:.2f} ms, p99 {w[2] * 1000:.2f} ms"
            print(f"\n  alone {say(alone)}; among 500 strangers {say(among)}; they got {answers}", end=" ")
            self.assertGreater(answers, 1000)
            self.assertLess(answers, 500 * 6 * 4.5)  # a quarter of a second each
            self.assertGreater(among[0] / 3, alone[0] / 2 / 4)
            self.assertLess(among[2], 0.1)
            self.assertEqual(server.get("/hello").status, 200)
        finally:
            server.stop()


if __name__ == "__main__":
    if sys.argv[1] == "hammer":
        sys.argv.pop(1)
        hammer(int(sys.argv[1]), 500, 6, *sys.argv[2:])
    else:
        lib.main()
