/* gate_plan.c - what to do next, and the record as canonical JSON. */
#include "json_t.h"
#include "t.h"

#include "gate_help.h"

#include "collaudo/json.h"

#include <string.h>

/* --- what to do next --------------------------------------------------------------- */

static void
test_plan_texts(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *kpi, *params;
        struct charter_mark target;
        struct gate_criterion c;
        const char *owner, *en, *it;
    } rows[] = {
        { "sustained use", "sustained_users", "{\"min_active\":6,\"weeks\":8}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 10 more people active in at least 6 of 8 weeks.",
          "M: 10 persone attive in più, in almeno 6 settimane su 8." },
        { "one person, and an owner", "sustained_users", "{\"min_active\":6,\"weeks\":8}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 13, 20 }, .line.state = GATE_NOT_MET }, "Sales",
          "N: 1 more person active in at least 6 of 8 weeks (owner: Sales).",
          "M: 1 persona attiva in più, in almeno 6 settimane su 8 (responsabile: Sales)." },
        { "figures that may not tell", "sustained_users", "{\"min_active\":6,\"weeks\":8}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 1, 6 }, .band = KPI_BAND_LOW, .line.state = GATE_NOT_MET }, "",
          "N: more people active in at least 6 of 8 weeks.", "M: più persone attive in almeno 6 settimane su 8." },
        { "without parameters", "sustained_users", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 10 more people.", "M: 10 persone in più." },
        { "retention", "retention", "{\"kind\":\"calendar\",\"week\":4}", { true, CHARTER_AT_LEAST, 5000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 8, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 2 more people back in their week 4.", "M: 2 persone in più che tornano nella loro settimana 4." },
        { "retention, hidden", "retention", "{\"kind\":\"calendar\",\"week\":4}", { true, CHARTER_AT_LEAST, 5000 },
          { .unit = KPI_PEOPLE, .people = true, .band = KPI_HIDDEN, .line.state = GATE_NOT_MET }, "",
          "N: more people back in their week 4.", "M: più persone che tornano nella loro settimana 4." },
        { "weeks, shared out and rounded up", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 5000 },
          { .unit = KPI_PEOPLE, .shown = { 31, 80 }, .line = { .state = GATE_NOT_MET, .weeks = 4 } }, "",
          "N: 3 more people in each of the 4 weeks that count.",
          "M: 3 persone in più in ciascuna delle 4 settimane che contano." },
        { "weeks, shared out exactly", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 5000 },
          { .unit = KPI_PEOPLE, .shown = { 32, 80 }, .line = { .state = GATE_NOT_MET, .weeks = 4 } }, "",
          "N: 2 more people in each of the 4 weeks that count.",
          "M: 2 persone in più in ciascuna delle 4 settimane che contano." },
        { "fewer person-weeks", "weekly_active", "{}", { true, CHARTER_AT_MOST, 5000 },
          { .unit = KPI_PEOPLE, .shown = { 41, 80 }, .line = { .state = GATE_NOT_MET, .weeks = 4 } }, "",
          "N: fewer people.", "M: meno persone." },
        { "the least parameters", "sustained_users", "{\"min_active\":1,\"weeks\":1}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 10 more people active in at least 1 of 1 week.",
          "M: 10 persone attive in più, in almeno 1 settimana su 1." },
        { "only one parameter", "sustained_users", "{\"min_active\":6}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 10 more people.", "M: 10 persone in più." },
        { "only the other", "sustained_users", "{\"weeks\":8}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 10 more people.", "M: 10 persone in più." },
        { "sustained use that should be rare", "sustained_users", "{\"min_active\":6,\"weeks\":8}", { true, CHARTER_AT_MOST, 1000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 2 people fewer.", "M: 2 persone in meno." },
        { "return in week 1", "retention", "{\"week\":1}", { true, CHARTER_AT_LEAST, 5000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 9, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 1 more person back in their week 1.", "M: 1 persona in più che torna nella sua settimana 1." },
        { "return that should be rare", "retention", "{\"week\":4}", { true, CHARTER_AT_MOST, 1000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 2 people fewer.", "M: 2 persone in meno." },
        { "return of no week", "retention", "{}", { true, CHARTER_AT_LEAST, 5000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 9, 20 }, .line.state = GATE_NOT_MET }, "",
          "N: 1 more person.", "M: 1 persona in più." },
        { "one thing", "conflict_rate", "{}", { true, CHARTER_AT_MOST, 200 },
          { .unit = KPI_EVENTS, .shown = { 3, 100 }, .line.state = GATE_NOT_MET }, "",
          "N: 1 fewer of 100.", "M: 1 in meno su 100." },
        { "hidden things", "conflict_rate", "{}", { true, CHARTER_AT_MOST, 200 },
          { .unit = KPI_EVENTS, .band = KPI_HIDDEN, .line.state = GATE_NOT_MET }, "",
          "N: figures not shown, to protect small groups, limit 2" NB "%.",
          "M: cifre non mostrate, a tutela dei gruppi piccoli, limite 2" NB "%." },
        { "repetitions of no one source", "duplicate_events", "{}", { true, CHARTER_AT_MOST, 200 },
          { .unit = KPI_EVENTS, .shown = { 3, 100 }, .line.state = GATE_NOT_MET }, "",
          "N: 1 fewer of 100.", "M: 1 in meno su 100." },
        { "few person-weeks", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .min_n = 5, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } }, "",
          "N: at least 5 cases to count.", "M: almeno 5 casi da contare." },
        { "nobody", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .min_n = 1, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } }, "",
          "N: at least 1 case to count.", "M: almeno 1 caso da contare." },
        { "a limit, and nothing came", "duplicate_events", "{}", { true, CHARTER_AT_MOST, 500 },
          { .unit = KPI_EVENTS, .min_n = 1, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } }, "IT",
          "N: it cannot be judged before events arrive (owner: IT).",
          "M: non si può giudicare prima che arrivino eventi (responsabile: IT)." },
        { "a limit, and too little came", "duplicate_events", "{}", { true, CHARTER_AT_MOST, 500 },
          { .unit = KPI_EVENTS, .min_n = 50, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW, .den = 3 } }, "",
          "N: at least 50 events to judge by.", "M: almeno 50 eventi su cui giudicare." },
        { "few periods", "source_coverage", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PERIODS, .people = true, .min_n = 5, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } }, "",
          "N: at least 5 cases to count.", "M: almeno 5 casi da contare." },
        { "fewer people", "weekly_active", "{}", { true, CHARTER_AT_MOST, 5000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 11, 20 }, .line = { .state = GATE_NOT_MET, .weeks = 1 } }, "",
          "N: 1 person fewer.", "M: 1 persona in meno." },
        { "hidden", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 5000 },
          { .unit = KPI_PEOPLE, .band = KPI_HIDDEN, .line = { .state = GATE_NOT_MET, .weeks = 4 } }, "",
          "N: more people.", "M: più persone." },
        { "things", "conflict_rate", "{}", { true, CHARTER_AT_MOST, 200 },
          { .unit = KPI_EVENTS, .shown = { 1200, 10000 }, .line.state = GATE_NOT_MET }, "",
          "N: 1,000 fewer of 10,000.", "M: 1.000 in meno su 10.000." },
        { "more things", "conflict_rate", "{}", { true, CHARTER_AT_LEAST, 5000 },
          { .unit = KPI_EVENTS, .shown = { 1, 10 }, .line.state = GATE_NOT_MET }, "",
          "N: 4 more of 10.", "M: 4 in più su 10." },
        { "too late", "sustained_users", "{\"min_active\":6,\"weeks\":8}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .flags = GATE_IMPOSSIBLE, .line.state = GATE_NOT_MET }, "",
          "N: the weeks that are left cannot reach it: decide now, or extend with the same targets.",
          "M: nelle settimane rimaste non si può più raggiungere: decidere ora, o prorogare con gli stessi obiettivi." },
        { "no KPI", "happiness", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .band = KPI_HIDDEN, .line = { .state = GATE_UNSOUND, .why = GATE_WHY_NO_KPI } }, "",
          "N: declare a corrected charter with “collaudo apply”, as a new pilot if this one is sealed: this program knows no KPI happiness.",
          "M: dichiarare un patto corretto con «collaudo apply», come nuovo pilota se questo è già sigillato: questo programma non conosce il KPI happiness." },
        { "damaged", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .band = KPI_HIDDEN, .line = { .state = GATE_UNSOUND, .why = GATE_WHY_DAMAGED } }, "",
          "N: the figures are damaged: see them with “collaudo kpi”, and tell whoever keeps this installation.", "M: le cifre sono danneggiate: guardarle con «collaudo kpi» e avvisare chi cura questa installazione." },
        { "few weeks", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW_WEEKS, .weeks = 5 } }, "",
          "N: 1 more full week with data.", "M: 1 settimana intera in più con dati." },
        { "no week", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_NO_WEEK } }, "",
          "N: 6 more full weeks with data.", "M: 6 settimane intere in più con dati." },
        { "few people", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .people = true, .min_n = 5, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } }, "",
          "N: at least 5 people to count.", "M: almeno 5 persone da contare." },
        { "open weeks", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .unit = KPI_PEOPLE, .sustained = true, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_OPEN_WEEKS } }, "",
          "N: the open weeks decide: keep every source connected.",
          "M: decidono le settimane ancora aperte: tenere collegate tutte le fonti." },
        { "silence", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .silent = { "source crm was never heard (owner: IT)", "x" }, .silent_owned = true, .line = { .state = GATE_NO_DATA, .why = GATE_WHY_SILENT } }, "Direzione",
          "N: check its connection: source crm was never heard (owner: IT).", "M: controllare il collegamento: x." },
        { "silence of no one source", "weekly_active", "{}", { true, CHARTER_AT_LEAST, 7000 },
          { .silent = { "no source is connected", "nessuna fonte è collegata" }, .line = { .state = GATE_NO_DATA, .why = GATE_WHY_SILENT } }, "Direzione",
          "N: check its connection: no source is connected (owner: Direzione).",
          "M: controllare il collegamento: nessuna fonte è collegata (responsabile: Direzione)." },
    };
    static const struct { const char *kpi, *en, *it; } of_source[] = {
        { "duplicate_events", "N: source crm delivers the same events again: its sender must stop repeating (owner: IT).",
          "M: la fonte crm consegna più volte gli stessi eventi: chi li manda deve smettere di ripeterli (responsabile: IT)." },
        { "quarantine_rate", "N: source crm has most events in quarantine: see why with “collaudo sources”, have its sender mended, then send them again (owner: IT).",
          "M: la fonte crm ha più eventi in quarantena delle altre: vedere perché con «collaudo sources», far correggere chi li manda, poi rimandarli (responsabile: IT)." },
        { "source_coverage", "N: source crm is heard too rarely: check its connection (owner: IT).",
          "M: la fonte crm si sente troppo di rado: controllarne il collegamento (responsabile: IT)." },
        { "conflict_rate", "N: 3 fewer of 100 (owner: Direzione).", "M: 3 in meno su 100 (responsabile: Direzione)." },
    };
    /* clang-format on */
    struct help_gate m;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct gate_criterion *c;

        t_row = rows[i].name;
        help_gate(&m);
        help_running(&m);
        c = help_add(&m, "a", true, 1, GATE_MET, 0, 0);
        *c = rows[i].c;
        c->rule = &m.rule[0];
        c->params = rows[i].params;
        c->name = (struct gate_text){ "N", "M" };
        m.rule[0].kpi = rows[i].kpi;
        m.rule[0].target = rows[i].target;
        m.rule[0].owner = rows[i].owner;
        help_conclude(&m, help_mem());
        if (CHECK_I(m.r.actions_n, 1)) {
            CHECK_S(m.r.actions[0].text.en, rows[i].en);
            CHECK_S(m.r.actions[0].text.it, rows[i].it);
        }
    }
    for (size_t i = 0; i < COUNT(of_source); i++) {
        struct gate_criterion *c;

        t_row = of_source[i].kpi;
        help_gate(&m);
        help_running(&m);
        c = help_add(&m, "a", true, 1, GATE_NOT_MET, 5, 100);
        c->unit = KPI_EVENTS;
        c->name = (struct gate_text){ "N", "M" };
        c->worst = &m.source[0];
        m.rule[0].kpi = of_source[i].kpi;
        m.rule[0].target = (struct charter_mark){ true, CHARTER_AT_MOST, 200 };
        m.rule[0].owner = "Direzione"; /* steps back behind who can act */
        help_conclude(&m, help_mem());
        CHECK_S(m.r.actions[0].text.en, of_source[i].en);
        CHECK_S(m.r.actions[0].text.it, of_source[i].it);
    }
    t_row = NULL;
    help_gate(&m); /* one week is the least there can be to wait for */
    help_add(&m, "a", true, 1, GATE_INSUFFICIENT, 0, 0)->line.why = GATE_WHY_NO_WEEK;
    for (int64_t weeks = 0; weeks <= 2; weeks++) {
        m.rule[0].min_weeks = weeks;
        help_conclude(&m, help_mem());
        CHECK_S(m.r.actions[0].text.en, weeks == 2
                                            ? "Sustained users: 2 more full weeks with data."
                                            : "Sustained users: 1 more full week with data.");
    }
    help_gate(&m); /* the mapping, with what it does wrong; its source has no owner */
    help_running(&m);
    m.source[0].owner = "";
    help_add(&m, "a", true, 1, GATE_NOT_MET, 5, 100)->worst = &m.source[0];
    m.rule[0].owner = "Direzione";
    m.c[0].worst_why = "missing_user";
    m.c[0].unit = KPI_EVENTS;
    m.rule[0].kpi = "quarantine_rate";
    help_conclude(&m, help_mem());
    CHECK_S(m.r.actions[0].text.en,
            "Sustained users: source crm has most events in quarantine, above all for "
            "missing_user: have its sender mended, then send them again (owner: Direzione).");
    help_gate(&m); /* week by week */
    help_add(&m, "a", true, 1, GATE_NOT_MET, 5, 100)->sustained = true;
    m.c[0].line.met_weeks = 2;
    m.rule[0].sustain_pass = 3;
    m.rule[0].sustain_of = 4;
    help_conclude(&m, help_mem());
    CHECK_S(m.r.actions[0].text.en, "Sustained users: 1 more week on the right side of 70" NB "%.");
    CHECK_S(m.r.actions[0].text.it,
            "Utenti costanti: 1 settimana in più che rispetta la soglia (70" NB "%).");
}

