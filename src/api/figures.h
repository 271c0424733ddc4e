/* figures.h - what the pilot page and the charts both read: the weekly line, published. */
#ifndef COLLAUDO_FIGURES_H
#define COLLAUDO_FIGURES_H

#include "app.h"

#include "collaudo/chart.h"
#include "collaudo/kpi.h"

/* The clock of a pilot's figures: nothing of a draft has happened yet, whatever day it is. */
usec_t api_clock(const struct pilot *p, usec_t as_of);

/* The params agreed in the charter for a KPI, NULL when no criterion names it. */
const char *api_kpi_params(const struct pilot *p, const char *kpi);

/* The points of one KPI for the whole pilot (subject '*', part ''), published. */
must_check bool api_line(struct kpi_reader *r, const char *kpi, usec_t as_of,
                         struct kpi_point **ret, size_t *ret_n, struct err *e);

/* The weekly line with its words in the page's language; texts and weeks in the page's arena.
 * `o` is only used for its language and memory. */
must_check bool api_weekly_chart(struct kpi_reader *r, usec_t as_of, struct page *o,
                                 struct chart *ret, const struct kpi_point **ret_points,
                                 size_t *ret_n, struct err *e);

/* People on the roster who count, and the cells they are shown in. */
struct api_roster {
    int64_t people, cells;
};
must_check bool api_roster(struct db *db, const struct pilot *p, struct arena *mem,
                           struct api_roster *ret, struct err *e);

#endif
