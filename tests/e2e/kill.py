#!/usr/bin/env python3
"""kill.py - kill -9 of the service during an import of 100,000 events, ten times at random
moments of it, then a repeat: every event is counted once. Prints what was lost and doubled.
How long an import takes differs from machine to machine: one that was done before its kill
makes the next moments come earlier.

    kill.py [KILLS]        ten by default
"""
import gzip
import json
import os
import random
import subprocess
import sys
import threading
import time

from house import ROOT, SLOW, House, check, main, same

EVENTS = 100_000
KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 10


def first_lines(n):
    with gzip.open(os.path.join(ROOT, "tests/data/logs/uci498_13w.ndjson.gz"), "rb") as f:
        return [next(f) for _ in range(n)]


def independent_weeks(lines):
    """Weekly actives counted here, by ISO week of the local day."""
    from datetime import datetime
    from zoneinfo import ZoneInfo
    rome, weeks = ZoneInfo("Europe/Rome"), {}
    for line in lines:
        e = json.loads(line)
        y, w, _ = datetime.fromisoformat(e["time"].replace("Z", "+00:00")).astimezone(rome).isocalendar()
        weeks.setdefault(f"{y}-W{w:02}", set()).add(e["user"])
    return {w: len(u) for w, u in sorted(weeks.items())}


def test_killed_ten_times():
    random.seed(os.environ.get("COLLAUDO_SEED"))
    lines = first_lines(EVENTS)
    with House() as h:
        h.apply("docs/examples/uci-all.yaml")
        source = h.json("sources")["sources"][0]["source"]
        h.run("key", "create", "--source", source)
        h.run("seal", "uci-all", "--replay-as-of", "2016-02-26T09:00:00Z")
        path = h.write("events.ndjson", b"".join(lines))
        begun = time.monotonic()
        rounds, cut, span = 0, 0, 3.0 * SLOW
        while cut < KILLS and rounds < 4 * KILLS:
            rounds += 1
            wait = random.uniform(0.05, span)
            importer = subprocess.Popen([*h.lend, h.binary, "import", "--source", source, "--replay", path],
                                        env=h.env, cwd=h.dir, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
            started = time.monotonic()
            try:
                importer.wait(wait)
                span = 0.9 * (time.monotonic() - started)  # it was done: the next is killed earlier
            except subprocess.TimeoutExpired:
                cut += 1
            h.kill()
            importer.wait(120 * SLOW)
            h.start()
        h.run("import", "--source", source, "--replay", path)
        s = h.json("sources")["sources"][0]
        print(f"killed {rounds} times ({cut} during the import) in {time.monotonic() - begun:.0f} s: "
              f"{EVENTS - s['loaded']} lost, {max(0, s['loaded'] - EVENTS)} doubled, {s['reread']} read again")
        check(cut >= KILLS, f"only {cut} of {rounds} kills came during the import")
        same(s["loaded"], EVENTS, "events loaded")
        same((s["duplicates"], s["quarantined"]), (0, 0), "duplicates and quarantined")
        doc = h.json("kpi", "uci-all", "weekly_active")
        got = {p["bucket"]: p["num"] for p in doc["kpis"][0]["points"] if p["subject"] == "*"}
        want = independent_weeks(lines)
        same({w: n for w, n in got.items() if n}, want, "weekly actives")


if __name__ == "__main__":
    main(test_killed_ten_times)
