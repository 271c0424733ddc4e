/* chart_cases.h - weekly lines that are easy, real and hard; for the tests and the bench. */
#ifndef CHART_CASES_H
#define CHART_CASES_H

#include "collaudo/chart.h"

#define CASE_WEEKS 64

struct chart_case {
    const char     *name;
    enum chart_lang lang;
    const char     *title, *subtitle, *source;
    int32_t         first; /* day number of the first Monday */
    int             weeks;
    /* one number per week; the states below say what else a week can be */
    int64_t num[CASE_WEEKS];
    int64_t of, target;
    int     target_e4;
    int32_t decision;
    int64_t week_ago; /* 0: not known */
    bool    band;     /* round every number and on to the end */
};

/* Instead of a number: */
#define SILENT (-1)
#define HIDDEN (-2)
#define AHEAD (-3)
#define SO_FAR(n) (-100 - (n))

extern const struct chart_case chart_cases[];
extern const size_t            chart_cases_n;

/* The chart of row i. Its weeks are static: one at a time per thread. */
struct chart chart_case(size_t i);
/* The row of that name; ends the program when there is none. */
size_t chart_case_find(const char *name);

#endif
