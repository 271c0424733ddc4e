/* gate_words.c - what the gate says, in both languages: numbers, days, reasons, rules. */
#include "t.h"

#include "gate_help.h"

#include <string.h>

/* --- phrases ----------------------------------------------------------------------------- */

/* The letters of all places of a text; 0 when it is malformed. */
static uint32_t
letters(const char *p)
{
    uint32_t set = 1;

    for (p = strchr(p, '{'); p; p = strchr(p, '{')) {
        const char *end = strchr(p, '}');
        size_t      n = end ? (size_t)(end - p) : 0;

        if (!end || p[1] < 'a' || p[1] > 'z' || memchr(p + 1, '{', n - 1) ||
            (n > 2 && (p[2] != '?' || !memchr(p, '|', n))))
            return 0;
        set |= 1u << (p[1] - 'a' + 1);
        p = end;
    }
    return set;
}

static void
test_phrases_agree(void)
{
    for (int i = 0; i < GATE_SAY_COUNT; i++) {
        t_row = gate_phrases[i].en;
        CHECK(letters(gate_phrases[i].en) != 0);
        CHECK_I(letters(gate_phrases[i].it), letters(gate_phrases[i].en));
        CHECK(str_is_utf8(gate_phrases[i].it, strlen(gate_phrases[i].it)));
    }
    t_row = NULL;
    CHECK_I(letters("{a?x|{b}}"), 0);
    CHECK_I(letters("{a?x}"), 0);
}

static void
test_numbers(void)
{
    /* clang-format off */
    static const struct { int64_t n; const char *en, *it; } rows[] = {
        { 0, "0 cats", "0 gatti" },
        { 1, "1 cat", "1 gatto" },
        { 2, "2 cats", "2 gatti" },
        { 999, "999 cats", "999 gatti" },
        { 1000, "1,000 cats", "1.000 gatti" },
        { 1234567, "1,234,567 cats", "1.234.567 gatti" },
        { -1000, "\xe2\x88\x92" "1,000 cats", "\xe2\x88\x92" "1.000 gatti" },
        { -100, "\xe2\x88\x92" "100 cats", "\xe2\x88\x92" "100 gatti" },
        { INT64_MIN, "\xe2\x88\x92" "9,223,372,036,854,775,808 cats", "\xe2\x88\x92" "9.223.372.036.854.775.808 gatti" },
    };
    static const struct { int64_t e4; const char *en, *it; } marks[] = {
        { 7000, "70" NB "%", "70" NB "%" },       { 0, "0" NB "%", "0" NB "%" },
        { 6750, "67.5" NB "%", "67,5" NB "%" },   { 6755, "67.55" NB "%", "67,55" NB "%" },
        { 6705, "67.05" NB "%", "67,05" NB "%" }, { 200, "2" NB "%", "2" NB "%" },
        { 5, "0.05" NB "%", "0,05" NB "%" },      { 12000, "120" NB "%", "120" NB "%" },
    };
    static const struct { int64_t num, den, mark; const char *en; } shares[] = {
        { 11, 12, 8500, "91" NB "%" },     /* cut, on the right side */
        { 17, 20, 8500, "85" NB "%" },
        { 8499, 10000, 8500, "84" NB "%" },
        { 84999, 100000, 8500, "84" NB "%" }, /* never 85 */
        { 857, 1000, 8550, "85.7" NB "%" },   /* 85 would look missed */
        { 8551, 10000, 8550, "85.51" NB "%" },
        { 8549, 10000, 8550, "85" NB "%" },
        { 0, 0, 8500, "0" NB "%" },
    };
    /* clang-format on */
    const struct gate_text cats = { "{n} {n?cat|cats}", "{n} {n?gatto|gatti}" };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct gate_text t = gate_say(help_mem(), &cats, SAY_ARGS(SAY_N('n', rows[i].n)));

        CHECK_S(t.en, rows[i].en);
        CHECK_S(t.it, rows[i].it);
    }
    for (size_t i = 0; i < COUNT(marks); i++) {
        CHECK_S(gate_say_mark(help_mem(), marks[i].e4).en, marks[i].en);
        CHECK_S(gate_say_mark(help_mem(), marks[i].e4).it, marks[i].it);
    }
    for (size_t i = 0; i < COUNT(shares); i++)
        CHECK_S(gate_say_share(help_mem(), (struct gate_share){ shares[i].num, shares[i].den },
                               shares[i].mark)
                    .en,
                shares[i].en);
}

