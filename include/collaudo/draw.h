/* draw.h - one drawing interface, several back ends: the same calls draw a PNG and an SVG.
 *
 * A picture is a function that draws on a `struct draw`; draw_png() and draw_svg() run it:
 *
 *     static void square(struct draw *d, const void *what) { draw_rect(d, ...); }
 *     draw_png(&page, square, NULL, mem, &bytes, &n, e);
 *
 * Units are CSS px, the origin is the top left corner, y points down. Colours are tokens,
 * never numbers: the theme resolves them in a PNG and in an SVG file, the style sheet of the
 * page in an inline SVG (no style attribute, so a strict CSP holds, and dark mode is free).
 * Nothing is transparent: mix no colours, take a tint.
 *
 * PNG: coverage by exact area in 16 levels, blended into a libgd bitmap and written as an
 * indexed PNG that equals the bitmap in every pixel. The same calls give the same bytes on
 * every run and in every thread. (Other versions of FreeType, libgd or zlib may differ.)
 *
 * SVG: well-formed XML, also when inline in HTML. An inline one relies on these rules of the
 * page's style sheet; the tokens are custom properties named like the classes:
 *     svg.ch text, svg.ch path, svg.ch circle, svg.ch rect { fill: currentColor }
 *     svg.ch [class^=s-] { fill: none; stroke: currentColor; stroke-linejoin: round }
 *     svg .pri, svg .s-pri { color: var(--pri) }     and so on for every token
 *     svg.ch .m / .e { text-anchor: middle / end }   .f6 / .f7 { font-weight: 600 / 700 }
 *     svg.ch { font-family: inherit; font-variant-numeric: tabular-nums }
 *
 * Text: Inter from Debian's fonts-inter; HarfBuzz shapes, FreeType gives unhinted outlines;
 * tabular figures below DRAW_HEADING px, no ligatures. Written left to right; a letter that
 * Inter lacks (it has Latin, Greek, Cyrillic) is a box in a PNG. Any bytes are safe: what is
 * no UTF-8 becomes U+FFFD, control characters become blanks, DRAW_MAX_TEXT bytes are kept.
 *
 * Threads: draw_init() once, before any of them; afterwards any number at a time, each with
 * text machinery of its own (about 1 MB), which is released when the thread ends.
 * Memory: results lie in the arena you pass. A picture of the greatest size needs 110 MB
 * while it is drawn; admit only as many at once as the machine can bear.
 */
#ifndef COLLAUDO_DRAW_H
#define COLLAUDO_DRAW_H

#include "collaudo/arena.h"
#include "collaudo/err.h"

#include <stdint.h>

#define DRAW_MIN_WIDTH 200
#define DRAW_MAX_WIDTH 2000
#define DRAW_MIN_HEIGHT 100
#define DRAW_MAX_HEIGHT 1200
#define DRAW_MAX_SCALE 3

#define DRAW_MAX_TEXT 600 /* bytes of one text that are drawn */
#define DRAW_HEADING 16   /* px; from this size on figures are proportional */

/* Every colour there is: its class in an inline SVG, and what it is in the two themes.
 *     token              class   light     dark */
/* clang-format off */
#define DRAW_COLORS(X)                                   \
    X(DRAW_BG,            "bg",   0xffffff, 0x12171d)    \
    X(DRAW_INK,           "ink",  0x16202b, 0xeef2f6)    \
    X(DRAW_MUTED,         "mut",  0x55616e, 0xa7b2bd)    \
    X(DRAW_FAINT,         "fai",  0x7b8794, 0x7f8b97)    \
    X(DRAW_GRID,          "grd",  0xe4e8ec, 0x29313a)    \
    X(DRAW_AXIS,          "axi",  0x8a95a1, 0x5f6b77)    \
    X(DRAW_CONTEXT,       "ctx",  0xc3cbd3, 0x434e59)    \
    X(DRAW_PRIMARY,       "pri",  0x0b62a8, 0x64b2f2)    \
    X(DRAW_PRIMARY_TINT,  "prt",  0xd3e5f4, 0x1b3b57)    \
    X(DRAW_PRIMARY_PALE,  "ptt",  0xeaf3fa, 0x162a3c)    \
    X(DRAW_TARGET,        "tgt",  0xb3470b, 0xf0a35e)    \
    X(DRAW_GOOD,          "goo",  0x0a7350, 0x4cc38a)    \
    X(DRAW_GOOD_TINT,     "got",  0xd6f0e4, 0x12382a)    \
    X(DRAW_WARN,          "war",  0x8f5b00, 0xe5b454)    \
    X(DRAW_WARN_TINT,     "wat",  0xfbebcb, 0x3d2f10)    \
    X(DRAW_BAD,           "bad",  0xb3261e, 0xff8a80)    \
    X(DRAW_BAD_TINT,      "bat",  0xfbddda, 0x4a1f1d)    \
    X(DRAW_NONE_TINT,     "non",  0xebeef1, 0x262e37)    \
    X(DRAW_HEAT0,         "h0",   0xeef4fa, 0x1a2632)    \
    X(DRAW_HEAT1,         "h1",   0xd3e4f3, 0x1b3852)    \
    X(DRAW_HEAT2,         "h2",   0xafcfea, 0x1c4b73)    \
    X(DRAW_HEAT3,         "h3",   0x82b3dc, 0x246297)    \
    X(DRAW_HEAT4,         "h4",   0x4e91c6, 0x3d84bf)    \
    X(DRAW_HEAT5,         "h5",   0x2370ac, 0x6facdd)    \
    X(DRAW_HEAT6,         "h6",   0x0b4c82, 0xb5d7f2)
