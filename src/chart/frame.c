/* frame.c - what surrounds every chart: title, subtitle, source line; and the empty panel. */
#include "chart_int.h"

#include <math.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct draw_font sub_font = { DRAW_REGULAR, 13 }, source_font = { DRAW_REGULAR, 11 };

static struct draw_font
title_font(const struct chart_pic *pic)
{
    return (struct draw_font){ DRAW_BOLD, pic->narrow ? 17 : 18 };
}

static float
margin(const struct chart_pic *pic)
{
    return pic->bare ? 0 : pic->narrow ? 16 : 20;
}

void
chart_frame_layout(struct chart_pic *pic, int body)
{
    const struct chart *c = pic->c;
    float               m = margin(pic), w = (float)pic->width - 2 * m;

    pic->body = (struct draw_box){ m, 0, w, (float)body };
    pic->height = body;
    if (pic->bare)
        return;
    pic->titles = draw_text_wrap(pic->fonts, title_font(pic), c->title, w, COUNT(pic->title),
                                 pic->mem, pic->title);
    pic->subtitles = draw_text_wrap(pic->fonts, sub_font, c->subtitle, w, COUNT(pic->subtitle),
                                    pic->mem, pic->subtitle);
    pic->sources = draw_text_wrap(pic->fonts, source_font, c->source, w, COUNT(pic->source),
                                  pic->mem, pic->source);
    pic->body.y = 16 + 24 * (float)pic->titles + 18 * (float)pic->subtitles + 4;
    pic->height += (int)pic->body.y + 16 + 15 * (int)pic->sources;
}

void
chart_frame_draw(struct draw *d, const struct chart_pic *pic)
{
    float x = margin(pic), y = 10, low = pic->body.y + pic->body.h - 2;

    for (size_t i = 0; i < pic->titles; i++)
        draw_text(d, x, y += 24, DRAW_LEFT, title_font(pic), DRAW_INK, pic->title[i]);
    y += 4;
    for (size_t i = 0; i < pic->subtitles; i++)
        draw_text(d, x, y += 18, DRAW_LEFT, sub_font, DRAW_MUTED, pic->subtitle[i]);
    for (size_t i = 0; i < pic->sources; i++)
        draw_text(d, x, low += 15, DRAW_LEFT, source_font, DRAW_MUTED, pic->source[i]);
}

void
chart_empty_draw(struct draw *d, const struct chart_pic *pic, const char *why)
{
    static const struct draw_font head = { DRAW_SEMIBOLD, 15 }, text = { DRAW_REGULAR, 14 };
    static const struct draw_pen  dashed = { DRAW_AXIS, 1.5f, 4, 3 };
    struct draw_box               b = pic->body;
    const char                   *heading[2], *line[4];
    float                         w = fminf(b.w - 32, 440), x = b.x + b.w / 2;

    b = (struct draw_box){ b.x + 1, b.y + 12, b.w - 2, b.h - 24 };
    draw_frame(d, b, 10, &dashed);
    size_t headings = draw_text_wrap(pic->fonts, head, why, w, COUNT(heading), pic->mem, heading);
    size_t n = draw_text_wrap(pic->fonts, text, pic->c->next_step, w, COUNT(line), pic->mem, line);
    float  high = 20 * (float)headings + (n ? 6 + 20 * (float)n : 0);
    float  y = b.y + (b.h - high) / 2 - 5;
    for (size_t i = 0; i < headings; i++)
        draw_text(d, x, y += 20, DRAW_CENTER, head, DRAW_INK, heading[i]);
    y += 6;
    for (size_t i = 0; i < n; i++)
        draw_text(d, x, y += 20, DRAW_CENTER, text, DRAW_MUTED, line[i]);
}
