#!/usr/bin/env python3
"""simulate.py - invented pilots, sent over HTTP and read from files: what the service counts is
what their truth says, exactly; and the sender is one that a bad network cannot make lie."""
import http.client
import http.server
import json
import os
import pwd
import random
import signal
import socket
import subprocess
import threading
import time
from datetime import date, timedelta

from house import SLOW, House, check, main, same

SOURCES = ("crm", "billing", "tickets")


class Sim(House):
    """A house with a folder in which its user may write."""

    def folder(self, name):
        path = os.path.join(self.dir, name)
        os.mkdir(path)
        if self.lend:
            user = pwd.getpwnam("postgres")
            os.chown(path, user.pw_uid, user.pw_gid)
        return path

    def simulate(self, out, *args, **how):
        """Runs the command; what it printed and the truth it wrote."""
        said = json.loads(self.run("simulate", "--json", "--out", out, *args, **how))
        with open(os.path.join(out, "truth.json")) as f:
            return said, json.load(f)

    def counts(self, pilot):
        keys = ("received", "loaded", "duplicates", "quarantined", "reasons")
        return {s["source"]: {k: s[k] for k in keys}
                for s in self.json("sources")["sources"] if s["pilot"] == pilot}

    def points(self, pilot, kpi):
        doc = self.json("kpi", pilot, kpi)
        return [p for p in doc["kpis"][0]["points"] if p["subject"] == "*" and not p["part"]]


def hold_figures(h, pilot, t, what):
    weekly = h.points(pilot, "weekly_active")
    same({p["bucket"]: {k: p[k] for k in ("num", "den", "excluded", "complete")} for p in weekly},
         t["weekly_active"], f"{what}: weekly active")
    s, want = h.points(pilot, "sustained_users"), t["sustained_users"]
    same([(p["num"], p["den"], p["excluded"]) for p in s], [(want["num"], want["den"], want["excluded"])],
         f"{what}: sustained use")


def hold(h, pilot, t, what):
    """The service's counters and figures are the truth's."""
    counts = h.counts(pilot)
    same(counts, {s: {k: t["sources"][s][k] for k in counts[s]} for s in SOURCES}, f"{what}: counts")
    hold_figures(h, pilot, t, what)


def without_name(t):
    return {k: v for k, v in t.items() if k != "pilot"}


def replay(h, out, pilot, start):
    """From the files: apply, seal as history, import what each tool delivered."""
    h.run("apply", os.path.join(out, "pilot.yaml"))
    h.run("seal", pilot, "--replay-as-of", f"{start}T00:00:00+01:00")
    for source in SOURCES:
        h.run("import", "--workspace", pilot, "--source", source, "--replay", "--json",
              os.path.join(out, f"{source}.ndjson"))


def keys_of(h, pilot):
    keys = [h.run("key", "create", "--workspace", pilot, "--source", s).strip() for s in SOURCES]
    return ",".join(f"{s}={k}" for s, k in zip(SOURCES, keys))


def over_tcp(h, out, pilot, start):
    h.run("apply", os.path.join(out, "pilot.yaml"))
    h.run("seal", pilot, "--replay-as-of", f"{start}T00:00:00+01:00")
    return keys_of(h, pilot)


def test_service_counts_what_is_true():
    """Three seeds, three windows, three ways in: the admin socket and TCP now, files as of then."""
    # only the replay shows how the faulty one was delivered; its window is over August
    cases = ((3, "healthy", 80, 90, "2026-03-02", "GO", 0), (2, "shelfware", 200, 90, "2026-01-07", "NO_GO", 20),
             (77, "faulty", 20, 62, "2025-07-14", "GO_WITH_CONDITIONS", 10))
    with Sim() as h:
        for seed, profile, people, days, start, verdict, code in cases:
            what = ["--seed", str(seed), "--profile", profile, "--people", str(people), "--days", str(days)]
            out = h.folder(f"b{seed}")
            said, t = h.simulate(out, *what, "--start", start, "--pilot", f"b{seed}")
            check(said["sent"] is None, "files alone are not sent")
            if people == 80:
                come_and_go(out, t)
            replay(h, out, f"b{seed}", start)
            hold(h, f"b{seed}", t, f"seed {seed}, import --replay")
            final(h, f"b{seed}", verdict, code)

            said, t = h.simulate(h.folder(f"a{seed}"), *what, "--to", "service", "--pilot", f"a{seed}")
            same(said["sent"]["events"], t["totals"]["received"], f"seed {seed}: sent")
            same(said["sent"]["again"], 0, f"seed {seed}: sent again")
            hold(h, f"a{seed}", t, f"seed {seed}, admin socket")

            out, start = h.folder(f"c{seed}"), said["start"]
            h.simulate(out, *what, "--pilot", f"c{seed}", "--start", start)
            key = over_tcp(h, out, f"c{seed}", start)
            said, over = h.simulate(out, *what, "--pilot", f"c{seed}", "--to", f"http://127.0.0.1:{h.port}/",
                                    "--start", start, "--key", key, "--gzip", "--batch", "7", "--connections", "16")
            same(without_name(over), without_name(t), f"seed {seed}: the truth of the same pilot again")
            h.settle()
            hold(h, f"c{seed}", over, f"seed {seed}, TCP")
        same([k["state"] for k in h.json("key", "list")["keys"] if k["pilot"].startswith("a")], ["revoked"] * 9,
             "the keys of a run end with it")