/* When the pilot is over the same advice says what it would have taken: nothing in it is still to
 * be done. */
static void
test_plan_late(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *kpi;
        struct gate_criterion c;
        bool worst;
        const char *en, *it;
    } rows[] = {
        { "people", "weekly_active", { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line.state = GATE_NOT_MET }, false,
          "N: 10 more people.", "M: 10 persone in più." },
        { "what was out of reach before the end", "weekly_active",
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .flags = GATE_IMPOSSIBLE, .line.state = GATE_NOT_MET }, false,
          "N: 10 more people.", "M: 10 persone in più." },
        { "silence", "weekly_active", { .silent = { "source crm was never heard (owner: IT)", "x" }, .silent_owned = true, .line = { .state = GATE_NO_DATA, .why = GATE_WHY_SILENT } }, false,
          "N: data in the weeks that count: source crm was never heard (owner: IT).", "M: dati nelle settimane che contano: x." },
        { "repetitions", "duplicate_events", { .unit = KPI_EVENTS, .shown = { 5, 100 }, .line.state = GATE_NOT_MET }, true,
          "N: fewer events delivered again by source crm (owner: IT).", "M: meno eventi consegnati più volte dalla fonte crm (responsabile: IT)." },
        { "quarantine", "quarantine_rate", { .unit = KPI_EVENTS, .shown = { 5, 100 }, .line.state = GATE_NOT_MET }, true,
          "N: fewer events of source crm in quarantine (owner: IT).", "M: meno eventi della fonte crm in quarantena (responsabile: IT)." },
        { "quarantine, and why", "quarantine_rate", { .unit = KPI_EVENTS, .shown = { 5, 100 }, .worst_why = "bad_time", .line.state = GATE_NOT_MET }, true,
          "N: fewer events of source crm in quarantine, above all for bad_time (owner: IT).",
          "M: meno eventi della fonte crm in quarantena, soprattutto per bad_time (responsabile: IT)." },
        { "coverage", "source_coverage", { .unit = KPI_PERIODS, .shown = { 5, 100 }, .line.state = GATE_NOT_MET }, true,
          "N: source crm heard more often (owner: IT).", "M: la fonte crm sentita più spesso (responsabile: IT)." },
        { "no events", "duplicate_events", { .unit = KPI_EVENTS, .min_n = 1, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } }, false,
          "N: at least 1 event to judge by.", "M: almeno 1 evento su cui giudicare." },
        { "open weeks", "weekly_active", { .unit = KPI_PEOPLE, .sustained = true, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_OPEN_WEEKS } }, false,
          "N: more weeks that can be judged.", "M: più settimane che si possano giudicare." },
        { "nobody assessable", "sustained_users", { .unit = KPI_PEOPLE, .window = KPI_PILOT, .people = true, .min_n = 5, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } }, false,
          "N: more weeks that can be judged.", "M: più settimane che si possano giudicare." },
        { "no KPI", "happiness", { .band = KPI_HIDDEN, .line = { .state = GATE_UNSOUND, .why = GATE_WHY_NO_KPI } }, false,
          "N: a charter without this fault: this program knows no KPI happiness.",
          "M: un patto senza questo difetto: questo programma non conosce il KPI happiness." },
        { "damaged", "weekly_active", { .band = KPI_HIDDEN, .line = { .state = GATE_UNSOUND, .why = GATE_WHY_DAMAGED } }, false,
          "N: figures that are not damaged; “collaudo kpi” shows them.", "M: cifre non danneggiate; si vedono con «collaudo kpi»." },
    };
    /* clang-format on */
    struct help_gate m;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct gate_criterion *c;

        t_row = rows[i].name;
        help_gate(&m);
        c = help_add(&m, "a", true, 1, GATE_MET, 0, 0);
        *c = rows[i].c;
        c->rule = &m.rule[0];
        c->params = "{}";
        c->name = (struct gate_text){ "N", "M" };
        c->worst = rows[i].worst ? &m.source[0] : NULL;
        m.rule[0].kpi = rows[i].kpi;
        help_conclude(&m, help_mem());
        if (CHECK_I(m.r.actions_n, 1)) {
            CHECK_S(m.r.actions[0].text.en, rows[i].en);
            CHECK_S(m.r.actions[0].text.it, rows[i].it);
            CHECK(m.r.actions[0].late);
        }
    }
    t_row = NULL;
    help_running(&m);
    help_conclude(&m, help_mem());
    CHECK(!m.r.actions[0].late);
}

