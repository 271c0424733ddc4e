#!/usr/bin/env python3
"""doors.py - what tools send, good and bad, over HTTP: each refusal has its code and its place,
and its neighbours in the batch are kept."""
import gzip
import http.client
import json
import re
import socket
import sys
import time

from house import House, check, main, same

PILOT = """
workspace: {code: prova, name: Prova S.r.l.}
tools: [{code: crm, name: CRM, owner: IT}]
sources: [{name: crm, tool: crm}, {name: billing, tool: crm, cadence: none}]
people:
%s
pilot: {id: prova, name: Prova, start: "%s", end: "%s", tz: Europe/Rome}
value_events: ["deal.*"]
criteria:
  - {id: active, kpi: weekly_active, params: {weeks: 4}, target: {ge: 0.5}, must: true, weight: 1}
privacy: {notice_ref: "avviso 1", agreement_ref: "accordo 1"}
"""


def house():
    from datetime import date, timedelta
    start = date.today() + timedelta(days=2)
    people = "\n".join(f"  - {{id: p{i}@prova.example, team: t, role: member}}" for i in range(12))
    h = House()
    h.start()
    h.run("apply", h.write("prova.yaml", PILOT % (people, start, start + timedelta(days=83))))
    h.key = h.run("key", "create", "--source", "crm").strip()
    return h


def event(n, **more):
    e = {"id": f"e-{n}", "time": "2026-03-02T09:00:00+01:00", "user": "p1@prova.example", "action": "deal.move"}
    e.update(more)
    return {k: v for k, v in e.items() if v is not None}


def test_good_ones():
    h = house()
    with_h(h, good_ones)


def with_h(h, fn):
    try:
        fn(h)
    except Exception:
        h.show_log()
        raise
    finally:
        h.__exit__(None, None, None)


def good_ones(h):
    one = h.post("/v1/events?wait=loaded", event(1), h.key)
    same((one["received"], one["accepted"], one["rejected"]), (1, 1, 0), "one object")
    many = h.post("/v1/events", [event(i) for i in range(2, 12)], h.key)
    same(many["accepted"], 10, "an array")
    lines = "\n".join(json.dumps(event(i)) for i in range(12, 22))
    same(h.post("/v1/events", lines, h.key, headers={"Content-Type": "application/x-ndjson"})["accepted"], 10, "NDJSON")
    body = gzip.compress(json.dumps([event(i) for i in range(22, 32)]).encode())
    same(h.post("/v1/events", body, h.key, headers={"Content-Encoding": "gzip"})["accepted"], 10, "a gzipped array")
    c = http.client.HTTPConnection("127.0.0.1", h.port)
    c.request("POST", "/v1/events", iter([json.dumps(event(32)).encode()]), {"Authorization": "Bearer " + h.key},
              encode_chunked=True)
    same(json.loads(c.getresponse().read())["accepted"], 1, "a chunked body")
    c.close()
    ce = {"specversion": "1.0", "id": "ce-1", "source": "crm", "type": "usage", "time": "2026-03-02T09:00:00Z",
          "actorid": "p2@prova.example", "data": {"action": "deal.move"}}
    got = h.post("/v1/cloudevents", ce, h.key, headers={"Content-Type": "application/cloudevents+json"})
    same((got["success"], got["accepted"]), (True, 1), "a CloudEvent")
    got = h.post("/v1/cloudevents", [dict(ce, id="ce-2"), dict(ce, id="ce-3")], h.key,
                 headers={"Content-Type": "application/cloudevents-batch+json"})
    same(got["accepted"], 2, "a batch of CloudEvents")
    h.post("/v1/cloudevents", ce, h.key, status=415)
    same(h.post("/v1/heartbeat", {}, h.key)["success"], True, "a heartbeat")
    # again and at last: the second time everything is there already
    same(h.post("/v1/events?wait=loaded", [event(i) for i in range(2, 12)], h.key)["accepted"], 10, "a repeated batch")
    s = [s for s in h.json("sources")["sources"] if s["source"] == "crm"][0]
    same((s["loaded"], s["duplicates"], s["quarantined"]), (35, 10, 0), "what was loaded")
    # the way of an event whose id no path could hold, and of one in quarantine
    odd = "a/b?c=1&d#e %2F"
    h.post("/v1/events?wait=loaded", [event(1, id=odd), event(1, id="q/1", action=None), event(1, id="ok/1")], h.key)
    found = [h.json("trace", x)["events"] for x in (odd, "ok/1", "q/1")]
    same([len(x) for x in found], [1, 1, 1], "each is found")
    same([x[0]["loaded"] for x in found], [True, True, False], "loaded, or not")
    same((found[2][0]["reason"], found[2][0]["quarantined"], found[2][0]["waits_to_be_loaded"]),
         ("missing_action", True, False), "why it is in quarantine")
    same(h.json("trace", found[2][0]["quarantine_id"])["events"][0]["reason"], "missing_action", "by its quarantine id")
    # what is left out is counted, by source; what came in adds up
    h.post("/v1/events?wait=loaded", event(41, properties={"a": 1, "b": "x"}, other=1), h.key)
    until = time.monotonic() + 10
    while "collaudo_source_waiting{" not in (m := h.get("/metrics")) and time.monotonic() < until:
        time.sleep(0.1)  # what waits is counted soon after the start
    for name, n in (("properties_dropped_total", 3), ("source_received_total", 50), ("source_loaded_total", 38),
                    ("source_duplicates_total", 10), ("source_heartbeats_total", 1), ("source_waiting", 0)):
        check(re.search(rf'^collaudo_{name}{{workspace="\d+",source="crm"}} {n}$', m, re.M), f"{name} is {n}: {m}")
    same(json.loads(h.get("/readyz"))["conservation"], "ok", "conservation")
    # the basic form of the key
    import base64
    basic = "Basic " + base64.b64encode((h.key + ":").encode()).decode()
    same(h.post("/v1/events", event(40), headers={"Authorization": basic})["accepted"], 1, "the key as Basic user")