/* The article belongs to the sentence, and gives way to the day. */
static void
test_days(void)
{
    const struct gate_text until = { "until {d}", "fino al {d}" };
    /* clang-format off */
    static const struct { int year, month, day; const char *en, *it; } rows[] = {
        { 2026, 5, 30, "until 30" NB "May 2026", "fino al 30" NB "maggio 2026" },
        { 2026, 12, 8, "until 8" NB "December 2026", "fino all\xe2\x80\x99" "8" NB "dicembre 2026" },
        { 2026, 1, 11, "until 11" NB "January 2026", "fino all\xe2\x80\x99" "11" NB "gennaio 2026" },
        { 2026, 8, 1, "until 1" NB "August 2026", "fino al 1\xc2\xba" NB "agosto 2026" },
    };
    /* clang-format on */

    for (size_t i = 0; i < COUNT(rows); i++) {
        int32_t          day = time_day(rows[i].year, rows[i].month, rows[i].day);
        struct gate_text t = gate_say(help_mem(), &until, SAY_ARGS(SAY_D('d', day)));

        CHECK_S(t.en, rows[i].en);
        CHECK_S(t.it, rows[i].it);
    }
}

#define RULE(m, english, italian)                                                                  \
    do {                                                                                           \
        help_conclude(m, help_mem());                                                              \
        CHECK_S((m)->r.rule.en, english);                                                          \
        CHECK_S((m)->r.rule.it, italian);                                                          \
    } while (0)

/* --- reasons ----------------------------------------------------------------------- */

