#!/usr/bin/env python3
"""dialects.py - what other people's clients send: captured requests byte for byte (but for the
key), and each answer and refusal of the doors for Segment, CloudEvents, OpenTelemetry and xAPI."""
import base64
import calendar
import gzip
import json
import os
import socket
import time

from doors import error_of, house, with_h
from house import ROOT, SLOW, check, main, same

WIRE = os.path.join(ROOT, "tests", "data", "wire")
CAPTURED = calendar.timegm((2026, 11, 21, 16, 30, 0))
TIME = "2026-03-02T09:00:00Z"


def counts(h):
    s = [s for s in h.json("sources")["sources"] if s["source"] == "crm"][0]
    return s["loaded"], s["duplicates"], s["quarantined"]


def settled(h, want, what):
    """loaded, duplicates, quarantined, once everything taken is in the database."""
    deadline = time.monotonic() + 30 * SLOW
    while counts(h) != want and time.monotonic() < deadline:
        time.sleep(0.1)
    same(counts(h), want, what)


def raw(h, data):
    """Bytes as they are, on a connection of their own: status, headers, body."""
    s = socket.create_connection(("127.0.0.1", h.port), timeout=30 * SLOW)
    s.sendall(data)
    got = b""
    while b"\r\n\r\n" not in got:
        more = s.recv(65536)
        check(more, f"no answer but {got!r}")
        got += more
    head, body = got.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += s.recv(65536)
    s.close()
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return int(lines[0].split()[1]), headers, body


def replay(h, name):
    with open(os.path.join(WIRE, name + ".http"), "rb") as f:
        data = f.read()
    data = data.replace(b"Bearer wk_test_123", b"Bearer " + h.key.encode())
    return raw(h, data.replace(b"Basic d2tfdGVzdF8xMjM6", b"Basic " + base64.b64encode(h.key.encode() + b":")))


# --- captured ---------------------------------------------------------------------------------

SUMMED = [
    # file, events, events accepted, whose clock is corrected
    ("segment-node/one-track", 1, 1, True),
    ("segment-node/mix", 6, 6, True),
    ("segment-node/retry-after-503-1", 2, 2, True),
    ("cloudevents/binary-chunked", 1, 1, False),
    ("cloudevents/binary-length", 1, 1, False),
    ("cloudevents/structured-chunked", 1, 1, False),
    ("cloudevents/batch", 3, 3, False),
    ("curl/ce-binary-percent-encoded", 1, 0, False),  # it has no time
]
LOGS = ["otlp/json-chunked", "otlp/json-gzip-chunked", "otlp/protobuf"]
AGAIN = ["otlp/protobuf", "otlp/protobuf-gzip", "otlp/same-as-protobuf"]


def test_captured_requests():
    with_h(house(), captured)


def captured(h):
    future = time.time() < CAPTURED  # on a machine whose clock is behind the captures
    loaded = quarantined = 0
    for name, n, good, corrected in SUMMED:
        good = 0 if future and not corrected else good
        status, _, body = replay(h, name)
        got = json.loads(body)
        same((status, got["success"], got["accepted"], got["quarantined"]), (200, True, good, n - good), name)
        same(sorted(got), ["accepted", "quarantined", "request_id", "success"], f"the members of {name}")
        loaded, quarantined = loaded + good, quarantined + n - good
    status, _, body = replay(h, "curl/http10-structured")
    same((status, json.loads(body)["accepted"]), (200, 1), "HTTP/1.0")
    settled(h, (loaded + 1, 0, quarantined), "what was captured")
    # the clock of this client is wrong by whatever has passed since, and by something else the second time
    time.sleep(0.01)
    same(replay(h, "segment-node/retry-after-503-2")[0], 200, "the same events sent again")
    settled(h, (loaded + 1, 2, quarantined), "a retry is no conflict, whatever the clock")
    if future:
        return
    for name in LOGS:
        status, head, body = replay(h, name)
        same((status, body), (200, b"" if "protobuf" in name else b"{}"), name)
    settled(h, (loaded + 7, 2, quarantined), "log records")
    for i, name in enumerate(AGAIN):
        same(replay(h, name)[0], 200, name)
        settled(h, (loaded + 7, 4 + 2 * i, quarantined), f"{name} says what was said before")


