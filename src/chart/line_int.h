/* line_int.h - one weekly line, measured and with its labels placed, ready to be drawn. */
#ifndef LINE_INT_H
#define LINE_INT_H

#include "chart_int.h"

struct chart_line_view {
    const struct chart_pic  *pic;
    const struct chart_line *l;
    struct chart_scale       scale;
    float                    left, right, top, bottom; /* the plot; bottom is zero */
    float                    first, slot;              /* x of the first Monday; px of a week */
    int32_t                  day0;
    size_t                   last;     /* index of the last complete week; weeks: none */
    size_t                   running;  /* of the unfinished week; weeks: none */
    bool                     two_rows; /* below the axis: a year or "now" */
    struct chart_place       place;
    struct chart_label       target, value, so_far, band, decision; /* lines 0: there is none */
};

/* The texts, the scales and the places; `pic` and its chart stay borrowed. */
void chart_line_layout(const struct chart_pic *pic, struct chart_line_view *ret);

float          chart_line_x(const struct chart_line_view *v, int32_t day);
float          chart_line_y(const struct chart_line_view *v, int64_t n);
struct draw_pt chart_line_point(const struct chart_line_view *v, size_t i);
bool           chart_line_is_value(const struct chart_line_view *v, size_t i);
/* Is this complete week joined to the one before? Only to its neighbour. */
bool chart_line_is_joined(const struct chart_line_view *v, size_t i);
int  chart_line_year(int32_t day);

#endif
