/* wrap.c - text made safe to draw, and cut into lines. */
#include "draw_int.h"

#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Bytes the character at p should have by its first byte. */
static size_t
char_len(const char *p)
{
    unsigned char c = (unsigned char)*p;

    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* C0, DEL, C1, and U+FFFE, U+FFFF, which XML forbids. */
static bool
is_control(const char *p, size_t len)
{
    unsigned char a = (unsigned char)p[0], b = len > 1 ? (unsigned char)p[1] : 0;

    return a < 0x20 || a == 0x7f || (a == 0xc2 && b < 0xa0) ||
           (len == 3 && a == 0xef && b == 0xbf && (unsigned char)p[2] >= 0xbe);
}

const char *
draw_text_clean(struct arena *mem, const char *text)
{
    struct str s;

    str_init(&s, mem);
    while (text && *text && s.n + 4 <= DRAW_MAX_TEXT) {
        size_t len = char_len(text);

        if (strnlen(text, len) < len || !str_is_utf8(text, len)) {
            str_add(&s, "\xef\xbf\xbd");
            text++;
            continue;
        }
        if (is_control(text, len))
            str_addc(&s, ' ');
        else
            str_addn(&s, text, len);
        text += len;
    }
    return s.p;
}

/* The line, or as much of it as fits with an ellipsis behind it. */
static const char *
fitted(struct draw_fonts *f, struct draw_font font, struct str *line, float width)
{
    const char *text = line->p;

    for (float w; line->n && (w = draw_text_width(f, font, text)) > width;) {
        size_t n = (size_t)((float)line->n * width / w);

        line->n = n < line->n ? n : line->n - 1;
        while (line->n && ((unsigned char)line->p[line->n] & 0xc0) == 0x80)
            line->n--; /* not within a character */
        while (line->n && line->p[line->n - 1] == ' ')
            line->n--;
        line->p[line->n] = 0;
        text = arena_printf(line->mem, "%s" ELLIPSIS, line->p);
        if (!text)
            return "";
    }
    return text;
}

size_t
draw_text_wrap(struct draw_fonts *f, struct draw_font font, const char *text, float width,
               size_t most, struct arena *mem, const char **ret_lines)
{
    const char *p = draw_text_clean(mem, text);
    float       blank = draw_text_width(f, font, " "), used = 0;
    size_t      lines = 0;
    struct str  line;

    str_init(&line, mem);
    while (most && *(p += strspn(p, " "))) {
        size_t      n = strcspn(p, " ");
        const char *word = arena_strndup(mem, p, n);
        float       w = word ? draw_text_width(f, font, word) : 0;

        if (line.n && used + blank + w > width) {
            if (lines + 1 == most) {
                str_addc(&line, ' ');
                str_add(&line, p); /* so that an ellipsis shows there was more */
                break;
            }
            ret_lines[lines++] = fitted(f, font, &line, width);
            str_init(&line, mem);
            used = 0;
        }
        if (line.n) {
            str_addc(&line, ' ');
            used += blank;
        }
        str_addn(&line, p, n);
        used += w;
        p += n;
    }
    if (line.n)
        ret_lines[lines++] = fitted(f, font, &line, width);
    return mem->denied ? 0 : lines;
}