BAD = [
    # what, the event, code, pointer
    ("no id", event(1, id=None), "missing_id", ""),
    ("no time", event(1, time=None), "missing_time", ""),
    ("no user", event(1, user=None), "missing_user", ""),
    ("no action", event(1, action=None), "missing_action", ""),
    ("empty action", event(1, action=""), "missing_action", "/action"),
    ("not a time", event(1, time="now"), "bad_time", "/time"),
    ("no such day", event(1, time="2026-02-30T09:00:00Z"), "bad_time", "/time"),
    ("in the future", event(1, time="2099-01-01T00:00:00Z"), "time_in_future", "/time"),
    ("another source", event(1, source="billing"), "source_mismatch", "/source"),
    ("unknown type", event(1, type="nonsense"), "unknown_type", "/type"),
    ("not an object", ["x"], "not_object", ""),
    ("deep", event(1, properties={"a": json.loads("[" * 70 + "]" * 70)}), "too_deep", None),
    ("long id", event(1, id="x" * 129), "event_too_large", "/id"),
    ("huge", event(1, properties={"a": "x" * 300_000}), "event_too_large", ""),
]
RAW = [
    ("duplicate key", b'{"id":"r1","id":"r2","time":"2026-03-02T09:00:00Z","user":"u","action":"deal.move"}', "duplicate_key"),
    ("NUL", b'{"id":"r\\u0000","time":"2026-03-02T09:00:00Z","user":"u","action":"deal.move"}', "bad_unicode"),
    ("half a surrogate pair", b'{"id":"r\\ud800","time":"2026-03-02T09:00:00Z","user":"u","action":"deal.move"}', "bad_unicode"),
    ("not UTF-8", b'{"id":"r\xff","time":"2026-03-02T09:00:00Z","user":"u","action":"deal.move"}', "bad_unicode"),
]


def test_bad_ones_leave_their_neighbours():
    with_h(house(), bad_ones)


