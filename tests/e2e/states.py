#!/usr/bin/env python3
"""states.py - the pilot page in every state a pilot can be in, in both languages: a draft, sealed
for a day to come, running without a full week, running, over, frozen, with figures that are being
counted again, and the pages of errors."""
import json
import re
import time
from datetime import date, timedelta
from html import unescape

from house import House, check, main, same

# A pilot of history, so that one House sees every day of it: 12 people who all come every week,
# but for ONE, and three deliveries of which one is bad. It begins on a Sunday, the eighth.
HISTORY = """
workspace: {code: storia, name: Storia S.r.l.}
tools: [{code: crm, name: CRM, owner: IT}]
sources: [{name: crm, tool: crm, cadence: none}, {name: mute, tool: crm, cadence: none}]
people:
%s
pilot: {id: storia, name: Storia, start: "2026-03-08", end: "2026-05-11", tz: Europe/Rome}
value_events: ["deal.*"]
criteria:
  - {id: active, kpi: weekly_active, params: {weeks: 1}, target: {ge: 0.5}, must: true, weight: 3, owner: Anna}
  - {id: clean, kpi: quarantine_rate, params: {weeks: 1}, target: {le: 0.10}, must: false, weight: 1}
  - {id: long, kpi: sustained_users, params: {weeks: 6, min_active: 4}, target: {ge: 0.5}, min_weeks: 6, must: false, weight: 1}
privacy: {notice_ref: "avviso 1", agreement_ref: "accordo 1"}
"""
FUTURE = HISTORY.replace("storia", "futura").replace("Storia", "Futura")
ROSTER = "\n".join(f"  - {{id: p{i}@%s.example, team: t, role: member}}" for i in range(12))


def text_of(page):
    """What a reader reads below the banner of a replay: one line, ordinary blanks."""
    page = re.sub(r'<div class="replay">.*?</div></div>', " ", page, flags=re.S)
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " "))


def look(h, pilot, lang, as_of=None):
    page = h.get(f"/pilots/{pilot}?lang={lang}" + (f"&as_of={as_of}T12:00:00%2B01:00" if as_of else ""))
    check(f'<html lang="{lang}"' in page, f"{pilot} at {as_of}: the page's language")
    return text_of(page)


def says(h, pilot, as_of, it, en, never=()):
    """Every sentence stands on the page of its language, none of `never` on either."""
    for lang, wanted in (("it", it), ("en", en)):
        text = look(h, pilot, lang, as_of)
        for sentence in wanted:
            check(sentence in text, f"{pilot} at {as_of} in {lang} should say {sentence!r}: {text}")
        for sentence in never:
            # at the edge of a word: "11 persone" is no "1 persone"
            check(not re.search(r"(?<![0-9A-Za-z])" + re.escape(sentence), text), f"{pilot} at {as_of} in {lang} should not say {sentence!r}: {text}")


def act(first, weeks, who):
    """One event of each of `who` on the Tuesday of each week, and one bad delivery."""
    lines = []
    for w in range(weeks):
        day = first + timedelta(days=7 * w + 1)
        lines += [{"id": f"{day}-{i}", "time": f"{day}T10:00:00+01:00", "user": f"p{i}@storia.example",
                   "action": "deal.move"} for i in who]
        lines.append({"id": f"{day}-bad", "time": f"{day}T10:00:00+01:00", "user": "", "action": "deal.move"})
    return [{"received": line["time"], "line": json.dumps(line)} for line in lines]


NEVER = ("{", "}", "( )", "()", "guast", "mancato", "dispensat", "doctor", "il 8 ", "il 11 ", "dal 8 ", "al 8 ",
         "al 11 ", "1 persone", "1 settimane", "1 weeks", "1 people ", "sealed yet. With today")


