#!/usr/bin/env python3
"""demos.py - the two demo pilots from their deliveries to a verdict on a page, against the truth
computed by whoever invented them (tests/data/pilots/*/truth.json)."""
import gzip
import json
import os
import random
import re
import sys

from house import ROOT, SLOW, House, check, main, same

WHEN = "2026-02-27T09:00:00+01:00"
PILOTS = {
    "healthy": {"workspace": "rossi-impianti", "loaded": 6840, "duplicates": 203, "quarantined": 13,
                "sustained": 15, "verdict": "GO", "code": 0,
                "reasons": {"bad_time": 2, "missing_action": 2, "not_object": 3, "bad_unicode": 1,
                            "time_in_future": 2, "missing_user": 2, "not_json": 1}},
    "shelfware": {"workspace": None, "loaded": 3908, "duplicates": 62, "quarantined": 1,
                  "sustained": 4, "verdict": "NO_GO", "code": 20, "reasons": {"bad_unicode": 1}},
}


def truth(pilot):
    with open(os.path.join(ROOT, f"tests/data/pilots/{pilot}/truth.json")) as f:
        return json.load(f)


def workspace_of(h, pilot):
    """The sources command knows it."""
    for s in h.json("sources")["sources"]:
        if s["pilot"] == pilot:
            return s["workspace"]
    raise AssertionError(f"no source of {pilot}")


def declare(h, pilot):
    h.apply(f"docs/examples/{pilot}.yaml")
    w = workspace_of(h, pilot)
    for source in ("crm", "billing", "tickets"):
        key = h.run("key", "create", "--workspace", w, "--source", source).strip()
        check(re.fullmatch(r"clk_[a-z0-9]+_[A-Za-z0-9]+", key), f"a key looks like {key}")
    h.run("seal", pilot, "--replay-as-of", WHEN)
    return w


def deliver(h, pilot, workspace, path=None):
    out = h.run("import", "--workspace", workspace, "--source", "crm", "--replay", "--json",
                path or h.copy(f"tests/data/pilots/{pilot}/deliveries.ndjson.gz"))
    return json.loads(out)


def totals(h, pilot):
    sums, reasons = {"received": 0, "loaded": 0, "duplicates": 0, "quarantined": 0, "reread": 0}, {}
    for s in h.json("sources")["sources"]:
        if s["pilot"] != pilot:
            continue
        for k in sums:
            sums[k] += s[k]
        for r, n in s["reasons"].items():
            reasons[r] = reasons.get(r, 0) + n
    return sums, reasons


def points(h, pilot, kpi, subject="*", part="", *more):
    doc = h.json("kpi", pilot, kpi, *more)
    return [p for p in doc["kpis"][0]["points"] if p["subject"] == subject and p["part"] == part]


def figures(h, pilot):
    """Everything a reader can see, to compare before and after."""
    doc = h.json("kpi", pilot)
    doc.pop("as_of")
    gate = h.json("gate", pilot, code=None)
    gate.pop("as_of")
    return doc, gate


def one_pilot(h, pilot):
    want, t = PILOTS[pilot], truth(pilot)
    w = declare(h, pilot)
    lines = deliver(h, pilot, w)
    received = want["loaded"] + want["duplicates"] + want["quarantined"]
    same(lines["lines"], received, f"{pilot}: lines read")
    sums, reasons = totals(h, pilot)
    same(sums, {"received": received, "loaded": want["loaded"], "duplicates": want["duplicates"],
                "quarantined": want["quarantined"], "reread": 0}, f"{pilot}: counts")
    same(reasons, want["reasons"], f"{pilot}: reasons of quarantine")

    weekly = points(h, pilot, "weekly_active")
    same({p["bucket"]: p["num"] for p in weekly}, t["weekly_active_seats"], f"{pilot}: weekly active")
    same({p["den"] for p in weekly}, {20}, f"{pilot}: seats")
    same([p["bucket"] for p in weekly if not p["complete"]], ["2026-W22"], f"{pilot}: the week cut by the end")
    s = points(h, pilot, "sustained_users")
    same([(p["num"], p["den"]) for p in s], [(want["sustained"], 20)], f"{pilot}: sustained use")
    gate = h.json("gate", pilot, code=want["code"])
    same((gate["verdict"], gate["final"]), (want["verdict"], True), f"{pilot}: verdict")
    for lang in ("it", "en"):
        page = h.get(f"/pilots/{pilot}?lang={lang}")
        check("replay" in page, f"{pilot}: the replay banner")
        check(re.search(r"\b%d\b.{0,20}\b20\b" % want["sustained"], page), f"{pilot}: sustained use on the page")
        check(f'lang="{lang}"' in page, f"{pilot}: the page's language")
    return w


