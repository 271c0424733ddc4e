/* chart_t.h - what the tests of the charts share: start and end, and a chart's SVG. */
#ifndef CHART_T_H
#define CHART_T_H

#include "collaudo/chart.h"

/* Ends the program when there are no fonts. The fonts are this thread's. */
struct draw_fonts *cht_begin(void);
int                cht_end(void); /* t_end() */

/* A test to run last: every PNG that the program made was indexed and right (png_watch.h). */
void cht_test_watched(void);

/* The chart as SVG, checked to be XML; "" after a failed check. */
const char *cht_svg(const struct chart *c, const struct chart_look *look, struct arena *mem);
/* The same, as it stands in a page. */
const char *cht_page_svg(const struct chart *c, enum chart_lang lang, int width, struct arena *mem);

/* How often `what` is in the text. */
int cht_count(const char *text, const char *what);

#endif
