/* chart_t.c - what the tests of the charts share. See chart_t.h. */
#include "chart_t.h"

#include "png_watch.h"
#include "t.h"
#include "xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct draw_fonts *
cht_begin(void)
{
    struct draw_fonts *fonts = NULL;
    struct err         e = ERR_INIT;

    if (!draw_init(NULL, &e) || !draw_fonts(&fonts, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    return fonts;
}

int
cht_end(void)
{
    draw_end();
    return t_end();
}

void
cht_test_watched(void)
{
    CHECK(png_watch().pictures > 0);
    CHECK_I(png_watch().wrong, 0);
    CHECK_I(png_watch().truecolor, 0);
    CHECK(png_watch().most_colors <= 256);
}

int
cht_count(const char *text, const char *what)
{
    int n = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

const char *
cht_svg(const struct chart *c, const struct chart_look *look, struct arena *mem)
{
    struct err  e = ERR_INIT;
    const char *svg = "";
    size_t      n, at;

    if (!CHECK(chart_svg(c, look, mem, &svg, &n, &e))) {
        fprintf(stderr, "%s\n", e.text);
        return "";
    }
    const char *fault = xml_fault(svg, n, &at);
    if (!CHECK(!fault))
        fprintf(stderr, "%s at byte %zu of %s\n", fault, at, svg);
    return svg;
}

const char *
cht_page_svg(const struct chart *c, enum chart_lang lang, int width, struct arena *mem)
{
    return cht_svg(
        c, &(struct chart_look){ .lang = lang, .width = width, .inlined = true, .id = "w" }, mem);
}