def bad_ones(h):
    for k, (what, bad, code, pointer) in enumerate(BAD):
        got = h.post("/v1/events", [event(f"{k}-a"), bad, event(f"{k}-b")], h.key)
        same((got["accepted"], got["rejected"]), (2, 1), f"{what}: neighbours")
        r = got["results"][0]
        same((r["index"], r["status"], r["code"]), (1, "quarantined", code), f"{what}: the refusal")
        if pointer is not None:
            same(r["pointer"], pointer, f"{what}: the place")
        check(r["detail"] and len(r["quarantine_id"]) == 32, f"{what}: a sentence and a quarantine id")
    for k, (what, raw, code) in enumerate(RAW):
        body = b"[" + json.dumps(event(f"r{k}-a")).encode() + b"," + raw + b"," + json.dumps(event(f"r{k}-b")).encode() + b"]"
        got = h.post("/v1/events", body, h.key)
        same((got["accepted"], got["rejected"], got["results"][0]["code"]), (2, 1, code), what)
    body = json.dumps(event("l1")) + '\n{"id": oops}\n' + json.dumps(event("l2"))
    got = h.post("/v1/events", body, h.key, headers={"Content-Type": "application/x-ndjson"})
    same((got["accepted"], got["rejected"], got["results"][0]["code"]), (2, 1, "not_json"), "a broken line")
    # same id, other content: found when loading, the first one counts
    h.post("/v1/events?wait=loaded", event("c1"), h.key)
    h.post("/v1/events?wait=loaded", event("c1", action="deal.close"), h.key)
    s = [s for s in h.json("sources")["sources"] if s["source"] == "crm"][0]
    same(s["reasons"].get("id_conflict"), 1, "a conflict")
    same(s["quarantined"], len(BAD) + len(RAW) + 2, "everything refused is in quarantine")
    same(s["loaded"], 2 * (len(BAD) + len(RAW)) + 3, "and all neighbours are loaded")


def test_a_key_for_some_types():
    with_h(house(), some_types)


def some_types(h):
    key = h.run("key", "create", "--source", "billing", "--types", "audit,auth").strip()
    check("audit auth" in h.run("key", "list"), "the list of keys says what they may send")
    got = h.post("/v1/events", [event(1, type="audit"), event(2), event(3, type="auth"), event(4, type="record")], key)
    same((got["accepted"], [(r["index"], r["code"], r["pointer"]) for r in got["results"]]),
         (2, [(1, "type_not_allowed", "/type"), (3, "type_not_allowed", "/type")]), "types a key may not send")
    same(h.post("/v1/events", [event(5), event(6, type="auth")], h.key)["accepted"], 2, "a key for all types")
    h.run("key", "create", "--source", "billing", "--types", "usge", code=2)
    check("did you mean usage" in h.err, f"a near type is offered: {h.err}")
    h.run("key", "create", "--source", "billing", "--types", "", code=2)


def test_whole_requests_refused():
    with_h(house(), whole_requests)


def error_of(h, method, target, body=None, headers=None):
    status, head, text = h.http(method, target, body, headers)
    return status, json.loads(text)["error"]["code"], head


