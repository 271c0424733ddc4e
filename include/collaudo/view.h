/* view.h - what the pages show, ready to be shown: texts in the page's language, not escaped.
 *
 * Handlers fill these structs; templates (dashboards/) only place them. Texts live in the
 * request's arena; none is NULL unless it says so.
 */
#ifndef COLLAUDO_VIEW_H
#define COLLAUDO_VIEW_H

#include "collaudo/page.h"

enum view_tone { VIEW_NONE, VIEW_GOOD, VIEW_WARN, VIEW_BAD };

const char *view_tone_class(enum view_tone t); /* of the style sheet: "good" */

struct view_frame {
    const char *title;
    const char *pilot;           /* its code, or NULL on pages of no pilot */
    const char *theme;           /* "light", "dark", or "" to follow the device */
    const char *other_lang;      /* address of this page in the other language */
    const char *css, *js, *icon; /* addresses that carry the hash of the bytes */
    const char *version;
    const char *replay;    /* which figures are replayed history, or NULL */
    int64_t     min_group; /* 0: nothing about groups is said */
    bool        weekly;    /* the pilot is a small group: figures on people move once a week */
};

struct view_tagged {
    enum view_tone tone;
    const char    *text;
};

struct view_item {
    const char *title, *text;
};

struct view_card {
    const char    *title;  /* "Sustained users" */
    const char    *value;  /* "15 of 20 people" */
    const char    *target; /* "target 14" */
    const char    *detail; /* over which weeks */
    const char    *state;  /* "Met" */
    enum view_tone tone;
};

struct view_row {
    const char *week, *num, *den, *share;
};

struct view_pilot {
    struct view_frame   frame;
    const char         *name, *company, *when;
    int64_t             people, teams;
    int                 weeks, weeks_done, weeks_begun;
    enum view_tone      tone;
    const char         *notice; /* figures are being counted again; "": they stand */
    const char         *eyebrow, *verdict, *rule, *provisional;
    struct view_tagged *sums;
    size_t              sums_n;
    struct view_card   *cards;
    size_t              cards_n;
    const char         *holds_title, *holds_none; /* none: said when the list is empty */
    struct view_item   *holds;
    size_t              holds_n;
    const char         *next_title, *next_none;
    struct view_item   *next;
    size_t              next_n;
    const char         *chart_title, *chart_subtitle, *chart_source;
    const char         *chart_wide, *chart_narrow; /* SVG */
    struct view_row    *rows;
    size_t              rows_n;
    const char         *data_line;
};

struct view_index_row {
    const char    *code, *name, *company, *when;
    const char    *beside; /* what tells it from another of the same name, or "" */
    const char    *state;  /* "Running: week 3 of 13" */
    bool           judged; /* the state says a verdict, of that tone */
    enum view_tone tone;
    bool           replay;
};

struct view_index {
    struct view_frame      frame;
    struct view_index_row *pilots;
    size_t                 pilots_n;
};

struct view_error {
    struct view_frame frame;
    const char       *title, *text, *request;
    const char       *detail; /* the same in the words of the fault, English */
};

/* The templates. */
void page_begin(struct page *o, const struct view_frame *f);
void page_end(struct page *o, const struct view_frame *f);
void page_mark(struct page *o, enum view_tone t); /* its shape, beside a word */
void page_pilot(struct page *o, const struct view_pilot *v);
void page_index(struct page *o, const struct view_index *v);
void page_error(struct page *o, const struct view_error *v);

#endif
