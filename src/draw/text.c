/* text.c - fonts, shaping and glyph outlines; everything that changes is one thread's own.
 *
 * The font files are read once and shared. Each thread that draws gets a FreeType library,
 * HarfBuzz fonts and a cache of flattened outlines, kept in a thread-specific slot and
 * released when the thread ends. FreeType's global lock in libgd is never met.
 */
#include "draw_int.h"

#include "collaudo/auto.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H
#include <hb.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FONT_DIR "/usr/share/fonts/opentype/inter"
#define FONT_MAX (16 << 20)         /* bytes of a font file */
#define CACHE_MAX ((size_t)8 << 20) /* bytes of outlines a thread keeps; Latin takes 300 KB */
#define FINE 1500.0f                /* curves are off by at most 1/1500 em */

/* --- the files ------------------------------------------------------------------------ */

static const char *const file_name[DRAW_FACES] = {
    [DRAW_REGULAR] = "Inter-Regular.otf",
    [DRAW_SEMIBOLD] = "Inter-SemiBold.otf",
    [DRAW_BOLD] = "Inter-Bold.otf",
};

static struct file {
    void  *bytes;
    size_t n;
} files[DRAW_FACES]; /* written by draw_init() and draw_end() only */

static pthread_key_t thread_fonts;
static bool          ready;

