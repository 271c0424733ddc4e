"""What a client gets: answers, errors, headers, bodies, encodings, connections."""
import gzip
import json
import os
import re
import socket
import stat
import tempfile
import time
import unittest
import zlib

import lib
from lib import Case, Reader, Server, chunked, request


def sink(data):
    """What POST /sink says about a body."""
    return {"n": len(data), "crc": crc32c(data), "broken": False}


def crc32c(data):
    table = crc32c.table
    c = 0xFFFFFFFF
    for b in data:
        c = table[(c ^ b) & 0xFF] ^ (c >> 8)
    return c ^ 0xFFFFFFFF


crc32c.table = []
for i in range(256):
    for _ in range(8):
        i = (i >> 1) ^ 0x82F63B78 if i & 1 else i >> 1
    crc32c.table.append(i)


class Answers(Case):
    def test_headers_on_everything(self):
        for target, status in (("/hello", 200), ("/nothing", 404), ("/fail?code=database", 503)):
            a = self.server.get(target)
            self.assertEqual(a.status, status)
            self.assertEqual(a.headers["x-content-type-options"], "nosniff")
            self.assertIn("frame-ancestors 'none'", a.headers["content-security-policy"])
            self.assertIn("default-src 'none'", a.headers["content-security-policy"])
            self.assertEqual(a.headers["referrer-policy"], "no-referrer")
            self.assertEqual(a.headers["cache-control"], "no-store")
            self.assertEqual(a.headers["keep-alive"], "timeout=60")
            self.assertEqual(a.headers["connection"].lower(), "keep-alive")
            self.assertRegex(a.headers["x-request-id"], "^[0-9a-f]{16}$")
        page = self.server.get("/page").headers["content-security-policy"]
        self.assertIn("default-src 'self'", page)
        self.assertIn("frame-ancestors 'none'", page)
        self.assertNotIn("unsafe", page)

    def test_ids_differ(self):
        self.assertEqual(len({self.server.get("/hello").headers["x-request-id"]
                              for _ in range(50)}), 50)

    def test_errors(self):
        rows = {"invalid": 400, "unknown_who": 401, "key_expired": 401, "denied": 403, "not_found": 404,
                "timeout": 408, "conflict": 409, "too_large": 413, "media_type": 415,
                "too_many": 429, "headers_too_large": 431, "busy": 503, "database": 503,
                "io": 503, "no_memory": 503}
        for code, status in rows.items():
            with self.subTest(code):
                a = self.server.get("/fail?code=" + code)
                self.assertEqual(a.status, status)
                self.assertEqual(a.headers["content-type"], "application/json")
                e = a.json()
                self.assertEqual(e["error"]["code"], code)
                self.assertEqual(e["request_id"], a.headers["x-request-id"])
                inside = code in ("database", "io", "no_memory")
                self.assertEqual("secret" in e["error"]["message"], not inside)
                self.assertEqual("retry-after" in a.headers, status in (429, 503))
                self.assertEqual("www-authenticate" in a.headers, status == 401)
        self.assertEqual(self.server.get("/fail?code=busy").headers["retry-after"], "5")

    def test_error_pages(self):
        a = self.server.get("/page?fail=1")
        self.assertEqual((a.status, a.headers["content-type"]), (404, "text/html; charset=utf-8"))
        self.assertIn(b"no such &lt;page&gt;", a.body)
        a = self.server.get("/nothing", "Accept: text/html,*/*;q=0.8")
        self.assertEqual((a.status, a.headers["content-type"]), (404, "text/html; charset=utf-8"))
        self.assertEqual(self.server.get("/nothing").headers["content-type"], "application/json")

    def test_bad_header_of_a_handler(self):
        a = self.server.get("/badheader")
        self.assertEqual(a.status, 503)
        self.assertNotIn("set-cookie", a.headers)

    def test_methods(self):
        a = self.server.get("/hello", method="DELETE")
        self.assertEqual((a.status, a.headers["allow"]), (405, "GET, HEAD, OPTIONS"))
        a = self.server.get("/sink")
        self.assertEqual((a.status, a.headers["allow"]), (405, "POST, OPTIONS"))
        a = self.server.get("/args/x/fix", method="PUT")
        self.assertEqual((a.status, a.headers["allow"]), (405, "GET, HEAD, DELETE, OPTIONS"))
        a = self.server.get("/sink", method="OPTIONS")
        self.assertEqual((a.status, a.headers["allow"], a.body), (200, "POST, OPTIONS", b""))
        a = self.server.get("/cors", method="OPTIONS")
        self.assertEqual((a.status, a.headers["access-control-allow-origin"]), (200, "*"))
        self.assertEqual(a.headers["content-security-policy"], "default-src 'none'")
        self.assertEqual(self.server.get("/nothing", method="OPTIONS").status, 404)
        self.assertIn("PATCH", self.server.get("*", method="OPTIONS").headers["allow"])

    def test_head(self):
        with self.server.connect() as s:
            r = Reader(s)
            s.sendall(request("/hello", method="HEAD") + request("/hello"))
            a, b = r.answer(head=True), r.answer()
            self.assertEqual((a.status, a.headers["content-length"]), (200, "6"))
            self.assertEqual((b.status, b.body), (200, b"hello\n"))
        a = self.server.get("/args/a/b", method="HEAD")
        self.assertEqual(a.headers["content-length"], str(len(self.server.get("/args/a/b").body) - 1))
        self.assertEqual(self.server.get("/sink", method="HEAD").status, 405)

    def test_arguments(self):
        a = self.server.get("/args/%c3%a0%20b/c+d?q=1+2%2B&q=no").json()
        self.assertEqual((a["a"], a["b"], a["q"]), ("\u00e0 b", "c+d", "1 2+"))
        self.assertEqual(a["who"], "nobody")
        a = self.server.get("/args/a/b", "Authorization: Bearer good").json()
        self.assertEqual(a["who"], "somebody")  # allow() left it for the handler
        self.assertIsNone(self.server.get("/args/a/b?Q=1").json()["q"])
        self.assertEqual(self.server.get("/args/a/fix").body, b"hello\n")

    def test_rights(self):
        def status(target, *headers, method="POST", **kw):
            return self.server.ask(request(target, *headers, method=method, **kw)).status

        self.assertEqual(status("/closed", method="GET"), 403)
        self.assertEqual(status("/closed", "Authorization: Bearer good", method="GET"), 403)
        for door in ("/private", "/early", "/poolkey"):
            self.assertEqual(status(door, body=b"x"), 401)
            self.assertEqual(status(door, "Authorization: Bearer bad", body=b"x"), 403)
            self.assertEqual(status(door, "Authorization: Bearer good", body=b"x"), 200)
        a = self.server.ask(request("/private", method="POST", body=b"x"))
        self.assertEqual(a.headers["www-authenticate"], 'Bearer realm="collaudo"')

    def test_loopback_rule(self):
        def plain(*headers, host=False):
            return self.server.ask(request("/loopback", *headers, host=host)).json()["plain"]

        self.assertTrue(plain("Host: 127.0.0.1:8080"))
        self.assertTrue(plain("Host: localhost"))
        self.assertFalse(plain(host=True))
        self.assertFalse(plain("Host: localhost", "X-Forwarded-For: 10.0.0.1"))
        self.assertFalse(plain("Host: localhost", "Forwarded: for=10.0.0.1"))

    def test_metrics(self):
        before = self.server.metric('requests_total{method="GET",route="/args/{a}/{b}",code="2xx"}')
        refused, late = self.server.metric("refused_total"), self.server.metric("late_total")
        for i in range(3):
            self.server.get(f"/args/{i}/x")
        self.server.ask(b"GET /hello HTTP/1.1\r\n\r\n")
        self.server.ask(b"POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
        after = self.server.metric('requests_total{method="GET",route="/args/{a}/{b}",code="2xx"}')
        self.assertEqual(after - before, 3)
        self.assertEqual(self.server.metric("refused_total") - refused, 2)
        self.assertEqual(self.server.metric("late_total"), late)
        self.assertTrue(lib.wait_until(lambda: self.server.metric("connections") == 1))
        for line in self.server.get("/metrics").body.decode().splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) .+|collaudo_http_\w+(\{[^{}]*\{?.*\})? \d+)$')


