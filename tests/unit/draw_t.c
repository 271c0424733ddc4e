/* draw_t.c - what the tests of drawing share. See draw_t.h. */
#include "draw_t.h"

#include "png_watch.h"
#include "t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const struct draw_page dt_page = {
    .width = 200,
    .height = 100,
    .scale = 2,
    .title = "T",
    .desc = "D",
    .lang = "it",
};

void
dt_everything(struct draw *d, const void *what)
{
    static const struct draw_pen solid = { DRAW_PRIMARY, 2.6f, 0, 0 },
                                 dashed = { DRAW_AXIS, 1, 2, 3 };
    struct draw_pt zigzag[] = { { 20, 80 }, { 60, 30 }, { 100, 90 }, { 140, 20 } };
    size_t         ends[] = { 4, 8 };
    struct draw_pt ring[] = { { 150, 20 }, { 190, 20 }, { 190, 60 }, { 150, 60 },
                              { 160, 30 }, { 160, 50 }, { 180, 50 }, { 180, 30 } };

    draw_rect(d, (struct draw_box){ 10.3f, 10.4f, 50, 20 }, DRAW_PRIMARY_TINT);
    draw_rrect(d, (struct draw_box){ 70, 10, 50, 20 }, 6, DRAW_GOOD_TINT);
    draw_frame(d, (struct draw_box){ 70, 40, 50, 20 }, 6, &dashed);
    draw_hrule(d, 10, 190, 95, 1.5f, DRAW_TARGET);
    draw_vrule(d, 15, 10, 95, 1, DRAW_GRID);
    draw_disc(d, 30, 60, 5, DRAW_BAD);
    draw_ring(d, 50, 60, 5, 2, DRAW_WARN);
    draw_hatch(d, (struct draw_box){ 130, 70, 40, 20 }, 6, 1.2f, DRAW_HEAT4);
    draw_stroke(d, zigzag, 4, &solid);
    draw_line(d, 10, 70, 190, 75, &dashed);
    draw_shape(d, ring, ends, 2, DRAW_NONE_TINT);
    draw_clip(d, (struct draw_box){ 0, 0, 100, 100 });
    draw_clip(d, (struct draw_box){ 50, 0, 100, 50 });
    draw_rect(d, (struct draw_box){ -10, -10, 500, 30 }, DRAW_HEAT6);
    draw_unclip(d);
    draw_unclip(d);
    draw_text(d, 100, 50, DRAW_CENTER, (struct draw_font){ DRAW_BOLD, 14 }, DRAW_INK,
              what ? what : "Perché già 19 su 24 \xe2\x80\x94 AVATAR fi");
    draw_text(d, 190, 85, DRAW_RIGHT, (struct draw_font){ DRAW_REGULAR, 11 }, DRAW_MUTED,
              "12 \xe2\x89\xa5 5");
}

struct draw_fonts *
dt_begin(void)
{
    struct draw_fonts *fonts = NULL;
    struct err         e = ERR_INIT;

    if (!draw_init(NULL, &e) || !draw_fonts(&fonts, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    return fonts;
}

int
dt_end(void)
{
    CHECK_I(png_watch().wrong, 0);
    draw_end();
    return t_end();
}

bool
dt_near(double got, double want, double by)
{
    if (fabs(got - want) <= by)
        return true;
    fprintf(stderr, "%.4f, should be %.4f\n", got, want);
    return false;
}