def whole_requests(h):
    key = {"Authorization": "Bearer " + h.key, "Content-Type": "application/json"}
    one = json.dumps(event(1)).encode()
    same(error_of(h, "POST", "/v1/events", one, {})[:2], (401, "unknown_who"), "no key")
    wrong = {"Authorization": "Bearer clk_aaaaaaaaaaaaaaaa_" + "b" * 43}
    same(error_of(h, "POST", "/v1/events", one, wrong)[:2], (401, "unknown_who"), "a wrong key")
    changed = {"Authorization": "Bearer " + h.key[:-1] + ("a" if h.key[-1] != "a" else "b")}
    same(error_of(h, "POST", "/v1/events", one, changed)[:2], (401, "unknown_who"), "a key with one letter changed")
    same(error_of(h, "POST", "/v1/events", b"{oops", key)[0], 400, "not JSON")
    same(error_of(h, "POST", "/v1/events", b"", key)[0], 400, "an empty body")
    same(error_of(h, "POST", "/v1/events", b"\x1f\x8bnonsense", dict(key, **{"Content-Encoding": "gzip"}))[0], 400, "bad gzip")
    same(error_of(h, "POST", "/v1/events", b"x", dict(key, **{"Content-Encoding": "zstd"}))[0], 415, "an encoding nobody speaks")
    bomb = gzip.compress(b"[" + b" " * (40 << 20) + b"]")
    same(error_of(h, "POST", "/v1/events", bomb, dict(key, **{"Content-Encoding": "gzip"}))[:2], (413, "too_large"), "a gzip bomb")
    same(error_of(h, "POST", "/v1/events", b" " * (9 << 20), key)[:2], (413, "too_large"), "a body over the limit")
    many = json.dumps([event(i) for i in range(10_001)]).encode()
    same(error_of(h, "POST", "/v1/events", many, key)[:2], (413, "too_large"), "too many events")
    status, code, head = error_of(h, "GET", "/v1/events")
    same((status, "POST" in head["allow"]), (405, True), "the wrong method")
    same(error_of(h, "GET", "/nothing", headers={"Accept": "application/json"})[0], 404, "no such door")
    same(error_of(h, "POST", "/admin/settle", b"")[0], 403, "administration over TCP")
    # pages only for loopback names, and never behind a proxy
    for headers in ({"Host": "example.com"}, {"Host": "127.0.0.1", "X-Forwarded-For": "10.0.0.1"},
                    {"Host": "127.0.0.1", "Forwarded": "for=10.0.0.1"}):
        same(h.http("GET", "/pilots/prova", headers=headers)[0], 403, f"a page with {headers}")
        same(h.http("GET", "/api/v1/pilots", headers=headers)[0], 403, f"the API with {headers}")
    # a revoked key ends within a second or so
    h.run("key", "revoke", h.key.split("_")[1])
    time.sleep(1.5)
    same(error_of(h, "POST", "/v1/events", one, key)[:2], (401, "unknown_who"), "a revoked key")
    same(json.loads(h.get("/healthz"))["status"], "ok", "health after all that")
    same(json.loads(h.get("/readyz"))["status"], "ready", "readiness after all that")
    check("collaudo_journal_records_total" in h.get("/metrics"), "metrics")


NAMES = ["Planted.Person@ditta.example", "Piera Piantata", "piantata.piera"]


def planted(name, k, **more):
    """An event that says the name wherever a tool may say something."""
    e = {"id": f"{name}-{k}" if "." not in name or "@" in name else name, "time": "2026-03-02T09:00:00+01:00",
         "user": name, "action": "deal.move", "object_id": name, "correlation": name, "status": name,
         "recordedtime": name, "sentAt": name, "session": {"mfa": name, name: 1}, "device": {"managed": name},
         "changes": [{"field": name, "old": name, "new": name}], "entity": {"uid": name, "fields": {name: name}},
         "properties": {"mail": name, name: name, "deep": {name: [name]}}, name: name}
    if "@" in name:
        e.update(action=name, feature=name, object_type=name)
    e.update(more)
    return e


def cloud(name, k, **more):
    e = {"specversion": "1.0", "id": f"ce {name} {k}", "source": "crm", "type": "deal.move", "subject": f"contact/{name}",
         "time": "2026-03-02T09:00:00Z", "actorid": name, "dataschema": name, "traceparent": name,
         "data": {"user": name, "object_id": name, "correlation": name, "status": name, "properties": {name: name},
                  "message": name, name: name}}
    e.update(more)
    return e


def test_names_are_nowhere():
    with_h(house(), names)