def test_healthy_is_go_and_shelfware_no_go():
    with House() as h:
        for pilot in PILOTS:
            one_pilot(h, pilot)
        too_late(h)
        before = {p: figures(h, p) for p in PILOTS}

        # provisional before the end: nothing is decided on 20 April
        gate = h.json("gate", "healthy", "--as-of", "2026-04-20T12:00:00+02:00", code=30)
        same((gate["final"], gate["deciding_rule"]["number"]), (False, 0), "the gate before the end")
        # and a shelfware that cannot be saved is known early
        gate = h.json("gate", "shelfware", "--as-of", "2026-05-27T12:00:00+02:00", code=20)
        same((gate["final"], gate["verdict"]), (False, "NO_GO"), "shelfware before the end")

        # the same files again, a restart, and a kill: nothing changes, start-up is quick
        for pilot in PILOTS:
            h.apply(f"docs/examples/{pilot}.yaml")
            deliver(h, pilot, workspace_of(h, pilot))
            same(figures(h, pilot), before[pilot], f"{pilot}: figures after a second import")
        h.stop()
        took = h.start()
        print(f"second start: {took:.2f} s")
        check(took < 3 * SLOW, f"the second start took {took:.2f} s")
        h.kill()
        h.start()
        for pilot in PILOTS:
            same(figures(h, pilot), before[pilot], f"{pilot}: figures after a restart and a kill")
            sums, _ = totals(h, pilot)
            same(sums["loaded"], PILOTS[pilot]["loaded"], f"{pilot}: loaded after all that")
        charts(h)
        trace(h)
        walls(h)


def too_late(h):
    """Events for days of a frozen pilot are taken and stored, and change nothing."""
    before = figures(h, "shelfware")
    key = h.run("key", "create", "--workspace", workspace_of(h, "shelfware"), "--source", "crm").strip()
    with gzip.open(os.path.join(ROOT, "tests/data/pilots/shelfware/deliveries.ndjson.gz"), "rt", errors="replace") as f:
        user = next(e["user"] for e in map(lambda x: json.loads(json.loads(x)["line"]), f) if e["action"].startswith("deal."))
    late = [{"id": f"late-{n}", "time": f"2026-0{4 + n % 2}-{1 + n // 8:02d}T10:00:00+02:00", "user": user,
             "action": "deal.create"} for n in range(160)]
    same(h.post("/v1/events?wait=loaded", late, key)["accepted"], 160, "late events taken")
    for n in range(10):  # its verdict need not wait until such a day is looked at again
        more = dict(late[0], id=f"later-{n}", time=f"2026-04-{10 + n}T10:00:00+02:00")
        h.post("/v1/events?wait=loaded", more, key)
        h.run("gate", "shelfware", code=20)
    h.post("/v1/heartbeat?wait=loaded", {"time": "2026-04-25T10:00:00+02:00"}, key)
    h.settle()
    same(figures(h, "shelfware"), before, "figures after events that came too late")
    crm = [s for s in h.json("sources")["sources"] if s["pilot"] == "shelfware" and s["source"] == "crm"][0]
    same(crm["late"], 170, "late events counted as such")
    PILOTS["shelfware"]["loaded"] += 170


def charts(h):
    for form in ("png", "svg"):
        to = os.path.join(h.data, f"chart.{form}")
        h.run("chart", "healthy", "weekly_active", "-o", to, "--lang", "en")
        with open(to, "rb") as f:
            head = f.read(64)
        check(head.startswith(b"\x89PNG" if form == "png" else b"<svg"), f"a {form} begins with {head[:8]!r}")
    status, _, _ = h.http("GET", "/api/v1/pilots/healthy/charts/nothing.png")
    same(status, 404, "a chart that is not there")


def trace(h):
    out = h.json("trace", "crm-000001")
    check(out["events"], "the way of an event")
    text = json.dumps(out)
    check("azienda.example" not in text, "a trace shows no clear identifier")
    h.run("trace", "no-such-event", code=4)
    # any characters in the id; who is asked for is not told
    bot = h.json("trace", "bot-sync@integration-1")["events"]
    check(bot and bot[0]["stored_id"].startswith("h:"), "an id with an address in it is found")
    # the same day and account are counted as the rollup counts them
    with gzip.open(os.path.join(ROOT, "tests/data/pilots/healthy/deliveries.ndjson.gz"), "rt", errors="replace") as f:
        ids = [json.loads(json.loads(x)["line"]) for x in list(f)[2000:2400] if "deal." in x and "-d\\\"" not in x]
    seen = {tuple(h.json("trace", e["id"])["events"][0]["counted_in"]) for e in ids[:12]}
    everything = ("duplicate_events", "quarantine_rate", "retention", "source_coverage", "sustained_users", "weekly_active")
    check(everything in {tuple(sorted(s)) for s in seen}, f"a value event of a person counts everywhere: {seen}")
    late = h.json("trace", "late-7")["events"][0]
    same((late["late"], late["value_event"], late["counted_in"]), (True, True, []), "an event that came too late")
    check(late["journal_position"] > 1000, f"where it stands in the journal: {late['journal_position']}")


def walls(h):
    """No name of the people is found in what the service wrote down."""
    h.nowhere("azienda.example")


def test_order_and_pieces_change_nothing():
    """Shuffled, or half and then all: the same figures as read once in order."""
    with gzip.open(os.path.join(ROOT, "tests/data/pilots/shelfware/deliveries.ndjson.gz"), "rb") as f:
        lines = f.read().splitlines()
    seen = []
    for arrange in (lambda x: [x], lambda x: [random.Random(7).sample(x, len(x))],
                    lambda x: [x[:len(x) // 2], x]):
        with House() as h:
            w = declare(h, "shelfware")
            for k, part in enumerate(arrange(lines)):
                deliver(h, "shelfware", w, h.write(f"part{k}.ndjson", b"\n".join(part) + b"\n"))
            doc, gate = figures(h, "shelfware")
            seen.append((doc, gate, totals(h, "shelfware")[0]["loaded"]))
    same(seen[1], seen[0], "figures after a shuffled import")
    same(seen[2], seen[0], "figures after half and then all")


if __name__ == "__main__":
    main(test_healthy_is_go_and_shelfware_no_go, test_order_and_pieces_change_nothing)
