"""fence.py - two services with one journal: a data directory that was copied, on one PostgreSQL. The
newer one goes on; the older one answers 503 fenced, says so in /readyz and in its log, and what it
had acknowledged is counted once."""
import json
import os
import shutil
import signal
import subprocess
import threading
import time

from database import Postgres
from house import House, check, main, same


def event(i):
    return {"id": f"e{i}", "time": "2026-03-10T09:00:00+01:00", "user": "u@x.example", "action": "deal.move"}


def send(h, key, numbers):
    """How many of them were acknowledged; the others were told `fenced`."""
    taken = []
    for i in numbers:
        status, head, body = h.http("POST", "/v1/events", json.dumps(event(i)), {
            "Content-Type": "application/json", "Authorization": "Bearer " + key})
        if status == 200:
            taken.append(i)
            continue
        same((status, json.loads(body)["error"]["code"]), (503, "fenced"), "what a sender is told")
        check(int(head["retry-after"]) > 0, "and when to come again")
    return taken


def copy(a):
    """Another house with a copy of the directory, made while its service runs."""
    b = House()
    for name in ("keys", "database"):
        subprocess.run([*a.lend, "cp", "-r", os.path.join(a.data, name), b.data], check=True)
    # spare.tmp may come and go meanwhile
    subprocess.run([*a.lend, "sh", "-c", f"mkdir -m 700 {b.data}/journal && cd {a.data}/journal && cp *.seg lock {b.data}/journal/"],
                   check=True)
    return b


def ready(h):
    status, _, body = h.http("GET", "/readyz")
    return status, json.loads(body)


def wait_for(what, seconds, why):
    end = time.monotonic() + seconds
    while not what():
        check(time.monotonic() < end, why)
        time.sleep(0.05)


def loaded(pg):
    return int(pg.sql("one", "select count(*) from collaudo.event"))


def begin(pg):
    a = House()
    a.start("--database", pg.url("one"))
    a.apply("docs/examples/healthy.yaml")
    key = a.run("key", "create", "--source", "crm").strip()
    a.run("seal", "healthy", "--replay-as-of", "2026-03-01T09:00:00Z")
    return a, key


def test_the_copy_goes_on():
    with Postgres() as pg:
        a, key = begin(pg)
        b = None
        try:
            wait_for(lambda: send(a, key, [0]) == [0], 5, "the key is known")
            taken = set(send(a, key, range(100)))
            same(len(taken), 100, "acknowledged before")
            b = copy(a)
            b.start()  # knows its database by itself
            begun = time.monotonic()
            both = set()
            while ready(a)[0] == 200:  # it may still take some, for a moment
                both |= set(send(a, key, range(1000 + len(both), 1001 + len(both))))
                check(time.monotonic() - begun < 5, "the older one notices")
            print(f"noticed after {time.monotonic() - begun:.2f} s, {len(both)} taken meanwhile")
            same(send(a, key, range(2000, 2010)), [], "taken by the older one from then on")
            check("fenced" in ready(a)[1]["journal"], f"its readiness: {ready(a)}")
            check("collaudo_journal_fenced 1" in a.get("/metrics"), "its metrics")
            a.run("gate", "healthy", code=6)
            with open(a.log_path) as f:
                check("another instance went on with the journal" in f.read(), "its log says what to do")
            taken |= both | set(send(b, key, range(3000, 3100)))
            same(ready(b)[0], 200, "the newer one is ready")
            wait_for(lambda: loaded(pg) == len(taken), 20, f"{len(taken)} were acknowledged, {loaded(pg)} are there")
            same(pg.sql("one", "select sum(loaded), sum(duplicates) from collaudo.intake_day"), f"{len(taken)}|1", "the counts")

            # started again it stays fenced, and puts nobody out
            a.stop()
            a.start()
            same((ready(a)[0], send(a, key, [4000])), (503, []), "the older one after a restart")
            check(ready(b)[0] == 200 and send(b, key, [4001]) == [4001], "the newer one meanwhile")

            # as the log says: without the old journal it is a collector of its own
            a.stop()
            shutil.move(os.path.join(a.data, "journal"), os.path.join(a.dir, "journal-old"))
            a.start()
            wait_for(lambda: send(a, key, [5000]) == [5000], 5, "it takes events again")
            same(send(b, key, [5001]), [5001], "and the other one too")
            wait_for(lambda: loaded(pg) == len(taken) + 3, 20, "all are loaded")
            same((ready(a)[0], ready(b)[0]), (200, 200), "both are ready")
        except AssertionError:
            a.show_log()
            if b:
                b.show_log()
            raise
        finally:
            for h in (a, b):
                if h:
                    h.stop()
                    shutil.rmtree(h.dir, ignore_errors=True)