def names(h):
    ce = {"Content-Type": "application/cloudevents+json"}
    batch = {"Content-Type": "application/cloudevents-batch+json"}
    lines = {"Content-Type": "application/x-ndjson"}
    for n, name in enumerate(NAMES):
        same(h.post("/v1/events", planted(name, 1), h.key)["accepted"], 1, f"{name}: one")
        same(h.post("/v1/events", [planted(name, 2), planted(name, 3, type="audit")], h.key)["received"], 2, f"{name}: two")
        same(h.post("/v1/cloudevents", cloud(name, 1), h.key, headers=ce)["accepted"], 1, f"{name}: a CloudEvent")
        same(h.post("/v1/cloudevents", [cloud(name, 2), cloud(name, 3)], h.key, headers=batch)["accepted"], 2, f"{name}: a batch")
        # the same ids again are known, and another content under them is a conflict
        h.post("/v1/cloudevents", cloud(name, 1), h.key, headers=ce)
        h.post("/v1/cloudevents", cloud(name, 1, type="deal.close"), h.key, headers=ce)
        # what is refused is sealed, and the place of the fault names nobody
        bad = [planted(name, 9, time=name), planted(name, 9, source=name), planted(name, 9, type=name),
               planted(name, 9, action=""), [name], name, planted(name, 9, id="x" * 200 + name)]
        same(h.post("/v1/events", bad, h.key)["rejected"], len(bad), f"{name}: refused ones")
        twice = json.dumps({"id": "1"})[:-1] + f', "{name}": 1, "{name}": 2}}'
        same(h.post("/v1/events", twice, h.key)["rejected"], 1, f"{name}: a repeated key")
        text = "\n".join([json.dumps(planted(name, 20)), f'{{"id": {name}}}', json.dumps(planted(name, 21))])
        same(h.post("/v1/events", text, h.key, headers=lines)["rejected"], 1, f"{name}: lines")
        same(h.http("POST", "/v1/events", f'{{"{name}'.encode(), {"Authorization": "Bearer " + h.key})[0], 400, f"{name}: not JSON")
        h.post("/v1/heartbeat", {"time": name, "source": "crm"}, h.key)
        h.post("/v1/heartbeat", {"source": name}, h.key)
        h.post("/v1/heartbeat", {"message": name}, h.key)
        h.http("POST", "/v1/heartbeat", f"{name}".encode(), {"Authorization": "Bearer " + h.key})
        # over the admin socket
        file = "\n".join([json.dumps(planted(name, 30 + n)), json.dumps(planted(name, 31 + n, source="billing")), name])
        h.run("import", "--source", "crm", h.write(f"import{n}.ndjson", file + "\n"), code=None)
        # and where no event should be
        h.http("POST", "/v1/events?user=" + name.replace(" ", "+"), b"[]", {"Authorization": "Bearer " + h.key, "User-Agent": name})
        h.http("GET", "/pilots/" + name.replace(" ", "%20"))
        h.run("trace", name, code=None)
        h.run("kpi", name, code=None)
    h.settle()
    s = [s for s in h.json("sources")["sources"] if s["source"] == "crm"][0]
    check(s["duplicates"] >= len(NAMES), "repeated ids are known without their names")
    check(s["reasons"].get("id_conflict", 0) >= len(NAMES), "conflicts are known without their names")
    found = ["Planted.Person", "ditta.example", "Piantata", "prova.example"]
    h.nowhere(*found)
    h.stop()  # all is on the disk now
    h.start()
    h.nowhere(*found)


def test_words_of_the_command_line():
    with_h(house(), words)


def words(h):
    check("apply" in h.run("help"), "help lists the commands")
    for c in ("serve", "apply", "seal", "key", "import", "kpi", "gate", "chart", "trace", "sources"):
        check("--data" in h.run("help", c), f"help of {c}")
    h.run("nonsense", code=2)
    check("did you mean" in (h.run("gat", "x", code=2) or h.err), "a near name is offered")
    h.run("kpi", "prva", code=4)
    check("prova" in h.err, "a near pilot is offered")
    h.run("kpi", "prova", "weekly_activ", code=4)
    check("weekly_active" in h.err, "a near KPI is offered")
    h.run("gate", "prova", code=30)
    bad = h.write("bad.yaml", "workspace: {code: prova}\npilot: {id: prova, strat: x}\n")
    h.run("apply", bad, code=2)
    check("start" in h.err and "bad.yaml" in h.err, f"an unknown key: {h.err}")


if __name__ == "__main__":
    main(test_good_ones, test_a_key_for_some_types, test_bad_ones_leave_their_neighbours, test_whole_requests_refused, test_names_are_nowhere,
         test_words_of_the_command_line)
