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
from datetime import date, timedelta

from house import ROOT, SLOW, House, check, main, same

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
CLIENTS = {"segment": True, "otlp": True, "cloudevents": True, "cloudevents-once": False}  # retries?
FAULTS = ("refused503", "refused429", "cutBefore", "cutAfter", "twice")
SEED = int(os.environ.get("COLLAUDO_SEED") or random.randrange(1 << 31))

PILOT = """
workspace: {code: prova, name: Prova S.r.l.}
tools: [{code: crm, name: CRM, owner: IT}]
sources: [%s]
people:
%s
pilot: {id: prova, name: Prova, start: "%s", end: "%s", tz: Europe/Rome}
value_events: ["*"]
criteria:
  - {id: active, kpi: weekly_active, params: {weeks: 4}, target: {ge: 0.5}, must: true, weight: 1}
privacy: {notice_ref: "avviso 1", agreement_ref: "accordo 1"}
"""


def declare(h, clients):
    start = date.today() + timedelta(days=2)
    people = "\n".join(f"  - {{id: p{i}@prova.example, team: t, role: member}}" for i in range(12))
    sources = ", ".join(f"{{name: {c}, tool: crm}}" for c in clients)
    h.run("apply", h.write("prova.yaml", PILOT % (sources, people, start, start + timedelta(days=83))))


def drive(h, client):
    """A client at work, in a process of its own."""
    key = h.json("key", "create", "--source", client)["key"]
    return subprocess.Popen(["node", "drive.mjs", client, str(h.port), key, client, str(EVENTS), str(SEED)],
                            cwd=os.path.join(ROOT, "tests", "clients"), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def judge(h, client, result):
    acked, did = result["acked"], result["did"]
    s = next(x for x in h.json("sources")["sources"] if x["source"] == client)
    print(f"{client}: {EVENTS} events, {len(acked)} acknowledged, {s['loaded']} counted; the network: "
          + ", ".join(f"{k} {n}" for k, n in sorted(did.items())))
    for fault in FAULTS:
        check(did.get(fault, 0) > 0, f"{client}: the network never did {fault}")
    if CLIENTS[client]:
        same(len(acked), EVENTS, f"{client}: events acknowledged")
        same(s["loaded"], EVENTS, f"{client}: events counted")
    else:
        check(0 < len(acked) <= s["loaded"] <= EVENTS, f"{client}: {s['loaded']} counted of {len(acked)} acknowledged")
    same(s["quarantined"], 0, f"{client}: events in quarantine")
    for event in random.sample(acked, min(20, len(acked))):
        h.run("trace", event)


def test_clients():
    print(f"seed {SEED}")
    clients = sys.argv[2:] or list(CLIENTS)
    with House() as h:
        declare(h, clients)
        at_work = [drive(h, c) for c in clients]
        said = [p.communicate(timeout=300 * SLOW) for p in at_work]
        for c, p, (_, err) in zip(clients, at_work, said):
            check(p.returncode == 0, f"{c}: {err[-2000:]}")
        h.settle()
        for c, (out, _) in zip(clients, said):
            judge(h, c, json.loads(out))


if __name__ == "__main__":
    main(test_clients)