/* Broken evidence decides first, so what mends it stands first, met criteria or not. */
static void
test_plan_evidence(void)
{
    struct help_gate m;

    help_gate(&m);
    help_add(&m, "a", true, 1, GATE_MET, 14, 20);
    m.problem[0] =
        (struct gate_problem){ { "a is gone", "a manca" }, { "bring a", "portare a" }, true };
    m.problem[1] =
        (struct gate_problem){ { "b is gone", "b manca" }, { "bring b", "portare b" }, false };
    m.r.problems_n = 1;
    help_conclude(&m, help_mem());
    CHECK_I(m.r.answer.verdict, GATE_INVALID);
    if (CHECK_I(m.r.actions_n, 1)) {
        const struct gate_action *a = &m.r.actions[0];

        CHECK(a->criterion == GATE_NO_CRITERION && a->late && a->flips && !a->enough);
        CHECK_I(a->then, GATE_GO);
        CHECK_S(a->text.en, "The evidence: bring a.");
        CHECK_S(a->text.it, "Le prove: portare a.");
    }
    /* two: neither alone is enough, and both come before a missed must */
    m.r.problems_n = 2;
    help_add(&m, "b", true, 9, GATE_NOT_MET, 4, 20);
    help_conclude(&m, help_mem());
    if (CHECK_I(m.r.actions_n, 3)) {
        CHECK_S(m.r.actions[1].text.en, "The evidence: bring b.");
        CHECK(!m.r.actions[0].flips && !m.r.actions[1].flips && !m.r.actions[1].late);
        CHECK_I(m.r.actions[0].then, GATE_INVALID);
        CHECK_I(m.r.actions[2].criterion, 1);
        CHECK(!m.r.actions[2].flips);
    }
    /* mended, it would be a NO GO: nothing better */
    m.r.problems_n = 1;
    help_conclude(&m, help_mem());
    CHECK(!m.r.actions[0].flips);
    CHECK_I(m.r.actions[0].then, GATE_NO_GO);
}

