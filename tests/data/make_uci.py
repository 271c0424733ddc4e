#!/usr/bin/env python3
"""make_uci.py - writes docs/examples/uci-all.yaml and uci-people.yaml from the log of the real
ticketing tool: everybody who appears in it, in one team, there from the first day.

    tests/data/make_uci.py [--check]      --check: only says whether the files are as they would be

The log is tests/data/logs/uci498_13w.ndjson.gz: UCI Machine Learning Repository, data set 498
"Incident management process enriched event log" (C. Amaral, M. Fantinato, S. Peres, 2018),
CC BY 4.0. The names of its users are the data set's own pseudonyms."""
import gzip
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOG = os.path.join(ROOT, "tests/data/logs/uci498_13w.ndjson.gz")
PROGRAMS = {"user 44", "user 908"}  # a third of all events; nobody works like that

FORM = """\
# {title}
#
# The users of a real ticketing tool over 91 days: UCI Machine Learning Repository, data set 498
# "Incident management process enriched event log" (C. Amaral, M. Fantinato, S. Peres, 2018),
# CC BY 4.0. Written by tests/data/make_uci.py from tests/data/logs/uci498_13w.ndjson.gz.

workspace: {{code: uci498, name: UCI data set 498}}
tools: [{{code: tickets, name: Ticketing tool, owner: IT}}]
sources: [{{name: {source}, tool: tickets, cadence: workday}}]

pilot:
  id: {id}
  name: {name}
  start: 2016-02-29
  end: 2016-05-29
  tz: Europe/Rome
  calendar: [it]

value_events: [New, Active, Resolved, Closed, Awaiting User Info, Awaiting Problem, Awaiting Vendor]

criteria:
  - id: sustained
    kpi: sustained_users
    params: {{weeks: 8, min_active: 6}}
    target: {{ge: 0.70}}
    floor: {{ge: 0.50}}
    must: true
    weight: 3
    min_n: 5
    min_weeks: 6
  - id: sustained-10
    kpi: sustained_users
    params: {{weeks: 10, min_active: 7}}
    target: {{ge: 0.70}}
    floor: {{ge: 0.50}}
    weight: 1
  - id: active
    kpi: weekly_active
    params: {{weeks: 4}}
    target: {{ge: 0.70}}
    floor: {{ge: 0.50}}
    weight: 2
  - id: return
    kpi: retention
    params: {{kind: calendar, week: 4}}
    target: {{ge: 0.60}}
    floor: {{ge: 0.40}}
    weight: 1
  - id: duplicates
    kpi: duplicate_events
    target: {{le: 0.05}}
    weight: 1
  - id: coverage
    kpi: source_coverage
    target: {{ge: 0.95}}
    weight: 1

privacy:
  legal_basis: published data under CC BY 4.0, pseudonymous at their source
  agreement_ref: none needed, published data
  notice_ref: none needed, published data

people: # {n}
"""


def users():
    seen = set()
    with gzip.open(LOG, "rt", encoding="utf-8") as f:
        for line in f:
            seen.add(json.loads(line)["user"])
    seen.discard(None)
    return sorted(seen, key=lambda u: int(re.fullmatch(r"user (\d+)", u)[1]))


def person(user, programs):
    if user in programs:
        return f"  - {{id: {user}, role: service}}\n"
    return f"  - {{id: {user}, team: desk}}\n"


def example(id, source, name, title, who, programs):
    head = FORM.format(id=id, source=source, name=name, title=title, n=len(who))
    return head + "".join(person(u, programs) for u in who)


def main():
    who = users()
    files = {
        "uci-all.yaml": example("uci-all", "uci498_13w", "Ticketing, everybody",
                                "Everybody who appears in the log counts as a person.", who, set()),
        "uci-people.yaml": example("uci-people", "uci498_13w_people", "Ticketing, people only",
                                   "The same log, with the two users who are programs declared so.",
                                   who, PROGRAMS),
    }
    wrong = 0
    for name, text in files.items():
        path = os.path.join(ROOT, "docs/examples", name)
        if "--check" in sys.argv:
            with open(path, encoding="utf-8") as f:
                if f.read() != text:
                    print(f"{path} is not what {os.path.basename(__file__)} writes")
                    wrong = 1
        else:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
