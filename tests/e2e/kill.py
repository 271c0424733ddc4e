#!/usr/bin/env python3
"""kill.py - kill -9 of the service at random moments while events are imported, then a repeat:
every event is counted once. Prints what was lost and doubled.

    kill.py [KILLS]         during imports of 100,000 events; ten by default
    kill.py KILLS short     each during an import of 1,000 others, so that there are many: 50 are run
                            with every test, 1,000 are the long form

How long an import takes differs from machine to machine: one that was done before its kill makes
the next moments come earlier.
"""
import gzip
import json
import os
import random
import subprocess
import sys
import time

from house import ROOT, SLOW, House, check, main, same

EVENTS = 100_000
KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
SHORT = sys.argv[2:] == ["short"]
PIECE = 1000


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


def begin(h):
    h.apply("docs/examples/uci-all.yaml")
    source = h.json("sources")["sources"][0]["source"]
    h.run("key", "create", "--source", source)
    h.run("seal", "uci-all", "--replay-as-of", "2016-02-26T09:00:00Z")
    return source


def kill_during(h, source, path, wait):
    """Kills the service in the middle of an import; how long that took if it was done before."""
    importer = subprocess.Popen([*h.lend, h.binary, "import", "--source", source, "--replay", path],
                                env=h.env, cwd=h.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started, took = time.monotonic(), None
    try:
        importer.wait(wait)
        took = time.monotonic() - started
    except subprocess.TimeoutExpired:
        pass
    h.kill()
    importer.wait(120 * SLOW)
    h.start()
    return took


def judge(h, lines, rounds, cut, begun):
    s = h.json("sources")["sources"][0]
    print(f"killed {rounds} times ({cut} during the import) in {time.monotonic() - begun:.0f} s: "
          f"{max(0, len(lines) - s['loaded'])} lost, {max(0, s['loaded'] - len(lines))} doubled, "
          f"{s['reread']} read again")
    same(s["loaded"], len(lines), "events loaded")
    same((s["duplicates"], s["quarantined"]), (0, 0), "duplicates and quarantined")
    doc = h.json("kpi", "uci-all", "weekly_active")
    got = {p["bucket"]: p["num"] for p in doc["kpis"][0]["points"] if p["subject"] == "*"}
    same({w: n for w, n in got.items() if n}, independent_weeks(lines), "weekly actives")


def test_killed_during_long_imports():
    random.seed(os.environ.get("COLLAUDO_SEED"))
    lines = first_lines(EVENTS)
    with House() as h:
        source = begin(h)
        path = h.write("events.ndjson", b"".join(lines))
        begun = time.monotonic()
        rounds, cut, span = 0, 0, 3.0 * SLOW
        while cut < KILLS and rounds < 4 * KILLS:
            rounds += 1
            took = kill_during(h, source, path, random.uniform(0.05, span))
            span = 0.9 * took if took else span  # it was done: the next is killed earlier
            cut += took is None
        h.run("import", "--source", source, "--replay", path)
        check(cut >= KILLS, f"only {cut} of {rounds} kills came during the import")
        judge(h, lines, rounds, cut, begun)


def test_killed_many_times():
    """Each time other events are on their way, and those of before are in every state."""
    random.seed(os.environ.get("COLLAUDO_SEED"))
    lines = first_lines(min(KILLS, 250) * PIECE)
    with House() as h:
        source = begin(h)
        begun = time.monotonic()
        cut, span = 0, 0.2 * SLOW
        for i in range(KILLS):
            at = i * PIECE % len(lines)
            path = h.write("piece.ndjson", b"".join(lines[at:at + PIECE]))
            took = kill_during(h, source, path, random.uniform(0.01, span))
            span = max(0.02, 0.9 * took) if took else span * 1.05
            cut += took is None
        h.run("import", "--source", source, "--replay", h.write("all.ndjson", b"".join(lines)))
        judge(h, lines, KILLS, cut, begun)
        check(cut > KILLS // 4, f"only {cut} of {KILLS} kills came during an import")


if __name__ == "__main__":
    main(test_killed_many_times if SHORT else test_killed_during_long_imports)