/* Whatever a sentence tells people to run is there. */
static void
test_commands_exist(void)
{
    static const char *const commands[] = { "apply", "seal",  "key",   "import",  "kpi",
                                            "gate",  "chart", "trace", "sources", "serve" };
    int                      named = 0;

    for (int i = 0; i < GATE_SAY_COUNT * 2; i++) {
        const char *text = i % 2 ? gate_phrases[i / 2].it : gate_phrases[i / 2].en;

        for (const char *p = text; (p = strstr(p, "collaudo ")); named++) {
            size_t n, k = 0;

            p += strlen("collaudo ");
            n = strspn(p, "abcdefghijklmnopqrstuvwxyz-");
            while (k < COUNT(commands) &&
                   (strlen(commands[k]) != n || memcmp(commands[k], p, n) != 0))
                k++;
            t_row = text;
            CHECK(k < COUNT(commands));
        }
        CHECK(!strstr(text, "doctor") && !strstr(text, "replay") && !strstr(text, "amend"));
    }
    CHECK(named >= 6);
}

static void
test_plan_order(void)
{
    struct help_gate m;

    /* Alone, the missed must (b) gives GO WITH CONDITIONS, the others change nothing. */
    help_gate(&m);
    help_add(&m, "a", false, 1, GATE_NOT_MET, 4, 20);
    help_add(&m, "b", true, 4, GATE_NOT_MET, 4, 20);
    help_add(&m, "c", false, 2, GATE_BORDERLINE, 12, 20);
    help_add(&m, "d", true, 9, GATE_MET, 15, 20);
    help_conclude(&m, help_mem());
    CHECK_I(m.r.answer.verdict, GATE_NO_GO);
    if (CHECK_I(m.r.actions_n, 3)) {
        CHECK_I(m.r.actions[0].criterion, 1);
        CHECK(m.r.actions[0].flips);
        CHECK_I(m.r.actions[0].then, GATE_GO);
        CHECK_I(m.r.actions[1].criterion, 2); /* the heavier one */
        CHECK(!m.r.actions[1].flips);
        CHECK_I(m.r.actions[1].then, GATE_NO_GO);
        CHECK_I(m.r.actions[2].criterion, 0);
    }
    /* Two musts are missed: neither alone is enough, and musts come first. */
    m.c[3].line.state = GATE_NOT_MET;
    help_conclude(&m, help_mem());
    if (CHECK_I(m.r.actions_n, 4)) {
        CHECK_I(m.r.actions[0].criterion, 3);
        CHECK_I(m.r.actions[1].criterion, 1);
        CHECK_I(m.r.actions[2].criterion, 2);
        CHECK_I(m.r.actions[3].criterion, 0);
        CHECK(!m.r.actions[0].flips && !m.r.actions[3].flips);
    }
    /* Among equals the order of the charter. */
    for (int i = 0; i < 4; i++) {
        m.rule[i].weight = 1;
        m.rule[i].must = true;
        m.c[i].line.state = GATE_NOT_MET;
    }
    help_conclude(&m, help_mem());
    for (size_t i = 0; i < 4; i++)
        CHECK_I(m.r.actions[i].criterion, i);
    /* What can no longer be met flips nothing, however much it would. */
    help_gate(&m);
    help_add(&m, "a", true, 4, GATE_NOT_MET, 4, 20)->flags = GATE_IMPOSSIBLE;
    help_running(&m);
    help_conclude(&m, help_mem());
    CHECK_I(m.r.actions_n, 1);
    CHECK(!m.r.actions[0].flips && !m.r.actions[0].enough);
    CHECK_I(m.r.actions[0].then, GATE_NO_GO);
    /* Running: the plan speaks of today's data, not of rule 0. */
    m.c[0].flags = 0;
    help_conclude(&m, help_mem());
    CHECK(m.r.actions[0].flips && m.r.actions[0].enough);
    CHECK_I(m.r.actions[0].then, GATE_GO);
    /* Another week brings no verdict by itself: met it may be, or not. */
    m.c[0].line.state = GATE_INSUFFICIENT;
    m.c[0].line.why = GATE_WHY_NO_WEEK;
    help_conclude(&m, help_mem());
    CHECK(m.r.actions[0].flips && !m.r.actions[0].enough);
    /* Nothing to do about what is met, waived or observed. */
    help_gate(&m);
    help_add(&m, "a", true, 4, GATE_MET, 14, 20);
    help_add(&m, "b", true, 4, GATE_WAIVED, 4, 20);
    help_add(&m, "c", true, 4, GATE_OBSERVE, 4, 20);
    help_conclude(&m, help_mem());
    CHECK_I(m.r.actions_n, 0);
}

