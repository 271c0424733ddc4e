"""cli.py - the command line: what it reads, what it refuses, and what it says then."""
import gzip
import http.server
import json
import os
import pwd
import shutil
import socketserver
import stat
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import House, check, main, same  # noqa: E402

AS_OF = "2026-02-27T09:00:00+01:00"


def event(i):
    return {"id": f"cli-{i}", "time": "2026-03-03T09:00:00+01:00", "user": "u01@azienda.example",
            "action": "deal.move", "source": "crm"}


def firm(h):
    h.apply("docs/examples/healthy.yaml")
    h.run("seal", "healthy", "--replay-as-of", AS_OF)


# --- import -----------------------------------------------------------------------------


def test_import_reads_what_it_is_given():
    n = 0

    def three():
        nonlocal n
        n += 3
        return [event(n - i) for i in range(3)]

    def lines(events):
        return "".join(json.dumps(e) + "\n" for e in events).encode()

    def array(events):
        return json.dumps(events, indent=1).encode()

    zip_ = gzip.compress
    bom = b"\xef\xbb\xbf"
    rows = [  # name, bytes, through stdin, options
        ("lines", lines(three()), False, []),
        ("lines from stdin", lines(three()), True, []),
        ("lines without a last newline", lines(three())[:-1], False, []),
        ("lines behind a BOM", bom + lines(three()), False, []),
        ("gzipped lines behind a BOM, from stdin", zip_(bom + lines(three())), True, []),
        ("lines behind blank lines", b"\r\n \n" + lines(three()), False, []),
        ("lines said to be lines", lines(three()), False, ["--format", "ndjson"]),
        ("an array", array(three()), False, []),
        ("an array from stdin", array(three()), True, []),
        ("an array behind a newline", b"\n \t" + array(three()) + b"\n", False, []),
        ("an array behind a BOM", bom + array(three()), False, []),
        ("a gzipped array", zip_(array(three())), False, []),
        ("a gzipped array from stdin", zip_(b"\n" + array(three())), True, []),
        ("a gzipped array said to be JSON", zip_(array(three())), False, ["--format", "json"]),
        ("an array said to be JSON, from stdin", array(three()), True, ["--format", "json"]),
    ]
    with House() as h:
        firm(h)
        for name, text, stdin, options in rows:
            path = "-" if stdin else h.write("events", text)
            got = json.loads(h.run("import", "--source", "crm", "--replay", "--json", *options, path,
                                   stdin=text if stdin else None))
            same(got, {"lines": 3, "accepted": 3, "quarantined": 0}, name)
        one = json.dumps(event(1000), indent=2).encode()
        same(json.loads(h.run("import", "--source", "crm", "--replay", "--json", "--format", "json", h.write("one", one))),
             {"lines": 1, "accepted": 1, "quarantined": 0}, "one object over several lines")
        for empty in b"", b"\n\n", bom, b"[]":
            same(json.loads(h.run("import", "--source", "crm", "--replay", "--json", h.write("none", empty)))["lines"], 0,
                 f"the lines of {empty}")
        crm = [s for s in h.json("sources")["sources"] if s["source"] == "crm"][0]
        same((crm["loaded"], crm["duplicates"]), (n + 1, 0), "what was loaded in all")


def test_import_says_what_went_wrong():
    with House() as h:
        firm(h)
        many = "".join(json.dumps(event(i)) + "\n" for i in range(6000))
        h.run("import", "--source", "nope", "--replay", h.write("many", many), code=4)
        check("nope" in h.err and "after" not in h.err and "repeat" not in h.err, f"a wrong source: {h.err}")
        h.run("import", "--source", "crm", "--replay", h.write("cut", gzip.compress(many.encode())[:-20]), code=2)
        check("lines, which are stored" in h.err and "repeat" not in h.err, f"a damaged file: {h.err}")
        out = h.run("import", "--source", "crm", "--replay", h.write("bad", '{"a":1}\nnonsense\n'), code=2)
        check("2 lines read: 0 accepted, 2 to quarantine" in out, f"the counts are told: {out}")
        check("line 1:" in h.err and "nothing was accepted" in h.err, f"and the reasons: {h.err}")
        h.run("import", "--source", "crm", "--format", "csv", h.write("bad", "a,b\n"), code=2)
        check("ndjson or json" in h.err, h.err)
        h.run("import", "--source", "crm", h.write("open", '[{"id":"x"'), code=2)
        text = h.run("help", "import")
        for word in "later", "csv", "mapping":
            check(word not in text, f"the help promises no {word}")
        check("Exit code 2" in text, "the help tells the exit code")


main(test_import_reads_what_it_is_given, test_import_says_what_went_wrong)
