#!/usr/bin/env python3
"""limits.py - keys change, end and run out: rotation, revocation, expiry, the allowance of a key,
a database that is away, and 500 senders with wrong keys beside one with a right one."""
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from doors import PILOT, event  # noqa: E402
from house import ROOT, SLOW, House, check, main, same  # noqa: E402
from database import Postgres  # noqa: E402


def declare(h):
    from datetime import date, timedelta
    start = date.today() + timedelta(days=2)
    people = "\n".join(f"  - {{id: p{i}@prova.example, team: t, role: member}}" for i in range(12))
    h.run("apply", h.write("prova.yaml", PILOT % (people, start, start + timedelta(days=83))))


def new_key(h, *more):
    made = h.json("key", "create", *(more if "--source" in more else ("--source", "crm", *more)))
    return made["id"], made["key"]


class Sender:
    """A connection that stays open, as a tool's does."""

    def __init__(self, h, key):
        self.key = key
        self.c = http.client.HTTPConnection("127.0.0.1", h.port, timeout=30 * SLOW)

    def send(self, body, target="/v1/events"):
        """Status, code of the error, headers, seconds."""
        begun = time.monotonic()
        self.c.request("POST", target, json.dumps(body),
                       {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"})
        r = self.c.getresponse()
        text = json.loads(r.read())
        head = {k.lower(): v for k, v in r.getheaders()}
        return r.status, text.get("error", {}).get("code"), head, time.monotonic() - begun


def status(h, key, body=None):
    return Sender(h, key).send(event(1) if body is None else body)[:2]


def listed(h, key_id):
    return [k for k in h.json("key", "list")["keys"] if k["id"] == key_id][0]


def test_rotation():
    """The four steps of docs/operations.md, without a moment in which nothing can be sent."""
    with House() as h:
        declare(h)
        old_id, old = new_key(h)
        same(status(h, old), (200, None), "the old key")
        new_id, new = new_key(h, "--expires", "90d", "--rate", "500")
        same((status(h, old), status(h, new)), ((200, None), (200, None)), "both")
        h.run("key", "create", "--source", "crm", code=5)
        check(old_id in h.err and new_id in h.err and "collaudo key revoke ID" in h.err, f"a third is refused: {h.err}")
        was, now = listed(h, old_id), listed(h, new_id)
        check(was["last_used"] and now["last_used"] and not was["expires"] and now["expires"], f"{was}, {now}")
        same((was["rate"], now["rate"]), (20000, 500), "their rates")
        text = h.run("key", "list")
        check("last used" in text and "expires" in text and now["expires"][:16] in text and "never" in text, text)
        h.run("key", "revoke", old_id)
        same((status(h, old), status(h, new)), ((401, "unknown_who"), (200, None)), "after the last step")
        check(listed(h, old_id)["revoked"], "when it was revoked")
        new_key(h)  # there is room again
        for bad in ("0", "-5", "x", "1000001"):
            h.run("key", "create", "--source", "billing", "--rate", bad, code=2)
        h.run("key", "create", "--source", "billing", "--expires", "2020-01-01", code=2)
        h.run("key", "create", "--source", "billing", "--expires", "soon", code=2)
        check("90d" in h.err, f"what can be said: {h.err}")


def sql(h, text):
    """As another collector on the same database would."""
    with open(os.path.join(h.data, "pg", "postmaster.pid")) as f:
        line = f.read().splitlines()
    subprocess.run([*h.lend, "psql", "-qc", text, "-h", line[4], "-p", line[3], "-U", "postgres", "collaudo"],
                   check=True, cwd=h.dir)


def test_revocation():
    """Within a second on every connection, whichever thread it belongs to."""
    with House() as h:
        declare(h)
        key_id, key = new_key(h)
        all_of = [Sender(h, key) for _ in range(40)]
        same({s.send(event(i))[0] for i, s in enumerate(all_of)}, {200}, "before")
        h.run("key", "revoke", key_id)
        time.sleep(1)
        same({s.send(event(1))[:2] for s in all_of}, {(401, "unknown_who")}, "a second later")
        key_id, key = new_key(h)
        s = Sender(h, key)
        same(s.send(event(1))[0], 200, "another key")
        sql(h, f"update collaudo.ingest_key set revoked_at = now() where key_id = '{key_id}'")
        time.sleep(1.3 * SLOW)  # the look at the keys comes once a second
        same(s.send(event(1))[:2], (401, "unknown_who"), "revoked by another collector")


def test_expiry():
    with House() as h:
        declare(h)
        when = time.time() + 3 * SLOW
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when)) + ".000Z"
        _, key = new_key(h, "--expires", text)
        same(status(h, key), (200, None), "before")
        time.sleep(max(0, when - time.time()) + 0.1)
        same(status(h, key), (401, "key_expired"), "after")
        same(status(h, key[:-1] + ("0" if key[-1] != "0" else "1")), (401, "unknown_who"), "who has it not is not told")


