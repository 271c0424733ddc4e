/* png_watch.h - every PNG of the program under test is decoded and held against the bitmap
 * it was made of. The linker puts this between draw.c and png_write.c (--wrap). */
#ifndef PNG_WATCH_H
#define PNG_WATCH_H

#include <stdint.h>

/* Since the start, over all threads. */
struct png_watch {
    int64_t pictures, wrong; /* wrong: not equal to the bitmap in every pixel */
    int64_t truecolor;       /* of them not indexed */
    int64_t most_colors;
};

struct png_watch png_watch(void);

#endif
