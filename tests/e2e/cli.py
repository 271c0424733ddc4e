"""cli.py - the command line: what it reads, what it refuses, and what it says then."""
import gzip
import http.server
import json
import os
import pwd
import shutil
import socketserver
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
        check("ndjson|json" in h.err, h.err)
        h.run("import", "--source", "crm", h.write("open", '[{"id":"x"'), code=2)
        text = h.run("help", "import")
        for word in "later", "csv", "mapping":
            check(word not in text, f"the help promises no {word}")
        check("Exit code 2" in text, "the help tells the exit code")


# --- options and names ----------------------------------------------------------------------


def test_options_mean_something_or_are_refused():
    with House() as h:
        firm(h)
        png = os.path.join(h.data, "x.png")
        rows = [  # arguments, what the refusal says
            (["sources", "--as-of", "2026-04-01"], "knows no --as-of"),
            (["trace", "x", "--as-of", "foo"], "knows no --as-of"),
            (["kpi", "healthy", "--workspace", "w"], "knows no --workspace"),
            (["gate", "healthy", "--workspace", "w"], "knows no --workspace"),
            (["chart", "healthy", "--list", "--workspace", "w"], "knows no --workspace"),
            (["serve", "--workspace", "w"], "knows no --workspace"),
            (["key", "revoke", "k", "--source", "crm"], "--source means nothing with key revoke"),
            (["key", "list", "--expires", "2027-01-01"], "--expires means nothing with key list"),
            (["key", "list", "k"], "takes no k"),
            (["key", "revoke"], "which key"),
            (["key", "create"], "which source"),
            (["key", "make"], "create, list or revoke"),
            (["chart", "healthy", "weekly_active", "-o", png, "--lang", "fr"], "one of it|en, not fr"),
            (["chart", "healthy", "weekly_active", "-o", png, "--scale", "9"], "one of 1|2|3, not 9"),
            (["chart", "healthy", "weekly_active", "-o", png, "--theme", ""], "one of light|dark"),
            (["chart", "healthy", "weekly_active", "-o", png, "--width", "50"], "200 to 2000, not 50"),
            (["chart", "healthy", "weekly_active", "-o", png, "--width=1e3"], "200 to 2000, not 1e3"),
            (["chart", "healthy", "weekly_active", "-o", png, "--format", "gif"], "one of png|svg, not gif"),
            (["chart", "healthy", "weekly_active", "-o", h.data + "/x.gif"], "neither in .png nor in .svg"),
            (["chart", "healthy", "weekly_active", "-o", h.data + "/x.svg", "--scale", "2"], "nothing with an SVG"),
            (["chart", "healthy", "weekly_active", "-o", png, "--json"], "nothing with a chart"),
            (["chart", "healthy", "--list", "-o", png], "--out means nothing with --list"),
            (["chart", "healthy"], "--list lists the charts"),
            (["import", "--source", "crm", "--format", "csv", "x"], "one of ndjson|json, not csv"),
        ]
        for args, says in rows:
            h.run(*args, code=2)
            check(says in h.err, f"{' '.join(args)}: {h.err}")
        check(not os.path.exists(png), "a refused chart is not written")
        for name in "x y", "a/b", "..", "a?b=c", "\u00e8":
            for args in (["kpi", name], ["gate", name], ["kpi", "healthy", name], ["seal", name], ["key", "revoke", name],
                         ["chart", name, "--list"], ["chart", "healthy", name, "-o", png]):
                h.run(*args, code=None)
                check(h.status in (2, 4) and "URL" not in h.err and h.err.startswith("collaudo: "),
                      f"{' '.join(args)} ends with {h.status}: {h.err}")
        h.run("chart", "healthy", "weekly_active", "-o", png, "--scale", "3", "--width", "200", "--lang", "en")
        with open(png, "rb") as f:
            same(f.read(4), b"\x89PNG", "the head of the picture")
        same([c["id"] for c in h.json("chart", "healthy", "--list")["charts"]], ["weekly_active"], "the charts as JSON")
        check("weekly_active" in h.run("chart", "healthy", "--list"), "and as lines")
        made = h.json("key", "create", "--source", "crm")
        same(h.json("key", "revoke", made["id"]), {"revoked": True}, "a revoked key as JSON")


# --- apply ----------------------------------------------------------------------------------