static void
test_reasons(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        struct charter_criterion rule;
        struct gate_criterion c;
        const char *en, *it;
    } rows[] = {
        { "people", { .target = { true, CHARTER_AT_LEAST, 7000 } },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 4, 20 }, .line = { .state = GATE_NOT_MET } },
          "4 of 20 people, target 14", "4 persone su 20, obiettivo 14" },
        { "one person", { .target = { true, CHARTER_AT_LEAST, 7000 } },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 1, 20 }, .line = { .state = GATE_NOT_MET } },
          "1 of 20 people, target 14", "1 persona su 20, obiettivo 14" },
        { "of one person", { .target = { true, CHARTER_AT_LEAST, 7000 } },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 0, 1 }, .line = { .state = GATE_NOT_MET } },
          "0 of 1 person, target 1", "0 persone su 1, obiettivo 1" },
        { "person-weeks", { .target = { true, CHARTER_AT_LEAST, 7000 } },
          { .unit = KPI_PEOPLE, .shown = { 1, 160 }, .line = { .state = GATE_NOT_MET } },
          "1 of 160 person-weeks, target 112", "1 settimana-persona su 160, obiettivo 112" },
        { "things, at most", { .target = { true, CHARTER_AT_MOST, 200 } },
          { .unit = KPI_EVENTS, .shown = { 203, 7056 }, .line = { .state = GATE_NOT_MET } },
          "203 of 7,056, limit 141", "203 su 7.056, limite 141" },
        { "periods", { .target = { true, CHARTER_AT_LEAST, 9500 } },
          { .unit = KPI_PERIODS, .shown = { 190, 195 }, .line = { .state = GATE_MET } },
          "190 of 195 periods, target 186", "190 periodi su 195, obiettivo 186" },
        { "between", { .target = { true, CHARTER_AT_LEAST, 7000 }, .floor = { true, CHARTER_AT_LEAST, 5000 } },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 12, 20 }, .line = { .state = GATE_BORDERLINE } },
          "12 of 20 people, target 14, floor 10", "12 persone su 20, obiettivo 14, minimo 10" },
        { "between, at most", { .target = { true, CHARTER_AT_MOST, 200 }, .floor = { true, CHARTER_AT_MOST, 500 } },
          { .unit = KPI_EVENTS, .shown = { 3, 100 }, .line = { .state = GATE_BORDERLINE } },
          "3 of 100, limit 2, tolerated 5", "3 su 100, limite 2, tollerato 5" },
        { "at most one", { .target = { true, CHARTER_AT_LEAST, 7000 } },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 1, 6 }, .band = KPI_BAND_LOW, .line = { .state = GATE_NOT_MET } },
          "at most 1 of 6 people, target 5", "al massimo 1 persona su 6, obiettivo 5" },
        { "at least five", { .target = { true, CHARTER_AT_LEAST, 7000 } },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 5, 6 }, .band = KPI_BAND_HIGH, .line = { .state = GATE_MET } },
          "at least 5 of 6 people, target 5", "almeno 5 persone su 6, obiettivo 5" },
        { "hidden", { .target = { true, CHARTER_AT_LEAST, 6750 } },
          { .unit = KPI_PEOPLE, .people = true, .band = KPI_HIDDEN, .line = { .state = GATE_NOT_MET, .num = 3, .den = 4 } },
          "figures not shown, to protect small groups, target 67.5" NB "%",
          "cifre non mostrate, a tutela dei gruppi piccoli, obiettivo 67,5" NB "%" },
        { "observed without target", { .observe = true },
          { .unit = KPI_PEOPLE, .people = true, .shown = { 3, 20 }, .line = { .state = GATE_OBSERVE, .why = GATE_WHY_NONE } },
          "3 of 20 people", "3 persone su 20" },
        { "week by week", { .target = { true, CHARTER_AT_LEAST, 7000 }, .sustain_pass = 3, .sustain_of = 4 },
          { .unit = KPI_PEOPLE, .sustained = true, .line = { .state = GATE_NOT_MET, .met_weeks = 1 } },
          "met in 1 of the last 4 weeks, 3 needed", "raggiunto in 1 settimana delle ultime 4, ne servono 3" },
        { "one week of one", { .target = { true, CHARTER_AT_LEAST, 7000 }, .sustain_pass = 1, .sustain_of = 1 },
          { .unit = KPI_PEOPLE, .sustained = true, .line = { .state = GATE_NOT_MET } },
          "met in 0 of the last 1 week, 1 needed", "raggiunto in 0 settimane delle ultime 1, ne serve 1" },
        { "open weeks", { .target = { true, CHARTER_AT_LEAST, 7000 }, .sustain_pass = 3, .sustain_of = 4 },
          { .unit = KPI_PEOPLE, .sustained = true, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_OPEN_WEEKS, .met_weeks = 2, .open = 1 } },
          "met in 2 of the last 4 weeks, 3 needed, 1 cannot be judged",
          "raggiunto in 2 settimane delle ultime 4, ne servono 3, 1 non si può giudicare" },
        { "no KPI", { .kpi = "happiness" }, { .line = { .state = GATE_UNSOUND, .why = GATE_WHY_NO_KPI } },
          "this program knows no KPI happiness", "questo programma non conosce il KPI happiness" },
        { "no target", { .kpi = "x" }, { .line = { .state = GATE_UNSOUND, .why = GATE_WHY_NO_TARGET } },
          "the charter gives no target", "il patto non dà un obiettivo" },
        { "damaged", { .kpi = "x" }, { .line = { .state = GATE_UNSOUND, .why = GATE_WHY_DAMAGED } },
          "its figures are damaged", "le sue cifre sono danneggiate" },
        { "no week", { .kpi = "x" }, { .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_NO_WEEK } },
          "no full week has passed yet", "non è ancora passata una settimana intera" },
        { "few weeks", { .min_weeks = 6 }, { .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW_WEEKS, .weeks = 1 } },
          "1 full week with data, 6 needed", "1 settimana intera con dati, ne servono 6" },
        { "few people", { .min_n = 5 }, { .unit = KPI_PEOPLE, .people = true, .min_n = 5, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } },
          "fewer than 5 people", "meno di 5 persone" },
        { "nobody yet", { .min_n = 5 }, { .unit = KPI_PEOPLE, .window = KPI_PILOT, .people = true, .min_n = 5, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } },
          "it is too early to judge anybody: too few full weeks have passed",
          "è presto per giudicare: sono passate troppo poche settimane intere" },
        { "few person-weeks", { .min_n = 5 }, { .unit = KPI_PEOPLE, .min_n = 5, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } },
          "fewer than 5 person-weeks", "meno di 5 settimane-persona" },
        { "few events", { .min_n = 50 }, { .unit = KPI_EVENTS, .min_n = 50, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } },
          "fewer than 50 cases", "meno di 50 casi" },
        { "few periods", { .min_n = 50 }, { .unit = KPI_PERIODS, .min_n = 50, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } },
          "fewer than 50 periods", "meno di 50 periodi" },
        { "nothing", { .min_n = 0 }, { .unit = KPI_PEOPLE, .min_n = 1, .line = { .state = GATE_INSUFFICIENT, .why = GATE_WHY_FEW } },
          "nothing to count yet", "ancora niente da contare" },
        { "silence, of whom nobody knows", { .kpi = "x" }, { .line = { .state = GATE_NO_DATA, .why = GATE_WHY_SILENT } },
          "its sources are silent", "le sue fonti tacciono" },
        { "silence", { .kpi = "x" }, { .silent = { "crm", "il crm" }, .line = { .state = GATE_NO_DATA, .why = GATE_WHY_SILENT } },
          "crm", "il crm" },
    };
    /* clang-format on */

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct gate_criterion c = rows[i].c;
        struct gate_text      t;

        t_row = rows[i].name;
        c.rule = &rows[i].rule;
        t = gate_say_reason(help_mem(), &c);
        CHECK_S(t.en, rows[i].en);
        CHECK_S(t.it, rows[i].it);
    }
    t_row = NULL;
}

