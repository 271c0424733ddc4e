"""house.py - a Collaudo of its own for a test: data directory, service, command line, HTTP.

    with House() as h:
        h.apply("docs/examples/healthy.yaml")
        h.run("gate", "healthy", code=0)

The service runs on its embedded PostgreSQL, on a free loopback port, as an ordinary user
(root lends it the identity of `postgres`, since the server refuses to run as root). Nothing is
shared between two houses; everything is stopped by pid and removed at the end.
"""
import gzip
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("COLLAUDO_BINARY", os.path.join(ROOT, "build", "collaudo"))
SLOW = float(os.environ.get("COLLAUDO_TEST_SLOW", "1"))  # sanitizers make everything slower

checks = 0


def check(ok, what):
    """One checked fact; raises with its text when it does not hold."""
    global checks
    checks += 1
    if not ok:
        raise AssertionError(what)


def first_difference(a, b, path=""):
    """Where two nested values differ, for messages."""
    if isinstance(a, dict) and isinstance(b, dict):
        for k in sorted(set(a) | set(b)):
            if a.get(k) != b.get(k):
                return first_difference(a.get(k), b.get(k), f"{path}.{k}")
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            if x != y:
                return first_difference(x, y, f"{path}[{i}]")
    return f"; first at {path}: {str(a)[:200]} / {str(b)[:200]}" if path else ""


def same(got, want, what):
    check(got == want, f"{what} is {str(got)[:400]}, should be {str(want)[:400]}{first_difference(got, want)}")