static bool
read_file(const char *path, struct file *ret, struct err *e)
{
    AUTO_FD     fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(e, errno, "font %s (install the package fonts-inter)", path);
    if (st.st_size <= 0 || st.st_size > FONT_MAX)
        return err_set(e, ERR_IO, "font %s is damaged (install the package fonts-inter)", path);
    char  *bytes = malloc((size_t)st.st_size);
    size_t n = 0;
    if (!bytes)
        return err_set(e, ERR_NOMEM, "no memory for the font %s", path);
    while (n < (size_t)st.st_size) {
        ssize_t got = read(fd, bytes + n, (size_t)st.st_size - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    if (n < (size_t)st.st_size) {
        free(bytes);
        return err_set(e, ERR_IO, "font %s cannot be read", path);
    }
    *ret = (struct file){ bytes, n };
    return true;
}

static void
free_files(void)
{
    for (int i = 0; i < DRAW_FACES; i++) {
        free(files[i].bytes);
        files[i] = (struct file){ NULL, 0 };
    }
}

static void fonts_close(void *fonts);

bool
draw_init(const char *font_dir, struct err *e)
{
    int no;

    assert(!ready);
    for (int i = 0; i < DRAW_FACES; i++) {
        char path[4096];

        snprintf(path, sizeof path, "%s/%s", font_dir ? font_dir : FONT_DIR, file_name[i]);
        if (!read_file(path, &files[i], e)) {
            free_files();
            return false;
        }
    }
    if ((no = pthread_key_create(&thread_fonts, fonts_close))) {
        free_files();
        return err_errno(e, no, "no slot for the fonts of a thread");
    }
    ready = true;

    struct draw_fonts *try_them; /* a damaged file is found now, not at the first chart */
    if (draw_fonts(&try_them, e))
        return true;
    draw_end();
    return false;
}

void
draw_end(void)
{
    if (!ready)
        return;
    fonts_close(pthread_getspecific(thread_fonts));
    pthread_key_delete(thread_fonts);
    free_files();
    ready = false;
}

/* --- one thread's fonts ----------------------------------------------------------------- */

/* A glyph's contours in font units, y up. */
struct outline {
    bool                  known;
    uint32_t              contours;
    const struct draw_pt *p;
    const size_t         *end;
};

struct face {
    FT_Face         ft;
    hb_font_t      *hb;
    float           em; /* font units */
    struct outline *glyphs;
    unsigned        glyphs_n;
};

struct draw_fonts {
    FT_Library   lib;
    hb_buffer_t *buffer;
    struct face  face[DRAW_FACES];
    struct arena cache;
};

static void
fonts_close(void *fonts)
{
    struct draw_fonts *f = fonts;

    if (!f)
        return;
    for (int i = 0; i < DRAW_FACES; i++) {
        hb_font_destroy(f->face[i].hb);
        if (f->face[i].ft)
            FT_Done_Face(f->face[i].ft);
        free(f->face[i].glyphs);
    }
    hb_buffer_destroy(f->buffer);
    if (f->lib)
        FT_Done_FreeType(f->lib);
    arena_free(&f->cache);
    free(f);
}

static bool
face_open(struct draw_fonts *f, int i, struct err *e)
{
    struct face *face = &f->face[i];

    if (FT_New_Memory_Face(f->lib, files[i].bytes, (FT_Long)files[i].n, 0, &face->ft) ||
        !FT_IS_SCALABLE(face->ft))
        return err_set(e, ERR_IO, "%s is no font (install the package fonts-inter)", file_name[i]);

    hb_blob_t *blob =
        hb_blob_create(files[i].bytes, (unsigned)files[i].n, HB_MEMORY_MODE_READONLY, NULL, NULL);
    hb_face_t *hb = hb_face_create(blob, 0);
    face->hb = hb_font_create(hb);
    hb_face_destroy(hb);
    hb_blob_destroy(blob);

    face->em = (float)face->ft->units_per_EM;
    face->glyphs_n = (unsigned)face->ft->num_glyphs;
    face->glyphs = calloc(face->glyphs_n, sizeof *face->glyphs);
    if (!face->glyphs || face->hb == hb_font_get_empty())
        return err_set(e, ERR_NOMEM, "no memory for the fonts");
    return true;
}

static bool
fonts_open(struct draw_fonts *f, struct err *e)
{
    arena_init(&f->cache, CACHE_MAX);
    f->buffer = hb_buffer_create();
    if (FT_Init_FreeType(&f->lib) || !hb_buffer_allocation_successful(f->buffer))
        return err_set(e, ERR_NOMEM, "no memory for the fonts");
    for (int i = 0; i < DRAW_FACES; i++)
        if (!face_open(f, i, e))
            return false;
    return true;
}

bool
draw_fonts(struct draw_fonts **ret, struct err *e)
{
    assert(ready && "draw_init() comes first");
    struct draw_fonts *f = pthread_getspecific(thread_fonts);

    if (!f) {
        f = calloc(1, sizeof *f);
        if (!f)
            return err_set(e, ERR_NOMEM, "no memory for the fonts");
        if (!fonts_open(f, e)) {
            fonts_close(f);
            return false;
        }
        if (pthread_setspecific(thread_fonts, f)) {
            fonts_close(f);
            return err_set(e, ERR_NOMEM, "no memory for the fonts");
        }
    }
    *ret = f;
    return true;
}

/* --- outlines ------------------------------------------------------------------------------ */

struct flattening {
    struct draw_path path;
    struct draw_pt   at;
    float            fine; /* font units */
};

static struct draw_pt
point(const FT_Vector *v)
{
    return (struct draw_pt){ (float)v->x, (float)v->y };
}

static int
move_to(const FT_Vector *to, void *user)
{
    struct flattening *f = user;

    draw_path_close(&f->path);
    f->at = point(to);
    draw_path_add(&f->path, f->at.x, f->at.y);
    return 0;
}

static int
line_to(const FT_Vector *to, void *user)
{
    struct flattening *f = user;

    f->at = point(to);
    draw_path_add(&f->path, f->at.x, f->at.y);
    return 0;
}

/* How far the middle control point of three stands out. */
static float
bend(struct draw_pt a, struct draw_pt b, struct draw_pt c)
{
    return hypotf(a.x - 2 * b.x + c.x, a.y - 2 * b.y + c.y);
}

static int
cubic_to(const FT_Vector *c1, const FT_Vector *c2, const FT_Vector *to, void *user)
{
    struct flattening *f = user;
    struct draw_pt     a = f->at, b = point(c1), c = point(c2), d = point(to);
    /* n equal steps are off by at most 3/4 of the bend over n squared */
    int n = 1 + (int)sqrtf(0.75f * fmaxf(bend(a, b, c), bend(b, c, d)) / f->fine);

    for (int i = 1; i < n; i++) {
        float t = (float)i / (float)n, s = 1 - t;
        float ka = s * s * s, kb = 3 * s * s * t, kc = 3 * s * t * t, kd = t * t * t;

        draw_path_add(&f->path, ka * a.x + kb * b.x + kc * c.x + kd * d.x,
                      ka * a.y + kb * b.y + kc * c.y + kd * d.y);
    }
    return line_to(to, user);
}

/* TrueType's curves, as the cubic that is the same one. */
static int
conic_to(const FT_Vector *c, const FT_Vector *to, void *user)
{
    struct flattening *f = user;
    FT_Vector          c1 = { lrintf(f->at.x + 2 * ((float)c->x - f->at.x) / 3),
                              lrintf(f->at.y + 2 * ((float)c->y - f->at.y) / 3) };
    FT_Vector          c2 = { to->x + 2 * (c->x - to->x) / 3, to->y + 2 * (c->y - to->y) / 3 };

    return cubic_to(&c1, &c2, to, user);
}

/* A cache that is full starts again from nothing. */
static void
cache_clear(struct draw_fonts *f)
{
    arena_free(&f->cache);
    for (int i = 0; i < DRAW_FACES; i++)
        memset(f->face[i].glyphs, 0, f->face[i].glyphs_n * sizeof *f->face[i].glyphs);
}

static void
outline_load(struct draw_fonts *f, struct face *face, unsigned glyph, struct arena *scratch)
{
    static const FT_Outline_Funcs funcs = { move_to, line_to, conic_to, cubic_to, 0, 0 };
    struct flattening             flat = { .path = { .mem = scratch }, .fine = face->em / FINE };
    struct outline               *o = &face->glyphs[glyph];

    /* no scale: whole font units, so no hinting and no rounding */
    if (!FT_Load_Glyph(face->ft, glyph, FT_LOAD_NO_SCALE | FT_LOAD_NO_BITMAP) &&
        face->ft->glyph->format == FT_GLYPH_FORMAT_OUTLINE) {
        FT_Outline_Decompose(&face->ft->glyph->outline, &funcs, &flat);
        draw_path_close(&flat.path);
    }
    size_t points = flat.path.n * sizeof *o->p, ends = flat.path.contours * sizeof *o->end;
    if (f->cache.used + points + ends + (1 << 20) > f->cache.limit)
        cache_clear(f);
    o->p = arena_memdup(&f->cache, flat.path.p, points);
    o->end = arena_memdup(&f->cache, flat.path.end, ends);
    o->contours = o->p && o->end ? (uint32_t)flat.path.contours : 0;
    o->known = true;
}

/* --- lines of text ----------------------------------------------------------------- */

/* Shapes into f->buffer. Features as the web font keeps them, so that a page and a PNG agree. */
static unsigned
shape(struct draw_fonts *f, struct draw_font font, const char *text)
{
    static const hb_feature_t features[] = {
        { HB_TAG('l', 'i', 'g', 'a'), 0, 0, HB_FEATURE_GLOBAL_END },
        { HB_TAG('c', 'l', 'i', 'g'), 0, 0, HB_FEATURE_GLOBAL_END },
        { HB_TAG('c', 'a', 'l', 't'), 0, 0, HB_FEATURE_GLOBAL_END },
        { HB_TAG('t', 'n', 'u', 'm'), 1, 0, HB_FEATURE_GLOBAL_END },
    };

    hb_buffer_reset(f->buffer);
    hb_buffer_add_utf8(f->buffer, text, -1, 0, -1);
    /* the language would be guessed from the locale, the direction from the letters */
    hb_buffer_set_language(f->buffer, hb_language_from_string("en", 2));
    hb_buffer_set_direction(f->buffer, HB_DIRECTION_LTR);
    hb_buffer_guess_segment_properties(f->buffer);
    hb_shape(f->face[font.face].hb, f->buffer, features, font.size < DRAW_HEADING ? 4 : 3);
    return hb_buffer_get_length(f->buffer);
}

static float
shaped_width(struct draw_fonts *f, struct draw_font font, unsigned n)
{
    const hb_glyph_position_t *at = hb_buffer_get_glyph_positions(f->buffer, NULL);
    int64_t                    sum = 0;

    for (unsigned i = 0; i < n; i++)
        sum += at[i].x_advance;
    return (float)sum * font.size / f->face[font.face].em;
}

float
draw_text_width(struct draw_fonts *f, struct draw_font font, const char *text)
{
    return shaped_width(f, font, shape(f, font, text));
}

void
draw_text_path(struct draw_fonts *f, struct draw_font font, enum draw_align align, float x,
               float baseline, const char *clean, struct draw_path *path)
{
    struct face               *face = &f->face[font.face];
    unsigned                   n = shape(f, font, clean);
    const hb_glyph_info_t     *info = hb_buffer_get_glyph_infos(f->buffer, NULL);
    const hb_glyph_position_t *at = hb_buffer_get_glyph_positions(f->buffer, NULL);
    float                      k = font.size / face->em;

    if (align != DRAW_LEFT)
        x -= shaped_width(f, font, n) / (align == DRAW_CENTER ? 2 : 1);
    for (unsigned i = 0; i < n; i++) {
        unsigned        glyph = info[i].codepoint < face->glyphs_n ? info[i].codepoint : 0;
        struct outline *o = &face->glyphs[glyph];
        float gx = x + (float)at[i].x_offset * k, gy = baseline - (float)at[i].y_offset * k;

        if (!o->known)
            outline_load(f, face, glyph, path->mem);
        for (size_t c = 0, j = 0; c < o->contours; c++) {
            for (; j < o->end[c]; j++)
                draw_path_add(path, gx + o->p[j].x * k, gy - o->p[j].y * k);
            draw_path_close(path);
        }
        x += (float)at[i].x_advance * k;
    }
}