static void
test_lines(void)
{
    /* clang-format off */
    static const struct { enum gate_state s; const char *en, *it; } rows[] = {
        { GATE_MET, "“A” is met: r", "il criterio «B» è raggiunto: s" },
        { GATE_BORDERLINE, "“A” lies between floor and target: r", "il criterio «B» sta fra minimo e obiettivo: s" },
        { GATE_NOT_MET, "“A” is not met: r", "il criterio «B» non è raggiunto: s" },
        { GATE_INSUFFICIENT, "“A” cannot be judged: r", "il criterio «B» non si può giudicare: s" },
        { GATE_NO_DATA, "“A” has no data: r", "il criterio «B» non ha dati: s" },
        { GATE_UNSOUND, "“A” is not valid: r", "il criterio «B» non è valido: s" },
        { GATE_WAIVED, "“A” is waived: r", "il criterio «B» è in deroga: s" },
        { GATE_OBSERVE, "“A” is only observed: r", "il criterio «B» è solo osservato: s" },
    };
    /* clang-format on */

    CHECK_I(COUNT(rows), GATE_STATE_COUNT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct gate_criterion c = { .name = { "A", "B" },
                                    .reason = { "r", "s" },
                                    .line.state = rows[i].s };
        struct gate_text      t = gate_say_line(help_mem(), &c);

        CHECK_S(t.en, rows[i].en);
        CHECK_S(t.it, rows[i].it);
    }
}

/* --- the deciding rule ------------------------------------------------------------- */