def test_the_first_was_killed():
    """With events that nobody loaded: PostgreSQL was away when they came. They come back with it."""
    with Postgres() as pg:
        a, key = begin(pg)
        b = None
        try:
            wait_for(lambda: send(a, key, [0]) == [0], 5, "the key is known")
            b = copy(a)
            pg.stop()
            same(len(send(a, key, range(1, 51))), 50, "acknowledged without a database")
            a.process.send_signal(signal.SIGKILL)
            a.process.wait()
            pg.start()
            b.start()
            same(send(b, key, range(100, 120)), list(range(100, 120)), "the copy takes events")
            a.start()
            same(ready(a)[0], 503, "the first, which is fenced now")
            wait_for(lambda: loaded(pg) == 71, 20, "what the first had acknowledged is loaded")
            same(pg.sql("one", "select sum(duplicates) from collaudo.intake_day"), "0", "repeated")
        finally:
            for h in (a, b):
                if h:
                    h.stop()
                    shutil.rmtree(h.dir, ignore_errors=True)


def refuses(h, *words):
    p = subprocess.run([*h.lend, h.binary, "serve", "--listen", "127.0.0.1:0"], env=h.env, cwd=h.dir,
                       capture_output=True, text=True, timeout=60)
    check(p.returncode == 5 and all(w in p.stderr for w in words), f"it is refused: {p.returncode} {p.stderr}")


def test_one_disk_for_two_machines():
    """Whose locks do not work, which is a preloaded flock() here; and the lock file names another
    machine, as it would. The newer one waits until the older one has noticed; when that one was
    writing meanwhile, it does not start: the same bytes are not written by two."""
    with Postgres() as pg:
        a, key = begin(pg)
        b = House()
        try:
            wait_for(lambda: send(a, key, [0]) == [0], 5, "the key is known")
            send(a, key, range(1, 20))
            for name in ("keys", "database"):
                subprocess.run([*a.lend, "cp", "-r", os.path.join(a.data, name), b.data], check=True)
            os.symlink(os.path.join(a.data, "journal"), os.path.join(b.data, "journal"))
            refuses(b, "another instance uses the journal")  # with locks that work
            b.lend += ["env", "LD_PRELOAD=" + os.environ["COLLAUDO_NOFLOCK"]]
            lock = os.path.join(a.data, "journal", "lock")

            def elsewhere():
                with open(lock, "r+b") as f:
                    f.seek(37 + 21)
                    f.write(b"01234567-89ab-cdef-0123-456789abcdef")

            elsewhere()
            taken, going = [], True

            def load():
                while going:
                    taken.extend(send(a, key, [1_000_000 + len(taken)]))

            t = threading.Thread(target=load)
            t.start()
            time.sleep(0.5)
            refuses(b, "locks do not work")
            going = False
            t.join()
            wait_for(lambda: loaded(pg) == 20 + len(taken), 20, "all it had acknowledged is loaded")
            elsewhere()
            b.start()  # nobody writes now
            same(ready(a)[0], 503, "the older one")
            same(send(b, key, range(900000, 900010)), list(range(900000, 900010)), "the newer one takes events")
            same(send(a, key, [960000]), [], "and the older one none")
            wait_for(lambda: loaded(pg) == 30 + len(taken), 20, "all are loaded")
            b.stop()
            a.stop()
            b.start()
            same((ready(b)[0], send(b, key, [900010])), (200, [900010]), "and goes on over a restart")
        except AssertionError:
            a.show_log()
            b.show_log()
            raise
        finally:
            for h in (a, b):
                h.stop()
                shutil.rmtree(h.dir, ignore_errors=True)


if __name__ == "__main__":
    main(test_the_copy_goes_on, test_the_first_was_killed, test_one_disk_for_two_machines)
