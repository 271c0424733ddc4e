/* draw_svg.c - SVG against XML; text, its widths and lines; fonts that are not there; contrast. */
#include "draw_int.h"
#include "draw_t.h"
#include "t.h"
#include "xml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct draw_fonts *fonts;

static const char *
svg_of(const struct draw_page *p, const void *what, struct arena *mem, size_t *ret_n)
{
    struct err  e = ERR_INIT;
    const char *svg = "";
    size_t      at;

    *ret_n = 0;
    if (!CHECK(draw_svg(p, dt_everything, what, mem, &svg, ret_n, &e)))
        return "";
    const char *fault = xml_fault(svg, *ret_n, &at);
    if (!CHECK(!fault))
        fprintf(stderr, "%s at byte %zu: %.60s\n", fault, at, svg + (at > 30 ? at - 30 : 0));
    return svg;
}

static void
test_svg(void)
{
    struct arena     mem;
    struct draw_page p = dt_page;
    size_t           n;

    arena_init(&mem, 4 << 20);
    const char *file = svg_of(&p, NULL, &mem, &n);
    CHECK_I(strlen(file), n);
    CHECK(strstr(file, "xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK(strstr(file, "role=\"img\"") && strstr(file, "<title id=\"c-t\">T</title>"));
    CHECK(strstr(file, "#0b62a8") && !strstr(file, "class="));
    p.theme = DRAW_DARK;
    CHECK(strstr(svg_of(&p, NULL, &mem, &n), "#64b2f2"));
    p.inlined = true;
    p.id = "w1";
    p.css = "wid";
    const char *inl = svg_of(&p, NULL, &mem, &n);
    CHECK(strncmp(inl, "<svg class=\"ch wid\" viewBox=\"0 0 200 100\"", 40) == 0);
    CHECK(strstr(inl, "class=\"s-pri\"") && !strstr(inl, "#0b62a8") && !strstr(inl, "xmlns"));
    CHECK(strstr(inl, "<desc id=\"w1-d\">D</desc>") && strstr(inl, "url(#w1-2)"));
    CHECK(!strstr(inl, "style") && !strstr(file, "style"));
    arena_free(&mem);
}

static void
test_svg_names(void)
{
    static const struct {
        const char *id, *css, *lang;
        bool        ok;
    } row[] = {
        { "w1", "wid", "it", true },        { "w1", NULL, NULL, true },
        { NULL, "wid", "it", false },       { "", "wid", "it", false },
        { "a\"b", "wid", "it", false },     { "a b", "wid", "it", false },
        { "w1", "a b", "it", true },        { "w1", "a\"><script>", "it", false },
        { "w1", "wid", "i\" x=\"", false }, { "w)", "wid", "it", false },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena     mem;
        struct err       e = ERR_INIT;
        struct draw_page p = dt_page;
        const char      *svg;
        size_t           n;

        arena_init(&mem, 1 << 20);
        p.inlined = true;
        p.id = row[i].id;
        p.css = row[i].css;
        p.lang = row[i].lang;
        CHECK_I(draw_svg(&p, dt_everything, NULL, &mem, &svg, &n, &e), row[i].ok);
        arena_free(&mem);
    }
}

/* --- text ------------------------------------------------------------------------------------ */

static const char *const hostile[] = {
    "</title><script>alert(1)</script>",
    "\"' onload='x' & &amp; <b>",
    "line\nbreak\ttab\rreturn\x01\x1f\x7f bell\a",
    "broken \xff\xfe\xc3 and \xed\xa0\x80 and \xf4\x90\x80\x80 and \xe2\x82",
    "C1 \xc2\x85 \xc2\x9f, noncharacters \xef\xbf\xbe \xef\xbf\xbf",
    "]]> <!-- --> <?xml?> %n%s",
    "\xe2\x80\xae right to left \xd8\xb3\xd9\x84 \xe6\xbc\xa2 \xf0\x9f\x98\x80 a\xcc\x81\xcc\x82",
    "",
};

static void
test_hostile_text(void)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct arena     mem;
        struct err       e = ERR_INIT;
        struct draw_page p = dt_page;
        const void      *png;
        size_t           n;

        t_row = hostile[i];
        arena_init(&mem, 4 << 20);
        p.title = p.desc = hostile[i];
        CHECK(!strstr(svg_of(&p, hostile[i], &mem, &n), "<script"));
        p.inlined = true;
        p.id = "a";
        CHECK(!strstr(svg_of(&p, hostile[i], &mem, &n), "<script"));
        CHECK(draw_png(&dt_page, dt_everything, hostile[i], &mem, &png, &n, &e));
        const char *clean = draw_text_clean(&mem, hostile[i]);
        CHECK(str_is_utf8(clean, strlen(clean)));
        for (const char *c = clean; *c; c++)
            CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
        arena_free(&mem);
    }
}