static void
test_rules_1_to_3(void)
{
    struct help_gate m;

    help_gate(&m);
    m.problem[m.r.problems_n++] =
        (struct gate_problem){ { "a is gone", "a manca" }, { "", "" }, false };
    m.problem[m.r.problems_n++] =
        (struct gate_problem){ { "b is gone", "b manca" }, { "", "" }, false };
    RULE(&m, "Rule 1: the evidence is broken: a is gone; b is gone.",
         "Regola 1: le prove sono compromesse: a manca; b manca.");
    m.r.problems_n = 1;
    RULE(&m, "Rule 1: the evidence is broken: a is gone.",
         "Regola 1: le prove sono compromesse: a manca.");
    help_gate(&m);
    RULE(&m, "Rule 2: the charter has no criterion to judge, and an empty gate never passes.",
         "Regola 2: il patto non ha criteri da giudicare, e senza criteri nessun pilota è "
         "superato.");
    help_add(&m, "a", true, 1, GATE_OBSERVE, 4, 20);
    RULE(&m, "Rule 2: the charter has no criterion to judge, and an empty gate never passes.",
         "Regola 2: il patto non ha criteri da giudicare, e senza criteri nessun pilota è "
         "superato.");
    help_add(&m, "b", false, 1, GATE_MET, 14, 20);
    RULE(&m, "Rule 2: the charter has no criterion that must be met.",
         "Regola 2: il patto non ha criteri obbligatori.");
    m.r.criteria = &m.c[1];
    m.r.criteria_n = 1;
    RULE(&m, "Rule 2: the charter has no criterion that must be met.",
         "Regola 2: il patto non ha criteri obbligatori.");
    help_gate(&m);
    help_add(&m, "a", true, 3, GATE_NOT_MET, 4, 20);
    help_add(&m, "b", false, 3, GATE_NOT_MET, 3, 20)->name = (struct gate_text){ "B", "B" };
    help_add(&m, "c", true, 3, GATE_MET, 14, 20);
    RULE(&m, "Rule 3: “Sustained users” is not met: 4 of 20 people, target 14.",
         "Regola 3: il criterio «Utenti costanti» non è raggiunto: 4 persone su 20, obiettivo 14.");
    m.c[2].line.state = GATE_NOT_MET;
    m.guard[0] = (struct gate_guard){ .id = "howto", .state = GATE_GUARD_BREACHED };
    m.guard[1] =
        (struct gate_guard){ .id = "external", .stop = true, .state = GATE_GUARD_BREACHED };
    m.r.guards_n = 2;
    RULE(
        &m,
        "Rule 3: “Sustained users” is not met: 4 of 20 people, target 14; “Sustained users” is not "
        "met: 14 of 20 people, target 14; guardrail “external” is breached.",
        "Regola 3: il criterio «Utenti costanti» non è raggiunto: 4 persone su 20, obiettivo 14; "
        "il criterio «Utenti costanti» non è raggiunto: 14 persone su 20, obiettivo 14; il limite "
        "«external» è superato.");
}

static void
test_rules_4_to_6(void)
{
    struct help_gate m;

    help_gate(&m);
    help_add(&m, "a", true, 1, GATE_NO_DATA, 0, 0);
    m.c[0].line.why = GATE_WHY_SILENT;
    m.c[0].silent = (struct gate_text){ "source crm is silent", "la fonte crm tace" };
    help_add(&m, "b", false, 1, GATE_NO_DATA, 0, 0);
    RULE(&m, "Rule 4: “Sustained users” has no data: source crm is silent.",
         "Regola 4: il criterio «Utenti costanti» non ha dati: la fonte crm tace.");
    help_gate(&m);
    help_add(&m, "a", true, 1, GATE_WAIVED, 4, 20);
    RULE(&m, "Rule 4: every criterion that must be met is waived.",
         "Regola 4: tutti i criteri obbligatori sono in deroga.");
    help_gate(&m);
    help_add(&m, "a", true, 3, GATE_MET, 14, 20);
    help_add(&m, "b", false, 1, GATE_NO_DATA, 0, 0)->name = (struct gate_text){ "B", "Bi" };
    help_add(&m, "c", false, 1, GATE_WAIVED, 0, 0)->name = (struct gate_text){ "C", "Ci" };
    RULE(&m,
         "Rule 5: 60" NB "% of the weight could be judged, 80" NB "% is needed; not judged: B, C.",
         "Regola 5: peso giudicato 60" NB "%, richiesto 80" NB "%; non giudicati: Bi, Ci.");
    struct gate_criterion swap = m.c[0];
    m.c[0] = m.c[1];
    m.c[1] = swap;
    RULE(&m,
         "Rule 5: 60" NB "% of the weight could be judged, 80" NB "% is needed; not judged: B, C.",
         "Regola 5: peso giudicato 60" NB "%, richiesto 80" NB "%; non giudicati: Bi, Ci.");
    m.rule[0].weight = 0;
    RULE(&m, "Rule 5: no weight could be judged.",
         "Regola 5: nessun criterio che abbia un peso si è potuto giudicare.");
    help_gate(&m);
    help_add(&m, "a", true, 3, GATE_BORDERLINE, 12, 20);
    help_add(&m, "b", false, 1, GATE_BORDERLINE, 12, 20)->name = (struct gate_text){ "B", "Bi" };
    RULE(&m,
         "Rule 6: “Sustained users” lies between floor and target: 12 of 20 people, target 14, "
         "floor "
         "10. One extension of at most 30 days with the same targets is proposed.",
         "Regola 6: il criterio «Utenti costanti» sta fra minimo e obiettivo: 12 persone su 20, "
         "obiettivo 14, minimo 10. Si propone una sola proroga, di 30 giorni al massimo, con gli "
         "stessi obiettivi.");
}

