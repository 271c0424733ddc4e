"""database.py - a data directory and the PostgreSQL it belongs to: never another one by accident."""
import glob
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import House, check, main, same  # noqa: E402

EVENT = b'{"id":"%d","time":"2026-03-02T09:00:00+01:00","user":"u","action":"x"}\n'


class Postgres:
    """A PostgreSQL that is not Collaudo's, behind a password."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.lend = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self.lend = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            os.chown(self.dir, user.pw_uid, user.pw_gid)
        secret = os.path.join(self.dir, "secret")
        with open(secret, "w") as f:
            f.write("geheim\n")
        os.chmod(secret, 0o644)
        self.call("initdb", "-D", self.dir + "/data", "-U", "owner", "-A", "scram-sha-256", "--pwfile", secret,
                  "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.start()
        for name in "one", "two":
            self.sql("postgres", f"create database {name}")

    def call(self, program, *args):
        subprocess.run([*self.lend, os.path.join(self.bin, program), *args], check=True, cwd="/tmp",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        self.call("pg_ctl", "-D", self.dir + "/data", "-w", "-l", self.dir + "/data/log", "start", "-o",
                  f"-k {self.dir} -c listen_addresses= -c fsync=off")

    def stop(self):
        self.call("pg_ctl", "-D", self.dir + "/data", "-m", "immediate", "-w", "stop")

    def url(self, name):
        return f"postgresql://owner:geheim@/{name}?host={self.dir}"

    def sql(self, name, text):
        p = subprocess.run([os.path.join(self.bin, "psql"), "-Atqc", text, self.url(name)], check=True,
                           capture_output=True, text=True)
        return p.stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


def names(h):
    return sorted(s["source"] for s in h.json("sources")["sources"])


def files(h):
    return set(os.listdir(h.data))


def test_a_command_uses_the_database_of_the_service():
    with Postgres() as pg:
        h = House()
        try:
            h.start("--database", pg.url("one"))
            h.apply("docs/examples/healthy.yaml")
            same(names(h), ["billing", "crm", "tickets"], "the sources, beside the service")
            h.stop()
            check("pg" not in files(h), "the service keeps no PostgreSQL of its own")
            mode = stat.S_IMODE(os.stat(os.path.join(h.data, "database")).st_mode)
            same(mode, 0o600, "the mode of the file that may hold a password")
            same(names(h), ["billing", "crm", "tickets"], "the sources, without a service")
            check("pg" not in files(h), "the command made no PostgreSQL")
            h.start()  # and so does the service itself
            same(names(h), ["billing", "crm", "tickets"], "the sources, after a start without --database")
            h.stop()
            check("pg" not in files(h), "the service made no PostgreSQL")

            pg.stop()  # then it refuses, and says why
            h.run("sources", code=6)
            check("No such file or directory" in h.err or "refused" in h.err, f"libpq's reason is told: {h.err}")
            check("geheim" not in h.err, "and no password")
            check("pg" not in files(h), "and makes none in its place")
            pg.start()

            # a directory of before, which remembers nothing
            os.unlink(os.path.join(h.data, "database"))
            h.run("sources", code=5)
            check("serve --database URL" in h.err, f"what to do is said: {h.err}")
            check("pg" not in files(h), "and no PostgreSQL is made")
            with open(os.path.join(h.data, "database"), "w") as f:
                f.write("half")
            os.chmod(os.path.join(h.data, "database"), 0o644)
            h.run("sources", code=5)
            check("damaged" in h.err, f"a torn file is not believed: {h.err}")
            check("pg" not in files(h), "and no PostgreSQL is made")
        finally:
            h.stop()
            shutil.rmtree(h.dir, ignore_errors=True)


def test_a_journal_of_another_database_is_refused():
    with Postgres() as pg:
        h = House()
        try:
            h.start("--database", pg.url("one"))
            h.stop()
            h.start("--database", pg.url("two"))  # nothing was received yet: no harm
            h.run("apply", h.copy("docs/examples/healthy.yaml"))
            h.run("import", "--source", "crm", h.write("e.ndjson", EVENT % 1), code=None)
            h.stop()
            check(int(pg.sql("two", "select count(*) from collaudo.journal where position > 0")) == 1, "it was loaded")
            p = subprocess.run([*h.lend, h.binary, "serve", "--listen", "127.0.0.1:0", "--database", pg.url("three")],
                               env=h.env, cwd=h.dir, capture_output=True, text=True, timeout=60)
            check(p.returncode == 6 and '"three" does not exist' in p.stderr.replace("'", '"'), f"no such database: {p.stderr}")
            pg.sql("postgres", "create database three")
            p = subprocess.run([*h.lend, h.binary, "serve", "--listen", "127.0.0.1:0", "--database", pg.url("three")],
                               env=h.env, cwd=h.dir, capture_output=True, text=True, timeout=60)
            check(p.returncode == 5 and "does not know the journal" in p.stderr, f"the journal is refused: {p.stderr}")
            same(pg.sql("three", "select count(*) from collaudo.journal"), "0", "the journals it knows")
            h.start()  # the wrong one was not remembered
            same(names(h), ["billing", "crm", "tickets"], "the sources of the right one")
        finally:
            h.stop()
            shutil.rmtree(h.dir, ignore_errors=True)


def test_an_own_postgresql_is_not_left_by_accident():
    with Postgres() as pg, House() as h:
        h.stop()
        p = subprocess.run([*h.lend, h.binary, "serve", "--listen", "127.0.0.1:0", "--database", pg.url("one")],
                           env=h.env, cwd=h.dir, capture_output=True, text=True, timeout=60)
        check(p.returncode == 5 and "PostgreSQL of its own" in p.stderr, f"it is refused: {p.stderr}")
        same(pg.sql("one", "select count(*) from pg_namespace where nspname = 'collaudo'"), "0", "schemas made")
        h.start()


if __name__ == "__main__":
    main(test_a_command_uses_the_database_of_the_service, test_a_journal_of_another_database_is_refused,
         test_an_own_postgresql_is_not_left_by_accident)
