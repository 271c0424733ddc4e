/* chart.h - charts that say what they found: one description, drawn as PNG or SVG.
 *
 * A chart knows no pilot: whoever asks for one gives the words (already in the reader's
 * language) and whole numbers. The chart itself writes only what belongs to the drawing, in
 * the language of `chart_look`: the weeks under the axis, "Target 14 (70 %)", "12 so far",
 * "now", "no data", and the text for those who do not see the picture.
 *
 *     struct chart c = {
 *         .kind = CHART_LINE,
 *         .title = "15 of 20 people used the CRM last week. The target is 14",
 *         .line = { .week = weeks, .weeks = n, .of = 20, .target = 14, .target_e4 = 7000 },
 *     };
 *     chart_png(&c, &(struct chart_look){ .lang = CHART_EN, .scale = 2 }, mem, &png, &n, e)
 *
 * Two drawings: the wide one, and below CHART_NARROW px the narrow one for phones and mails
 * (fewer ticks, the target's label within the plot). A file carries title, subtitle and
 * source line; in a page (`inlined`, or `bare`) these are the page's own text.
 *
 * When there is nothing to show yet, every kind draws the same panel, with `next_step`.
 *
 * Kinds are a table in src/chart/chart.c; another kind is a file, a row, and a member of the
 * union below. Threads: as in draw.h, draw_init() first. Results lie in the arena passed.
 */
#ifndef COLLAUDO_CHART_H
#define COLLAUDO_CHART_H

#include "collaudo/draw.h"

#define CHART_FILE_WIDTH 760 /* the widths used unless one is given */
#define CHART_PAGE_WIDTH 664
#define CHART_PHONE_WIDTH 358
#define CHART_NARROW 520

#define CHART_MAX_WEEKS 120
#define CHART_MAX_VALUE INT64_C(1000000000)

enum chart_lang { CHART_EN, CHART_IT };

enum chart_kind {
    CHART_LINE, /* weekly line with target and band */
    CHART_KINDS
};

/* What is known of a week. The default is nothing: silence is never drawn as 0. */
enum chart_state {
    CHART_NO_DATA,       /* the source was silent: the line is broken */
    CHART_NOT_PUBLISHED, /* too small a group: broken, and said so */
    CHART_VALUE,         /* a complete week */
    CHART_UNFINISHED,    /* the running week: hollow, joined to nothing; the last with a number */
    CHART_AHEAD,         /* still to come; the axis goes on */
};

struct chart_week {
    int32_t monday; /* day number (time.h); weeks in order, none twice; one left out is a gap */
    enum chart_state state;
    int64_t          num;    /* 0 .. CHART_MAX_VALUE; with CHART_VALUE and CHART_UNFINISHED */
    bool             banded; /* lo and hi are known: an expected range, drawn as a tint */
    int64_t          lo, hi;
};

struct chart_line {
    const struct chart_week *week;
    size_t                   weeks;     /* at most CHART_MAX_WEEKS */
    int64_t                  of;        /* out of how many; 0: does not apply */
    int64_t                  target;    /* in the unit of num; 0: none */
    int                      target_e4; /* the share agreed, 7000 = 70 %; 0: not shown */
    bool                     week_ago_known;
    int64_t                  week_ago; /* the same point of the week before the unfinished one */
    bool                     over;     /* no week runs any more: the unfinished one stays so */
    int32_t                  decision; /* day number of the decision; 0: none */
    const char              *band_name, *band_note; /* "Expected range", "8 of 10 cases" */
};

struct chart {
    enum chart_kind kind;
    const char     *title;     /* the finding: a sentence. Needed */
    const char     *subtitle;  /* what is counted, and in which unit */
    const char     *source;    /* where from, how many, as of when */
    const char     *alt;       /* NULL: chart_alt() */
    const char     *next_step; /* what to do while there is nothing to show */
    union {
        struct chart_line line;
    };
};

/* Sizes a stranger may ask for: they are brought within the limits of draw.h. */
struct chart_look {
    enum chart_lang lang;
    enum draw_theme theme;   /* not for `inlined` */
    int             width;   /* CSS px; 0: as above */
    int             scale;   /* PNG: pixels per CSS px; 0: 1 */
    bool            bare;    /* without title, subtitle and source */
    bool            inlined; /* SVG for a page: bare, coloured by its style sheet */
    const char     *id;      /* inlined: as in draw.h */
    const char     *css;
};

/* ERR_INVALID: the description contradicts itself, with what is wrong. Else as in draw.h. */
must_check bool chart_png(const struct chart *c, const struct chart_look *look, struct arena *mem,
                          const void **ret, size_t *ret_n, struct err *e);
must_check bool chart_svg(const struct chart *c, const struct chart_look *look, struct arena *mem,
                          const char **ret, size_t *ret_n, struct err *e);

/* What the picture shows, in a sentence: c->alt, or else first and last value, range, running
 * week, target, and how many weeks are missing. */
must_check bool chart_alt(const struct chart *c, enum chart_lang lang, struct arena *mem,
                          const char **ret, struct err *e);

#endif