# --- Segment ------------------------------------------------------------------------------------

def call(n, **more):
    return dict({"messageId": f"m-{n}", "userId": "p1@prova.example", "timestamp": TIME, "event": "deal.move"}, **more)


def test_segment():
    with_h(house(), segment)


def summed(h, path, body, headers):
    status, head, text = h.http("POST", path, body, headers)
    check(status == 200, f"POST {path} gave {status}: {text[:300]!r}")
    same(head.get("access-control-allow-origin"), "*", f"{path}: who may read the answer")
    got = json.loads(text)
    return got["accepted"], got["quarantined"]


def segment(h):
    bearer = {"Authorization": "Bearer " + h.key}
    n = 0
    for path in ("track", "t", "page", "p", "screen", "s", "identify", "i", "group", "g", "alias", "a"):
        n += 1
        same(summed(h, "/v1/" + path, json.dumps(call(n)).encode(), bearer), (1, 0), path)
    for path in ("batch", "b"):
        body = {"batch": [call(n + 1, type="track"), call(n + 2, type="page")]}
        same(summed(h, "/v1/" + path, json.dumps(body).encode(), bearer), (2, 0), path)
        n += 2
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense"):
        n += 1
        same(summed(h, "/v1/t", json.dumps(call(n)).encode(), dict(bearer, **{"Content-Type": kind})), (1, 0), kind)
    for more in ({"Content-Encoding": "gzip"}, {}):
        n += 1
        form = dict(bearer, **{"Content-Type": "application/x-www-form-urlencoded"}, **more)
        same(summed(h, "/v1/t", gzip.compress(json.dumps(call(n)).encode()), form), (1, 0), f"gzip as a form, {more}")
    for member in ("writeKey", "api_key"):
        n += 1
        same(summed(h, "/v1/t", json.dumps(call(n, **{member: h.key})).encode(), {}), (1, 0), f"the key as {member}")
    body = gzip.compress(json.dumps({"batch": [call(n + 1, type="track")], "writeKey": h.key}).encode())
    same(summed(h, "/v1/b", body, {"Content-Type": "text/plain"}), (1, 0), "gzip without a word, the key inside")
    n += 1
    basic = {"Authorization": "Basic " + base64.b64encode((h.key + ":").encode()).decode()}
    same(summed(h, "/v1/t", json.dumps(call(n + 1)).encode(), basic), (1, 0), "the key as Basic user")
    same(summed(h, "/v1/b", b'{"batch":[]}', bearer), (0, 0), "an empty batch")
    settled(h, (n + 1, 0, 0), "all of them")
    bad = {"batch": [call("g1", type="track"), call("b1", type="track", userId=None, anonymousId="x"), 7,
                     call("b2", type="track", timestamp="now"), call("b3"), call("g2", type="track")]}
    same(summed(h, "/v1/batch", json.dumps(bad).encode(), bearer), (2, 4), "bad calls leave their neighbours")
    settled(h, (n + 3, 0, 4), "bad ones in quarantine")
    reasons = [s for s in h.json("sources")["sources"] if s["source"] == "crm"][0]["reasons"]
    same(reasons, {"missing_user": 1, "not_object": 1, "bad_time": 1, "unknown_type": 1}, "their reasons")


def test_segment_refusals():
    with_h(house(), segment_refusals)