def come_and_go(out, t):
    with open(os.path.join(out, "pilot.yaml")) as f:
        text = f.read()
    check("joined:" in text and "left:" in text and t["totals"]["after_leaving"] > 0,
          "people come and go, and a program goes on under a name")


def final(h, pilot, verdict, code, *more):
    gate = h.json("gate", pilot, *more, code=code)
    same((gate["verdict"], gate["final"]), (verdict, True), f"{pilot}: the gate")


def test_verdicts_and_a_second_run():
    """Without a word the window ended yesterday; the same again changes nothing."""
    with Sim() as h:
        for profile, verdict, code in (("healthy", "GO", 0), ("shelfware", "NO_GO", 20), ("mixed", "INCONCLUSIVE", 30)):
            for seed in (3, 4):
                pilot, out = f"sim-{profile}-{seed}", h.folder(f"{profile}{seed}")
                args = ["--to", "service", "--profile", profile, "--seed", str(seed)]
                said, t = h.simulate(out, *args)
                same(said["pilot"], pilot, "the pilot's id")
                same(h.json("gate", pilot, code=None)["provisional"], verdict, f"{pilot}: the gate today")
                final(h, pilot, verdict, code, "--as-of", said["frozen_from"])
                before = h.counts(pilot)
                h.simulate(out, *args, "--start", said["start"])
                after = h.counts(pilot)
                same({s: c["loaded"] for s, c in after.items()}, {s: c["loaded"] for s, c in before.items()},
                     f"{pilot}: events after a second run")
                hold_figures(h, pilot, t, f"{pilot}, sent twice")
        # another pilot under a name that is taken
        h.run("simulate", "--out", out, "--to", "service", "--pilot", "sim-healthy-3", "--seed", "9", code=5)
        check("--pilot" in h.err, f"the refusal says what to do: {h.err}")
        # what comes when figures are frozen is told to be in none of them
        told = h.run("simulate", "--out", out, "--to", "service", "--pilot", "old", "--start", "2026-03-02")
        check("2026-06-07" in told and "in none of them" in told, f"a frozen pilot is told: {told}")