class House:
    def __init__(self, env=None):
        self.dir = tempfile.mkdtemp(prefix="collaudo-", dir="/tmp")
        self.data = os.path.join(self.dir, "data")
        self.binary = os.path.join(self.dir, "collaudo")
        self.log_path = os.path.join(self.dir, "log")
        self.env = dict(os.environ, **(env or {}))
        self.process = None
        self.port = 0
        self.lend = []
        os.mkdir(self.data, 0o700)
        shutil.copy2(BINARY, self.binary)  # the checkout may lie where that user cannot look
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self.lend = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            os.chown(self.data, user.pw_uid, user.pw_gid)
            os.chmod(self.dir, 0o755)
        self.env["COLLAUDO_DATA"] = self.data

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            self.show_log()
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def show_log(self):
        try:
            with open(self.log_path) as f:
                sys.stderr.write("".join(f.readlines()[-30:]))
        except OSError:
            pass

    # --- the service ------------------------------------------------------------------

    def start(self, *more):
        """Starts the service and waits until it is ready; returns the seconds it took."""
        begun = time.monotonic()
        log = open(self.log_path, "ab")
        seen = log.tell()
        self.process = subprocess.Popen(
            [*self.lend, self.binary, "serve", "--listen", "127.0.0.1:0", *more], env=self.env,
            cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        while True:
            if self.process.poll() is not None:
                raise AssertionError(f"the service ended with {self.process.returncode}")
            with open(self.log_path, "rb") as f:
                f.seek(seen)
                for line in f.read().decode(errors="replace").splitlines():
                    if "http://127.0.0.1:" in line:
                        self.port = int(line.split("http://127.0.0.1:")[1].split("/")[0].split()[0])
                        return time.monotonic() - begun
            if time.monotonic() - begun > 90 * SLOW:
                raise AssertionError("the service was not ready in time")
            time.sleep(0.01)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30 * SLOW)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("the service did not stop on SIGTERM")
        self.stop_postgres()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop_postgres(self):
        """The cluster outlives a killed service; take it down by the pid it wrote."""
        try:
            with open(os.path.join(self.data, "pg", "postmaster.pid")) as f:
                pid = int(f.readline())
            os.kill(pid, signal.SIGQUIT)
            for _ in range(500):
                os.kill(pid, 0)
                time.sleep(0.01)
        except (OSError, ValueError):
            pass

    # --- the command line -----------------------------------------------------------------

    def run(self, *args, code=0, stdin=None):
        """Runs a command; returns what it printed. code: its exit status, None: any."""
        p = subprocess.run([*self.lend, self.binary, *args], env=self.env, cwd=ROOT if not self.lend else self.dir,
                           input=stdin, capture_output=True, timeout=600 * SLOW)
        self.status = p.returncode
        self.err = p.stderr.decode(errors="replace")
        if code is not None and p.returncode != code:
            raise AssertionError(f"collaudo {' '.join(args)} ended with {p.returncode}, should be {code}\n"
                                 f"{p.stdout.decode(errors='replace')}{self.err}")
        return p.stdout.decode(errors="replace")

    def json(self, *args, code=0):
        return json.loads(self.run(*args, "--json", code=code))

    def copy(self, path):
        """A file of the checkout where the service's user can read it."""
        to = os.path.join(self.dir, path.replace("/", "_"))
        shutil.copy(os.path.join(ROOT, path), to)
        os.chmod(to, 0o644)
        return to

    def write(self, name, text):
        to = os.path.join(self.dir, name)
        with open(to, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(to, 0o644)
        return to

    def apply(self, *paths, code=0):
        return self.run("apply", *[self.copy(p) for p in paths], code=code)

    def settle(self):
        """Everything taken so far is loaded and counted."""
        c = socket.socket(socket.AF_UNIX)
        c.settimeout(600 * SLOW)
        c.connect(os.path.join(self.data, "admin.sock"))
        c.sendall(b"POST /admin/settle HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        got = b"".join(iter(lambda: c.recv(65536), b""))
        c.close()
        check(b'"settled":true' in got, f"settling gave {got[:300]!r}")

    # --- what it wrote down ----------------------------------------------------------------

    def dump(self):
        """Every table of the embedded cluster as text."""
        with open(os.path.join(self.data, "pg", "postmaster.pid")) as f:
            line = f.read().splitlines()
        version = sorted(os.listdir("/usr/lib/postgresql"), key=float)[-1]
        return subprocess.run(
            [*self.lend, f"/usr/lib/postgresql/{version}/bin/pg_dump", "--data-only", "-h", line[4], "-p", line[3],
             "-U", "postgres", "collaudo"], capture_output=True, check=True, cwd=self.dir).stdout

    def nowhere(self, *texts):
        """None of the texts stands in the database, in a file of the data directory or in the log,
        in any case, nor in the hex in which bytes are printed."""
        want = re.compile(b"|".join(re.escape(x) for t in texts for x in (t.encode(), t.encode().hex().encode())), re.I)
        rows = self.dump()
        check(b"COPY collaudo.event " in rows, "the database was read")
        hit = want.search(rows)
        check(not hit, f"{hit and rows[max(0, hit.start() - 200):hit.end() + 40]!r} in the database")
        read = 0
        for path in [self.log_path, *(os.path.join(d, n) for d, _, names in os.walk(self.data) for n in names)]:
            if not os.path.isfile(path):
                continue  # sockets
            with open(path, "rb") as f:
                got = f.read()
            read += len(got)
            hit = want.search(got)
            check(not hit, f"{hit and got[max(0, hit.start() - 40):hit.end() + 40]!r} in {path}")
        check(read > 1 << 20, "something was read at all")

    # --- HTTP ---------------------------------------------------------------------------

    def http(self, method, target, body=None, headers=None, timeout=30):
        """One request on a connection of its own: status, headers, body."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout * SLOW)
        try:
            c.request(method, target, body, headers or {})
            r = c.getresponse()
            text = r.read()
            if r.getheader("Content-Encoding") == "gzip":
                text = gzip.decompress(text)
            return r.status, {k.lower(): v for k, v in r.getheaders()}, text
        finally:
            c.close()

    def get(self, target, status=200, headers=None):
        got, _, text = self.http("GET", target, headers=headers)
        same(got, status, f"the status of {target}")
        return text.decode()

    def post(self, target, body, key=None, status=200, headers=None):
        """A JSON body (or bytes as they are); returns the answer read as JSON."""
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        head = {"Content-Type": "application/json"}
        if key:
            head["Authorization"] = "Bearer " + key
        head.update(headers or {})
        got, _, text = self.http("POST", target, body if isinstance(body, bytes) else body.encode(), head)
        check(got == status, f"POST {target} gave {got}, should be {status}: {text[:300]!r}")
        return json.loads(text) if text else None


def main(*tests):
    """Runs the tests, prints a line each and the number of checks; the exit status."""
    failed = 0
    for test in tests:
        try:
            test()
            print("ok  ", test.__name__, flush=True)
        except Exception:
            failed += 1
            print("FAIL", test.__name__, flush=True)
            traceback.print_exc()
    print(f"checks: {checks}, failed: {failed}")
    sys.exit(1 if failed or not checks else 0)