def segment_refusals(h):
    bearer = {"Authorization": "Bearer " + h.key}
    one = json.dumps(call(1)).encode()
    for path in ("/v1/t", "/v1/batch"):
        for body in (one, b"", b"{", json.dumps(call(1, writeKey="")).encode()):
            same(error_of(h, "POST", path, body)[:2], (401, "unknown_who"), f"no key at {path} with {body[:20]}")
        wrong = json.dumps(call(1, writeKey=h.key[:-1] + ("a" if h.key[-1] != "a" else "b"))).encode()
        same(error_of(h, "POST", path, wrong)[:2], (401, "unknown_who"), "a wrong key in the body")
    status, _, head = error_of(h, "POST", "/v1/t", one)
    same(head.get("access-control-allow-origin"), "*", "a script may read a refusal, too")
    same(error_of(h, "POST", "/v1/t", one, {"Authorization": "Bearer clk_x"})[:2], (401, "unknown_who"), "a wrong header")
    # whoever has a key in the header may send more than whoever may be a stranger
    big = json.dumps(call(1, writeKey=h.key, properties={"x": "y" * (1 << 20)})).encode()
    same(error_of(h, "POST", "/v1/t", big)[:2], (413, "too_large"), "a large body of who may be a stranger")
    bomb = gzip.compress(b"{" + b" " * (5 << 20) + b'"writeKey":"' + h.key.encode() + b'"}')
    same(error_of(h, "POST", "/v1/t", bomb, {"Content-Encoding": "gzip"})[:2], (413, "too_large"), "and a bomb")
    same(summed(h, "/v1/t", big, bearer), (0, 1), "with a key: too large for one event only")
    # nobody can read these: 400, and kept
    kept = 1
    for body in (b"{oops", b"", b'{"batch":[],"batch":[]}', b'{"b\\u0061tch":[]}'):
        kept += 1
        status, code, _ = error_of(h, "POST", "/v1/batch", body, bearer)
        same((status, code), (400, "not_json"), f"an unreadable body {body}")
    status, code, _ = error_of(h, "POST", "/v1/batch", b'{"writeKey":"' + h.key.encode() + b'","batch":[{oops')
    same((status, code), (400, "not_json"), "an unreadable body with its key inside")
    status, code, _ = error_of(h, "POST", "/v1/batch", b"\x1f\x8bnonsense", bearer)
    same((status, code), (400, "not_json"), "what begins as gzip does and is none")
    settled(h, (0, 0, kept + 2), "all of them in quarantine")
    status, code, head = error_of(h, "GET", "/v1/batch")
    same((status, head["allow"]), (405, "POST, OPTIONS"), "reading a door")
    same(error_of(h, "POST", "/v1/x", one, bearer)[0], 404, "no such call")


def test_preflight():
    with_h(house(), preflight)


def preflight(h):
    for path in ("/v1/batch", "/v1/t", "/v1/identify"):
        status, head, body = h.http("OPTIONS", path, headers={
            "Origin": "https://app.example.it", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type"})
        same((status, body), (200, b""), f"a preflight of {path}")
        same(head.get("access-control-allow-origin"), "*", "any origin")
        check("POST" in head["access-control-allow-methods"], "POST is allowed")
        for name in ("authorization", "content-type"):
            check(name in head["access-control-allow-headers"].lower(), f"{name} is allowed")
    # pages and figures are not for scripts of other sites
    check("access-control-allow-origin" not in h.http("GET", "/api/v1/pilots", headers={"Origin": "https://x"})[1],
          "figures are not shared")
    check("access-control-allow-origin" not in h.http("OPTIONS", "/v1/events")[1], "nor is another door")


def test_clock():
    with_h(house(), clock)


def clock(h):
    def stamp(t):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))
    now = int(time.time())
    bearer = {"Authorization": "Bearer " + h.key}

    def send(n, wrong, wait=0):
        body = {"batch": [call(n, type="track", timestamp=stamp(now - 600 + wrong))], "sentAt": stamp(now + wrong - wait)}
        same(summed(h, "/v1/batch?wait=loaded", json.dumps(body).encode(), bearer), (1, 0), f"a clock wrong by {wrong} s")
        return json.loads(h.run("trace", f"m-{n}", "--json"))["events"][0]["happened"]
    check(abs(calendar.timegm(time.strptime(send("slow", -7200)[:19], "%Y-%m-%dT%H:%M:%S")) - (now - 600)) < 90,
          "a clock two hours behind is corrected")
    check(abs(calendar.timegm(time.strptime(send("fast", 7200)[:19], "%Y-%m-%dT%H:%M:%S")) - (now - 600)) < 90,
          "a clock two hours ahead is corrected")
    same(send("right", 30)[:19], stamp(now - 570)[:19], "a clock almost right is believed")
    first = send("again", -7200)
    same(send("again", -7200, wait=5), first, "sent again, another correction: the first one counts")
    settled(h, (4, 1, 0), "and it is a repetition")