def test_states():
    with House() as h:
        h.run("apply", h.write("storia.yaml", HISTORY % (ROSTER.replace("%s", "storia"))))
        same(h.get("/?lang=it").count("Bozza: il patto non è sigillato"), 1, "the draft in the list")
        check("Finito" not in h.get("/?lang=it"), "a draft of days long gone is not over")
        says(h, "storia", None,
             ["Bozza: il patto non è sigillato", "Il giorno d’inizio del patto, l’8 marzo 2026, è già passato",
              "collaudo seal storia", "Nessun giorno è ancora contato", "Da misurare · obbligatorio", "limite 10 %"],
             ["Draft: the charter is not sealed", "The first day of the charter, 8 March 2026, has passed already",
              "collaudo seal storia", "No day is counted yet", "To be measured · required", "limit 10 %"],
             NEVER + ("Dati fino", "Data up to", "in corso", "running", "senza dati", "without data", "Non valido",
                      "Not valid", "Basterebbe", "alone"))
        key = [h.run("key", "create", "--source", source).strip() for source in ("crm", "mute")][0]
        h.run("seal", "storia", "--replay-as-of", "2026-03-01T09:00:00+01:00")
        says(h, "storia", "2026-03-02",
             ["Sigillato: comincia l’8 marzo 2026", "Il pilota comincia l’8 marzo 2026",
              "criteri e obiettivi non cambiano più", "Nulla: il pilota deve ancora cominciare",
              "Controllare che ogni fonte mandi i suoi eventi", "Nessun giorno è ancora contato",
              "Non è ancora arrivato nessun evento."],
             ["Sealed: begins on 8 March 2026", "The pilot begins on 8 March 2026", "no longer change",
              "Nothing: the pilot has yet to begin", "Check that every source sends its events"],
             NEVER + ("Dati fino", "Data up to", "in corso", "is running", "senza dati", "without data", "Basterebbe", "alone",
                      "Troppo pochi", "Too few"))
        # running, on its first morning and before a full week is over
        says(h, "storia", "2026-03-08", ["Settimana 1 di 11 · finisce l’11 maggio 2026", "Nessun giorno è ancora contato"],
             ["Week 1 of 11 · ends on 11 May 2026", "No day is counted yet"], NEVER + ("Dati fino", "Data up to"))
        lines = act(date(2026, 3, 9), 9, range(1, 11)) + act(date(2026, 3, 9), 1, [0])[:1]
        h.run("import", "--source", "crm", "--replay", "--workspace", "storia",
              h.write("storia.ndjson", "\n".join(json.dumps(e) for e in lines)))
        says(h, "storia", "2026-03-12",
             ["Settimana 2 di 11", "Non ancora deciso: il pilota è in corso",
              "È presto per giudicare: la prima settimana intera finisce il 15 marzo 2026", "Dati fino all’11 marzo 2026",
              "3 con troppo pochi dati", "Questa settimana, finora, 11 persone su 12 hanno usato lo strumento",
              "non è ancora passata una settimana intera", "1 settimana intera in più con dati"],
             ["Week 2 of 11", "Not decided yet: the pilot is running",
              "It is too early to judge: the first full week ends on 15 March 2026", "Data up to 11 March 2026",
              "3 with too few data", "So far this week 11 of 12 people have used the tool", "1 more full week with data"],
             NEVER + ("senza dati", "without data", "Basterebbe", "alone", "su 0 settimane", "over 0"))
        # the Monday of a week belongs to it, though nothing of it is counted
        says(h, "storia", "2026-03-16", ["Settimana 3 di 11"], ["Week 3 of 11"], NEVER)
        says(h, "storia", "2026-04-15",
             ["Settimana 7 di 11", "Non ancora deciso: il pilota è in corso",
              "Nell’ultima settimana intera 10 persone su 12 hanno usato lo strumento. L’obiettivo è 6",
              "10 persone su 12 obiettivo 6", "1 su 11 limite 10 %", "2 raggiunti", "1 con troppo pochi dati",
              "Dati fino al 14 aprile 2026", "6 consegne su 67 sono in quarantena."],
             ["Week 7 of 11", "10 of 12 people used the tool in the last full week. The target is 6",
              "10 of 12 people target 6", "1 of 11 limit 10 %", "Data up to 14 April 2026"],
             NEVER + ("1 persona su 11", "1 of 11 people", "11 persone", "11 people", "senza dati", "without data"))
        # over, and waiting; then frozen
        says(h, "storia", "2026-05-13",
             ["Finito l’11 maggio 2026, si attendono gli ultimi eventi", "Non ancora deciso: si attendono gli ultimi eventi",
              "Il verdetto definitivo arriva il 15 maggio 2026", "Dati fino all’11 maggio 2026"],
             ["Over since 11 May 2026", "Not decided yet: late events are awaited", "The final verdict comes on 15 May 2026"],
             NEVER + ("in corso, fino", "is running"))
        says(h, "storia", "2026-05-20",
             ["11 settimane · finito l’11 maggio 2026", "Il verdetto", "Regola ", "Dati fino all’11 maggio 2026"],
             ["11 weeks · ended on 11 May 2026", "The verdict", "Rule ", "Data up to 11 May 2026"],
             NEVER + ("in corso", "is running", "Non ancora deciso", "Not decided yet", "Basterebbe questo", "would change",
                      "dopo la chiusura", "after the close"))
        for lang, words in (("it", "Finito: sì"), ("en", "Over: go")):
            for _ in range(2):  # reckoned, then kept
                listed = text_of(h.get(f"/?lang={lang}"))
                check(words in listed, f"the verdict in the list should be {words}: {listed}")
        # what comes now is told beside the figures, and is in none of them
        late = [{"id": f"late-{n}", "time": "2026-04-01T10:00:00Z", "user": "p0@storia.example", "action": "deal.move"}
                for n in range(2)]
        for n, (it, en) in enumerate((("1 evento arrivato dopo la chiusura, non contato.", "1 event came after the close and is not counted."),
                                      ("2 eventi arrivati dopo la chiusura, non contati.", "2 events came after the close and are not counted."))):
            h.post("/v1/events?wait=loaded", late[n], key)
            h.settle()
            says(h, "storia", "2026-05-20", [it, "sono in quarantena."], [en], NEVER)