static void
test_rules_7_to_9(void)
{
    struct help_gate m;

    help_gate(&m);
    help_add(&m, "a", true, 11, GATE_MET, 15, 20);
    help_add(&m, "b", false, 1, GATE_NOT_MET, 4, 20)->name = (struct gate_text){ "B", "Bi" };
    RULE(&m,
         "Rule 7: no required criterion is missed, and the score is 91" NB "%, with 85" NB
         "% needed.",
         "Regola 7: nessun criterio obbligatorio risulta non raggiunto e il punteggio è 91" NB
         "% (richiesto: 85" NB "%).");
    help_add(&m, "c", false, 1, GATE_WAIVED, 0, 0)->name = (struct gate_text){ "C", "Ci" };
    RULE(&m,
         "Rule 7: no required criterion is missed, and the score is 91" NB "%, with 85" NB
         "% needed; waived: C.",
         "Regola 7: nessun criterio obbligatorio risulta non raggiunto e il punteggio è 91" NB
         "% (richiesto: 85" NB "%); in deroga: Ci.");
    m.guard[0] = (struct gate_guard){ .id = "howto", .state = GATE_GUARD_BREACHED };
    m.r.guards_n = 1;
    RULE(&m,
         "Rule 8: the score is 91" NB "%, with 85" NB
         "% needed, but guardrail “howto” is breached; waived: C.",
         "Regola 8: il punteggio è 91" NB "% (richiesto: 85" NB
         "%), ma il limite «howto» è superato; in deroga: Ci.");
    m.rule[0].weight = 17; /* exactly 85 % */
    m.rule[1].weight = 3;
    m.r.criteria_n = 2;
    RULE(&m,
         "Rule 8: the score is 85" NB "%, with 85" NB
         "% needed, but guardrail “howto” is breached.",
         "Regola 8: il punteggio è 85" NB "% (richiesto: 85" NB
         "%), ma il limite «howto» è superato.");
    m.rule[0].weight = 84999; /* a hair below: the score, not the guardrail */
    m.rule[1].weight = 15001;
    help_conclude(&m, help_mem());
    CHECK(strncmp(m.r.rule.en, "Rule 8: the score is 84" NB "%: enough for", 38) == 0);
    help_gate(&m);
    help_add(&m, "a", true, 3, GATE_MET, 15, 20);
    help_add(&m, "b", false, 1, GATE_NOT_MET, 4, 20)->name = (struct gate_text){ "B", "Bi" };
    RULE(&m,
         "Rule 8: the score is 75" NB "%: enough for conditions (70" NB
         "%), not for a full go (85" NB
         "%); the conditions: “B” is not met: 4 of 20 people, target 14.",
         "Regola 8: il punteggio è 75" NB "%: basta per un sì con condizioni (70" NB
         "%), non per un sì pieno (85" NB
         "%); le condizioni: il criterio «Bi» non è raggiunto: 4 persone su 20, obiettivo 14.");
    m.rule[1].weight = 3;
    RULE(&m,
         "Rule 9: the score is 50" NB "%, with at least 70" NB
         "% needed: “B” is not met: 4 of 20 people, target 14.",
         "Regola 9: il punteggio è 50" NB "% (richiesto almeno: 70" NB
         "%): il criterio «Bi» non è raggiunto: 4 persone su 20, obiettivo 14.");
}

#define TODAY_EN                                                                                   \
    " With today's data: NO GO. Rule 3: “Sustained users” is not met: 4 of 20 people, target 14."