# --- CloudEvents -------------------------------------------------------------------------------------

def test_cloudevents():
    with_h(house(), cloudevents)


def binary(h, **more):
    head = {"Authorization": "Bearer " + h.key, "ce-id": "1", "ce-source": "/x", "ce-specversion": "1.0",
            "ce-type": "deal.move", "ce-time": TIME, "ce-actorid": "p1@prova.example"}
    head.update({k.replace("_", "-"): v for k, v in more.items()})
    return {k: v for k, v in head.items() if v is not None}


def cloudevents(h):
    def post(headers, body=b"", path="/v1/cloudevents"):
        status, _, text = h.http("POST", path, body, headers)
        got = json.loads(text)
        return status, got.get("accepted"), got.get("quarantined"), got.get("error", {}).get("code")
    json_type = {"Content-Type": "application/json"}
    same(post(binary(h)), (200, 1, 0, None), "an event in headers, without data")
    same(post(dict(binary(h, ce_id="2"), **json_type), b'{"feature":"f"}'), (200, 1, 0, None), "and with data")
    same(post(dict(binary(h, ce_id="3", ce_subject="contact/Forl\xec")), b""), (200, 1, 0, None), "Latin-1")
    same(post(dict(binary(h, ce_id="4"), **json_type), b"[1]"), (200, 0, 1, None), "data that is no object")
    same(post(binary(h, ce_id=None)), (200, 0, 1, None), "no id")
    same(post(binary(h, ce_id="a%00b")), (200, 0, 1, None), "a NUL")
    same(post(binary(h, ce_id="5", ce_source="billing")), (200, 0, 1, None), "another source of ours")
    same(post(dict(binary(h, ce_id="6"), **json_type), b'{},"id":"7"'), (400, None, None, "not_json"), "data cut short")
    same(post(dict(binary(h, ce_id="6"), **json_type, **{"Content-Encoding": "gzip"}), b"x"),
         (400, None, None, "not_json"), "data that does not decompress")
    for kind in ("text/plain", "application/xml", "application/cloudevents+avro"):
        same(post(dict(binary(h, ce_id="8"), **{"Content-Type": kind}), b"{}"), (415, None, None, "media_type"), kind)
    same(post({"Authorization": "Bearer " + h.key, **json_type}, b"{}"), (415, None, None, "media_type"), "no ce- header")
    same(post(binary(h, Authorization=None)), (401, None, None, "unknown_who"), "no key")
    same(post(binary(h, ce_id="9", Authorization=None), path="/v1/cloudevents/" + h.key), (200, 1, 0, None), "the key in the path")
    same(post(binary(h), path="/v1/cloudevents/clk_x"), (401, None, None, "unknown_who"), "a wrong key in the path")
    settled(h, (4, 0, 6), "all of them")
    # may I send?
    for path in ("/v1/cloudevents", "/v1/cloudevents/" + h.key):
        status, head, body = h.http("OPTIONS", path, headers={
            "WebHook-Request-Origin": "eventemitter.example.com", "WebHook-Request-Rate": "120",
            "WebHook-Request-Callback": "http://127.0.0.1:1/x"})
        same((status, body, head.get("webhook-allowed-origin"), head.get("webhook-allowed-rate")),
             (200, b"", "eventemitter.example.com", "*"), f"the handshake at {path}")
        check("POST" in head["allow"], "POST is allowed")
    head = h.http("OPTIONS", "/v1/cloudevents")[1]
    check("webhook-allowed-origin" not in head, "nobody asked")