static void
test_long_text(void)
{
    struct arena     mem;
    struct err       e = ERR_INIT;
    struct draw_page p = dt_page;
    char            *text = malloc(1000002);
    const void      *png;
    size_t           n;

    arena_init(&mem, 8 << 20);
    for (int i = 0; i < 500000; i++) /* e with acute, cut at any byte */
        memcpy(text + 1 + 2 * i, "\xc3\xa9", 2);
    text[0] = 'x';
    text[1000001] = 0;
    const char *clean = draw_text_clean(&mem, text);
    CHECK(strlen(clean) <= DRAW_MAX_TEXT && strlen(clean) > DRAW_MAX_TEXT - 8);
    CHECK(str_is_utf8(clean, strlen(clean)));
    p.title = p.desc = text;
    CHECK(draw_png(&p, dt_everything, text, &mem, &png, &n, &e));
    svg_of(&p, text, &mem, &n);
    CHECK(n < 10000);
    free(text);
    arena_free(&mem);
}

static float
width(enum draw_face face, float size, const char *text)
{
    return draw_text_width(fonts, (struct draw_font){ face, size }, text);
}

static void
test_widths(void)
{
    CHECK(width(DRAW_REGULAR, 12, "") == 0);
    for (char c = '1'; c <= '9'; c++) /* tabular below a heading's size, not in it */
        CHECK(dt_near((double)width(DRAW_SEMIBOLD, 12, (char[]){ c, 0 }),
                      (double)width(DRAW_SEMIBOLD, 12, "0"), 0.03)); /* Inter's own 4 is 0.01 off */
    CHECK(width(DRAW_BOLD, 18, "1") < width(DRAW_BOLD, 18, "0"));
    CHECK(dt_near((double)width(DRAW_REGULAR, 24, "Anna"),
                  2 * (double)width(DRAW_REGULAR, 12, "Anna"), 0.01));
    CHECK(width(DRAW_BOLD, 12, "Anna") > width(DRAW_REGULAR, 12, "Anna"));
    CHECK(width(DRAW_REGULAR, 20, "AV") < /* kerning */
          width(DRAW_REGULAR, 20, "A") + width(DRAW_REGULAR, 20, "V"));
    /* nothing that joins letters or changes signs: a copy of the text says what it shows */
    CHECK(dt_near((double)width(DRAW_REGULAR, 20, "->"),
                  (double)(width(DRAW_REGULAR, 20, "-") + width(DRAW_REGULAR, 20, ">")), 0.6));
    CHECK(dt_near((double)width(DRAW_REGULAR, 12, "12:30"),
                  (double)(4 * width(DRAW_REGULAR, 12, "0") + width(DRAW_REGULAR, 12, ":")), 0.3));
}

static void
test_wrap(void)
{
    static const struct draw_font font = { DRAW_BOLD, 18 };
    static const struct {
        const char *name, *text;
        float       width;
        size_t      most, lines;
        const char *last;
    } row[] = {
        { "short", "Anna", 500, 3, 1, "Anna" },
        { "nothing", "", 500, 3, 0, NULL },
        { "blanks", "   \n ", 500, 3, 0, NULL },
        { "no room for lines", "Anna", 500, 0, 0, NULL },
        { "two words in two lines", "Anna  Marta", 60, 3, 2, "Marta" },
        { "blanks that do not break", "70\xc2\xa0%", 20, 2, 1, NULL },
        { "cut", "Anna Marta Giulia", 70, 2, 2, NULL },
        { "one long word", "Rechtsschutzversicherungsgesellschaften", 100, 2, 1, NULL },
        { "a long word in front", "Rechtsschutzversicherungsgesellschaften ja", 100, 2, 2, "ja" },
        { "accents only", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 40, 1,
          1, NULL },
        { "narrower than an ellipsis", "Anna", 3, 2, 1, NULL },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena mem;
        const char  *line[4] = { 0 };

        t_row = row[i].name;
        arena_init(&mem, 1 << 20);
        size_t n = draw_text_wrap(fonts, font, row[i].text, row[i].width, row[i].most, &mem, line);
        CHECK_I(n, row[i].lines);
        if (row[i].last && n)
            CHECK_S(line[n - 1], row[i].last);
        for (size_t k = 0; k < n; k++) {
            CHECK(str_is_utf8(line[k], strlen(line[k])));
            CHECK(row[i].width < 10 || draw_text_width(fonts, font, line[k]) <= row[i].width);
        }
        arena_free(&mem);
    }
}

