/* say.c - fills phrases in Italian and English. See say.h. */
#include "say.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum lang { EN, IT };

#define NBSP "\xc2\xa0"

static const char *
in(const struct gate_text *t, enum lang lang)
{
    return lang == EN ? t->en : t->it;
}

/* 12,345 and 12.345 */
static void
add_number(struct str *s, int64_t n, enum lang lang)
{
    char   digits[24];
    size_t len;

    snprintf(digits, sizeof digits, "%lld", (long long)n);
    len = strlen(digits);
    for (size_t i = 0; i < len; i++) {
        size_t rest = len - i;

        if (i > 0 && rest % 3 == 0 && digits[i - 1] != '-')
            str_addc(s, lang == EN ? ',' : '.');
        str_addc(s, digits[i]);
    }
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
add_place(struct str *s, const char *p, const struct gate_say_arg *args, enum lang lang)
{
    const struct gate_say_arg *a = arg_of(args, *p);
    const char                *end = strchr(p, '}'), *bar;

    assert(end && !memchr(p, '{', (size_t)(end - p)) && "places do not nest, and end");
    if (p[1] == '?') {
        bar = memchr(p, '|', (size_t)(end - p));
        assert(bar && a->number);
        if (a->n == 1)
            str_addn(s, p + 2, (size_t)(bar - p - 2));
        else
            str_addn(s, bar + 1, (size_t)(end - bar - 1));
    } else if (a->number) {
        add_number(s, a->n, lang);
    } else {
        str_add(s, in(&a->text, lang));
    }
    return end + 1;
}

static void
add_phrase(struct str *s, const char *p, const struct gate_say_arg *args, enum lang lang)
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
    add_phrase(&s->en, phrase->en, args, EN);
    add_phrase(&s->it, phrase->it, args, IT);
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
gate_say_day(struct arena *mem, int32_t day)
{
    static const struct gate_text months[] = {
        { "January", "gennaio" }, { "February", "febbraio" }, { "March", "marzo" },
        { "April", "aprile" },    { "May", "maggio" },        { "June", "giugno" },
        { "July", "luglio" },     { "August", "agosto" },     { "September", "settembre" },
        { "October", "ottobre" }, { "November", "novembre" }, { "December", "dicembre" },
    };
    struct time_civil c;
    struct gate_say   s;

    time_day_civil(day, &c);
    gate_say_init(&s, mem);
    str_addf(&s.en, "%d %s %d", c.day, months[c.month - 1].en, c.year);
    str_addf(&s.it, "%s%d%s %s %d", c.day == 8 || c.day == 11 ? "ll'" : "l ", c.day,
             c.day == 1 ? "\xc2\xb0" : "", months[c.month - 1].it, c.year);
    return gate_say_text(&s);
}

struct gate_text
gate_say_mark(struct arena *mem, int64_t e4)
{
    long long       whole = e4 / 100, rest = e4 % 100;
    struct gate_say s;
    char            tail[8] = "";

    if (rest)
        snprintf(tail, sizeof tail, rest % 10 ? "%02d" : "%d", (int)(rest % 10 ? rest : rest / 10));
    gate_say_init(&s, mem);
    str_addf(&s.en, "%lld%s%s" NBSP "%%", whole, rest ? "." : "", tail);
    str_addf(&s.it, "%lld%s%s" NBSP "%%", whole, rest ? "," : "", tail);
    return gate_say_text(&s);
}

struct gate_text
gate_say_share(struct arena *mem, struct gate_share share, int64_t mark_e4)
{
    __int128 e4 = share.den > 0 ? (__int128)share.num * 10000 / share.den : 0;
    __int128 whole = e4 / 100 * 100;

    return gate_say_mark(mem, (int64_t)((whole >= mark_e4) == (e4 >= mark_e4) ? whole : e4));
}