# --- OpenTelemetry --------------------------------------------------------------------------------------

def field(number, data):
    n, size = len(data), b""
    while n > 0x7f:
        size, n = size + bytes([n & 0x7f | 0x80]), n >> 7
    return bytes([number << 3 | 2]) + size + bytes([n]) + data


def record(**attributes):
    pairs = b"".join(field(6, field(1, k.replace("_", ".").encode()) + field(2, field(1, v.encode())))
                     for k, v in attributes.items())
    return b"\x09" + (1772442000 * 10**9).to_bytes(8, "little") + pairs


def request(*records):
    return field(1, field(2, b"".join(field(2, r) for r in records)))


def as_json(*records):
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"timeUnixNano": str(1772442000 * 10**9),
         "attributes": [{"key": k.replace("_", "."), "value": {"stringValue": v}} for k, v in r.items()]}
        for r in records]}]}]}).encode()


def test_otlp():
    with_h(house(), otlp)


def otlp(h):
    def post(body, kind, **more):
        status, head, text = h.http("POST", "/v1/logs", body, dict(
            {"Authorization": "Bearer " + h.key, "Content-Type": kind}, **more))
        return status, head.get("content-type"), text
    pb, js = "application/x-protobuf", "application/json"
    good = {"event_id": "1", "user_id": "p1@prova.example", "event_name": "deal.move"}
    nobody = {"event_id": "2", "event_name": "deal.move"}
    same(post(request(record(**good)), pb), (200, None, b""), "protobuf")
    same(post(request(record(**dict(good, event_id="3"))), "application/protobuf"), (200, None, b""), "its other name")
    status, kind, text = post(as_json(dict(good, event_id="4")), js)
    same((status, kind, text), (200, "application/json; charset=utf-8", b"{}"), "JSON")
    status, kind, text = post(as_json(dict(good, event_id="5"), nobody), js + "; charset=utf-8")
    part = json.loads(text)["partialSuccess"]
    same((status, part["rejectedLogRecords"]), (200, "1"), "partial success")
    check("quarantine" in part["errorMessage"] and "user" in part["errorMessage"], f"why: {part['errorMessage']}")
    status, kind, text = post(request(record(**dict(good, event_id="6")), record(**nobody)), pb)
    same((status, kind, text[:4]), (200, pb, b"\x0a" + bytes([len(text) - 2]) + b"\x08\x01"), "partial success in protobuf")
    check(b"quarantine" in text, "with a reason")
    same(post(b"", pb), (200, None, b""), "no record at all")
    settled(h, (5, 0, 2), "taken and refused")
    # records without an id: the same one is one, in both encodings
    made = {"user_id": "p2@prova.example", "event_name": "deal.move"}
    same(post(request(record(**made), record(**made)), pb)[0], 200, "twice the same record")
    same(post(as_json(made), js)[0], 200, "and in JSON")
    settled(h, (6, 2, 2), "is one event")
    # unreadable: 400 in the sender's encoding, and kept
    status, kind, text = post(b"{oops", js)
    same((status, json.loads(text)["code"]), (400, 3), "bad JSON")
    status, kind, text = post(b"\x0a\x05", pb)
    same((status, kind, text[:2]), (400, pb, b"\x08\x03"), "bad protobuf")
    same(post(as_json(good), pb)[0], 400, "JSON that claims to be protobuf")
    same(post(b"\x1f\x8bnonsense", pb, **{"Content-Encoding": "gzip"})[0], 400, "bad gzip")
    settled(h, (6, 2, 6), "all of them in quarantine")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp"):
        same(post(as_json(good), kind)[0], 415, kind)
    same(error_of(h, "POST", "/v1/logs", as_json(good), {"Content-Type": js})[:2], (401, "unknown_who"), "no key")
    many = request(*[record(**good)] * 10_001)
    same(post(many, pb)[0], 413, "too many records")