class BadNetwork(threading.Thread):
    """Between sender and service: refuses some requests, cuts some before and some after the
    service has stored them, and says how often."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.dice, self.lock = random.Random(5), threading.Lock()
        self.seen = {"429": 0, "503": 0, "cut before": 0, "cut after": 0, "passed": 0}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer.lock:
                    kinds = ("429", "503", "cut before", "cut after", "passed", "passed", "passed")
                    kind = outer.dice.choice(kinds)
                    outer.seen[kind] += 1
                if kind in ("429", "503"):
                    self.send_response(int(kind))
                    if kind == "429" and outer.seen[kind] % 4 == 0:
                        self.send_header("Retry-After", "1")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if kind == "cut before":
                    self.cut()
                    return
                c = http.client.HTTPConnection("127.0.0.1", port, timeout=60 * SLOW)
                c.request("POST", self.path, body, {k: v for k, v in self.headers.items() if k != "Host"})
                r = c.getresponse()
                answer = r.read()
                c.close()
                if kind == "cut after":
                    self.cut()
                    return
                self.send_response(r.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def cut(self):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def run(self):
        self.server.serve_forever()


def test_a_bad_network_changes_nothing():
    args = ["--seed", "11", "--days", "75", "--people", "15"]
    with Sim() as h:
        out, start = h.folder("net"), str(date.today() - timedelta(days=77))
        args += ["--start", start]
        h.simulate(out, *args)
        key = over_tcp(h, out, "sim-healthy-11", start)
        net = BadNetwork(h.port)
        net.start()
        said, t = h.simulate(out, *args, "--to", f"http://127.0.0.1:{net.port}", "--key", key, "--batch", "120",
                             "--connections", "8")
        print(net.seen)
        net.server.shutdown()
        check(min(net.seen.values()) > 3, f"the network did everything: {net.seen}")
        check(said["sent"]["again"] >= net.seen["429"] + net.seen["503"], "refused requests were sent again")
        same(said["sent"]["events"], t["totals"]["received"], "every line was answered")
        h.settle()
        counts = h.counts("sim-healthy-11")
        for s in SOURCES:
            same(counts[s]["loaded"], t["sources"][s]["loaded"], f"{s}: events, each once")
        check(sum(c["duplicates"] for c in counts.values()) > t["totals"]["duplicates"],
              "what was cut after it was stored came twice")
        hold_figures(h, "sim-healthy-11", t, "through a bad network")


def test_killed_and_repeated():
    """The command dies on its way, the service too; the same command finishes the work."""
    args = ["--seed", "5", "--people", "60", "--start", str(date.today() - timedelta(days=92))]
    with Sim() as h:
        out = h.folder("kill")
        slow = [*h.lend, h.binary, "simulate", "--out", out, "--to", "service", *args, "--rate", "1500"]
        p = subprocess.Popen(slow, env=h.env, cwd=h.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60 * SLOW
        while sum(c["loaded"] for c in h.counts("sim-healthy-5").values()) < 1000:
            check(p.poll() is None and time.monotonic() < end, "the command is on its way")
            time.sleep(0.1)
        p.send_signal(signal.SIGKILL)
        p.wait()
        h.settle()
        part = sum(c["loaded"] for c in h.counts("sim-healthy-5").values())
        h.kill()
        h.start()
        said, t = h.simulate(out, "--to", "service", *args)
        counts = h.counts("sim-healthy-5")
        check(0 < part < t["totals"]["loaded"], f"{part} events came through before the kill")
        same({s: c["loaded"] for s, c in counts.items()}, {s: t["sources"][s]["loaded"] for s in SOURCES},
             "events after all")
        hold_figures(h, "sim-healthy-5", t, "killed and repeated")


def test_rate():
    with Sim() as h:
        said, _ = h.simulate(h.folder("r"), "--to", "service", "--days", "14", "--people", "5", "--rate", "1000")
        took = said["sent"]["microseconds"] / 1e6
        check(took >= said["deliveries"] / 1000 - 0.3, f"{said['deliveries']} events at 1,000/s took {took:.2f} s")


def test_mistakes_are_told():
    with Sim() as h:
        out = h.folder("m")
        for args, code, word in (
                (["--profile", "helthy"], 2, "healthy"), (["--people", "2"], 2, "--people"),
                (["--days", "ten"], 2, "--days"), (["--start", "2026-02-30"], 2, "--start"),
                (["--to", "service", "--start", "2089-01-01"], 2, "has not happened"),
                (["--to", f"http://127.0.0.1:{h.port}"], 2, "--key"),
                (["--to", f"http://127.0.0.1:{h.port}", "--key", "crm=x,billing=y"], 2, "tickets"),
                (["--to", f"http://127.0.0.1:{h.port}", "--key", "crm=x,shop=y,tickets=z"], 2, "billing"),
                (["--to", f"http://127.0.0.1:{h.port}", "--key", "crm=x,billing=y,tickets=z"], 3, "401"),
                (["--to", "gopher://127.0.0.1", "--key", "crm=x,billing=y,tickets=z"], 2, "no address"),
                (["--pilot", "A b"], 2, "id of a pilot")):
            h.run("simulate", "--out", out, *args, code=code)
            check(word in h.err, f"{args}: {h.err!r} says {word!r}")


if __name__ == "__main__":
    main(test_service_counts_what_is_true, test_verdicts_and_a_second_run, test_a_bad_network_changes_nothing,
         test_killed_and_repeated, test_rate, test_mistakes_are_told)
