#!/usr/bin/env python3
"""docs.py - what docs/ shows is what happens: every ```sh block of these pages is run against a
service, and the ```json block behind it is the answer. A block marked `sh norun` is not run."""
import json
import os
import re
import subprocess
from datetime import date, timedelta

from house import ROOT, House, check, main, same

ACME = """
workspace: {{code: acme, name: Acme S.r.l.}}
tools: [{{code: crm, name: CRM, owner: IT}}]
sources: [{{name: crm, tool: crm}}]
people: [{people}]
pilot: {{id: crm-2026, name: Prova CRM, start: {start}, end: {end}}}
value_events: ["deal.*"]
criteria: [{{id: active, kpi: weekly_active, params: {{weeks: 4}}, target: {{ge: 0.5}}, must: true, weight: 1}}]
privacy: {{notice_ref: "avviso 1", agreement_ref: "accordo 1"}}
"""
VARIES = [re.compile(p) for p in (r"[0-9a-f]{16,64}", r"clk_[0-9a-f]+_[0-9a-f]+", r"\d{4}-\d\d-\d\dT[0-9:.]+Z")]


def blocks(page):
    """(line, commands, answer) of every block that is run; the answer is None when none is shown."""
    with open(os.path.join(ROOT, page)) as f:
        text = f.read()
    fences = [(text.count("\n", 0, m.start()) + 1, m[1], m[2])
              for m in re.finditer(r"^```(.*?)\n(.*?)^```$", text, re.M | re.S)]
    for i, (line, kind, body) in enumerate(fences):
        if kind == "sh":
            follows = i + 1 < len(fences) and fences[i + 1][1] == "json"
            yield line, body, json.loads(fences[i + 1][2]) if follows else None


def alike(got, shown, exact, place):
    """Equal but for ids and instants; not exact: of the same shape, lists as far as shown."""
    if isinstance(shown, dict):
        check(isinstance(got, dict) and sorted(got) == sorted(shown), f"{place}: {got} is not {shown}")
        for k in shown:
            alike(got[k], shown[k], exact, f"{place}.{k}")
    elif isinstance(shown, list):
        check(isinstance(got, list) and (len(got) == len(shown) if exact else len(got) >= len(shown)),
              f"{place}: {got} is not {shown}")
        for i, one in enumerate(shown):
            alike(got[i], one, exact, f"{place}[{i}]")
    elif isinstance(shown, str) and any(v.fullmatch(shown) for v in VARIES):
        check(isinstance(got, str) and any(v.fullmatch(shown) and v.fullmatch(got) for v in VARIES), f"{place}: {got} is not like {shown}")
    elif exact:
        same(got, shown, place)
    else:
        same(type(got), type(shown), place)


def prepare(h):
    """The company of the examples with a key, and `collaudo`, `URL`, `KEY` as the pages use them."""
    start = date.today() + timedelta(days=2)
    people = ", ".join(f"{{id: p{i}@acme.example, team: vendite}}" for i in range(12))
    h.run("apply", h.write("pilot.yaml", ACME.format(people=people, start=start, end=start + timedelta(days=83))))
    key = h.run("key", "create", "--source", "crm").strip()
    os.mkdir(os.path.join(h.dir, "bin"))
    h.write("bin/collaudo", f"#!/bin/sh\nexec {' '.join(h.lend)} {h.binary} \"$@\"\n")
    os.chmod(os.path.join(h.dir, "bin/collaudo"), 0o755)
    return dict(h.env, URL=f"http://127.0.0.1:{h.port}", KEY=key, PATH=f"{h.dir}/bin:{os.environ['PATH']}")


def run_page(h, env, page, exact):
    n = 0
    for line, commands, shown in blocks(page):
        place = f"{page}:{line}"
        p = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], env=env, cwd=h.dir,
                           capture_output=True, timeout=120)
        out = p.stdout.decode(errors="replace")
        check(p.returncode == 0, f"{place} ended with {p.returncode}: {out}{p.stderr.decode(errors='replace')}")
        n += 1
        if shown is not None:
            alike(json.loads(out), shown, exact, place)
    return n


def test_sending_events():
    with House() as h:
        n = run_page(h, prepare(h), "docs/sending-events.md", True)
        check(n >= 8, f"{n} examples were run")


def test_api():
    """The shapes of docs/api.md, on a pilot with figures beside the one of the examples."""
    with House() as h:
        env = prepare(h)
        h.apply("docs/examples/healthy.yaml")
        h.run("seal", "healthy", "--replay-as-of", "2026-02-27T09:00:00+01:00")
        h.run("import", "--workspace", "rossi-impianti", "--source", "crm", "--replay",
              h.copy("tests/data/pilots/healthy/deliveries.ndjson.gz"))
        n = run_page(h, env, "docs/api.md", False)
        check(n >= 12, f"{n} examples were run")
        real = set(re.findall(r"^# HELP (\w+)", h.get("/metrics"), re.M))
        same(sorted(table("docs/api.md", "Metrics")), sorted(real), "the metrics told of")


def test_codes_of_errors_are_those_of_the_program():
    with open(os.path.join(ROOT, "docs/sending-events.md")) as f:
        part = f.read().split("## What to do with an answer")[1].split("\n## ")[0]
    told = {(m[1], c) for m in re.finditer(r"^\| (\d+)[^|]*\| (`[^|]*`) \|", part, re.M)
            for c in re.findall(r"`(\w+)`", m[2])}
    with open(os.path.join(ROOT, "include/collaudo/err.h")) as f:
        real = {c: status for status, c in re.findall(r"X\(ERR_\w+, +(\d+), +\d+, +\"(\w+)\"\)", f.read())}
    check(len(told) >= 10, f"codes: {told}")
    for status, code in told - {("400", "not_json")}:
        same(real.get(code), status, f"the status of {code}")


def table(page, heading):
    """The first column of the table under a heading, without its backticks."""
    with open(os.path.join(ROOT, page)) as f:
        part = f.read().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [m[1] for m in re.finditer(r"^\| `([^`]+)` \|", part, re.M)]


def test_reasons_are_those_of_the_program():
    with open(os.path.join(ROOT, "include/collaudo/event.h")) as f:
        text = f.read().split("#define EVENT_DROPS(X)")[1].split("enum event_needs")[0]
    same(table("docs/sending-events.md", "Reasons of refusal"), re.findall(r'\d+, "(\w+)"', text), "the reasons")


if __name__ == "__main__":
    main(test_sending_events, test_api, test_codes_of_errors_are_those_of_the_program,
         test_reasons_are_those_of_the_program)
