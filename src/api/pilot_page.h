/* pilot_page.h - one pilot page being filled, and who fills what of it. */
#ifndef API_PILOT_PAGE_H
#define API_PILOT_PAGE_H

#include "app.h"

/* What the sources delivered, counted or not. */
struct api_intake {
    bool    received; /* anything, on any day */
    bool    today;    /* on the day of the cut, which nothing is counted of yet */
    int64_t late;     /* events that came after the figures were frozen */
};

struct api_filling {
    struct db                *db;
    struct kpi_reader        *kpis;
    const struct pilot       *p;
    usec_t                    as_of; /* the clock of the figures; a draft's stands at its start */
    usec_t                    now;   /* the clock of who asks */
    struct api_intake         intake;
    struct page              *o;
    const struct gate_record *r;
    struct view_pilot        *v;
    const char               *silent; /* sentences about sources that are silent now; "" */
};

/* A pilot that has not begun: a draft, or sealed for a day to come. */
static inline bool
api_not_begun(const struct gate_record *r)
{
    return r->state == PILOT_DRAFT || r->state == PILOT_SEALED;
}

/* The gate's sentence in the page's language. */
static inline const char *
api_say(const struct page *o, const struct gate_text *t)
{
    const char *s = o->lang == PAGE_IT ? t->it : t->en;

    return s ? s : "";
}

/* A final verdict is not said over figures that were never complete. A day that is only
 * counted again, for a late event, has its last figures. */
bool api_still_counting(const struct gate_record *r); /* pilot_state.c */

/* Weeks of the window, a part week at either end included. */
struct api_weeks {
    int all, done, begun;
};
struct api_weeks api_weeks(const struct pilot *p, enum pilot_state state, int32_t cut);

/* Where the pilot stands: head, notice, answer, what holds it back, what to do next. */
must_check bool api_fill_state(struct api_filling *f, struct err *e); /* pilot_state.c */
/* The criteria: a card each, and how many stand where. */
must_check bool api_fill_criteria(struct api_filling *f, struct err *e); /* pilot_cards.c */

#endif
