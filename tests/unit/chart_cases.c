/* chart_cases.c - see chart_cases.h. */
#include "chart_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAR_2 20514 /* 2 March 2026, a Monday */

/* clang-format off */
const struct chart_case chart_cases[] = {
    { "healthy-en", CHART_EN,
      "15 of 20 people used the CRM last week. The target is 14",
      "People with at least one value event in the week, weeks starting on Monday",
      "Source: CRM, billing and site form, 20 named people; service accounts excluded. As of 28 May 2026, 08:00.",
      MAR_2, 13, { 16, 17, 16, 19, 17, 18, 18, 16, 15, 17, 17, 15, SO_FAR(15) },
      20, 14, 7000, MAR_2 + 90, 14, false },
    { "healthy-it", CHART_IT,
      "La scorsa settimana 15 persone su 20 hanno usato il CRM. L\xe2\x80\x99obiettivo è 14",
      "Persone con almeno un evento di valore nella settimana, settimane dal lunedì",
      "Fonte: CRM, fatturazione e modulo del sito, 20 persone; esclusi gli account di servizio. Dati al 28 maggio 2026, 08:00.",
      MAR_2, 13, { 16, 17, 16, 19, 17, 18, 18, 16, 15, 17, 17, 15, SO_FAR(15) },
      20, 14, 7000, MAR_2 + 90, 14, false },
    { "uci-en", CHART_EN,
      "181 of 741 people used the ticketing tool in the last week. The target is 519",
      "People with at least one action in the week, weeks starting on Monday",
      "Source: ticketing audit log, 741 people, 130,268 events. Replayed.",
      MAR_2, 13, { 131, 207, 220, 221, 245, 212, 202, 178, 184, 180, 195, 179, 181 },
      741, 519, 7000, 0, 0, false },
    { "uci-it", CHART_IT,
      "181 persone su 741 hanno usato lo strumento nell\xe2\x80\x99ultima settimana",
      "Persone con almeno un\xe2\x80\x99" "azione nella settimana, settimane dal lunedì",
      "Fonte: registro dei ticket, 741 persone, 130.268 eventi. Rigiocato.",
      MAR_2, 13, { 131, 207, 220, 221, 245, 212, 202, 178, 184, 180, 195, 179, 181 },
      741, 0, 0, 0, 0, false },
    { "look-en", CHART_EN,
      "19 of 24 people used the CRM last week. The target is 17",
      "Weekly active people in the pilot team (3 or more actions in the week), weeks starting on Monday",
      "Source: CRM audit log, 24 named pilot accounts; service accounts excluded. Updated 7 May, 08:00.",
      MAR_2, 13, { 9, 11, 14, 13, 15, 16, 18, 18, 19, SO_FAR(12), AHEAD, AHEAD, AHEAD },
      24, 17, 7000, MAR_2 + 90, 11, true },
    { "gaps-it", CHART_IT,
      "Una settimana senza dati e due non mostrate: la linea si interrompe",
      "Persone attive nella settimana",
      "Fonte: prova.",
      MAR_2, 13, { 4, 6, SILENT, 7, 9, HIDDEN, HIDDEN, 8, SILENT, SILENT, SILENT, 9, 10 },
      12, 9, 7500, 0, 0, false },
    { "one-week", CHART_EN, "3 of 12 people in the first week", "Active people", "Source: a test.",
      MAR_2, 1, { 3 }, 12, 9, 7500, 0, 0, false },
    { "one-so-far", CHART_IT, "La prima settimana è cominciata", "Persone attive", "Fonte: prova.",
      MAR_2, 1, { SO_FAR(3) }, 12, 9, 7500, MAR_2 + 90, 0, false },
    { "five-weeks", CHART_IT, "La linea tocca l\xe2\x80\x99obiettivo", "Persone attive", "Fonte: prova.",
      MAR_2, 5, { 1, 3, 2, 3, 3 }, 3, 3, 10000, 0, 0, false },
    { "nine-zero", CHART_EN, "Nobody used it", "Active people", "Source: a test.",
      MAR_2, 9, { 0, 0, 0, 0, 0, 0, 0, 0, SO_FAR(0) }, 0, 0, 0, 0, 0, false },
    { "nine-one", CHART_EN, "One person used it", "Active people", "Source: a test.",
      MAR_2, 9, { 0, 0, 1, 0, 1, 1, 0, 1, SO_FAR(1) }, 0, 1, 0, 0, 0, false },
    { "half-year", CHART_IT, "Da ottobre ad aprile, attraverso l\xe2\x80\x99" "anno nuovo", "Persone attive nella settimana", "Fonte: prova.",
      MAR_2 - 147, 26, { 40, 44, 47, 52, 50, 55, 58, 61, 60, 64, 66, 31, 12, 48, 66, 68, 70, 69, 71, 70, 72, 73, 71, 74, 72, SO_FAR(70) },
      100, 70, 7000, MAR_2 + 40, 71, false },
    { "five-thousand", CHART_IT, "4.812 persone su 5.000 nell\xe2\x80\x99ultima settimana intera", "Persone attive nella settimana", "Fonte: prova.",
      MAR_2, 9, { 1200, 2100, 2900, 3500, 4100, 4600, 4700, 4812, SO_FAR(2100) },
      5000, 4800, 9600, MAR_2 + 90, 2300, false },
    { "saw", CHART_EN, "From all to nobody and back, every week", "Active people", "Source: a test.",
      MAR_2, 26, { 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20 },
      20, 10, 5000, 0, 0, false },
    { "sixty-weeks", CHART_EN, "Sixty weeks", "Active people", "Source: a test.",
      MAR_2, 60, { 3, 5, 8, 9, 12, 14, 15, 15, 18, 20, 22, 21, 24, 25, 25, 27, 30, 30, 31, 29,
                   28, 12, 8, 9, 15, 27, 30, 31, 33, 34, SILENT, 35, 36, 36, 38, 37, 39, 40, 41, 40,
                   42, 43, 18, 9, 41, 44, 45, 45, 46, 47, 47, 46, 48, 48, 49, 50, 51, 50, 52, SO_FAR(31) },
      60, 42, 7000, MAR_2 + 425, 33, false },
    { "just-below", CHART_EN, "13 of 20: one short of the target", "Active people", "Source: a test.",
      MAR_2, 9, { 9, 10, 11, 12, 13, 13, 12, 13, SO_FAR(14) }, 20, 14, 7000, 0, 13, false },
    { "nothing-yet", CHART_IT, "Persone attive nella settimana", "Obiettivo 14 persone su 20", "Fonte: CRM, nessun evento finora.",
      MAR_2, 13, { SILENT, SILENT, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD, AHEAD },
      20, 14, 7000, MAR_2 + 90, 0, false },
    { "hidden", CHART_EN, "Active people in the week", "", "Source: a test.",
      MAR_2, 5, { HIDDEN, HIDDEN, HIDDEN, HIDDEN, AHEAD }, 4, 3, 7000, 0, 0, false },
    { "long-title", CHART_IT,
      "Un titolo lunghissimo che racconta tutto quello che è successo nella settimana, con la parola Rechtsschutzversicherungsgesellschaften in mezzo, e poi va avanti ancora finché le tre righe che ha a disposizione non bastano più e deve essere troncato con dei puntini",
      "Anche il sottotitolo è molto lungo: persone con almeno tre azioni nella settimana, escluse le persone in ferie, gli account di servizio, gli esterni, i fornitori e chi è uscito dal progetto prima della fine del periodo",
      "Fonte: registro del CRM, fatturazione, modulo del sito, centralino, ticket, posta; 24 account nominativi; account di servizio esclusi; aggiornato il 7 maggio 2026 alle 08:00, con eventi arrivati fino alle 07:45; 31 eventi tardivi non contati.",
      MAR_2, 13, { 9, 11, 14, 13, 15, 16, 18, 18, 19, SO_FAR(18) , AHEAD, AHEAD, AHEAD},
      24, 17, 7000, MAR_2 + 90, 17, false },
};
/* clang-format on */
const size_t chart_cases_n = sizeof chart_cases / sizeof *chart_cases;

