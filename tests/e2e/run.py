"""run.py - scripts/run on a copy of the checkout, as a newcomer types it. Builds for a minute."""
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import ROOT, SLOW, check, main, same  # noqa: E402

LOADED = {"healthy": 6840, "shelfware": 3908}  # tests/data/pilots/*/truth.json, and demos.py


class Checkout:
    """A copy that belongs to an ordinary user, and what is run in it."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="run-", dir="/tmp")
        self.tree = os.path.join(self.dir, "checkout")
        self.running = []
        skip = shutil.ignore_patterns("build*", ".git", "var", "node_modules", "__pycache__")
        shutil.copytree(ROOT, self.tree, ignore=skip, symlinks=True)
        self.lend = []
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("COLLAUDO", "PG"))}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self.lend = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", self.dir], check=True)
        return self

    def __exit__(self, kind, value, trace):
        for p in self.running:
            self.end(p)
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self, *args, cwd=None):
        """The process and what it printed, once it says that all is there (or has ended)."""
        out = os.path.join(self.dir, f"out{len(self.running)}")
        with open(out, "wb") as f:
            p = subprocess.Popen([*self.lend, os.path.join(self.tree, "scripts/run"), *args], cwd=cwd or self.tree,
                                 env=self.env, stdin=subprocess.DEVNULL, stdout=f, stderr=f)
        self.running.append(p)
        until = time.monotonic() + 600 * SLOW
        while time.monotonic() < until:
            with open(out) as f:
                text = f.read()
            if "Ctrl-C stops" in text or p.poll() is not None:
                return p, text
            time.sleep(0.05)
        raise AssertionError(f"scripts/run was not ready in time: {text}")

    def end(self, p):
        if p.poll() is None:
            p.send_signal(signal.SIGTERM)
            p.wait(60 * SLOW)

    def json(self, data, *args):
        p = subprocess.run([*self.lend, os.path.join(self.tree, "build/run/collaudo"), *args, "--json", "--data", data],
                           env=self.env, cwd=self.tree, capture_output=True, check=True)
        return json.loads(p.stdout)


def loaded(c, data):
    sums = {}
    for s in c.json(data, "sources")["sources"]:
        sums[s["pilot"]] = sums.get(s["pilot"], 0) + s["loaded"]
    return sums


def page_of(text):
    found = re.search(r"The pilots are on +(http://127\.0\.0\.1:\d+/)\n", text)
    check(found, f"the address is printed: {text}")
    return found.group(1)


def get(url):
    with urllib.request.urlopen(url, timeout=30 * SLOW) as r:
        return r.read().decode()


def commands_of_readme():
    """What stands under "A pilot of your own", as it is typed."""
    with open(os.path.join(ROOT, "README.md")) as f:
        part = f.read().split("## A pilot of your own")[1]
    return part.split("```sh\n")[1].split("```")[0]


def tour(c, data, page):
    """The README's commands, after its installation, on the port that was free."""
    prefix = os.path.join(c.dir, "usr")
    subprocess.run([*c.lend, "cmake", "--install", os.path.join(c.tree, "build/run"), "--prefix", prefix], check=True,
                   env=c.env, stdout=subprocess.DEVNULL)
    text = commands_of_readme()
    check("http://127.0.0.1:8080/" in text and "collaudo apply" in text, "the commands were found")
    text = text.replace("http://127.0.0.1:8080/", page).replace("curl ", "curl -sS ")
    env = dict(c.env, PATH=f"{prefix}/bin:{c.env['PATH']}", COLLAUDO_DATA=data)
    p = subprocess.run([*c.lend, "sh", "-eu"], input=text.encode(), env=env, cwd=c.tree, capture_output=True)
    said = (p.stdout.decode() + p.stderr.decode()).replace("\u00a0", " ")  # a date does not break
    same(p.returncode, 30, f"the exit code of the last command: {said}")
    for word in "create  pilot     crm-2030", "done", "is sealed", '"accepted":1', "INCONCLUSIVE", "begins on 7 January 2030":
        check(word in said, f"{word} in {said}")


def test_options():
    with Checkout() as c:
        for args in ["--data"], ["--listen"], ["--data", ""], ["--real", "--listen"], ["--nonsense"], ["x"]:
            p, text = c.start(*args)
            same(p.wait(60), 2, f"the exit code of scripts/run {' '.join(args)}")
            check("--listen A:P" in text and "parameter" not in text, f"the usage is shown: {text}")
        check(not os.path.exists(os.path.join(c.tree, "build")), "nothing was built for it")


def test_twice():
    with Checkout() as c:
        data = os.path.join(c.dir, "far/away")
        p, text = c.start("--listen", "127.0.0.1:0", "--data", "far/away", cwd=c.dir)
        check(p.poll() is None, f"it runs: {text}")
        page = page_of(text)
        check("loading the pilot healthy" in text and "loading the pilot shelfware" in text, text)
        check("healthy" in get(page) and "<h1" in get(page + "pilots/healthy"), "the pages are there")
        same(loaded(c, data), LOADED, "what is loaded")
        same(c.json(data, "key", "list")["keys"], [], "keys that nobody would ever see")

        tour(c, data, page)

        second, text = c.start("--data", data)
        same(second.wait(60), 0, "the exit code beside a running service")
        check("runs on" in text and "loading" not in text, f"it is used as it is: {text}")
        same(page_of(text), page, "the address is the real one")
        check(p.poll() is None and "<h1" in get(page + "pilots/healthy"), "and goes on")
        c.end(p)
        check(not os.path.exists(os.path.join(data, "pg/postmaster.pid")), "PostgreSQL is stopped with it")

        p, text = c.start("--listen", "127.0.0.1:0", "--data", data)
        check("loading" not in text, f"nothing is loaded twice: {text}")
        took = int(re.search(r"started in (\d+) ms", text).group(1))
        check(took < 3000 * SLOW, f"the second start took {took} ms, should be under 3 s")
        same(loaded(c, data), dict(LOADED, **{"crm-2030": 1}), "what is loaded")
        check("<h1" in get(page_of(text) + "pilots/shelfware"), "the page")


main(test_options, test_twice)