class Static(Case):
    def test_etag(self):
        a = self.server.get("/asset")
        self.assertEqual((a.headers["etag"], a.headers["cache-control"]), ('"v1"', "no-cache"))
        self.assertEqual(a.headers["vary"], "Accept-Encoding")
        for have in ('"v1"', 'W/"v1"', '"x", "v1-gz"', "*"):
            b = self.server.get("/asset", "If-None-Match: " + have)
            self.assertEqual((b.status, b.body, b.headers["etag"]), (304, b"", '"v1"'))
        self.assertEqual(self.server.get("/asset", 'If-None-Match: "v2"').status, 200)
        self.assertIn("immutable", self.server.get("/asset?forever=1").headers["cache-control"])

    def test_gzip_made_beforehand(self):
        a = self.server.get("/asset", "Accept-Encoding: gzip")
        self.assertEqual((a.headers["content-encoding"], a.headers["etag"]), ("gzip", '"v1-gz"'))
        self.assertEqual(gzip.decompress(a.body), self.server.get("/asset").body)
        self.assertNotIn("content-encoding",
                         self.server.get("/asset", "Accept-Encoding: gzip;q=0").headers)

    def test_connection_after_304(self):
        with self.server.connect() as s:
            r = Reader(s)
            s.sendall(request("/asset", 'If-None-Match: "v1"') + request("/hello"))
            self.assertEqual([r.answer().status, r.answer().status], [304, 200])

    def test_gzip_of_texts(self):
        plain = self.server.get("/big?n=100000")
        self.assertEqual(len(plain.body), 100000)
        a = self.server.get("/big?n=100000", "Accept-Encoding: br, gzip")
        self.assertEqual((a.headers["content-encoding"], a.headers["vary"]),
                         ("gzip", "Accept-Encoding"))
        self.assertLess(len(a.body), 5000)
        self.assertEqual(gzip.decompress(a.body), plain.body)
        for target in ("/big?n=1024", "/big?n=5000&noise=1", "/big?n=5000&no_gzip=1"):
            self.assertNotIn("content-encoding",
                             self.server.get(target, "Accept-Encoding: gzip").headers)

    def test_long_answer(self):
        a = self.server.get("/big?n=20000000&noise=1")
        self.assertEqual(len(a.body), 20000000)


