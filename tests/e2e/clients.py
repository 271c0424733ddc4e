#!/usr/bin/env python3
"""clients.py - real senders against the service, through a network that refuses, cuts and
repeats (tests/clients): every event a retrying client was given is counted exactly once, and
every event any client saw acknowledged is counted.

    clients.py [EVENTS [CLIENT...]]     1000 of each client by default
"""
import json
import os
import random
import subprocess
import sys
import time
from datetime import date, timedelta

from doors import PILOT
from house import ROOT, SLOW, House, check, main, same

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
CLIENTS = {"segment": True, "otlp": True, "cloudevents": True, "cloudevents-once": False}  # retries?
SEED = int(os.environ.get("COLLAUDO_SEED") or random.randrange(1 << 31))


def start_pilot(h):
    start = date.today() + timedelta(days=2)
    people = "\n".join(f"  - {{id: p{i}@prova.example, team: t, role: member}}" for i in range(12))
    h.run("apply", h.write("prova.yaml", PILOT % (people, start, start + timedelta(days=83))))
    source = h.json("sources")["sources"][0]["source"]
    return source, h.json("key", "create", "--source", source)["key"]


def loaded(h, at_least):
    """The ids in the database, once everything taken has been loaded."""
    deadline = time.monotonic() + 60 * SLOW
    while True:
        s = h.json("sources")["sources"][0]
        if s["loaded"] >= at_least or time.monotonic() > deadline:
            return s
        time.sleep(0.1)


def drive(h, client, source, key):
    p = subprocess.run(["node", "drive.mjs", client, str(h.port), key, source, str(EVENTS), str(SEED)],
                       cwd=os.path.join(ROOT, "tests", "clients"), capture_output=True, text=True,
                       timeout=300 * SLOW)
    check(p.returncode == 0, f"{client}: {p.stderr[-2000:]}")
    return json.loads(p.stdout)


def test_clients():
    print(f"seed {SEED}")
    with House() as h:
        source, key = start_pilot(h)
        before = 0
        for client in sys.argv[2:] or CLIENTS:
            result = drive(h, client, source, key)
            acked, did = result["acked"], result["did"]
            s = loaded(h, before + (EVENTS if CLIENTS[client] else len(acked)))
            got = s["loaded"] - before
            before = s["loaded"]
            print(f"{client}: {EVENTS} events, {len(acked)} acknowledged, {got} counted; the network: "
                  + ", ".join(f"{k} {n}" for k, n in sorted(did.items())))
            for fault in ("refused503", "refused429", "cutBefore", "cutAfter", "twice"):
                check(did.get(fault, 0) > 0, f"{client}: the network never did {fault}")
            if CLIENTS[client]:
                same(len(acked), EVENTS, f"{client}: events acknowledged")
                same(got, EVENTS, f"{client}: events counted")
            else:
                check(len(acked) <= got <= EVENTS, f"{client}: {got} counted of {len(acked)} acknowledged")
            same(s["quarantined"], 0, f"{client}: events in quarantine")
            for event in random.sample(acked, min(20, len(acked))):
                h.run("trace", event)


if __name__ == "__main__":
    main(test_clients)
