/* page.h - what compiled templates (dashboards/, *.html.t) write with.
 *
 * A page is text growing in the request's arena, in one language. Values are escaped unless
 * they are put with page_html(); numbers are written as the language has them (1.234 or 1,234).
 */
#ifndef COLLAUDO_PAGE_H
#define COLLAUDO_PAGE_H

#include "collaudo/str.h"
#include "collaudo/time.h"

#include "lang_gen.h"

enum page_lang { PAGE_IT, PAGE_EN };

struct page {
    struct str     s;
    enum page_lang lang;
};

/* One argument of a sentence: a text (escaped), a whole number, or a day. Before a day the
 * sentence may have an Italian article: "fino al {day}" becomes "fino all’8 marzo 2026". */
struct page_arg {
    const char *text;
    int64_t     number;
    bool        is_day;
};

struct page_day {
    int32_t day; /* day number (time.h) */
};

static inline struct page_arg
page_arg_text(const char *text)
{
    return (struct page_arg){ .text = text ? text : "" };
}

static inline struct page_arg
page_arg_number(int64_t number)
{
    return (struct page_arg){ .number = number };
}

static inline struct page_arg
page_arg_day(struct page_day d)
{
    return (struct page_arg){ .number = d.day, .is_day = true };
}

/* clang-format off */
#define PAGE_DAY(x) ((struct page_day){ (x) })
#define PAGE_ARG(x) _Generic((x), char *: page_arg_text, const char *: page_arg_text, \
                                  struct page_day: page_arg_day, default: page_arg_number)(x)
#define page_put(o, x) page_put_arg((o), PAGE_ARG(x))
/* clang-format on */

void page_init(struct page *o, enum page_lang lang, struct arena *mem);
void page_html(struct page *o, const char *html); /* as it stands; NULL: nothing */
void page_put_arg(struct page *o, struct page_arg a);
void page_say(struct page *o, enum lang_key key, const struct page_arg *args);

/* The same sentence as plain text in the page's arena, not escaped. lang_gen.h has, for each
 * sentence, lang_KEY(o, ...) that writes it and text_KEY(o, ...) that returns it. */
const char *page_text_of(struct page *o, enum lang_key key, const struct page_arg *args);

/* "2 marzo 2026", "2 March 2026", by itself (in a sentence: PAGE_DAY). In the page's arena. */
const char *page_date(struct page *o, int32_t day);
/* Digits grouped as the language has them. */
const char *page_number(struct page *o, int64_t number);
/* num/den in per cent; no decimals while den < 100, else one at most; "" when den is 0. */
const char *page_percent(struct page *o, int64_t num, int64_t den);

#endif
