/* line.c - the weekly line: what it may contain, and what it says in words. */
#include "chart_int.h"

static bool
is_number(int64_t n)
{
    return n >= 0 && n <= CHART_MAX_VALUE;
}

static bool
check_week(const struct chart_line *l, size_t i, struct err *e)
{
    const struct chart_week *w = &l->week[i];
    bool                     counts = w->state == CHART_VALUE || w->state == CHART_UNFINISHED;

    if ((unsigned)w->state > CHART_AHEAD)
        return err_set(e, ERR_INVALID, "week %zu has no such state as %d", i + 1, (int)w->state);
    if (i && w->monday <= l->week[i - 1].monday)
        return err_set(e, ERR_INVALID, "week %zu does not follow the one before", i + 1);
    if (counts && !is_number(w->num))
        return err_set(e, ERR_INVALID, "week %zu has a number out of range", i + 1);
    if (w->banded && !(is_number(w->lo) && is_number(w->hi) && w->lo <= w->hi))
        return err_set(e, ERR_INVALID, "week %zu has a range that is none", i + 1);
    for (size_t k = 0; counts && k < i; k++)
        if (l->week[k].state == CHART_UNFINISHED)
            return err_set(e, ERR_INVALID, "week %zu follows the unfinished one", i + 1);
    return true;
}

bool
chart_line_check(const struct chart *c, struct err *e)
{
    const struct chart_line *l = &c->line;

    if (l->weeks > CHART_MAX_WEEKS)
        return err_set(e, ERR_INVALID, "%zu weeks, at most %d", l->weeks, CHART_MAX_WEEKS);
    if (!is_number(l->target) || !is_number(l->of) || !is_number(l->week_ago) || l->target_e4 < 0 ||
        l->target_e4 > 1000000)
        return err_set(e, ERR_INVALID, "target or size out of range");
    for (size_t i = 0; i < l->weeks; i++)
        if (!check_week(l, i, e))
            return false;
    if (l->weeks && l->week[l->weeks - 1].monday - (int64_t)l->week[0].monday > 7 * 1000)
        return err_set(e, ERR_INVALID, "the weeks are years apart");
    return true;
}

enum chart_shows
chart_line_shows(const struct chart *c)
{
    bool hidden = false;

    for (size_t i = 0; i < c->line.weeks; i++) {
        enum chart_state s = c->line.week[i].state;

        if (s == CHART_VALUE || s == CHART_UNFINISHED)
            return CHART_SHOWS;
        hidden = hidden || s == CHART_NOT_PUBLISHED;
    }
    return hidden ? CHART_HIDDEN : CHART_NOTHING_YET;
}

/* --- in words --------------------------------------------------------------------------- */

struct summary {
    const struct chart_week *first, *last, *running; /* complete ones; the unfinished one */
    int64_t                  least, most;
    int64_t                  complete, silent, hidden;
};

static struct summary
sum_up(const struct chart_line *l)
{
    struct summary s = { .least = INT64_MAX };

    for (size_t i = 0; i < l->weeks; i++) {
        const struct chart_week *w = &l->week[i];

        s.silent += w->state == CHART_NO_DATA;
        s.hidden += w->state == CHART_NOT_PUBLISHED;
        if (w->state == CHART_UNFINISHED)
            s.running = w;
        if (w->state != CHART_VALUE)
            continue;
        s.complete++;
        s.first = s.first ? s.first : w;
        s.last = w;
        s.least = w->num < s.least ? w->num : s.least;
        s.most = w->num > s.most ? w->num : s.most;
    }
    return s;
}

static void
add_words(struct str *s, enum chart_lang lang, const char *before, const char *word, int64_t n)
{
    str_add(s, before);
    str_add(s, word);
    str_addc(s, ' ');
    chart_add_number(s, lang, n);
}

static void
add_count(struct str *s, enum chart_lang lang, const char *const words[2], int64_t n)
{
    if (!n)
        return;
    str_add(s, "; ");
    chart_add_number(s, lang, n);
    str_addc(s, ' ');
    str_add(s, words[n > 1]);
}

/* "From 16 in the week of 2 March to 15 in the week of 18 May, of 20; lowest 15, highest 19" */
static void
add_values(const struct chart_line *l, const struct summary *sum, enum chart_lang lang,
           struct str *s)
{
    const struct chart_words *w = chart_words(lang);

    if (!sum->complete) {
        str_add(s, w->no_values);
        return;
    }
    if (sum->complete > 1) {
        str_add(s, w->from);
        str_addc(s, ' ');
    }
    chart_add_number(s, lang, sum->first->num);
    str_addc(s, ' ');
    str_add(s, w->in_week);
    chart_add_of_day(s, lang, sum->first->monday);
    if (sum->complete > 1) {
        add_words(s, lang, " ", w->to, sum->last->num);
        str_addc(s, ' ');
        str_add(s, w->in_that);
        chart_add_of_day(s, lang, sum->last->monday);
    }
    if (l->of)
        add_words(s, lang, ", ", w->of, l->of);
    if (sum->complete > 2) {
        add_words(s, lang, "; ", w->lowest, sum->least);
        add_words(s, lang, ", ", w->highest, sum->most);
    }
}

void
chart_line_alt(const struct chart *c, enum chart_lang lang, struct str *s)
{
    const struct chart_line  *l = &c->line;
    const struct chart_words *w = chart_words(lang);
    struct summary            sum = sum_up(l);

    add_values(l, &sum, lang, s);
    if (sum.running) {
        str_add(s, "; ");
        chart_add_number(s, lang, sum.running->num);
        str_addc(s, ' ');
        str_add(s, l->over ? w->cut : w->so_far);
        str_addc(s, ' ');
        str_add(s, w->in_week);
        chart_add_of_day(s, lang, sum.running->monday);
    }
    if (l->target) {
        str_add(s, "; ");
        str_addc(s, (char)(w->target[0] | 0x20)); /* within a sentence: in lower case */
        str_add(s, w->target + 1);
        str_addc(s, ' ');
        chart_add_number(s, lang, l->target);
        if (l->target_e4) {
            str_add(s, " (");
            chart_add_share(s, lang, l->target_e4);
            str_addc(s, ')');
        }
    }
    add_count(s, lang, w->missing, sum.silent);
    add_count(s, lang, w->hidden, sum.hidden);
    str_addc(s, '.');
}
