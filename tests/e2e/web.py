#!/usr/bin/env python3
"""web.py - the pages in Chromium (tests/web/pages.mjs): both languages and themes, wide and
narrow, of a pilot that is over, one that failed, one that runs, one that has not begun, and the
list."""
import os
import subprocess

from datetime import date, timedelta

import demos
import states
from doors import PILOT
from house import ROOT, House, check, main

OUT = os.environ.get("COLLAUDO_SHOTS", os.path.join(ROOT, "build", "shots"))


def test_pages_in_a_browser():
    with House() as h:
        for pilot in demos.PILOTS:
            demos.deliver(h, pilot, demos.declare(h, pilot))
        states.running(h, 5, range(1, 11))
        start = date.today() + timedelta(days=2)
        people = "\n".join(f"  - {{id: p{i}@prova.example, team: t, role: member}}" for i in range(12))
        h.run("apply", h.write("prova.yaml", PILOT % (people, start, start + timedelta(days=83))))
        pages = subprocess.run(
            ["node", "pages.mjs", f"http://127.0.0.1:{h.port}", OUT, "/", "/pilots/healthy", "/pilots/shelfware",
             "/pilots/storia", "/pilots/prova"], cwd=os.path.join(ROOT, "tests", "web"), capture_output=True,
            text=True, timeout=600)
        print(pages.stdout.strip())
        check(pages.returncode == 0, pages.stderr[-3000:])
        check("checks: " in pages.stdout, "the browser checked something")


if __name__ == "__main__":
    main(test_pages_in_a_browser)
