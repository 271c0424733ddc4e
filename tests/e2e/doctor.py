"""doctor.py - collaudo doctor: each thing is broken, and its line says so and what to do."""
import json
import os
import shutil
import time

from database import Postgres
from fence import copy, event, wait_for
from house import House, check, main, same

CHARTER = "docs/examples/healthy.yaml"


def doctor(h, code=None):
    """state and text by check; what the doctor says last."""
    doc = json.loads(h.run("doctor", "--json", code=code))
    for c in doc["checks"]:
        check(c["state"] == "ok" or c["next"], f"{c['check']} says what to do: {c}")
    names = [c["check"] for c in doc["checks"]]
    same(len(names), len(set(names)), "the checks, each once")
    same(h.status, 1 if any(c["state"] == "problem" for c in doc["checks"]) else 0, "the exit code")
    return {c["check"]: (c["state"], c["text"]) for c in doc["checks"]}


def says(h, name, state, words):
    got = doctor(h).get(name, ("", "there is no such line"))
    check(got[0] == state and words in got[1], f"{name} is {got}, should be {state} with {words!r}")


def comes(h, name, state, words, seconds=20):
    wait_for(lambda: doctor(h)[name][0] == state, seconds, f"{name} should become {state}: {doctor(h)[name]}")
    says(h, name, state, words)


def test_all_is_well():
    """On an embedded PostgreSQL, beside the service and without it; one line per check."""
    with House() as h:
        beside = doctor(h)
        bad = {n: x for n, x in beside.items() if x[0] == "problem" and n not in ("disk", "journal disk")}
        same(bad, {}, "what is wrong with a new house")
        check(beside["service"] == ("ok", "runs and answers"), f"the service: {beside['service']}")
        check(len(beside) == 22, f"the checks are {len(beside)}: {sorted(beside)}")
        lines = h.run("doctor", code=None).splitlines()
        same(len(lines), len(beside), "a line per check")
        check(all(x.split()[0] in ("ok", "warning", "problem") for x in lines), f"{lines}")
        h.stop()
        alone = doctor(h)
        same(set(alone), set(beside), "the checks without a service")
        check("none runs" in alone["service"][1], f"the service: {alone['service']}")
        h.env["TZDIR"] = "/nowhere"
        says(h, "time zones", "problem", "Europe/Rome")
        del h.env["TZDIR"]
        # a journal that is damaged keeps the service from starting: that is a line, too
        h.start()
        h.apply(CHARTER)
        h.run("import", "--source", "crm", h.write("e.ndjson", json.dumps(event(1)) + "\n"), code=None)
        h.stop()
        path = os.path.join(h.data, "journal", "0" * 16 + ".seg")
        with open(path, "r+b") as f:
            f.seek(4096 + 40)
            f.write(b"\xff\xff\xff")
        comes(h, "service", "problem", "damaged")


def test_the_database():
    with Postgres() as pg:
        h = House()
        h.lend += ["prlimit", "--nofile=1500:1500"]
        try:
            h.start("--database", pg.url("one"))
            sql = lambda text: pg.sql("one", text)
            says(h, "open files", "warning", "at most 1500 open files")
            says(h, "database settings", "problem", "fsync = off")  # as the test's server is started
            says(h, "database roles", "warning", "superuser")
            pg.stop()
            comes(h, "database", "problem", "does not answer")
            says(h, "database schema", "warning", "not known")
            pg.call("pg_ctl", "-D", pg.dir + "/data", "-w", "-l", pg.dir + "/data/log", "start", "-o",
                    f"-k {pg.dir} -c listen_addresses=")
            comes(h, "database", "ok", "answers")
            says(h, "database settings", "ok", "are on")
            for setting in "full_page_writes", "synchronous_commit":
                sql(f"alter system set {setting} = off")
                sql("select pg_reload_conf()")
                comes(h, "database settings", "problem", f"{setting} = off")
                sql(f"alter system reset {setting}")
                sql("select pg_reload_conf()")
                comes(h, "database settings", "ok", "are on")
            sql("alter role collaudo_app bypassrls")
            says(h, "database roles", "problem", "past the walls")
            sql("alter role collaudo_app nobypassrls")
            sql("alter role collaudo_loader superuser")
            says(h, "database roles", "problem", "collaudo_loader")
            sql("alter role collaudo_loader nosuperuser")
            sql("insert into collaudo.schema_version values (999, 'x', 'x', now())")
            says(h, "database schema", "problem", "schema 999")
            sql("delete from collaudo.schema_version where version = 999")
            sql("alter table collaudo.dirty_day set (autovacuum_enabled = off)")
            sql("begin; insert into collaudo.dirty_day select 1, i, '2026-01-01' from generate_series(1, 150000) i; rollback")
            comes(h, "dirty days", "warning", "dead rows")
            sql("vacuum collaudo.dirty_day")
            comes(h, "dirty days", "ok", "wait to be counted")
        finally:
            h.stop()
            shutil.rmtree(h.dir, ignore_errors=True)