# Eight people on one source that is expected every working day and heard on Tuesdays only.
TUESDAYS = (HISTORY % "\n".join(f"  - {{id: p{i}@storia.example, team: t, role: member}}" for i in range(8))).replace(
    "cadence: none}, {name: mute, tool: crm, cadence: none}", "cadence: workday}").replace("start: \"2026-03-08\"", "start: \"2026-03-02\"").replace(
    "end: \"2026-05-11\"", "end: \"2026-05-31\"").replace("owner: Anna}", "owner: Direzione}")


def test_broken_evidence():
    """Nobody is invited to sign, or told that nothing is missing, beside evidence that does not hold; a
    group this small is told that its figures move once a week."""
    with House() as h:
        h.run("apply", h.write("storia.yaml", TUESDAYS))
        h.run("key", "create", "--source", "crm")
        h.run("seal", "storia", "--replay-as-of", "2026-03-01T09:00:00+01:00")
        lines = [e for e in act(date(2026, 3, 2), 13, range(6)) if "-bad" not in e["line"]]
        h.run("import", "--source", "crm", "--replay", "--workspace", "storia",
              h.write("storia.ndjson", "\n".join(json.dumps(e) for e in lines)))
        never = NEVER + ("Non manca nulla", "Nothing is missing", "Nulla: ogni criterio", "Nothing: every criterion")
        says(h, "storia", "2026-04-15",
             ["Con i dati di oggi non ci sarebbe un verdetto", "Regola 1: le prove sono compromesse", "Che cosa fare adesso",
              "Le prove: la fonte crm deve farsi sentire ogni volta che è attesa", "(responsabile: IT).",
              "i numeri sulle persone si aggiornano una volta alla settimana"],
             ["What to do next", "The evidence: source crm must be heard whenever it is expected", "(owner: IT).",
              "figures on people move once a week"],
             never + ("persone, e i numeri si aggiornano una volta al giorno", "or more, and its figures move once a day"))
        says(h, "storia", "2026-06-15",
             ["Nessun verdetto: le prove sono compromesse", "Che cosa sarebbe servito", "Le prove: la fonte crm sentita"],
             ["No verdict: the evidence is broken", "What it would have taken", "The evidence: source crm heard in more of the"],
             never + ("controllarne", "check its"))


def test_one_owner():
    """A source never heard: its owner can act, so the criterion's is not named beside it; and when the
    pilot is over nobody is told to check anything."""
    with House() as h:
        h.run("apply", h.write("storia.yaml", TUESDAYS))
        h.run("key", "create", "--source", "crm")
        h.run("seal", "storia", "--replay-as-of", "2026-03-01T09:00:00+01:00")
        silent = "la fonte crm non ha mai dato segno di vita (responsabile: IT)."
        both = NEVER + ("(responsabile: IT) (", "(owner: IT) (")
        says(h, "storia", "2026-04-15", ["controllare il collegamento: " + silent], ["check its connection: source crm"],
             both + ("almeno 1 caso", "at least 1 case"))
        says(h, "storia", "2026-06-15", ["Che cosa sarebbe servito", "dati nelle settimane che contano: " + silent],
             ["data in the weeks that count: source crm has never been heard (owner: IT)."],
             both + ("controllare il", "check its", "almeno 1 caso", "at least 1 case"))


