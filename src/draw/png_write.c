/* png_write.c - a bitmap with few colours as an indexed PNG, equal in every pixel. */
#include "draw_int.h"

#include "collaudo/auto.h"

#include <gd.h>

/* Of zlib. 6 saves 3 % of the bytes for a fifth more time, 9 saves 6 % for five times as much. */
#define PNG_LEVEL 4

AUTO_DEFINE(gdImage, gdImageDestroy)

#define SLOTS 1024 /* of the colour table: a quarter full at most */

struct palette {
    int      rgb[SLOTS]; /* plus one; 0: free */
    uint8_t  index[SLOTS];
    int      n;
    gdImage *im;
};

/* The colour's index, entered when it is new; -1 when there are 256 others. */
static int
palette_find(struct palette *p, int rgb)
{
    unsigned slot = (unsigned)rgb * 2654435761u >> 22;

    for (; p->rgb[slot]; slot = (slot + 1) % SLOTS)
        if (p->rgb[slot] == rgb + 1)
            return p->index[slot];
    if (p->n == gdMaxColors)
        return -1;
    p->rgb[slot] = rgb + 1;
    p->index[slot] = (uint8_t)gdImageColorAllocate(p->im, rgb >> 16, rgb >> 8 & 255, rgb & 255);
    return p->index[slot] == p->n++ ? p->n - 1 : -1;
}

/* The same picture with an index for each pixel; NULL: more than 256 colours, or no memory. */
static gdImage *
indexed(gdImage *im)
{
    AUTO(gdImage) *out = gdImageCreate(gdImageSX(im), gdImageSY(im));
    struct palette p = { .im = out };
    int            last = -1, index = 0;

    for (int y = 0; out && y < gdImageSY(im); y++) {
        const int     *from = im->tpixels[y];
        unsigned char *to = out->pixels[y];

        for (int x = 0; x < gdImageSX(im); x++) {
            if (from[x] != last && (index = palette_find(&p, from[x])) < 0)
                return NULL;
            last = from[x];
            to[x] = (unsigned char)index;
        }
    }
    return TAKE(out);
}

bool
draw_png_encode(gdImage *im, struct arena *mem, const void **ret, size_t *ret_n, struct err *e)
{
    AUTO(gdImage) *few = indexed(im);
    int            n = 0;
    void          *png = gdImagePngPtrEx(few ? few : im, &n, PNG_LEVEL);
    const void    *copy = png ? arena_memdup(mem, png, (size_t)n) : NULL;

    if (png)
        gdFree(png);
    if (!copy)
        return err_set(e, ERR_NOMEM, "no memory for a picture of %d x %d pixels", gdImageSX(im),
                       gdImageSY(im));
    *ret = copy;
    *ret_n = (size_t)n;
    return true;
}