def test_keys_and_journal():
    with Postgres() as pg:
        h = House()
        other = None
        try:
            h.start("--database", pg.url("one"))
            sql = lambda text: pg.sql("one", text)
            h.apply(CHARTER)
            key = h.run("key", "create", "--source", "crm").strip()
            sql("update collaudo.pilot set state = 'sealed', sealed_at = now(), start_day = current_date - 30,"
                " end_day = current_date + 50")
            sql("update collaudo.source set made_at = now() - interval '30 days'")
            says(h, "keys live", "warning", "billing")
            says(h, "keys unused", "warning", "crm")
            says(h, "keys expired", "ok", "none")
            wait_for(lambda: h.http("POST", "/v1/events", json.dumps(event(1)), {
                "Content-Type": "application/json", "Authorization": "Bearer " + key})[0] == 200, 5, "it is taken")
            comes(h, "keys unused", "ok", "none")
            says(h, "sources silent", "ok", "none")
            sql("update collaudo.intake_day set day = current_date - 10")
            says(h, "sources silent", "warning", "crm")
            sql("update collaudo.source set cadence = 'none'")
            says(h, "sources silent", "ok", "none")
            sql("update collaudo.intake_day set day = current_date - 3; update collaudo.source set cadence = 'hourly'")
            says(h, "sources silent", "warning", "crm")
            sql("update collaudo.ingest_key set expires_at = now() + interval '3 days'")
            says(h, "keys expired", "warning", "crm")
            sql("update collaudo.ingest_key set expires_at = now() - interval '1 day'")
            says(h, "keys expired", "warning", "crm")
            says(h, "keys live", "warning", "crm")
            sql("update collaudo.ingest_key set expires_at = null")

            says(h, "conservation", "ok", "")
            sql("delete from collaudo.event")
            says(h, "journal", "ok", "whole")
            sql("update collaudo.journal set position = position + 1000000")
            comes(h, "journal", "problem", "a piece is missing")
            sql("update collaudo.journal set position = position - 1000000")
            comes(h, "journal", "ok", "whole")

            # a doctor in a copy looks, and takes the journal from nobody
            other = copy(h)
            check("none runs" in doctor(other)["service"][1], "no service of the copy")
            other.run("sources")
            time.sleep(2)
            says(h, "journal epoch", "ok", "goes on")
            comes(h, "conservation", "problem", "do not add up", 75)
            other.start()
            comes(h, "journal epoch", "problem", "another instance")
            says(other, "journal epoch", "ok", "goes on")
        finally:
            for x in (h, other):
                if x:
                    x.stop()
                    shutil.rmtree(x.dir, ignore_errors=True)


def faked():
    for d in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"):
        if os.path.exists(f"{d}/faketime/libfaketimeMT.so.1"):
            return f"{d}/faketime/libfaketimeMT.so.1"
    raise AssertionError("no libfaketime: scripts/deps test")


def test_the_clock():
    for by, state, words in (("+10", "warning", "ahead of"), ("-3600", "problem", "behind")):
        with Postgres() as pg:
            h = House()
            h.lend += ["env", "LD_PRELOAD=" + faked(), "FAKETIME=" + by, "FAKETIME_DONT_FAKE_MONOTONIC=1"]
            try:
                h.start("--database", pg.url("one"))
                says(h, "clock and database", state, words)
            finally:
                h.stop()
                shutil.rmtree(h.dir, ignore_errors=True)


if __name__ == "__main__":
    main(test_all_is_well, test_the_database, test_keys_and_journal, test_the_clock)