def test_arrived_today():
    """A history delivered today into a running pilot: figures of use at once, deliveries from midnight.
    Nobody is told that nothing has come."""
    start = date.today() - timedelta(days=date.today().weekday() + 14)
    with House() as h:
        yaml = HISTORY.replace("cadence: none", "cadence: workday") % ROSTER.replace("%s", "storia")
        h.run("apply", h.write("storia.yaml", yaml.replace("2026-03-08", str(start)).replace("2026-05-11", str(start + timedelta(days=83)))))
        key = [h.run("key", "create", "--workspace", "storia", "--source", s).strip() for s in ("crm", "mute")][0]
        h.run("seal", "storia", "--replay-as-of", f"{start - timedelta(days=3)}T09:00:00+01:00")
        says(h, "storia", None, ["Non è ancora arrivato nessun evento.", "Le fonti si sono fatte sentire in 0 periodi"],
             ["No event has arrived yet.", "Sources were heard in 0 of"], NEVER)
        events = [{"id": f"{d}-{i}", "time": f"{start + timedelta(days=d)}T10:00:00Z", "user": f"p{i}@storia.example",
                   "action": "deal.move"} for d in range(5) for i in range(12)]
        same(h.post("/v1/events?wait=loaded", events, key)["accepted"], 60, "a history taken")
        h.settle()
        says(h, "storia", None, ["12 persone su 12", "Le fonti si sono fatte sentire in 5 periodi",
                                 "Le consegne arrivate oggi contano da mezzanotte."],
             ["12 of 12 people", "Sources were heard in 5 of", "What came today counts from midnight."],
             NEVER + ("Non è ancora arrivato", "No event has arrived"))
        says(h, "storia", str(start + timedelta(days=10)), ["Nessuna consegna è arrivata in un giorno contato qui."],
             ["No delivery came on a day that is counted here."], NEVER + ("da mezzanotte", "from midnight"))


def test_equal_titles():
    """Pilots of one name are told apart by their company, and by their code in one company."""
    with House() as h:
        one = HISTORY % ROSTER.replace("%s", "storia")
        h.run("apply", h.write("a.yaml", one))
        check("<span" not in h.get("/?lang=it").split("<h2>")[1].split("</h2>")[0], "one of its name has nothing beside it")
        other = one.replace("code: storia, name: Storia S.r.l.", "code: altra, name: Altra S.p.A.").replace("id: storia", "id: altra")
        h.run("apply", h.write("b.yaml", other))
        links = dict(re.findall(r'<a href="/pilots/(\w+)">(.*?)</a></h2>', h.get("/?lang=it")))
        same({k: text_of(x).strip() for k, x in links.items()}, {"storia": "Storia · Storia S.r.l.", "altra": "Storia · Altra S.p.A."},
             "links of one name")
        h.run("apply", h.write("c.yaml", one.replace("id: storia", "id: bis").replace("name: crm,", "name: crm2,").replace("name: mute,", "name: mute2,")))
        links = dict(re.findall(r'<a href="/pilots/(\w+)">(.*?)</a></h2>', h.get("/?lang=it")))
        same({k: text_of(x).strip() for k, x in links.items()},
             {"storia": "Storia · Storia S.r.l., storia", "bis": "Storia · Storia S.r.l., bis", "altra": "Storia · Altra S.p.A."},
             "links of one name in one company")


def test_sealed_for_a_day_to_come():
    """Not replayed: sealed now, begins in a month, and says nothing of today."""
    start = date.today() + timedelta(days=40)
    start -= timedelta(days=start.weekday())
    with House() as h:
        yaml = (FUTURE % ROSTER.replace("%s", "futura")).replace("2026-03-08", str(start))
        h.run("apply", h.write("futura.yaml", yaml.replace("2026-05-11", str(start + timedelta(days=83)))))
        says(h, "futura", None, ["Il patto va sigillato prima", "Sigillare il patto prima", "collaudo seal futura"],
             ["The charter must be sealed before", "Seal the charter before", "collaudo seal futura"], NEVER)
        for source in ("crm", "mute"):
            h.run("key", "create", "--source", source)
        h.run("seal", "futura")
        says(h, "futura", None, ["Il pilota comincia ", "Sigillato: comincia "], ["The pilot begins on "],
             NEVER + ("Dati fino", "Data up to", "in corso", "is running"))
        listed = text_of(h.get("/?lang=en"))
        check(re.search(r"Begins on \d+ [A-Z][a-z]+ \d{4}", listed), f"the sealed one in the list: {listed}")