/* clang-format on */

enum draw_color {
#define X(token, css, light, dark) token,
    DRAW_COLORS(X)
#undef X
        DRAW_COLOR_COUNT
};

enum draw_theme { DRAW_LIGHT, DRAW_DARK };

uint32_t    draw_color_rgb(enum draw_color c, enum draw_theme theme); /* 0xRRGGBB */
const char *draw_color_css(enum draw_color c);                        /* "pri" */

/* Reads the three fonts. NULL: where Debian installs them. ERR_IO names the package to
 * install. Call once, before any thread starts; the folder never comes from a request. */
must_check bool draw_init(const char *font_dir, struct err *e);
void            draw_end(void); /* this thread is the last one that draws */

/* --- a picture ------------------------------------------------------------ */

struct draw; /* a picture being drawn */
typedef void draw_fn(struct draw *d, const void *what);

struct draw_page {
    int             width, height; /* CSS px */
    int             scale;         /* PNG only: pixels per CSS px */
    enum draw_theme theme;         /* not for an inline SVG */
    const char     *title, *desc;  /* of an SVG, for those who do not see it */
    const char     *lang;          /* "it" or "en" */
    const char     *id;            /* inline SVG: unique in its page, [A-Za-z0-9-]+ */
    const char     *css;           /* inline SVG: classes beside "ch"; NULL: none */
    bool            inlined;       /* SVG inside an HTML page; else a file of its own */
};

/* ERR_INVALID: a size outside the limits above. ERR_IO, ERR_NOMEM. */
must_check bool draw_png(const struct draw_page *page, draw_fn *fn, const void *what,
                         struct arena *mem, const void **ret, size_t *ret_n, struct err *e);
must_check bool draw_svg(const struct draw_page *page, draw_fn *fn, const void *what,
                         struct arena *mem, const char **ret, size_t *ret_n, struct err *e);

/* --- what a picture is made of -------------------------------------------- */

struct draw_pt {
    float x, y;
};

struct draw_box {
    float x, y, w, h;
};

struct draw_pen {
    enum draw_color color;
    float           width;
    float           dash, gap; /* dash 0: a solid line with round ends */
};

/* One shape of one or more closed contours; end[i] is one past the last point of contour i.
 * Holes run the other way round. */
void draw_fill(struct draw *d, const struct draw_pt *p, size_t n, enum draw_color c);
void draw_shape(struct draw *d, const struct draw_pt *p, const size_t *end, size_t contours,
                enum draw_color c);
void draw_stroke(struct draw *d, const struct draw_pt *p, size_t n, const struct draw_pen *pen);
void draw_line(struct draw *d, float x1, float y1, float x2, float y2, const struct draw_pen *pen);

/* Edges of these are moved to whole pixels, so that they are sharp. */
void draw_rect(struct draw *d, struct draw_box b, enum draw_color c);
void draw_rrect(struct draw *d, struct draw_box b, float radius, enum draw_color c);
void draw_frame(struct draw *d, struct draw_box b, float radius, const struct draw_pen *pen);
void draw_hrule(struct draw *d, float x1, float x2, float y, float width, enum draw_color c);
void draw_vrule(struct draw *d, float x, float y1, float y2, float width, enum draw_color c);

void draw_disc(struct draw *d, float x, float y, float r, enum draw_color c);
/* `r` is the middle of the ring. */
void draw_ring(struct draw *d, float x, float y, float r, float width, enum draw_color c);
/* Rising stripes, `step` px apart, clipped to the box. */
void draw_hatch(struct draw *d, struct draw_box b, float step, float width, enum draw_color c);

/* Between the two only what lies in the box is drawn. At most 8 deep. */
void draw_clip(struct draw *d, struct draw_box b);
void draw_unclip(struct draw *d);

/* --- text ------------------------------------------------------------------ */

enum draw_face { DRAW_REGULAR, DRAW_SEMIBOLD, DRAW_BOLD };
enum draw_align { DRAW_LEFT, DRAW_CENTER, DRAW_RIGHT };

#define DRAW_FACES 3

struct draw_font {
    enum draw_face face;
    float          size; /* px */
};

void draw_text(struct draw *d, float x, float baseline, enum draw_align align,
               struct draw_font font, enum draw_color c, const char *text);

/* What measures text before there is a picture: this thread's, made at the first call. */
struct draw_fonts;
must_check bool draw_fonts(struct draw_fonts **ret, struct err *e);

float draw_text_width(struct draw_fonts *f, struct draw_font font, const char *text);

/* Cuts the text into at most `most` lines no wider than `width`, at blanks; when it is longer,
 * the last line ends in an ellipsis. Returns how many lines; NULL or "" gives 0. */
size_t draw_text_wrap(struct draw_fonts *f, struct draw_font font, const char *text, float width,
                      size_t most, struct arena *mem, const char **ret_lines);

#endif
