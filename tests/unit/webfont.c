/* webfont.c - the fonts of the pages: small, complete, and of the widths the charts count on. */
#include "t.h"

#include "collaudo/draw.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_SFNT_NAMES_H
#include <hb-ft.h>
#include <hb.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char    *file;
    enum draw_face face;
} fonts[] = {
    { WEB_FONT_DIR "/inter-400.woff2", DRAW_REGULAR },
    { WEB_FONT_DIR "/inter-600.woff2", DRAW_SEMIBOLD },
    { WEB_FONT_DIR "/inter-700.woff2", DRAW_BOLD },
};

#define FONTS (sizeof fonts / sizeof *fonts)

static FT_Library lib;

static void
test_size(void)
{
    int64_t sum = 0;

    for (size_t i = 0; i < FONTS; i++) {
        struct stat st = { 0 };

        t_row = fonts[i].file;
        CHECK(stat(fonts[i].file, &st) == 0 && st.st_size > 4000);
        sum += st.st_size;
    }
    CHECK(sum <= 40 * 1024);
    printf("     three web fonts: %" PRId64 " bytes\n", sum);
}

static void
test_letters(void)
{
    static const char have[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ÀÈÉÌÍÒÓÙÚàèéìíòóùúÄÖÜäöüßçñ"
                               "\xc2\xa0\xe2\x80\xaf«»‘’“”–—…·•°€→←↑↓≥≤≠≈−×±§©";
    static const char have_not[] = "ЖΩ漢ﬁ";

    for (size_t i = 0; i < FONTS; i++) {
        FT_Face      face;
        hb_buffer_t *b = hb_buffer_create();
        unsigned     n;

        t_row = fonts[i].file;
        if (!CHECK(!FT_New_Face(lib, fonts[i].file, 0, &face)))
            continue;
        for (int want = 0; want < 2; want++) {
            hb_buffer_reset(b);
            hb_buffer_add_utf8(b, want ? have : have_not, -1, 0, -1);
            const hb_glyph_info_t *c = hb_buffer_get_glyph_infos(b, &n);
            CHECK(n > 3);
            for (unsigned k = 0; k < n; k++)
                if (!CHECK((FT_Get_Char_Index(face, c[k].codepoint) != 0) == want))
                    fprintf(stderr, "U+%04X\n", (unsigned)c[k].codepoint);
        }
        hb_buffer_destroy(b);
        FT_Done_Face(face);
    }
}

/* A page's text is as wide as the chart thought it would be: kerning and tabular figures. */
static void
test_widths(void)
{
    static const char *const text[] = { "Obiettivo 14 (70 %)", "AVATAR To Ty 1.234.567,89\xc2\xa0€",
                                        "111", "27 apr" };
    struct err               e = ERR_INIT;
    struct draw_fonts       *f;

    if (!CHECK(draw_init(NULL, &e) && draw_fonts(&f, &e)))
        return;
    for (size_t i = 0; i < FONTS; i++) {
        FT_Face face;

        if (!CHECK(!FT_New_Face(lib, fonts[i].file, 0, &face)))
            continue;
        FT_Set_Char_Size(face, 0, face->units_per_EM * 64, 72, 72);
        hb_font_t *hb = hb_ft_font_create(face, NULL);
        for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
            static const hb_feature_t tnum = { HB_TAG('t', 'n', 'u', 'm'), 1, 0,
                                               HB_FEATURE_GLOBAL_END };
            hb_buffer_t              *b = hb_buffer_create();
            double                    sum = 0;
            unsigned                  n;

            t_row = text[k];
            hb_buffer_add_utf8(b, text[k], -1, 0, -1);
            hb_buffer_guess_segment_properties(b);
            hb_shape(hb, b, &tnum, 1);
            const hb_glyph_position_t *p = hb_buffer_get_glyph_positions(b, &n);
            for (unsigned g = 0; g < n; g++)
                sum += p[g].x_advance / 64.0;
            sum = sum * 12 / face->units_per_EM;
            CHECK(fabs(sum - (double)draw_text_width(f, (struct draw_font){ fonts[i].face, 12 },
                                                     text[k])) < 0.05);
            hb_buffer_destroy(b);
        }
        hb_font_destroy(hb);
        FT_Done_Face(face);
    }
    draw_end();
}

/* Whether a name of the font (in UTF-16) begins with this ASCII text. */
static bool
is_named(FT_Face face, FT_UShort id, const char *text)
{
    for (FT_UInt i = 0; i < FT_Get_Sfnt_Name_Count(face); i++) {
        FT_SfntName name;
        bool        same = !FT_Get_Sfnt_Name(face, i, &name) && name.name_id == id &&
                    name.string_len >= 2 * strlen(text);

        for (size_t k = 0; same && text[k]; k++)
            same = name.string[2 * k] == 0 && name.string[2 * k + 1] == (FT_Byte)text[k];
        if (same)
            return true;
    }
    return false;
}

/* The licence wants its notice in every copy, and these are copies. */
static void
test_notice(void)
{
    for (size_t i = 0; i < FONTS; i++) {
        FT_Face face;

        t_row = fonts[i].file;
        if (!CHECK(!FT_New_Face(lib, fonts[i].file, 0, &face)))
            continue;
        CHECK(is_named(face, 0, "Copyright "));
        CHECK(is_named(face, 13, "This Font Software is licensed under the SIL Open Font License"));
        FT_Done_Face(face);
    }
}

int
main(void)
{
    if (FT_Init_FreeType(&lib))
        return 1;
    T_RUN(test_size);
    T_RUN(test_letters);
    T_RUN(test_widths);
    T_RUN(test_notice);
    FT_Done_FreeType(lib);
    return t_end();
}
