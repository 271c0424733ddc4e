/* filters.h - what lesser filters do, for the attackers on kpi_publish() to succeed against. */
#ifndef FILTERS_H
#define FILTERS_H

#include "collaudo/kpi.h"

#define K 5
#define SMALL 10

typedef size_t filter(const struct kpi_def *def, int64_t k, struct kpi_point *p, size_t n);

/* A threshold and bands, nothing against subtraction: what many products do. */
static inline size_t
threshold_only(const struct kpi_def *def, int64_t k, struct kpi_point *p, size_t n)
{
    (void)def;
    for (size_t i = 0; i < n; i++) {
        if (p[i].den < k)
            p[i] = (struct kpi_point){ .subject = p[i].subject,
                                       .part = p[i].part,
                                       .bucket = p[i].bucket,
                                       .complete = p[i].complete,
                                       .band = KPI_HIDDEN };
        else if (p[i].den < SMALL && p[i].num <= 1)
            p[i].band = KPI_BAND_LOW, p[i].num = 1;
        else if (p[i].den < SMALL && p[i].num >= p[i].den - 1)
            p[i].band = KPI_BAND_HIGH, p[i].num = p[i].den - 1;
    }
    return n;
}

/* And one more cell hidden, the smallest, when only one is not exact: the textbook's answer. */
static inline size_t
second_cell(const struct kpi_def *def, int64_t k, struct kpi_point *p, size_t n)
{
    struct kpi_point *more = NULL;
    size_t            blurred = 0;

    threshold_only(def, k, p, n);
    for (size_t i = 1; i < n; i++) {
        blurred += p[i].band != KPI_EXACT;
        if (p[i].band == KPI_EXACT && (!more || p[i].den < more->den))
            more = &p[i];
    }
    if (blurred == 1 && more) {
        more->band = KPI_HIDDEN;
        more->num = more->den = 0;
    }
    return n;
}

#endif
