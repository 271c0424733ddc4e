#!/usr/bin/env python3
"""settled.py - a final verdict stays: no roster, calendar or source applied behind it moves it."""
import os

from house import ROOT, House, check, main, same

WHEN = "2026-02-27T09:00:00+01:00"


def text_of(path, *changes):
    with open(os.path.join(ROOT, path)) as f:
        text = f.read()
    for old, new in changes:
        check(old in text, f"{path} holds {old!r}")
        text = text.replace(old, new, 1)
    return text


def verdict(h):
    gate = h.json("gate", "shelfware", code=20)
    gate.pop("as_of")
    return gate


def test_a_no_go_stays():
    """Ten people who gave up would have left on the third day: 4 of 10, and no longer 4 of 20."""
    gone = [(f"{{id: u{i:02}@azienda.example,", f"{{id: u{i:02}@azienda.example, left: 2026-03-04,")
            for i in range(7, 21)]
    tries = {
        "people who left": (gone, "(left): the verdict of pilot shelfware is final"),
        "people not in the file": ([("  - {id: u20@azienda.example, team: amministrazione, seniority: junior}\n", "")],
                                   "is in no file: the verdict of pilot shelfware is final"),
        "a newcomer": ([("people:\n", "people:\n  - {id: new@azienda.example, team: vendite, joined: 2026-05-01}\n")],
                       "is new: the verdict of pilot shelfware is final"),
        "closures": ([("calendar: [it]", "calendar: [it, c]"),
                      ("pilot:\n", "calendars: [{name: c, closures: [{name: x, from: 2026-04-01, to: 2026-05-30}]}]\npilot:\n")],
                     "shelfware"),
        "a source": ([("sources:\n", "sources:\n  - {name: late, tool: crm}\n")],
                     "source late is new: the verdict of pilot shelfware is final"),
    }
    with House() as h:
        h.apply("docs/examples/shelfware.yaml")
        h.run("seal", "shelfware", "--replay-as-of", WHEN)
        h.run("import", "--source", "crm", "--replay",
              h.copy("tests/data/pilots/shelfware/deliveries.ndjson.gz"))
        before = verdict(h)
        same((before["verdict"], before["final"]), ("NO_GO", True), "the verdict")
        for what, (changes, why) in tries.items():
            path = h.write("try.yaml", text_of("docs/examples/shelfware.yaml", *changes))
            h.run("apply", path, code=None)
            check(h.status not in (0, 1) and why in h.err,
                  f"{what}: exit {h.status}, {h.err!r}")
            same(verdict(h), before, f"the verdict after {what}")


if __name__ == "__main__":
    main(test_a_no_go_stays)