/* --- the record as JSON ------------------------------------------------------------ */

static void
test_json(void)
{
    struct help_gate m;
    struct err       e = ERR_INIT;
    const cJSON     *doc = NULL, *c;
    const char      *text = "", *canonical = "";
    size_t           n = 0, cn = 0;

    help_gate(&m);
    help_add(&m, "a", true, 3, GATE_NOT_MET, 4, 20)->flags = GATE_IMPOSSIBLE | GATE_SECURED;
    m.c[0].impossible_since = time_day(2026, 5, 10);
    help_add(&m, "b", false, 1, GATE_BORDERLINE, 3, 4)->band = KPI_HIDDEN;
    m.rule[1].floor.given = false;
    m.rule[1].kpi = "retention";
    m.rule[1].owner = "Sales \"north\"";
    m.c[1].version = 2;
    m.c[1].excluded = KPI_WITHHELD;
    m.c[1].flags = 0;
    help_add(&m, "c", false, 1, GATE_MET, 5, 6)->band = KPI_BAND_HIGH;
    m.guard[0] = (struct gate_guard){ .id = "g", .stop = true, .state = GATE_GUARD_HELD };
    m.r.guards_n = 1;
    m.r.sources_n = 1;
    m.problem[0] =
        (struct gate_problem){ .text = { "p is gone", "manca p" }, .mend = { "bring p", "q" } };
    m.r.final = false;
    m.r.state = PILOT_RUNNING;
    help_conclude(&m, help_mem());
    if (!CHECK(gate_json(&m.r, help_same_mem(), &text, &n, &e)) ||
        !CHECK(json_parse(help_same_mem(), text, n, &doc, &e)))
        return;
    CHECK_I(n, strlen(text));
    CHECK(json_canonical(help_same_mem(), doc, &canonical, &cn, &e));
    CHECK_S(text, canonical);
    CHECK_S(json_text(doc, "pilot"), "healthy");
    CHECK_S(json_text(doc, "as_of"), "2026-05-28T20:26:40Z");
    CHECK_S(json_text(doc, "verdict"), "NO_GO");
    CHECK_S(json_text(doc, "provisional"), "NO_GO");
    CHECK_S(json_text(doc, "state"), "running");
    CHECK(cJSON_IsFalse(json_get(doc, "final")));
    CHECK_I(json_at(doc, "/deciding_rule/number")->valuedouble, 3);
    CHECK_S(json_text(json_get(doc, "deciding_rule"), "text_en"), m.r.rule.en);
    CHECK_S(json_text(json_get(doc, "deciding_rule"), "text_it"), m.r.rule.it);
    CHECK_I(json_at(doc, "/score/num")->valuedouble, 3);
    CHECK_I(json_at(doc, "/score/den")->valuedouble, 10);
    CHECK_I(json_at(doc, "/coverage/den")->valuedouble, 5);
    c = json_at(doc, "/criteria/0");
    CHECK_S(json_text(c, "state"), "NOT_MET");
    CHECK_I(json_get(c, "num")->valuedouble, 4);
    CHECK_I(json_get(c, "goal")->valuedouble, 14);
    CHECK_I(json_get(c, "target_e4")->valuedouble, 7000);
    CHECK_I(json_get(c, "floor_e4")->valuedouble, 5000);
    CHECK_S(json_text(c, "impossible_since"), "2026-05-10");
    CHECK_S(json_at(c, "/flags/0")->valuestring, "IMPOSSIBLE");
    CHECK(cJSON_IsNull(json_get(c, "grade")));
    CHECK_S(json_text(c, "reason"), "4 of 20 people, target 14");
    c = json_at(doc, "/criteria/1"); /* 3 of 4 must not be found anywhere */
    CHECK(cJSON_IsNull(json_get(c, "num")));
    CHECK(cJSON_IsNull(json_get(c, "den")));
    CHECK(cJSON_IsNull(json_get(c, "goal")));
    CHECK(cJSON_IsNull(json_get(c, "floor_e4")));
    CHECK(cJSON_IsNull(json_get(c, "impossible_since")));
    CHECK_S(json_text(c, "band"), "hidden");
    CHECK(cJSON_IsNull(json_get(c, "excluded")));
    CHECK_S(json_text(c, "owner"), "Sales \"north\"");
    CHECK_S(json_text(json_at(doc, "/criteria/2"), "band"), "at_least");
    CHECK_S(json_text(json_at(doc, "/guardrails/0"), "state"), "HELD");
    CHECK_I(json_at(doc, "/evidence/definitions/retention")->valuedouble, 2);
    CHECK_I(json_at(doc, "/evidence/definitions/sustained_users")->valuedouble, 1);
    CHECK(cJSON_IsNull(json_at(doc, "/evidence/sources/0/covered")));
    CHECK_I(cJSON_GetArraySize(json_at(doc, "/evidence/problems")), 0);
    CHECK_I(strlen(json_text(json_get(doc, "evidence"), "charter_hash")), 64);
    m.r.final = true;
    m.r.problems_n = 1;
    help_conclude(&m, help_mem());
    CHECK(gate_json(&m.r, help_same_mem(), &text, &n, &e) &&
          json_parse(help_same_mem(), text, n, &doc, &e));
    CHECK(cJSON_IsNull(json_at(doc, "/actions/0/criterion")));
    CHECK_S(json_text(json_at(doc, "/actions/0"), "text_it"), "Le prove: q.");
    CHECK_S(json_text(json_at(doc, "/actions/1"), "criterion"), "a");
    CHECK_S(json_text(json_at(doc, "/evidence/problems/0"), "text_en"), "p is gone");
    CHECK(cJSON_IsNull(json_get(doc, "provisional")));
    CHECK(cJSON_IsNull(json_get(doc, "provisional_rule")));
}