static void
test_missing_fonts(void)
{
    struct err               e = ERR_INIT;
    char                     dir[] = "/tmp/collaudo-fonts.XXXXXX", path[64];
    static const char *const file[] = { "Inter-Regular.otf", "Inter-SemiBold.otf",
                                        "Inter-Bold.otf" };

    CHECK(!draw_init("/nonexistent", &e));
    CHECK_I(e.code, ERR_IO);
    CHECK(strstr(e.text, "fonts-inter"));
    if (!CHECK(mkdtemp(dir)))
        return;
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, file[i]);
        FILE *f = fopen(path, "w");
        fputs("this is no font", f);
        fclose(f);
    }
    e = (struct err)ERR_INIT;
    CHECK(!draw_init(dir, &e));
    CHECK_I(e.code, ERR_IO);
    CHECK(strstr(e.text, "fonts-inter"));
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, file[i]);
        remove(path);
    }
    remove(dir);
}

/* --- colours --------------------------------------------------------------------------------- */

static double
luminance(uint32_t rgb)
{
    static const double weight[] = { 0.0722, 0.7152, 0.2126 };
    double              sum = 0;

    for (int i = 0; i < 3; i++) {
        double v = (rgb >> 8 * i & 255) / 255.0;

        sum += weight[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double
contrast(enum draw_color a, enum draw_color b, enum draw_theme theme)
{
    double x = luminance(draw_color_rgb(a, theme)) + 0.05;
    double y = luminance(draw_color_rgb(b, theme)) + 0.05;

    return x > y ? x / y : y / x;
}

/* WCAG 2.2 AA: text 4.5, marks that mean something 3. */
static void
test_contrast(void)
{
    static const struct {
        enum draw_color color, on;
        double          least;
    } row[] = {
        { DRAW_INK, DRAW_BG, 7 },           { DRAW_MUTED, DRAW_BG, 4.5 },
        { DRAW_PRIMARY, DRAW_BG, 4.5 },     { DRAW_TARGET, DRAW_BG, 4.5 },
        { DRAW_GOOD, DRAW_BG, 4.5 },        { DRAW_WARN, DRAW_BG, 4.5 },
        { DRAW_BAD, DRAW_BG, 4.5 },         { DRAW_MUTED, DRAW_NONE_TINT, 4.5 },
        { DRAW_AXIS, DRAW_BG, 3 },          { DRAW_FAINT, DRAW_BG, 3 },
        { DRAW_INK, DRAW_PRIMARY_TINT, 7 },
    };

    for (int theme = 0; theme < 2; theme++)
        for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
            t_row = draw_color_css(row[i].color);
            CHECK(contrast(row[i].color, row[i].on, (enum draw_theme)theme) >= row[i].least);
        }
    for (int a = 0; a < DRAW_COLOR_COUNT; a++)
        for (int b = 0; b < a; b++)
            CHECK(strcmp(draw_color_css((enum draw_color)a), draw_color_css((enum draw_color)b)));
}

/* An SVG inside a page has classes instead of colours: each stands in the style sheet, and the
 * sheet's tokens are the colours a PNG has. The heat colours come with the heat table. */
static void
test_style_sheet(void)
{
    static char css[1 << 16];
    FILE       *f = fopen("dashboards/static/app.css", "rb");
    size_t      n = f ? fread(css, 1, sizeof css - 1, f) : 0;

    if (f)
        fclose(f);
    CHECK(n > 1000 && n < sizeof css - 1);
    for (int c = 0; c < DRAW_HEAT0; c++) {
        const char *name = draw_color_css((enum draw_color)c);
        char        rule[64], light[32], dark[32];

        t_row = name;
        snprintf(rule, sizeof rule, "svg .%s, svg .s-%s { color: var(--%s) }", name, name, name);
        CHECK(strstr(css, rule));
        snprintf(light, sizeof light, "--%s: #%06x", name,
                 draw_color_rgb((enum draw_color)c, DRAW_LIGHT));
        snprintf(dark, sizeof dark, "--%s: #%06x", name,
                 draw_color_rgb((enum draw_color)c, DRAW_DARK));
        CHECK(strstr(css, light) || (c == DRAW_BG && strstr(css, "--bg: #fff;")));
        CHECK(strstr(css, dark));
    }
}

int
main(void)
{
    T_RUN(test_missing_fonts);
    fonts = dt_begin();
    T_RUN(test_svg);
    T_RUN(test_svg_names);
    T_RUN(test_hostile_text);
    T_RUN(test_long_text);
    T_RUN(test_widths);
    T_RUN(test_wrap);
    T_RUN(test_style_sheet);
    T_RUN(test_contrast);
    return dt_end();
}
