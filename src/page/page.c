/* page.c - writing pages: escaping, and sentences of two languages. */
#include "collaudo/page.h"

#include "collaudo/view.h"
#include "collaudo/words.h"

#include <string.h>

#define NBSP "\xc2\xa0"

void
page_init(struct page *o, enum page_lang lang, struct arena *mem)
{
    str_init(&o->s, mem);
    o->lang = lang;
}

void
page_html(struct page *o, const char *html)
{
    if (html)
        str_add(&o->s, html);
}

static enum words_lang
in(enum page_lang lang)
{
    return lang == PAGE_IT ? WORDS_IT : WORDS_EN;
}

static void
add_arg(struct str *s, enum page_lang lang, const struct page_arg *a, bool html)
{
    if (a->is_day)
        words_date(s, in(lang), (int32_t)a->number); /* its article stands in the sentence */
    else if (!a->text)
        words_number(s, in(lang), a->number);
    else if (html)
        str_html(s, a->text);
    else
        str_add(s, a->text);
}

void
page_put_arg(struct page *o, struct page_arg a)
{
    add_arg(&o->s, o->lang, &a, true);
}

/* {0?one:many}: p stands behind the '?'. Returns the closing brace. */
static const char *
add_choice(struct str *s, const char *p, const struct page_arg *a)
{
    const char *colon = strchr(p, ':'), *end = strchr(p, '}');

    if (!colon || !end || colon > end)
        return p;
    if (!a->text && !a->is_day && a->number == 1)
        str_addn(s, p, (size_t)(colon - p));
    else
        str_addn(s, colon + 1, (size_t)(end - colon - 1));
    return end;
}

/* Sentences are ours and may hold HTML entities no more than the pages do: plain text. */
static void
add_sentence(struct str *s, enum page_lang lang, enum lang_key key, const struct page_arg *args,
             bool html)
{
    for (const char *p = page_texts[lang][key]; *p; p++) {
        if (*p != '{') {
            char c[2] = { *p, 0 };

            if (html)
                str_html(s, c);
            else
                str_addc(s, *p);
            continue;
        }
        const struct page_arg *a = &args[p[1] - '0'];
        p += 2;
        if (*p == '?')
            p = add_choice(s, p + 1, a);
        else
            add_arg(s, lang, a, html);
    }
}

void
page_say(struct page *o, enum lang_key key, const struct page_arg *args)
{
    add_sentence(&o->s, o->lang, key, args, true);
}

const char *
page_text_of(struct page *o, enum lang_key key, const struct page_arg *args)
{
    struct str s;

    str_init(&s, o->s.mem);
    add_sentence(&s, o->lang, key, args, false);
    return s.p;
}

const char *
page_date(struct page *o, int32_t day)
{
    struct str s;

    str_init(&s, o->s.mem);
    words_date(&s, in(o->lang), day);
    return s.p;
}

const char *
page_number(struct page *o, int64_t number)
{
    struct str s;

    str_init(&s, o->s.mem);
    words_number(&s, in(o->lang), number);
    return s.p;
}

const char *
page_percent(struct page *o, int64_t num, int64_t den)
{
    struct str s;

    str_init(&s, o->s.mem);
    if (den <= 0)
        return s.p;
    if (den < 100) {
        words_number(&s, in(o->lang), (num * 200 + den) / (den * 2));
    } else {
        int64_t tenths = (num * 2000 + den) / (den * 2);

        words_number(&s, in(o->lang), tenths / 10);
        if (tenths % 10)
            str_addf(&s, "%c%d", o->lang == PAGE_IT ? ',' : '.', (int)(tenths % 10));
    }
    str_add(&s, NBSP "%");
    return s.p;
}

const char *
view_tone_class(enum view_tone t)
{
    static const char *const name[] = {
        [VIEW_NONE] = "none", [VIEW_GOOD] = "good", [VIEW_WARN] = "warn", [VIEW_BAD] = "bad"
    };

    return name[t];
}
