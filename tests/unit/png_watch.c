/* png_watch.c - see png_watch.h. */
#include "png_watch.h"

#include "collaudo/arena.h"
#include "collaudo/err.h"

#include <gd.h>
#include <stdatomic.h>

static _Atomic int64_t pictures, wrong, truecolor, most_colors;

bool __real_draw_png_encode(gdImage *im, struct arena *mem, const void **ret, size_t *ret_n,
                            struct err *e);
bool __wrap_draw_png_encode(gdImage *im, struct arena *mem, const void **ret, size_t *ret_n,
                            struct err *e);

static bool
is_equal(gdImage *a, gdImage *b)
{
    if (!b || gdImageSX(a) != gdImageSX(b) || gdImageSY(a) != gdImageSY(b))
        return false;
    for (int y = 0; y < gdImageSY(a); y++)
        for (int x = 0; x < gdImageSX(a); x++)
            if (gdImageGetTrueColorPixel(a, x, y) != gdImageGetTrueColorPixel(b, x, y))
                return false;
    return true;
}

bool
__wrap_draw_png_encode(gdImage *im, struct arena *mem, const void **ret, size_t *ret_n,
                       struct err *e)
{
    if (!__real_draw_png_encode(im, mem, ret, ret_n, e))
        return false;
    gdImage *back = gdImageCreateFromPngPtr((int)*ret_n, (void *)(uintptr_t)*ret);
    pictures++;
    wrong += !is_equal(im, back);
    if (back) {
        int64_t n = gdImageTrueColor(back) ? 0 : gdImageColorsTotal(back);

        truecolor += gdImageTrueColor(back) != 0;
        for (int64_t most = most_colors; n > most;)
            if (atomic_compare_exchange_weak(&most_colors, &most, n))
                break;
        gdImageDestroy(back);
    }
    return true;
}

struct png_watch
png_watch(void)
{
    return (struct png_watch){ pictures, wrong, truecolor, most_colors };
}
