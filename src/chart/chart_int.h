/* chart_int.h - what the files of this module share: a kind, words, axes, labels. */
#ifndef CHART_INT_H
#define CHART_INT_H

#include "collaudo/chart.h"
#include "collaudo/str.h"

#define NBSP "\xc2\xa0"

/* --- words.c: what a chart writes by itself ------------------------------------ */

struct chart_words {
    const char *target, *so_far, *week_ago, *now, *cut, *decision;
    const char *no_data, *not_shown;         /* of some weeks */
    const char *no_data_yet, *nothing_shown; /* of the whole chart */
    /* pieces of the text for those who do not see the picture */
    const char *from, *to, *in_week, *in_that, *of, *lowest, *highest;
    const char *missing[2], *hidden[2], *no_values; /* one, more */
};

const struct chart_words *chart_words(enum chart_lang lang);

void        chart_add_number(struct str *s, enum chart_lang lang, int64_t n);
void        chart_add_share(struct str *s, enum chart_lang lang, int e4); /* "12,5 %" */
const char *chart_number(struct arena *mem, enum chart_lang lang, int64_t n);
/* "2 Mar", or without the month "2". */
const char *chart_day(struct arena *mem, enum chart_lang lang, int32_t day, bool month);
/* " of 2 March", " del 2 marzo", " dell'8 marzo". */
void chart_add_of_day(struct str *s, enum chart_lang lang, int32_t day);

/* --- axis.c ---------------------------------------------------------------------- */

struct chart_scale {
    int64_t step, top; /* top is a multiple of step */
};

/* Whole steps that are easy to read, 1 to 6 of them, up to at least `most` (and 1). The axis
 * goes on to `of`, if that is known and not far, so that one sees how many there could be. */
struct chart_scale chart_scale(int64_t most, int64_t of);

struct chart_tick {
    float   x;
    int32_t day;
    bool    strong; /* the running week: written in any case */

    /* set by chart_ticks() */
    bool            written; /* has its label */
    const char     *text;
    enum draw_align align;
    float           l, r; /* where the label begins and ends */
};

/* Chooses which of the weeks' ticks are written, so that no two labels touch and none leaves
 * [left, right]; an even rhythm beats a full one. */
void chart_ticks(struct chart_tick *tick, size_t n, enum chart_lang lang, struct draw_fonts *f,
                 struct draw_font font, float left, float right, struct arena *mem);

/* --- place.c: labels that do not cover each other ----------------------------------- */

struct chart_label {
    struct {
        const char      *text;
        struct draw_font font;
        enum draw_color  color;
    } line[2];
    int             lines;
    enum draw_align align;
    float           x, baseline; /* of the first line */
    bool            crossed;     /* by data: there was no better place */
};

enum chart_side { CHART_ABOVE, CHART_LEVEL, CHART_BELOW };

/* Where a label may stand beside a point. */
struct chart_try {
    enum draw_align align; /* DRAW_LEFT: the text begins right of the point */
    enum chart_side side;
    float           dx, dy; /* distance */
};

struct chart_obstacle;

struct chart_place {
    struct draw_box        bounds;
    struct chart_obstacle *obstacle;
    size_t                 n, cap;
    struct draw_fonts     *fonts;
};

#define CHART_HOPELESS 100.0f   /* cost from which an optional label is better left out */
#define CHART_DATA_COST 40.0f   /* to cover a line of data, once */
#define CHART_TEXT_COST 5000.0f /* to cover other text or to leave the picture */

/* `cap` obstacles at most; more are ignored. */
void chart_place_init(struct chart_place *p, struct draw_box bounds, size_t cap,
                      struct draw_fonts *fonts, struct arena *mem);
void chart_place_box(struct chart_place *p, struct draw_box b, float cost);
void chart_place_line(struct chart_place *p, struct draw_pt a, struct draw_pt b, float cost);

struct draw_box chart_label_box(struct draw_fonts *f, const struct chart_label *label);
/* Puts the label at the try that hides least and keeps others off it; returns the cost. */
float chart_place_label(struct chart_place *p, struct chart_label *label, struct draw_pt at,
                        const struct chart_try *tries, size_t n);
/* Keeps others off a label that stands where it must. */
void chart_place_fixed(struct chart_place *p, const struct chart_label *label);

/* A patch of background, so that rules do not strike the label through; drawn before the
 * data, which it should not cover. A label without lines draws nothing. */
void chart_label_halo(struct draw *d, struct draw_fonts *f, const struct chart_label *label);
/* The text; where data would strike it through, on a patch of its own. */
void chart_label_draw(struct draw *d, struct draw_fonts *f, const struct chart_label *label);

/* --- a picture, laid out (chart.c, frame.c) ----------------------------------------------- */

struct chart_pic {
    const struct chart       *c;
    const struct chart_words *words;
    enum chart_lang           lang;
    bool                      narrow, bare;
    int                       width, height;
    struct draw_fonts        *fonts;
    struct arena             *mem;
    struct draw_box           body; /* where the kind draws */
    const char               *title[3], *subtitle[2], *source[3];
    size_t                    titles, subtitles, sources;
};

enum chart_shows { CHART_SHOWS, CHART_NOTHING_YET, CHART_HIDDEN };

struct chart_kind_row {
    const char *name;
    bool (*check)(const struct chart *c, struct err *e);
    enum chart_shows (*shows)(const struct chart *c);
    void (*draw)(struct draw *d, const struct chart_pic *pic);
    void (*alt)(const struct chart *c, enum chart_lang lang, struct str *s);
};

/* Cuts the texts into lines and finds the height and the body for one of `body` px height. */
void chart_frame_layout(struct chart_pic *pic, int body);
void chart_frame_draw(struct draw *d, const struct chart_pic *pic);
/* Instead of a chart: that there is nothing to show, and what to do. */
void chart_empty_draw(struct draw *d, const struct chart_pic *pic, const char *why);

/* --- line.c, line_draw.c ----------------------------------------------------------- */

bool             chart_line_check(const struct chart *c, struct err *e);
enum chart_shows chart_line_shows(const struct chart *c);
void             chart_line_draw(struct draw *d, const struct chart_pic *pic);
void             chart_line_alt(const struct chart *c, enum chart_lang lang, struct str *s);

#endif