def test_allowance():
    """More than the key may send: 429 with whole seconds, held for two, and nobody else waits."""
    with House() as h:
        declare(h)
        _, slow = new_key(h, "--rate", "10")
        _, other = new_key(h, "--source", "billing")
        s = Sender(h, slow)
        same(s.send([event(i) for i in range(100)])[0], 200, "a batch is taken whole")
        code = s.send(event(1))
        same(code[:2], (429, "too_many"), "the next one")
        check(3 <= int(code[2]["retry-after"]) <= 6, f"Retry-After: {code[2]}")
        check(1.9 < code[3] < 2.5 * SLOW, f"held for {code[3]} s")
        answers = []
        many = [threading.Thread(target=lambda: answers.append(Sender(h, slow).send(event(2), "/v1/heartbeat"))) for _ in range(50)]
        for t in many:
            t.start()
        time.sleep(0.2)
        busy, slowest = Sender(h, other), 0
        for i in range(50):
            a = busy.send(event(f"o{i}"))
            same(a[0], 200, "another source's key meanwhile")
            slowest = max(slowest, a[3])
        check(slowest < 0.5 * SLOW, f"the other waited {slowest} s")
        for t in many:
            t.join()
        same({a[0] for a in answers}, {429}, "fifty at once")
        check(max(a[3] for a in answers) < 3 * SLOW, "all within 4 s")
        time.sleep(5)
        same(s.send(event(3))[0], 200, "when the time is over")
        h.settle()
        got = {s["source"]: s["loaded"] for s in h.json("sources")["sources"]}
        same(got, {"crm": 100, "billing": 50}, "what was answered 429 was not taken")


def processes_of(pid):
    """The process and all below it."""
    found = [pid]
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{p}/stat") as f:
                if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(p))
        except OSError:
            pass
    return found


def away(h, key, expected):
    """What a known key, an unknown one, and a known one with another secret are answered."""
    unknown = "clk_" + "0" * 16 + "_" + "0" * 64
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    same((status(h, key), status(h, unknown), status(h, wrong)), expected, "the answers")
    return Sender(h, unknown).send(event(1))[2]


def test_the_database_is_away():
    """Who cannot be looked up is asked to come again, never told to go."""
    up = ((200, None), (401, "unknown_who"), (401, "unknown_who"))
    down = ((200, None), (503, "busy"), (401, "unknown_who"))
    with Postgres() as pg:
        h = House()
        try:
            h.start("--database", pg.url("one"))
            declare(h)
            _, key = new_key(h)
            away(h, key, up)
            pg.stop()
            time.sleep(3.5)
            check(int(away(h, key, down)["retry-after"]) >= 1, "Retry-After")
            pg.start()
            until = time.monotonic() + 20 * SLOW
            while status(h, "clk_" + "0" * 16 + "_" + "0" * 64)[0] == 503 and time.monotonic() < until:
                time.sleep(0.2)
            away(h, key, up)
            # it hangs: no connection is refused, no answer comes
            with open(pg.dir + "/data/postmaster.pid") as f:
                all_of = processes_of(int(f.readline()))
            for p in all_of:
                os.kill(p, signal.SIGSTOP)
            time.sleep(4.5)
            try:
                away(h, key, down)
            finally:
                for p in all_of:
                    os.kill(p, signal.SIGCONT)
        finally:
            h.stop()
            shutil.rmtree(h.dir, ignore_errors=True)


def work(h, key, seconds, prefix):
    """What one sender gets through: how many, p50 and p99."""
    s, times, n = Sender(h, key), [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        n += 1
        a = s.send(event(f"{prefix}-{n}"))
        same(a[0], 200, "one with a key")
        times.append(a[3])
    times.sort()
    return n, times[n // 2], times[n * 99 // 100]


def test_500_wrong_keys():
    with House() as h:
        declare(h)
        _, key = new_key(h)
        alone = work(h, key, 3, "a")
        crowd = subprocess.Popen([sys.executable, "-B", os.path.join(ROOT, "tests/http/test_strangers.py"), "hammer", str(h.port),
                                  "/v1/events", "Authorization: Bearer clk_0123456789abcdef_" + "b" * 64],
                                 stdout=subprocess.PIPE)
        time.sleep(1.5)
        among = work(h, key, 3, "b")
        answers = int(crowd.communicate()[0])
        say = "{0[0]} answers, p50 {0[1]:.4f} s, p99 {0[2]:.4f} s".format
        print(f"alone {say(alone)}; among 500 wrong keys {say(among)}; they got {answers}")
        check(answers > 1000, "they were at work")
        check(among[0] > alone[0] / 4, f"a quarter of the work goes on: {alone}, {among}")
        check(among[2] < 0.1 * SLOW, f"p99 {among[2]}")


if __name__ == "__main__":
    main(test_rotation, test_revocation, test_expiry, test_allowance, test_the_database_is_away, test_500_wrong_keys)