/* With ever less memory it says so, and nothing else happens. */
static void
test_starved(void)
{
    int refused = 0, done = 0;

    for (size_t limit = 0; limit < 40000; limit += 64) {
        struct help_gate m;
        struct arena     a;
        struct err       e = ERR_INIT;
        const char      *text = NULL;
        size_t           n = 0;

        help_gate(&m);
        help_add(&m, "a", true, 3, GATE_NOT_MET, 4, 20);
        help_add(&m, "b", false, 3, GATE_NO_DATA, 4, 20);
        m.c[1].line.why = GATE_WHY_SILENT;
        m.r.final = false;
        m.r.state = PILOT_READOUT;
        arena_init(&a, limit);
        if (gate_conclude(&m.r, &a, &e) && gate_json(&m.r, &a, &text, &n, &e)) {
            done++;
            t_check(json_t_valid(text, n), __FILE__, __LINE__, "whole");
        } else {
            refused++;
            t_int(e.code, ERR_NOMEM, __FILE__, __LINE__, "code");
        }
        arena_free(&a);
    }
    CHECK(refused > 10 && done > 10);
}

int
main(void)
{
    arena_init_cjson();
    hash_init();
    T_RUN(test_plan_texts);
    T_RUN(test_plan_late);
    T_RUN(test_plan_evidence);
    T_RUN(test_commands_exist);
    T_RUN(test_plan_order);
    T_RUN(test_json);
    T_RUN(test_starved);
    arena_free(help_same_mem());
    return t_end();
}
