#!/usr/bin/env python3
"""bench.py - how fast, as ratios measured beside a reference in the same run.

    scripts/bench ingest [EVENTS]   events over HTTP beside `psql \\copy` of the same rows into the
                                    same table
    scripts/bench peers [EVENTS]    the same beside two collectors in Node and pg
    scripts/bench load [EVENTS]     a steady rate, repeats, memory
    scripts/bench page              the pilot page of the real log

Medians of five rounds, with the least and the most. The machine's speed drops out of the ratios.
"""
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import date, timedelta

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from house import ROOT, House  # noqa: E402

ROUNDS = 5
LOAD = os.path.join(ROOT, "build", "bench_load")
PEERS = os.path.join(ROOT, "tests", "bench", "peers")

PILOT = """
workspace: {code: bench, name: Bench S.r.l.}
tools: [{code: crm, name: CRM, owner: IT}]
sources: [{name: crm, tool: crm}]
people:
%s
pilot: {id: bench, name: Bench, start: "%s", end: "%s", tz: Europe/Rome}
value_events: ["*"]
criteria:
  - {id: active, kpi: weekly_active, params: {weeks: 4}, target: {ge: 0.5}, must: true, weight: 1}
privacy: {notice_ref: "n", agreement_ref: "a"}
"""


def spread(values, unit=""):
    return f"{statistics.median(values):,.2f}{unit} ({min(values):,.2f} to {max(values):,.2f})"


def psql(h, *commands):
    with open(os.path.join(h.data, "pg-socket")) as f:
        socket = f.readline().strip()
    args = [a for c in commands for a in ("-c", c)]
    return subprocess.run([*h.lend, "psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "postgres",
                           "-d", "collaudo", *args], check=True, capture_output=True, text=True, cwd=h.dir).stdout


def house():
    start = date.today() + timedelta(days=2)
    people = "\n".join(f"  - {{id: user{i:03}@example.com, team: t{i % 5}, role: member}}" for i in range(500))
    h = House()
    h.start()
    h.run("apply", h.write("bench.yaml", PILOT % (people, start, start + timedelta(days=83))))
    h.key = h.run("key", "create", "--source", "crm", "--rate", "1000000").strip()
    return h


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def service_pid(h):
    """Under setpriv the pid is the service's own: setpriv becomes it."""
    return h.process.pid


def loaded_total(h):
    for line in h.get("/metrics").splitlines():
        if line.startswith("collaudo_loader_events_loaded_total "):
            return int(line.split()[1])
    raise AssertionError("no such counter")


def one_round(h, events, batch, connections, k):
    """The same rows twice into the empty table: over HTTP, and by \\copy. Events per second."""
    psql(h, "truncate collaudo.event, collaudo.usage_day, collaudo.person_day, collaudo.source_day", "checkpoint")
    before = loaded_total(h)
    cpu = cpu_seconds(service_pid(h))
    begun = time.monotonic()
    out = subprocess.run([LOAD, str(h.port), h.key, str(events), str(batch), str(connections), f"r{k}-"],
                         check=True, capture_output=True, text=True).stdout
    acked = json.loads(out)
    while loaded_total(h) < before + events:  # not by counting rows: that would be work beside it
        time.sleep(0.01)
    loaded = events / (time.monotonic() - begun)
    cpu = (cpu_seconds(service_pid(h)) - cpu) / events * 1e6
    path = os.path.join(h.data, "rows")
    columns = psql(h, "select string_agg(attname, ',' order by attnum) from pg_attribute"
                      " where attrelid = 'collaudo.event'::regclass and attnum > 0").strip()
    psql(h, f"\\copy collaudo.event ({columns}) to '{path}'")
    h.run("import", "--source", "crm", h.write("none.ndjson", ""))  # everything counted: nothing runs beside
    psql(h, "truncate collaudo.event", "checkpoint")
    begun = time.monotonic()
    psql(h, f"\\copy collaudo.event ({columns}) from '{path}'")
    copied = events / (time.monotonic() - begun)
    return acked, loaded, copied, cpu


def ingest(events):
    h = house()
    try:
        for batch, connections in ((100, 16), (1000, 8), (1, 64)):
            n = events if batch > 1 else events // 10
            rounds = [one_round(h, n, batch, connections, f"{batch}-{k}") for k in range(ROUNDS)]
            print(f"\nbatches of {batch} on {connections} connections, {n:,} events, {ROUNDS} rounds")
            print("  acknowledged per second  ", spread([a["per_second"] for a, _, _, _ in rounds]))
            print("  loaded per second        ", spread([x for _, x, _, _ in rounds]))
            print("  psql \\copy per second    ", spread([c for _, _, c, _ in rounds]))
            print("  loaded / copied          ", spread([x / c for _, x, c, _ in rounds]))
            print("  acknowledged / copied    ", spread([a["per_second"] / c for a, _, c, _ in rounds]))
            print("  answer p50, p99 ms       ", spread([a["p50_ms"] for a, _, _, _ in rounds]), "",
                  spread([a["p99_ms"] for a, _, _, _ in rounds]))
            print("  service CPU us per event ", spread([u for _, _, _, u in rounds]), flush=True)
    finally:
        h.__exit__(None, None, None)


def memory_mib(h):
    with open(f"/proc/{service_pid(h)}/status") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmRSS:"))


def send(h, events, batch, connections, prefix, per_second=0, repeats=0):
    """Sends, and waits until all of it is loaded or known; what the load generator said, and the
    events per second until then."""
    def known():
        text = h.get("/metrics")
        names = ("collaudo_loader_events_loaded_total ", "collaudo_loader_events_duplicate_total ")
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(names))
    before, begun = known(), time.monotonic()
    out = subprocess.run([LOAD, str(h.port), h.key, str(events), str(batch), str(connections), prefix, str(per_second),
                          str(repeats)], check=True, capture_output=True, text=True).stdout
    while known() < before + events:
        time.sleep(0.01)
    return json.loads(out), events / (time.monotonic() - begun)


