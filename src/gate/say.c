/* say.c - fills phrases in Italian and English. See say.h. */
#include "say.h"

#include "collaudo/words.h"

#include <assert.h>
#include <string.h>

static const char *
in(const struct gate_text *t, enum words_lang lang)
{
    return lang == WORDS_EN ? t->en : t->it;
}

static const struct gate_say_arg *
arg_of(const struct gate_say_arg *args, char letter)
{
    while (args->letter && args->letter != letter)
        args++;
    assert(args->letter && "a phrase names an argument it did not get");
    return args;
}

/* One place of a phrase; p stands after its brace. Returns what follows the closing one. */
static const char *
add_place(struct str *s, const char *p, const struct gate_say_arg *args, enum words_lang lang)
{
    const struct gate_say_arg *a = arg_of(args, *p);
    const char                *end = strchr(p, '}'), *bar;

    assert(end && !memchr(p, '{', (size_t)(end - p)) && "places do not nest, and end");
    if (p[1] == '?') {
        bar = memchr(p, '|', (size_t)(end - p));
        assert(bar && a->kind == GATE_SAY_NUMBER);
        if (a->n == 1)
            str_addn(s, p + 2, (size_t)(bar - p - 2));
        else
            str_addn(s, bar + 1, (size_t)(end - bar - 1));
    } else if (a->kind == GATE_SAY_NUMBER) {
        words_number(s, lang, a->n);
    } else if (a->kind == GATE_SAY_DAY) {
        words_date(s, lang, (int32_t)a->n);
    } else {
        str_add(s, in(&a->text, lang));
    }
    return end + 1;
}

static void
add_phrase(struct str *s, const char *p, const struct gate_say_arg *args, enum words_lang lang)
{
    while (*p) {
        size_t n = strcspn(p, "{");

        str_addn(s, p, n);
        p += n;
        if (*p)
            p = add_place(s, p + 1, args, lang);
    }
}

void
gate_say_init(struct gate_say *s, struct arena *mem)
{
    str_init(&s->en, mem);
    str_init(&s->it, mem);
}

void
gate_say_add(struct gate_say *s, const struct gate_text *phrase, const struct gate_say_arg *args)
{
    add_phrase(&s->en, phrase->en, args, WORDS_EN);
    add_phrase(&s->it, phrase->it, args, WORDS_IT);
}

struct gate_text
gate_say_text(const struct gate_say *s)
{
    return (struct gate_text){ s->en.p, s->it.p };
}

struct gate_text
gate_say(struct arena *mem, const struct gate_text *phrase, const struct gate_say_arg *args)
{
    struct gate_say s;

    gate_say_init(&s, mem);
    gate_say_add(&s, phrase, args);
    return gate_say_text(&s);
}

struct gate_text
gate_say_mark(struct arena *mem, int64_t e4)
{
    struct gate_say s;

    gate_say_init(&s, mem);
    words_share(&s.en, WORDS_EN, e4);
    words_share(&s.it, WORDS_IT, e4);
    return gate_say_text(&s);
}

struct gate_text
gate_say_share(struct arena *mem, struct gate_share share, int64_t mark_e4)
{
    __int128 e4 = share.den > 0 ? (__int128)share.num * 10000 / share.den : 0;
    __int128 whole = e4 / 100 * 100;

    return gate_say_mark(mem, (int64_t)((whole >= mark_e4) == (e4 >= mark_e4) ? whole : e4));
}