struct chart
chart_case(size_t i)
{
    static _Thread_local struct chart_week week[CASE_WEEKS];
    const struct chart_case               *c = &chart_cases[i];
    int64_t                                last = 0;

    for (int k = 0; k < c->weeks; k++) {
        int64_t            n = c->num[k];
        struct chart_week *w = &week[k];

        *w = (struct chart_week){ .monday = c->first + 7 * k };
        w->state = n == SILENT   ? CHART_NO_DATA
                   : n == HIDDEN ? CHART_NOT_PUBLISHED
                   : n == AHEAD  ? CHART_AHEAD
                   : n <= -100   ? CHART_UNFINISHED
                                 : CHART_VALUE;
        w->num = n <= -100 ? -100 - n : n < 0 ? 0 : n;
        if (w->state == CHART_VALUE)
            last = n;
        w->banded = c->band && (w->state != CHART_VALUE || c->num[k + 1] < 0);
        w->lo = last - (w->state == CHART_VALUE ? 0 : k / 4);
        w->hi = last + (w->state == CHART_VALUE ? 0 : k / 4);
    }
    return (struct chart){
        .kind = CHART_LINE,
        .title = c->title,
        .subtitle = c->subtitle,
        .source = c->source,
        .next_step = c->lang == CHART_IT ? "Il primo evento apparirà qui. Collegate il CRM o "
                                           "inviate un evento di prova: non viene contato."
                                         : "Groups of fewer than 5 people are not shown.",
        .line = { .week = week,
                  .weeks = (size_t)c->weeks,
                  .of = c->of,
                  .target = c->target,
                  .target_e4 = c->target_e4,
                  .week_ago_known = c->week_ago > 0,
                  .week_ago = c->week_ago,
                  .decision = c->decision,
                  .band_name = c->band ? "Expected range" : NULL,
                  .band_note = c->band ? "8 of 10 cases" : NULL },
    };
}

size_t
chart_case_find(const char *name)
{
    for (size_t i = 0; i < chart_cases_n; i++)
        if (strcmp(chart_cases[i].name, name) == 0)
            return i;
    fprintf(stderr, "no chart case %s\n", name);
    exit(1);
}