def load(events):
    """What a collector has to bear: a steady rate, repeats, pages beside it; and its memory."""
    h = house()
    try:
        fresh, one, all_, p50, p99 = [], [], [], [], []
        for k in range(ROUNDS):
            psql(h, "truncate collaudo.event", "checkpoint")
            answers, _ = send(h, 50_000, 10, 16, f"steady{k}-", per_second=10_000)
            p50.append(answers["p50_ms"])
            p99.append(answers["p99_ms"])
            fresh.append(send(h, events, 100, 16, f"fresh{k}-")[1])
            one.append(send(h, events, 100, 16, f"one{k}-", repeats=10)[1])
            all_.append(send(h, events, 100, 16, f"fresh{k}-")[1])
        print(f"\n10,000 events per second in batches of 10 on 16 connections, {ROUNDS} rounds")
        print("  answer p50, p99 ms       ", spread(p50), "", spread(p99))
        print(f"batches of 100 on 16 connections, {events:,} events")
        print("  loaded per second, fresh ", spread(fresh))
        print("  1 % repeats / fresh      ", spread([a / b for a, b in zip(one, fresh)]))
        print("  all repeats / fresh      ", spread([a / b for a, b in zip(all_, fresh)]))
        print(f"memory of the service after {(3 * events + 50_000) * ROUNDS:,} events: {memory_mib(h):.1f} MiB")
        h.kill()  # PostgreSQL goes on
        print("ms from start to the first answer, on a running database:", f"{h.start() * 1e3:.0f}", flush=True)
    finally:
        h.__exit__(None, None, None)


def peer_rate(h, mode, events, batch, connections, k):
    """Acknowledged events per second of a Node collector on the same PostgreSQL (tests/bench/peers)."""
    with open(os.path.join(h.data, "pg-socket")) as f:
        socket = f.readline().strip()
    peer = subprocess.Popen([*h.lend, "node", os.path.join(PEERS, "collector.mjs"), mode, socket, "collaudo", h.key],
                            stdout=subprocess.PIPE, text=True, cwd=PEERS)
    try:
        port = peer.stdout.readline().strip()
        out = subprocess.run([LOAD, port, h.key, str(events), str(batch), str(connections), f"p{k}-"],
                             check=True, capture_output=True, text=True).stdout
        return json.loads(out)["per_second"]
    finally:
        peer.terminate()
        peer.wait()


def peers(events):
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=PEERS, check=True, stdout=subprocess.DEVNULL)
    h = house()
    try:
        ours, each, batch = [], [], []
        for k in range(ROUNDS):
            ours.append(one_round(h, events, 100, 16, f"ours-{k}")[1])
            each.append(peer_rate(h, "each", events // 10, 100, 16, f"each-{k}"))
            batch.append(peer_rate(h, "batch", events // 2, 100, 16, f"batch-{k}"))
        print(f"batches of 100 on 16 connections, {events:,} events, {ROUNDS} rounds")
        print("  loaded per second                      ", spread(ours))
        print("  Node and pg, an insert per event       ", spread(each))
        print("  Node and pg, an insert per request     ", spread(batch))
        print("  ours / insert per event                ", spread([a / b for a, b in zip(ours, each)]))
        print("  ours / insert per request              ", spread([a / b for a, b in zip(ours, batch)]))
    finally:
        h.__exit__(None, None, None)


def fetch(h, paths):
    """Milliseconds of each GET on one connection, and the size of the last answer."""
    import http.client
    c = http.client.HTTPConnection("127.0.0.1", h.port)
    times = []
    for path in paths:
        begun = time.monotonic()
        c.request("GET", path, headers={"Accept-Encoding": "gzip"})
        r = c.getresponse()
        body = r.read()
        times.append((time.monotonic() - begun) * 1e3)
        assert r.status == 200, r.status
    return times, len(body)


def page():
    with House() as h:
        h.apply("docs/examples/uci-all.yaml")
        source = h.json("sources")["sources"][0]["source"]
        h.run("key", "create", "--source", source, "--rate", "1000000")
        h.run("seal", "uci-all", "--replay-as-of", "2016-02-26T09:00:00Z")
        h.run("import", "--source", source, "--replay", h.copy("tests/data/logs/uci498_13w.ndjson.gz"))
        first, _ = fetch(h, ["/pilots/uci-all?lang=en"])
        made, kept, size = [], [], 0
        for k in range(ROUNDS):  # a clock of its own for each: the same page, made anew
            fresh = [f"/pilots/uci-all?lang=en&as_of=2016-07-01T{k:02}:{i:02}:00Z" for i in range(20)]
            made.append(statistics.median(fetch(h, fresh)[0]))
            times, size = fetch(h, ["/pilots/uci-all?lang=en"] * 20)
            kept.append(statistics.median(times))
        static, _ = fetch(h, ["/healthz"] * 20)
        print(f"pilot page of the real log, {size:,} bytes gzipped, {ROUNDS} rounds of 20")
        print(f"  ms of the first after load {first[0]:.2f}")
        print("  ms of a page made anew    ", spread(made))
        print("  ms of a page kept         ", spread(kept))
        print("  ms of /healthz beside     ", spread(static))


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    if what == "ingest":
        ingest(events)
    elif what == "load":
        load(events)
    elif what == "peers":
        peers(events)
    elif what == "page":
        page()
    else:
        sys.exit(__doc__)
