#!/usr/bin/env python3
"""silence.py - a source that is silent against its cadence is told by /metrics, the API, the command
line and the page, with whom to ask; and no more as soon as it is heard."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from doors import event  # noqa: E402
from house import House, check, main, same  # noqa: E402
from limits import declare, sql  # noqa: E402
from states import text_of  # noqa: E402

# Running since ten days, every one of them a working day: whatever day this test is run on.
RUNNING = """
update collaudo.pilot set state = 'sealed', sealed_at = '2026-01-01', start_day = current_date - 10, end_day = current_date + 60;
update collaudo.source set made_at = '2026-01-01';
delete from collaudo.pilot_day;
insert into collaudo.pilot_day (workspace_id, pilot_id, day, week, working)
select workspace_id, pilot_id, d, d - (d - date '1900-01-01') % 7, true
from collaudo.pilot, (select current_date - 10 + i as d from generate_series(0, 70) i) x;
"""


def metric(h, name, source):
    m = re.search(rf'^collaudo_source_{name}{{workspace="\d+",source="{source}"}} (\d+)$', h.get("/metrics"), re.M)
    return m and int(m[1])


def told(h, source):
    return [s for s in h.json("sources")["sources"] if s["source"] == source][0]


def test_silence():
    with House() as h:
        declare(h)
        key = h.run("key", "create", "--source", "crm").strip()
        sql(h, RUNNING)
        h.stop()
        h.start()
        same((metric(h, "silent", "crm"), metric(h, "silent", "billing")), (1, 0), "crm is silent, billing is never expected")
        same(metric(h, "heard_seconds", "crm"), None, "it was never heard")
        s = told(h, "crm")
        same((s["cadence"], s["owner"], s["last_heard"]), ("workday", "IT", None), "crm")
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00Z", s["silent_since"] or ""), f"since the first midnight: {s}")
        same((told(h, "billing")["silent_since"], told(h, "billing")["cadence"]), (None, "none"), "billing")
        text = h.run("sources")
        check(f"silent since {s['silent_since']}; ask IT" in text and text.count("silent since") == 1, text)
        it, en = (text_of(h.get(f"/pilots/prova?lang={x}")) for x in ("it", "en"))
        check("La fonte crm tace dal" in it and "ne risponde IT." in it, it)
        check("Source crm has been silent since" in en and "ask IT." in en, en)
        check("billing has been silent" not in en, en)
        # heard: at once, before the loader and on every page
        h.post("/v1/heartbeat", {}, key)
        same(metric(h, "silent", "crm"), 0, "it was heard")
        check(metric(h, "heard_seconds", "crm") <= 10, "a moment ago")
        s = told(h, "crm")
        check(s["last_heard"] and s["silent_since"] is None, f"{s}")
        check("silent since" not in h.run("sources"), "the command line")
        check("silent since" not in text_of(h.get("/pilots/prova?lang=en")), "the page")
        h.settle()
        h.stop()
        h.start()  # from the database
        same(metric(h, "silent", "crm"), 0, "after a restart")
        check(told(h, "crm")["last_heard"], "after a restart")
        # days later
        sql(h, "update collaudo.source_heard set heard_at = heard_at - interval '3 days'")
        h.stop()
        h.start()
        same(metric(h, "silent", "crm"), 1, "three days later")
        check(3 * 86400 <= metric(h, "heard_seconds", "crm") < 3 * 86400 + 600, "and for how long")
        check("Source crm has been silent since" in text_of(h.get("/pilots/prova?lang=en")), "the page")
        same(h.post("/v1/events", event(1, id=None), key)["rejected"], 1, "a refused event")
        same(metric(h, "silent", "crm"), 0, "is a sign of life, too")


if __name__ == "__main__":
    main(test_silence)