class Bodies(Case):
    def post(self, target, *headers, **kw):
        return self.server.ask(request(target, *headers, method="POST", **kw))

    def test_plain(self):
        for data in (b"", b"a", os.urandom(70000), os.urandom(1 << 20)):
            self.assertEqual(self.post("/sink", body=data).json(), sink(data))
        self.assertEqual(self.post("/sink").json(), sink(b""))

    def test_chunked(self):
        parts = [os.urandom(n) for n in (1, 7, 5000, 100000)]
        for pieces in (parts, [b"x"] * 500):
            a = self.server.ask(request("/sink", "Transfer-Encoding: chunked", method="POST") +
                                chunked(*pieces))
            self.assertEqual(a.json(), sink(b"".join(pieces)))
            self.assertEqual(a.headers["connection"], "close")

    def test_byte_by_byte(self):
        text = (request("/sink", method="POST", body=b"abc") +
                request("/sink", "Transfer-Encoding: chunked", method="POST") + chunked(b"de", b"f"))
        with self.server.connect() as s:
            for i in range(len(text)):
                s.sendall(text[i:i + 1])
            r = Reader(s)
            self.assertEqual([r.answer().json(), r.answer().json()], [sink(b"abc"), sink(b"def")])

    def test_encodings(self):
        data = json.dumps([{"n": i} for i in range(20000)]).encode()
        raw = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = {"gzip": gzip.compress(data), "x-gzip": gzip.compress(data),
                  "GZIP": gzip.compress(data), "deflate": zlib.compress(data),
                  "Deflate": raw.compress(data) + raw.flush(), "identity": data}
        for name, body in packed.items():
            with self.subTest(name):
                self.assertEqual(self.post("/sink", "Content-Encoding: " + name, body=body).json(),
                                 sink(data))
                a = self.server.ask(request("/sink", "Transfer-Encoding: chunked",
                                            "Content-Encoding: " + name, method="POST") +
                                    chunked(body[:100], body[100:]))
                self.assertEqual(a.json(), sink(data))
        a = self.post("/sink", "Content-Type: application/gzip; x=y", body=packed["gzip"])
        self.assertEqual(a.json(), sink(data))
        for name in ("br", "zstd", "gzip, gzip", "compress"):
            a = self.post("/sink", "Content-Encoding: " + name, body=data)
            self.assertEqual((a.status, a.json()["error"]["code"]), (415, "media_type"))

    def test_broken_encoding(self):
        good = gzip.compress(os.urandom(5000))
        for bad in (good[:-1], good[:2000], good + b"x", b"no gzip at all", good[:500] + good[600:]):
            a = self.post("/sink", "Content-Encoding: gzip", body=bad)
            self.assertEqual((a.status, a.json()["error"]["code"]), (400, "invalid"))
            a = self.post("/raw", "Content-Encoding: gzip", body=bad)
            self.assertEqual((a.status, a.json()), (200, dict(sink(bad), broken=True)))
        data = b"x" * 60000
        self.assertEqual(self.post("/raw", "Content-Encoding: gzip", body=gzip.compress(data)).json(),
                         sink(data))

    def test_limits(self):
        # /small: 10 bytes on the wire, 20 decompressed
        self.assertEqual(self.post("/small", body=b"0123456789").status, 200)
        with self.server.connect() as s:
            r = Reader(s)
            for n in (11, 100, 1 << 20):
                s.sendall(request("/small", method="POST", body=bytes(n)))
                a = r.answer()
                self.assertEqual((a.status, a.json()["error"]["code"]), (413, "too_large"))
            s.sendall(request("/hello"))
            self.assertEqual(r.answer().status, 200)  # the connection lives on
        a = self.server.ask(request("/small", "Transfer-Encoding: chunked", method="POST") +
                            chunked(b"012345", b"67890"))
        self.assertEqual(a.status, 413)

    def test_bomb(self):
        before = self.server.rss()
        bomb = gzip.compress(bytes(200 << 20), 1)  # 900 KiB that are 200 MiB
        self.assertLess(len(bomb), 1 << 20)
        a = self.post("/sink", "Content-Encoding: gzip", body=bomb)
        self.assertEqual(a.status, 413)
        self.assertLess(self.server.rss() - before, 80 << 10)
        fits = gzip.compress(bytes(32 << 20), 1)
        self.assertEqual(self.post("/sink", "Content-Encoding: gzip", body=fits).json()["n"], 32 << 20)

    def test_expect(self):
        with self.server.connect() as s:
            r = Reader(s)
            s.sendall(request("/sink", "Expect: 100-continue", "Content-Length: 3", method="POST"))
            self.assertEqual(r.answer().status, 100)
            s.sendall(b"abc")
            self.assertEqual(r.answer().json(), sink(b"abc"))
            s.sendall(request("/small", "Expect: 100-continue", "Content-Length: 30", method="POST"))
            a = r.answer()  # told before it has sent a byte of it
            self.assertEqual((a.status, a.headers["connection"]), (413, "close"))
        with self.server.connect() as s:
            s.sendall(request("/early", "Expect: 100-continue", "Content-Length: 3", method="POST"))
            self.assertEqual(Reader(s).answer().status, 401)
        with self.server.connect() as s:
            s.sendall(request("/sink", "Expect: 100-continue", method="POST", version="1.0",
                              body=b"abc"))
            self.assertEqual(Reader(s).answer().json(), sink(b"abc"))

    def test_refusal_is_read_by_a_client_that_still_writes(self):
        """Neither a reset nor a broken pipe: all is read, then the answer comes."""
        for target, status in (("/small", 413), ("/early", 401), ("/nothing", 404)):
            a = self.post(target, body=os.urandom(9 << 20))
            self.assertEqual(a.status, status)
        # a head that is refused at once, with the body behind it
        a = self.server.ask(b"POST /sink HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 4000000"
                            b"\r\n\r\n" + bytes(4000000))
        self.assertEqual((a.status, a.headers["connection"]), (400, "close"))


