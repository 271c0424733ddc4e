/* words.c - what a chart writes by itself: words, numbers and dates in two languages. */
#include "chart_int.h"

#include "collaudo/time.h"

/* clang-format off */
static const struct chart_words words[] = {
    [CHART_EN] = {
        .month = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" },
        .long_month = { "January", "February", "March", "April", "May", "June", "July",
                        "August", "September", "October", "November", "December" },
        .target = "Target", .so_far = "so far", .week_ago = "a week ago", .now = "now",
        .cut = "in a part week",
        .decision = "decision",
        .no_data = "no data", .not_shown = "not shown",
        .no_data_yet = "No data yet", .nothing_shown = "Not shown, to protect individuals",
        .decimal = '.',
        .from = "From", .to = "to", .in_week = "in the week", .in_that = "in the week",
        .of = "of", .lowest = "lowest", .highest = "highest",
        .missing = { "week without data", "weeks without data" },
        .hidden = { "week not shown", "weeks not shown" },
        .no_values = "No complete week yet",
    },
    [CHART_IT] = {
        .month = { "gen", "feb", "mar", "apr", "mag", "giu",
                   "lug", "ago", "set", "ott", "nov", "dic" },
        .long_month = { "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio",
                        "agosto", "settembre", "ottobre", "novembre", "dicembre" },
        .target = "Obiettivo", .so_far = "finora", .week_ago = "la scorsa sett.", .now = "oggi",
        .cut = "in parte di sett.",
        .decision = "decisione",
        .no_data = "senza dati", .not_shown = "non mostrato",
        .no_data_yet = "Ancora nessun dato", .nothing_shown = "Non mostrato, a tutela dei singoli",
        .decimal = ',',
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

void
chart_add_number(struct str *s, int64_t n)
{
    char digits[24];
    int  len = 0;

    if (n < 0) {
        str_add(s, "\xe2\x88\x92"); /* the minus sign */
        n = -n;
    }
    do
        digits[len++] = (char)('0' + n % 10);
    while (n /= 10);
    while (len--) {
        str_addc(s, digits[len]);
        if (len && len % 3 == 0)
            str_add(s, "\xe2\x80\xaf"); /* narrow no-break space */
    }
}

const char *
chart_number(struct arena *mem, int64_t n)
{
    struct str s;

    str_init(&s, mem);
    chart_add_number(&s, n);
    return s.p;
}

void
chart_add_share(struct str *s, enum chart_lang lang, int e4)
{
    int whole = e4 / 100, part = e4 % 100;

    str_addi(s, whole);
    if (part) {
        str_addc(s, words[lang == CHART_IT].decimal);
        str_addc(s, (char)('0' + part / 10));
        if (part % 10)
            str_addc(s, (char)('0' + part % 10));
    }
    str_add(s, NBSP "%");
}

const char *
chart_day(struct arena *mem, enum chart_lang lang, int32_t day, bool month)
{
    struct time_civil t;
    struct str        s;

    time_day_civil(day, &t);
    str_init(&s, mem);
    str_addi(&s, t.day);
    if (month) {
        str_add(&s, NBSP);
        str_add(&s, chart_words(lang)->month[t.month - 1]);
    }
    return s.p;
}

void
chart_add_of_day(struct str *s, enum chart_lang lang, int32_t day)
{
    struct time_civil t;

    time_day_civil(day, &t);
    if (lang != CHART_IT)
        str_add(s, " of ");
    else if (t.day == 8 || t.day == 11)
        str_add(s, " dell\xe2\x80\x99");
    else
        str_add(s, " del ");
    str_addi(s, t.day);
    if (lang == CHART_IT && t.day == 1)
        str_add(s, "\xc2\xba");
    str_addc(s, ' ');
    str_add(s, chart_words(lang)->long_month[t.month - 1]);
}