def running(h, weeks, who):
    """The same pilot, replayed from some weeks ago and still running: a frozen one takes no more
    events into its figures. Its key."""
    start = date.today() - timedelta(days=date.today().weekday() + 7 * weeks)
    h.run("apply", h.write("storia.yaml", (HISTORY % (ROSTER.replace("%s", "storia")))
                           .replace("2026-03-08", str(start)).replace("2026-05-11", str(start + timedelta(days=83)))))
    key = h.run("key", "create", "--workspace", "storia", "--source", "crm").strip()
    h.run("key", "create", "--workspace", "storia", "--source", "mute")
    h.run("seal", "storia", "--replay-as-of", f"{start - timedelta(days=3)}T09:00:00+01:00")
    h.run("import", "--workspace", "storia", "--source", "crm", "--replay", h.write("storia.ndjson", "\n".join(
        json.dumps(e) for e in act(start, weeks, who))))
    return key, start


def test_one_person():
    """One person of twelve: the verb and the noun follow. Advice that would be enough says so."""
    with House() as h:
        running(h, 4, [3])
        says(h, "storia", None,
             ["Nell’ultima settimana intera 1 persona su 12 ha usato lo strumento. L’obiettivo è 6", "1 persona su 12 obiettivo 6",
              "5 persone in più", "1 su 2 limite 10 %"],
             ["1 of 12 people used the tool in the last full week. The target is 6", "5 more people", "1 of 2 limit 10 %"], NEVER)
        for lang, words, runs in (("it", "Il patto è stato sigillato", "il pilota è in corso"), ("en", "The charter was sealed on", "the pilot is running")):
            page = unescape(h.get(f"/pilots/storia?lang={lang}"))
            banner = re.search(r'<div class="replay">(.*?)</div></div>', page, re.S).group(1)
            check(words in banner and "in corso" not in banner and "running" not in banner, f"the banner of a replay that runs: {banner}")
            check(runs in page, "and below it the pilot is running")
        listed = text_of(h.get("/?lang=it"))
        check("In corso: settimana 5 di 12" in listed and "Storia rigiocata" in listed, f"the running one in the list: {listed}")


def test_counted_again():
    """While late events trickle in, the page stays: figures as last counted, and a word about it.
    Gate and API refuse meanwhile."""
    seen = {200: 0, 503: 0}
    told = 0
    with House() as h:
        key, start = running(h, 6, range(1, 11))
        end = time.monotonic() + 8
        n = 0
        while time.monotonic() < end:
            n += 1
            h.post("/v1/events", {"id": f"late-{n}", "time": f"{start + timedelta(days=1 + n % 5)}T10:00:00Z",
                                  "user": "p1@storia.example", "action": "deal.move"}, key)
            for lang, word, figures in (("it", "ricontando", "10 persone su 12"), ("en", "being counted again", "10 of 12 people")):
                status, _, body = h.http("GET", f"/pilots/storia?lang={lang}")
                same(status, 200, "the page while a day is counted again")
                text = text_of(body.decode())
                check(figures in text, f"the figures stay: {text}")
                told += word in text.lower()
            status, _, _ = h.http("GET", "/api/v1/pilots/storia/gate")
            seen[status] += 1
        print(f"{n} late events: the gate refused {seen[503]} times, the page told of it {told} times")
        check(seen[503] > 0 and told > 0, f"something waited while it was looked at: {seen}, {told}")


def test_error_pages():
    with House() as h:
        for lang, title, text in (("it", "Questa pagina non esiste", "A questo indirizzo non c’è nessun pilota"),
                                  ("en", "This page does not exist", "There is no pilot and no page at this address")):
            page = h.get(f"/pilots/nowhere?lang={lang}", status=404, headers={"Accept": "text/html"})
            check(f'<html lang="{lang}"' in page and title in text_of(page) and text in text_of(page), "the page that is not there")
            check(re.search(r'<p[^>]* lang="en">there is no pilot', page), f"the fault's own words are marked as English: {page}")


if __name__ == "__main__":
    main(test_states, test_broken_evidence, test_one_owner, test_arrived_today, test_equal_titles, test_sealed_for_a_day_to_come, test_one_person, test_counted_again, test_error_pages)
