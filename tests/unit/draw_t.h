/* draw_t.h - what the tests of drawing share: a small page with everything on it. */
#ifndef DRAW_T_H
#define DRAW_T_H

#include "collaudo/draw.h"

extern const struct draw_page dt_page; /* 200 x 100, at scale 2 */

/* A draw_fn with a bit of everything; `what` is a text to show, or NULL for one of ours. */
void dt_everything(struct draw *d, const void *what);

/* Ends the program when there are no fonts. The fonts are this thread's. */
struct draw_fonts *dt_begin(void);
/* Every PNG that the program made was right (png_watch.h), and then t_end(). */
int dt_end(void);

/* Says what it is when it is not near. */
bool dt_near(double got, double want, double by);

#endif
