#!/usr/bin/env python3
"""keys.py - the real log against figures that two independent programs computed
(tests/data/logs/uci498_13w.key.json): through import, command line and API, as a user would."""
import json
import os

from house import ROOT, House, check, main, same


def key():
    with open(os.path.join(ROOT, "tests/data/logs/uci498_13w.key.json")) as f:
        return json.load(f)


def points(h, pilot, kpi):
    return h.json("kpi", pilot, kpi)["kpis"][0]["points"]


def weekly(h, pilot):
    return {p["bucket"]: p["num"] for p in points(h, pilot, "weekly_active") if (p["subject"], p["part"]) == ("*", "")}


def load(h, pilot):
    h.apply(f"docs/examples/{pilot}.yaml")
    source = [s["source"] for s in h.json("sources")["sources"] if s["pilot"] == pilot][0]
    h.run("key", "create", "--source", source)
    h.run("seal", pilot, "--replay-as-of", "2016-02-26T09:00:00Z")
    h.run("import", "--source", source, "--replay", h.copy("tests/data/logs/uci498_13w.ndjson.gz"))
    s = [s for s in h.json("sources")["sources"] if s["pilot"] == pilot][0]
    same((s["loaded"], s["duplicates"], s["quarantined"]), (130268, 0, 0), f"{pilot}: what was loaded")


def cohorts(h, k):
    got = {}
    for p in points(h, "uci-all", "retention"):
        if p["part"].startswith("calendar/"):
            got.setdefault(p["bucket"], {})[int(p["part"][-2:])] = (p["num"], p["den"])
    for week, want in k["cohorts"].items():
        same([n for _, (n, _) in sorted(got[week].items())], want["active"], f"cohort {week}")
        same({d for _, d in got[week].values()}, {want["size"]}, f"size of cohort {week}")


def retentions(h, k):
    sums = {}
    for p in points(h, "uci-all", "retention"):
        kind, _, n = p["part"].partition("/+")
        if n:
            s = sums.setdefault(kind, {}).setdefault(int(n), [0, 0])
            s[0] += p["num"]
            s[1] += p["den"]
    for n, want in k["retention_week_calendar"].items():
        same(sums["calendar"][int(n)], [want["retained"], want["eligible"]], f"calendar retention, week {n}")
    # Of personal weeks the filter withholds the few who began on the last Monday they could have
    # (tests/db/kpi_keys.c compares all of them, below the filter).
    for n, want in k["retention_week_personal"].items():
        num, den = sums["personal"].get(int(n), [0, 0])
        check(num <= want["retained"] and 0 <= want["eligible"] - den <= 48 and
              num - den >= want["retained"] - want["eligible"], f"personal retention, week {n}: {num} of {den}")


def test_the_real_log():
    k = key()
    with House() as h:
        load(h, "uci-all")
        same(weekly(h, "uci-all"), {w: v["users"] for w, v in k["weekly"].items()}, "weekly actives")
        cohorts(h, k)
        retentions(h, k)
        before = h.json("kpi", "uci-all")["kpis"]
        h.run("import", "--source", "uci498_13w", "--replay", h.copy("tests/data/logs/uci498_13w.ndjson.gz"))
        same(h.json("kpi", "uci-all")["kpis"], before, "figures after a second import")
        load(h, "uci-people")
        same(weekly(h, "uci-people"), k["without_service_accounts"]["weekly_users"], "weekly actives of people")
        same({p["den"] for p in points(h, "uci-people", "weekly_active")}, {739}, "people")
        for pilot in ("uci-all", "uci-people"):
            page = h.get(f"/pilots/{pilot}?lang=en")
            check("Replayed history" in page, f"{pilot}: the banner")
        h.run("gate", "uci-all", code=20)


if __name__ == "__main__":
    main(test_the_real_log)