class Service(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Stands for the service on its admin socket: notes what is asked."""
    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def address_string(self):
            return "socket"

        def log_message(self, *args):
            pass

        def do_GET(self):
            self.answer({"status": "ok"})

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(self.server.on_post(self.path))

        def answer(self, doc):
            body = json.dumps(doc).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


def test_apply_shows_the_plan_before_it_is_done():
    h = House()
    asked, shown = [], []
    p = None
    here = threading.Event()

    def on_post(path):
        asked.append(path)
        here.wait(20)
        if "dry_run" not in path:  # what a person has seen by now
            shown.append(p.stdout.readline().decode())
        return {"plan": [{"action": "new", "kind": "tool", "name": "crm", "detail": ""}], "problems": [], "changes": 1,
                "applied": "dry_run" not in path}

    server = Service(os.path.join(h.data, "admin.sock"), Service.Handler)
    try:
        os.chmod(os.path.join(h.data, "admin.sock"), 0o777)
        server.on_post = on_post
        threading.Thread(target=server.serve_forever, daemon=True).start()
        p = subprocess.Popen([*h.lend, h.binary, "apply", h.write("a.yaml", "x: 1\n")], env=h.env, cwd=h.dir,
                             stdout=subprocess.PIPE)
        here.set()
        rest = p.stdout.read().decode() if p.wait(30) == 0 else "failed"
        same(asked, ["/admin/apply?dry_run=1", "/admin/apply"], "what was asked, in order")
        check(shown and "crm" in shown[0], f"the plan was to be seen before: {shown}")
        same(rest, "done\n", "what is said at the end")
    finally:
        if p and p.poll() is None:
            p.kill()
        server.shutdown()
        server.server_close()
        shutil.rmtree(h.dir, ignore_errors=True)


def test_apply_and_dry_run():
    with House() as h:
        out = h.run("apply", "--dry-run", h.copy("docs/examples/healthy.yaml"))
        check("pilot" in out and "nothing was changed" in out, f"the plan: {out}")
        same(h.json("sources")["sources"], [], "the sources after a dry run")
        out = h.apply("docs/examples/healthy.yaml")
        check(out.endswith("done\n") and "pilot" in out, f"the plan, then it is done: {out}")
        same(len(h.json("sources")["sources"]), 3, "the sources now")
        out = h.apply("docs/examples/healthy.yaml")
        check(out.startswith("nothing to do") and "done" not in out, f"the second time: {out}")
        same(h.json("apply", h.copy("docs/examples/healthy.yaml"))["changes"], 0, "the changes as JSON")
        h.run("apply", h.write("bad.yaml", "workspce: {code: x}\n"), code=2)
        check("nothing was changed" in h.err, h.err)


# --- what cannot be started -------------------------------------------------------------------


def serve(h, *args, user=None):
    lend = h.lend if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    p = subprocess.run([*lend, h.binary, *args], env=h.env, cwd=h.dir, capture_output=True, text=True, timeout=60)
    return p.returncode, p.stderr


def test_serve_looks_before_it_starts():
    h = House()
    try:
        long = os.path.join(h.dir, "d" * (97 - len(h.dir) - 1))
        for args in ["serve", "--data", long], ["sources", "--data", long]:
            code, err = serve(h, *args)
            check(code == 2 and "1 to 96 bytes" in err and "97" in err, f"a long --data: {err}")
        check(not os.path.exists(long), "nothing was made")
        for bad in "8080", "localhost", "127.0.0.1:99999", "example.org:80", "127.0.0.1:1,[::1", "":
            code, err = serve(h, "serve", "--listen", bad)
            check(code == 2 and "--listen" in err, f"--listen {bad}: {code} {err}")
        code, err = serve(h, "serve", "--database-read", "host=x")
        check(code == 2 and "--database" in err, f"a replica of nothing: {err}")
        same([f for f in os.listdir(h.data) if f.startswith("pg")], [], "what was made of PostgreSQL")

        h.start()
        other = House()
        try:
            code, err = serve(other, "serve", "--listen", f"127.0.0.1:{h.port}")
            check(code == 5 and "in use" in err and "--listen" in err, f"an address in use: {err}")
            other.stop_postgres()
        finally:
            shutil.rmtree(other.dir, ignore_errors=True)
        h.stop()

        if os.geteuid() == 0:  # else there is nobody else to be
            nobody = pwd.getpwnam("nobody").pw_uid
            for args in ["sources"], ["serve"]:
                code, err = serve(h, *args, user=nobody)
                check(code == 3 and "belongs to the user postgres" in err and "sudo -u postgres" in err,
                      f"as another user: {code} {err}")
    finally:
        h.stop()
        shutil.rmtree(h.dir, ignore_errors=True)


main(test_import_reads_what_it_is_given, test_import_says_what_went_wrong, test_options_mean_something_or_are_refused,
     test_apply_shows_the_plan_before_it_is_done, test_apply_and_dry_run, test_serve_looks_before_it_starts)