#define TODAY_IT                                                                                   \
    " Con i dati di oggi: NO GO. Regola 3: il criterio «Utenti costanti» non è raggiunto: 4 "   \
    "persone su 20, obiettivo 14."

static void
test_rule_0(void)
{
    struct help_gate m;

    help_gate(&m);
    help_add(&m, "a", true, 3, GATE_NOT_MET, 4, 20);
    m.r.final = false;
    m.r.state = PILOT_RUNNING;
    RULE(&m, "Rule 0: the pilot is still running, until 30" NB "May 2026." TODAY_EN,
         "Regola 0: il pilota è ancora in corso, fino al 30" NB "maggio 2026." TODAY_IT);
    CHECK_I(m.r.answer.verdict, GATE_INCONCLUSIVE);
    CHECK_S(m.r.provisional_rule.en,
            "Rule 3: “Sustained users” is not met: 4 of 20 people, target 14.");
    m.r.state = PILOT_SEALED;
    RULE(&m, "Rule 0: the pilot begins on 2" NB "March 2026.",
         "Regola 0: il pilota comincia il 2" NB "marzo 2026.");
    m.r.state = PILOT_READOUT;
    RULE(&m, "Rule 0: the pilot is over; late events are awaited until 3" NB "June 2026." TODAY_EN,
         "Regola 0: il pilota è finito; si attendono gli eventi in ritardo fino al 3" NB "giugno "
         "2026." TODAY_IT);
    m.r.state = PILOT_DRAFT;
    RULE(&m, "Rule 0: the charter is not sealed yet.",
         "Regola 0: il patto non è ancora sigillato.");
}

static void
test_early_no_go(void)
{
    struct help_gate m;

    help_gate(&m);
    help_add(&m, "a", true, 3, GATE_BORDERLINE, 11, 20);
    m.c[0].flags = GATE_IMPOSSIBLE;
    m.c[0].impossible_since = time_day(2026, 5, 10);
    help_add(&m, "b", false, 3, GATE_MET, 11, 20)->flags = GATE_SECURED;
    m.r.final = false;
    m.r.state = PILOT_RUNNING;
    RULE(&m,
         "Rule 3: “Sustained users” can no longer be met, since 10" NB "May 2026: 11 of 20 people, "
         "target "
         "14, floor 10.",
         "Regola 3: il criterio «Utenti costanti» non è più raggiungibile dal 10" NB
         "maggio 2026: 11 "
         "persone su 20, obiettivo 14, minimo 10.");
    CHECK_I(m.r.answer.verdict, GATE_NO_GO);
    CHECK_I(m.r.answer.provisional, GATE_INCONCLUSIVE);
    CHECK(strncmp(m.r.provisional_rule.en, "Rule 6:", 7) == 0);
    /* Today's data are said as they are; and what is only missed stands beside what is lost. */
    m.c[0].line.state = GATE_NOT_MET;
    m.c[1].line.state = GATE_NOT_MET;
    m.c[1].flags = 0;
    m.rule[1].must = true;
    RULE(&m,
         "Rule 3: “Sustained users” can no longer be met, since 10" NB "May 2026: 11 of 20 people, "
         "target 14; “Sustained users” is not met: 11 of 20 people, target 14.",
         "Regola 3: il criterio «Utenti costanti» non è più raggiungibile dal 10" NB
         "maggio 2026: 11 "
         "persone su 20, obiettivo 14; il criterio «Utenti costanti» non è raggiunto: 11 persone "
         "su 20, obiettivo 14.");
    CHECK_S(m.r.provisional_rule.en,
            "Rule 3: “Sustained users” is not met: 11 of 20 people, target 14; “Sustained users” "
            "is not met: 11 of 20 people, target 14.");
}

int
main(void)
{
    T_RUN(test_phrases_agree);
    T_RUN(test_numbers);
    T_RUN(test_days);
    T_RUN(test_reasons);
    T_RUN(test_lines);
    T_RUN(test_rules_1_to_3);
    T_RUN(test_rules_4_to_6);
    T_RUN(test_rules_7_to_9);
    T_RUN(test_rule_0);
    T_RUN(test_early_no_go);
    arena_free(help_same_mem());
    return t_end();
}