class Connections(Case):
    def test_keep_alive(self):
        with self.server.connect() as s:
            r = Reader(s)
            for i in range(200):
                s.sendall(request("/hello"))
                self.assertEqual(r.answer().body, b"hello\n")
        self.assertTrue(lib.wait_until(lambda: self.server.metric("connections") == 1))

    def test_pipelining(self):
        n = 300
        with self.server.connect() as s:
            r = Reader(s)
            s.sendall(b"".join(request(f"/args/{i}/x") for i in range(n)))
            self.assertEqual([r.answer().json()["a"] for _ in range(n)], [str(i) for i in range(n)])

    def test_pipelining_of_all_kinds(self):
        with self.server.connect() as s:
            r = Reader(s)
            s.sendall((request("/later?ms=30") + request("/pool?ms=10") + request("/hello") +
                       request("/sink", method="POST", body=b"abc") + request("/poollater?ms=5")) * 5)
            for _ in range(5):
                self.assertEqual([r.answer().body[:3] for _ in range(5)],
                                 [b"lat", b"fro", b"hel", b'{"n', b"lat"])

    def test_close(self):
        with self.server.connect() as s:
            s.sendall(request("/hello", "Connection: close"))
            r = Reader(s)
            self.assertEqual(r.answer().headers["connection"], "close")
            self.assertTrue(r.is_closed(1))

    def test_http_1_0(self):
        for target in ("/hello", "/later", "/pool", "/nothing"):
            with self.server.connect() as s:
                s.sendall(request(target, version="1.0", host=False))
                r = Reader(s)
                a = r.answer()
                self.assertNotIn("transfer-encoding", a.headers)
                self.assertIn("content-length", a.headers)
                self.assertTrue(r.is_closed(1))
        with self.server.connect() as s:
            r = Reader(s)
            for _ in range(3):
                s.sendall(request("/hello", "Connection: Keep-Alive", version="1.0"))
                self.assertEqual(r.answer().headers["connection"].lower(), "keep-alive")

    def test_half_closed(self):
        """A client that ends its side after the request is answered, if at once."""
        with self.server.connect() as s:
            s.sendall(request("/hello"))
            s.shutdown(socket.SHUT_WR)
            r = Reader(s)
            self.assertEqual(r.answer().status, 200)
            self.assertTrue(r.is_closed(1))

    def test_half_closed_later(self):
        with self.server.connect() as s:
            r = Reader(s)
            s.sendall(request("/hello"))
            r.answer()
            time.sleep(0.25)  # idle; then the last request and the end in one packet
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            s.sendall(request("/hello"))
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(r.answer().status, 200)
            self.assertTrue(r.is_closed(1))

    def test_half_closed_in_the_middle(self):
        """What can never become whole is not waited for."""
        for part in (request("/hello")[:20], request("/hello")[:-2], b"GET",
                     request("/sink", "Content-Length: 10", method="POST") + b"abc"):
            with self.server.connect() as s:
                s.sendall(part)
                s.shutdown(socket.SHUT_WR)
                self.assertTrue(Reader(s).is_closed(1))

    def test_old_clients_that_send_a_line_too_many(self):
        with self.server.connect() as s:
            s.sendall(request("/sink", "Connection: close", method="POST", body=b"abc") + b"\r\n" * 3)
            time.sleep(0.05)  # what is unread at close must not become a reset
            self.assertEqual(Reader(s).answer().json(), sink(b"abc"))