# --- xAPI -----------------------------------------------------------------------------------------------

def statement(n, **more):
    s = {"id": f"12345678-1234-4234-8234-{n:012d}", "actor": {"mbox": "mailto:p1@prova.example"},
         "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"}, "object": {"id": "https://lms.example/c/1"},
         "timestamp": TIME}
    s.update(more)
    return {k: v for k, v in s.items() if v is not None}


def test_xapi():
    with_h(house(), xapi)


def xapi(h):
    key = {"Authorization": "Basic " + base64.b64encode((h.key + ":").encode()).decode(), "Content-Type": "application/json",
           "X-Experience-API-Version": "1.0.3"}

    def post(body, method="POST", query="", **more):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return h.http(method, "/xapi/statements" + query, data, dict(key, **more))
    status, head, text = post(statement(1))
    same((status, json.loads(text), head["x-experience-api-version"]), (200, [statement(1)["id"]], "1.0.3"), "one")
    status, head, text = post([statement(2), statement(3, id=None), 7, statement(4, verb={})])
    ids = json.loads(text)
    same((status, len(ids), ids[0], ids[3], head["x-collaudo-quarantined"]),
         (200, 4, statement(2)["id"], statement(4)["id"], "2"), "several, two of them bad")
    check(len(ids[1]) == 36 and ids[1] != statement(3)["id"], f"an id was made: {ids[1]}")
    same(json.loads(post(statement(3, id=None))[2]), [ids[1]], "the same one is made again")
    settled(h, (3, 1, 2), "all of them")
    put = statement(5)["id"]
    status, _, text = post(statement(5), "PUT", f"?statementId={put}&wait=loaded")
    same((status, text), (204, b""), "PUT")
    same(post(statement(5, id=None), "PUT", f"?statementId={put}&wait=loaded")[0], 204, "the same once more")
    other = statement(5, verb={"id": "http://adlnet.gov/expapi/verbs/failed"})
    status, _, text = post(other, "PUT", f"?statementId={put}&wait=loaded")
    same((status, json.loads(text)["error"]["code"]), (409, "id_conflict"), "another statement of that id")
    same(post(other)[0], 409, "also by POST")
    settled(h, (4, 2, 4), "conflicts are kept in quarantine")
    status, head, _ = post(statement(6), "PUT", f"?statementId={put}")
    same((status, head["x-collaudo-quarantined"]), (204, "1"), "an id that is not the address's")
    # no time: when it came in; sent again it is the same
    for _ in range(2):
        same(post(statement(7, timestamp=None), query="?wait=loaded")[0], 200, "no timestamp")
    settled(h, (5, 3, 5), "is one event")
    happened = h.json("trace", statement(7)["id"])["events"][0]
    same(happened["happened"][:16], happened["received"][:16], "which happened when it came in")
    same(post(b"{oops")[0], 400, "not JSON")
    settled(h, (5, 3, 6), "is kept")
    for kind in ("multipart/mixed; boundary=x", "text/plain", "application/x-www-form-urlencoded"):
        same(post(statement(8), **{"Content-Type": kind})[0], 415, kind)
    same(post(statement(8), "PUT")[0], 400, "PUT without an id")
    same(error_of(h, "POST", "/xapi/statements", json.dumps(statement(8)).encode(), {"Content-Type": "application/json"})[:2],
         (401, "unknown_who"), "no key")
    status, head, text = h.http("GET", "/xapi/about")
    same((status, json.loads(text)["version"][0], head["x-experience-api-version"]), (200, "1.0.3", "1.0.3"), "about")


if __name__ == "__main__":
    main(test_captured_requests, test_segment, test_segment_refusals, test_preflight, test_clock, test_cloudevents,
         test_otlp, test_xapi)
