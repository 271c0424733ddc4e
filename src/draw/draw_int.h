/* draw_int.h - what the files of this module share: paths, back ends, coverage, text. */
#ifndef DRAW_INT_H
#define DRAW_INT_H

#include "collaudo/draw.h"
#include "collaudo/str.h"

#define DRAW_PI 3.14159265f

/* --- paths: closed contours, growing in an arena ---------------------------- */

struct draw_path {
    struct arena   *mem;
    struct draw_pt *p;
    size_t          n, cap;
    size_t         *end; /* one past the last point of each contour */
    size_t          contours, end_cap;
};

/* When the arena is exhausted points are dropped and mem->denied is set. */
void draw_path_clear(struct draw_path *path);
void draw_path_add(struct draw_path *path, float x, float y);
void draw_path_close(struct draw_path *path); /* a contour without points is none */

/* `clockwise` as seen on the screen; a hole runs the other way. `scale`: pixels per CSS px,
 * for the number of corners. */
void draw_path_circle(struct draw_path *path, float x, float y, float r, bool clockwise,
                      float scale);
void draw_path_rrect(struct draw_path *path, struct draw_box b, float r, float scale);
/* The outline of a line: round joins and ends, a dashed one with straight ends. */
void draw_path_stroke(struct draw_path *path, const struct draw_pt *p, size_t n, bool closed,
                      const struct draw_pen *pen, float scale);

/* --- back ends --------------------------------------------------------------- */

struct draw_back {
    void (*shape)(struct draw *d, const struct draw_pt *p, const size_t *end, size_t contours,
                  enum draw_color c);
    void (*rect)(struct draw *d, struct draw_box b, float radius, enum draw_color c);
    void (*circle)(struct draw *d, float x, float y, float r, float width,
                   enum draw_color c); /* width 0: a disc */
    void (*stroke)(struct draw *d, const struct draw_pt *p, size_t n, bool closed,
                   const struct draw_pen *pen);
    void (*text)(struct draw *d, float x, float baseline, enum draw_align align,
                 struct draw_font font, enum draw_color c, const char *clean);
    void (*clip)(struct draw *d, struct draw_box b);
    void (*unclip)(struct draw *d);
};

/* The first member of what each back end keeps. */
struct draw {
    const struct draw_back *back;
    const struct draw_page *page;
    struct draw_fonts      *fonts;
    struct arena            own;  /* scratch; freed with the picture */
    struct draw_path        path; /* scratch of one call */
    float                   snap; /* edges lie on multiples of 1/snap */
};

#define DRAW_CLIPS 8             /* depth of draw_clip() */
#define DRAW_SCRATCH (32u << 20) /* most bytes of `own`; a hostile title takes 1 MB */

must_check bool draw_page_check(const struct draw_page *page, struct err *e);

/* --- coverage by exact area (cover.c) ----------------------------------------- */

struct draw_cover {
    float *area;    /* of one band of rows: what each pixel adds to the sum from the left */
    int   *lo, *hi; /* of each row: the pixels touched */
    int    width, height, band;
};

struct draw_clip_px {
    int x0, y0, x1, y1; /* x1, y1 are outside */
};

/* n pixels from (x, y): how much of each the shape covers, 0..1. */
typedef void draw_cover_row(void *to, int x, int y, const float *cover, int n);

/* For a bitmap of this size; false: no memory. */
must_check bool draw_cover_init(struct draw_cover *c, int width, int height, struct arena *mem);
void            draw_cover_shape(struct draw_cover *c, const struct draw_pt *p, const size_t *end,
                                 size_t contours, float scale, struct draw_clip_px clip, draw_cover_row *row,
                                 void *to);

/* --- PNG (png.c, png_write.c) ---------------------------------------------------------------- */

#define DRAW_LEVELS 16 /* of coverage: with fewer colours than 256 a PNG is indexed */

/* The bitmap as a PNG: indexed and exact when it has at most 256 colours, which
 * charts have (tested), else true colour. */
struct gdImageStruct;
must_check bool draw_png_encode(struct gdImageStruct *im, struct arena *mem, const void **ret,
                                size_t *ret_n, struct err *e);

/* --- text (text.c, wrap.c) --------------------------------------------------------- */

/* UTF-8 without control characters, at most DRAW_MAX_TEXT bytes. */
const char *draw_text_clean(struct arena *mem, const char *text);
/* Adds the outlines of a line of clean text; `x` is meant as `align` says. */
void draw_text_path(struct draw_fonts *f, struct draw_font font, enum draw_align align, float x,
                    float baseline, const char *clean, struct draw_path *path);

#endif