class Listening(unittest.TestCase):
    def test_many_addresses(self):
        with tempfile.TemporaryDirectory() as d:
            path = d + "/admin.sock"
            v6 = "[::1]:0"
            if not os.path.exists("/proc/net/if_inet6"):
                print("\n  this machine has no IPv6: tried with a second IPv4 address", end=" ")
                v6 = "127.0.0.2:0"
            server = Server("listen=127.0.0.1:0", "listen=" + v6, "listen=unix:" + path, "loops=3")
            try:
                self.assertGreater(server.ports[0], 0)
                self.assertGreater(server.ports[1], 0)
                self.assertEqual(server.ports[2], 0)
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                seen = []
                for family, address in ((socket.AF_INET, ("127.0.0.1", server.ports[0])),
                                        (socket.AF_INET6 if ":" in v6[:-2] else socket.AF_INET,
                                         (v6[:-2].strip("[]"), server.ports[1])),
                                        (socket.AF_UNIX, path)):
                    with socket.socket(family) as s:
                        s.settimeout(5)
                        s.connect(address)
                        s.sendall(request("/loopback", "Forwarded: x") +
                                  request("/later?ms=5") + request("/pool"))
                        r = Reader(s)
                        seen.append(r.answer().json())
                        self.assertEqual([r.answer().status, r.answer().status], [200, 200])
                self.assertEqual([s["peer"] for s in seen], ["loopback", "loopback", "unix"])
                self.assertEqual([s["local"] for s in seen], [False, False, True])
                self.assertEqual([s["plain"] for s in seen], [False, False, True])
            finally:
                server.stop()
            self.assertFalse(os.path.exists(path))

    def test_socket_of_another(self):
        with tempfile.TemporaryDirectory() as d:
            path = d + "/admin.sock"
            first = Server("listen=unix:" + path)
            with self.assertRaisesRegex(RuntimeError, "in use"):
                Server("listen=unix:" + path)
            with socket.socket(socket.AF_UNIX) as s:  # the first one is as it was
                s.connect(path)
                s.sendall(request("/hello"))
                self.assertEqual(Reader(s).answer().status, 200)
            first.proc.kill()  # leaves its file behind
            first.kill()
            self.assertTrue(os.path.exists(path))
            second = Server("listen=unix:" + path)
            second.stop()

    def test_listener_without_our_lock(self):
        with tempfile.TemporaryDirectory() as d, socket.socket(socket.AF_UNIX) as other:
            other.bind(d + "/x.sock")
            other.listen(1)
            with self.assertRaisesRegex(RuntimeError, "in use"):
                Server(f"listen=unix:{d}/x.sock")
            self.assertTrue(os.path.exists(d + "/x.sock"))

    def test_no_socket_file(self):
        with tempfile.TemporaryDirectory() as d:
            open(d + "/file", "w").close()
            with self.assertRaisesRegex(RuntimeError, "no socket"):
                Server(f"listen=unix:{d}/file")
            with self.assertRaisesRegex(RuntimeError, "107 bytes"):
                Server(f"listen=unix:{d}/" + "x" * 100)

    def test_port_taken(self):
        first = Server()
        with self.assertRaisesRegex(RuntimeError, "conflict"):
            Server(f"listen=127.0.0.1:{first.port}")
        first.stop()


if __name__ == "__main__":
    lib.main()
