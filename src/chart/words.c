/* words.c - what a chart writes by itself, in two languages. */
#include "chart_int.h"

#include "collaudo/time.h"
#include "collaudo/words.h"

/* clang-format off */
static const struct chart_words words[] = {
    [CHART_EN] = {
        .target = "Target", .so_far = "so far", .week_ago = "a week ago", .now = "now",
        .cut = "in a part week",
        .decision = "decision",
        .no_data = "no data", .not_shown = "not shown",
        .no_data_yet = "No data yet", .nothing_shown = "Not shown, to protect individuals",
        .from = "From", .to = "to", .in_week = "in the week", .in_that = "in the week",
        .of = "of", .lowest = "lowest", .highest = "highest",
        .missing = { "week without data", "weeks without data" },
        .hidden = { "week not shown", "weeks not shown" },
        .no_values = "No complete week yet",
    },
    [CHART_IT] = {
        .target = "Obiettivo", .so_far = "finora", .week_ago = "la scorsa sett.", .now = "oggi",
        .cut = "in parte di sett.",
        .decision = "decisione",
        .no_data = "senza dati", .not_shown = "non mostrato",
        .no_data_yet = "Ancora nessun dato", .nothing_shown = "Non mostrato, a tutela dei singoli",
        .from = "Da", .to = "a", .in_week = "nella settimana", .in_that = "in quella",
        .of = "su", .lowest = "minimo", .highest = "massimo",
        .missing = { "settimana senza dati", "settimane senza dati" },
        .hidden = { "settimana non mostrata", "settimane non mostrate" },
        .no_values = "Ancora nessuna settimana completa",
    },
};
/* clang-format on */

const struct chart_words *
chart_words(enum chart_lang lang)
{
    return &words[lang == CHART_IT];
}

static enum words_lang
in(enum chart_lang lang)
{
    return lang == CHART_IT ? WORDS_IT : WORDS_EN;
}

void
chart_add_number(struct str *s, enum chart_lang lang, int64_t n)
{
    words_number(s, in(lang), n);
}

const char *
chart_number(struct arena *mem, enum chart_lang lang, int64_t n)
{
    struct str s;

    str_init(&s, mem);
    words_number(&s, in(lang), n);
    return s.p;
}

void
chart_add_share(struct str *s, enum chart_lang lang, int e4)
{
    words_share(s, in(lang), e4);
}

const char *
chart_day(struct arena *mem, enum chart_lang lang, int32_t day, bool month)
{
    struct time_civil t;
    struct str        s;

    str_init(&s, mem);
    if (month) {
        words_short_day(&s, in(lang), day);
    } else {
        time_day_civil(day, &t);
        str_addi(&s, t.day);
    }
    return s.p;
}

void
chart_add_of_day(struct str *s, enum chart_lang lang, int32_t day)
{
    str_add(s, lang == CHART_IT ? " del " : " of ");
    words_day(s, in(lang), day);
}
