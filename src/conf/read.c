/* read.c - a tree into structs, by a table; what is wrong is collected. See conf.h. */
#include "conf_int.h"

#include "collaudo/time.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define MAX_NAMES 64 /* keys of a table, words of a list */

void
conf_faults_init(struct conf_faults *f, struct arena *mem)
{
    f->mem = mem;
    f->n = f->more = 0;
}

void
conf_fault(struct conf_faults *f, const cJSON *at, const char *fmt, ...)
{
    va_list ap;
    char   *text;

    if (f->n == CONF_MAX_FAULTS) {
        f->more++;
        return;
    }
    va_start(ap, fmt);
    text = arena_vprintf(f->mem, fmt, ap);
    va_end(ap);
    f->v[f->n++] = (struct conf_fault){ .file = at && conf_file(at) ? conf_file(at) : "",
                                        .line = at ? conf_line(at) : 0,
                                        .text = text ? text : "no memory" };
}

bool
conf_faults_check(const struct conf_faults *f, struct err *e)
{
    size_t others = f->n + f->more - 1;

    if (f->mem->denied)
        return err_set(e, ERR_NOMEM, "the files need more memory than they may take");
    if (!f->n)
        return true;
    err_set(e, ERR_INVALID, "%s", f->v[0].text);
    if (others)
        err_set(e, ERR_INVALID, "%s (and %zu more)", f->v[0].text, others);
    if (f->v[0].line)
        err_wrap(e, "%s:%d", f->v[0].file, f->v[0].line);
    return false;
}

const struct conf_key *
conf_key(const struct conf_table *t, const char *name)
{
    for (const struct conf_key *k = t->keys; k->type != CONF_END; k++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

const char *
conf_nearest(const struct conf_table *t, const char *name)
{
    const char *names[MAX_NAMES];
    size_t      n = 0;

    for (const struct conf_key *k = t->keys; k->type != CONF_END && n < MAX_NAMES; k++)
        names[n++] = k->name;
    return str_nearest(name, names, n);
}

bool
conf_given(const struct conf_table *t, const void *row, const char *name)
{
    const struct conf_key *k = conf_key(t, name);

    assert(k && "a key of this table");
    return ((const struct conf_place *)row)->given & (UINT64_C(1) << (k - t->keys));
}

/* --- one value ---------------------------------------------------------------- */

/* One value on its way from the tree, or from the fallback in the table, into the row. */
struct slot {
    const struct conf_key *key;
    const cJSON           *node; /* where it was written; NULL for a fallback */
    void                  *to;
    struct conf_faults    *f;
};

static void
wants(const struct slot *s, const char *what)
{
    assert(s->node && "fallbacks in tables are right");
    conf_fault(s->f, s->node, "%s wants %s", conf_path(s->node, s->f->mem), what);
}

/* The text of a scalar: text as it is, and whole numbers as they were written, because an
 * identifier like 4711 is a number to YAML. */
static const char *
text_of(const cJSON *node)
{
    if (cJSON_IsString(node))
        return node->valuestring;
    const char *number = conf_number(node);
    return number && conf_is_int(number, strlen(number)) ? number : NULL;
}

static bool
is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static bool
is_code(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return n && n <= 63 && !text[n] && *text != '_' && *text != '-';
}

static void
put_text(const struct slot *s, const char *text)
{
    const struct conf_key *k = s->key;
    char                   what[80];

    if (!text) {
        wants(s, "text: put it in quotes");
    } else if (!is_one_line(text)) {
        wants(s, "text of one line, without control characters");
    } else if (k->type == CONF_CODE && !is_code(text)) {
        wants(s, "a short name of a-z, 0-9, _ and - that begins with a letter or digit");
    } else if (k->most && (strlen(text) < (size_t)k->least || strlen(text) > (size_t)k->most)) {
        snprintf(what, sizeof what, "text of %d to %d bytes", (int)k->least, (int)k->most);
        wants(s, what);
    } else {
        *(const char **)s->to = text;
    }
}

static void
put_number(const struct slot *s, const char *text)
{
    static const char *const what[] = { [CONF_INT] = "a whole number",
                                        [CONF_E4] = "a number like 0.70, at most 4 decimals",
                                        [CONF_E2] = "an amount like 39.00, at most 2 decimals" };
    const struct conf_key   *k = s->key;
    int                      digits = k->type == CONF_E4 ? 4 : k->type == CONF_E2 ? 2 : 0;
    int64_t                  v;
    char                     range[96];

    if (!text || !conf_decimal(text, digits, &v)) {
        wants(s, what[k->type]);
    } else if ((k->least || k->most) && (v < k->least || v > k->most)) {
        int64_t unit = digits == 4 ? 10000 : digits == 2 ? 100 : 1;

        snprintf(range, sizeof range, "a number from %lld to %lld", (long long)(k->least / unit),
                 (long long)(k->most / unit));
        wants(s, range);
    } else {
        *(int64_t *)s->to = v;
    }
}

static void
put_day(const struct slot *s, const char *text)
{
    if (!text || !time_parse_day(text, s->to))
        wants(s, "a day like 2026-03-02");
}

/* "member, manager or champion; did you mean manager?" */
static void
wants_word(const struct slot *s, const cJSON *node, const char *text)
{
    const char *names[MAX_NAMES], *near;
    size_t      n = 0;
    struct str  out;

    str_init(&out, s->f->mem);
    for (; s->key->words[n]; n++) {
        assert(n < MAX_NAMES);
        names[n] = s->key->words[n];
        str_addf(&out, "%s%s", n ? s->key->words[n + 1] ? ", " : " or " : "", names[n]);
    }
    near = text ? str_nearest(text, names, n) : NULL;
    if (near)
        str_addf(&out, "; did you mean %s?", near);
    conf_fault(s->f, node, "%s wants %s", conf_path(node, s->f->mem), out.p);
}

static int
word_of(const struct conf_key *k, const char *text)
{
    for (int i = 0; text && k->words[i]; i++)
        if (strcmp(k->words[i], text) == 0)
            return i;
    return -1;
}

static void
put_word(const struct slot *s, const char *text)
{
    int i = word_of(s->key, text);

    if (i < 0)
        wants_word(s, s->node, text);
    else
        *(int *)s->to = i;
}

static void
put_bool(const struct slot *s)
{
    if (cJSON_IsBool(s->node))
        *(bool *)s->to = cJSON_IsTrue(s->node);
    else
        wants(s, "true or false");
}

/* --- lists ------------------------------------------------------------------------ */

static bool
count_fits(const struct slot *s, size_t n)
{
    char what[64];

    if (!s->key->most || (n >= (size_t)s->key->least && n <= (size_t)s->key->most))
        return true;
    snprintf(what, sizeof what, "%d to %d entries", (int)s->key->least, (int)s->key->most);
    wants(s, what);
    return false;
}

static size_t
count_of(const cJSON *array)
{
    size_t       n = 0;
    const cJSON *c;

    cJSON_ArrayForEach (c, array)
        n++;
    return n;
}

static void
put_texts(const struct slot *s)
{
    bool               one = !cJSON_IsArray(s->node);
    size_t             n = one ? 1 : count_of(s->node), got = 0;
    const char       **v = arena_new(s->f->mem, const char *, n);
    struct conf_texts *to = s->to;
    const cJSON       *c;

    if (!v || !count_fits(s, n))
        return;
    for (c = one ? s->node : s->node->child; c; c = one ? NULL : c->next) {
        const char *text = text_of(c);

        if (s->key->words && word_of(s->key, text) < 0)
            wants_word(s, c, text);
        else if (!text || !*text || strlen(text) > 256 || !is_one_line(text))
            conf_fault(s->f, c, "%s wants text of one line, 1 to 256 bytes",
                       conf_path(c, s->f->mem));
        else
            v[got++] = text;
    }
    *to = (struct conf_texts){ .v = v, .n = got, .node = s->node };
}

/* "it company" of a fallback */
static void
put_words(const struct slot *s, const char *text)
{
    const char       **v = arena_new(s->f->mem, const char *, MAX_NAMES);
    struct conf_texts *to = s->to;
    size_t             n = 0, len;

    if (!v)
        return;
    for (text += strspn(text, " "); *text; text += len + strspn(text + len, " ")) {
        assert(n < MAX_NAMES);
        len = strcspn(text, " ");
        v[n++] = arena_strndup(s->f->mem, text, len);
    }
    *to = (struct conf_texts){ .v = v, .n = n };
}

static void
put_list(const struct slot *s)
{
    size_t            n = count_of(s->node);
    struct conf_list *to = s->to;
    const cJSON      *c;
    char             *rows;

    if (!cJSON_IsArray(s->node)) {
        wants(s, "a list");
        return;
    }
    if (!count_fits(s, n) || !(rows = arena_array(s->f->mem, n, s->key->sub->row_size)))
        return;
    *to = (struct conf_list){ .rows = rows, .n = n };
    cJSON_ArrayForEach (c, s->node) {
        if (cJSON_IsObject(c))
            conf_read(s->key->sub, c, rows, s->f);
        else
            conf_fault(s->f, c, "%s wants keys with values", conf_path(c, s->f->mem));
        rows += s->key->sub->row_size;
    }
}

/* --- an object ---------------------------------------------------------------------- */

static void
put(const struct slot *s)
{
    switch (s->key->type) {
    case CONF_TEXT:
    case CONF_CODE:
        put_text(s, text_of(s->node));
        break;
    case CONF_BOOL:
        put_bool(s);
        break;
    case CONF_INT:
    case CONF_E4:
    case CONF_E2:
        put_number(s, conf_number(s->node));
        break;
    case CONF_DAY:
        put_day(s, text_of(s->node));
        break;
    case CONF_WORD:
        put_word(s, text_of(s->node));
        break;
    case CONF_TEXTS:
        put_texts(s);
        break;
    case CONF_OBJECT:
        if (cJSON_IsObject(s->node))
            conf_read(s->key->sub, s->node, s->to, s->f);
        else
            wants(s, "keys with values");
        break;
    case CONF_LIST:
        put_list(s);
        break;
    case CONF_END:
        assert(false && "the end of a table has no value");
    }
}

static void
put_fallback(const struct slot *s)
{
    const char *text = s->key->fallback;

    if (s->key->type == CONF_OBJECT) {
        conf_read(s->key->sub, NULL, s->to, s->f);
        return;
    }
    if (!text)
        return;
    switch (s->key->type) {
    case CONF_BOOL:
        *(bool *)s->to = strcmp(text, "true") == 0;
        break;
    case CONF_INT:
    case CONF_E4:
    case CONF_E2:
        put_number(s, text);
        break;
    case CONF_WORD:
        put_word(s, text);
        break;
    case CONF_TEXTS:
        put_words(s, text);
        break;
    default:
        put_text(s, text);
    }
}

static void
unknown(const struct conf_table *t, const cJSON *c, struct conf_faults *f)
{
    const char *near = conf_nearest(t, c->string);

    conf_fault(f, c, "%s is unknown%s%s%s", conf_path(c, f->mem), near ? "; did you mean " : "",
               near ? near : "", near ? "?" : "");
}

static void
missing(const struct conf_key *k, const cJSON *node, struct conf_faults *f)
{
    const char *path = conf_path(node, f->mem);

    conf_fault(f, node, "%s%s%s is missing", path, *path ? "." : "", k->name);
}

void
conf_read(const struct conf_table *t, const cJSON *node, void *row, struct conf_faults *f)
{
    struct conf_place *place = row;
    const cJSON       *c;

    place->node = node;
    if (node)
        cJSON_ArrayForEach (c, node) {
            const struct conf_key *k = conf_key(t, c->string);

            if (!k) {
                unknown(t, c, f);
            } else if (!cJSON_IsNull(c)) {
                place->given |= UINT64_C(1) << (k - t->keys);
                put(&(struct slot){ .key = k, .node = c, .to = (char *)row + k->at, .f = f });
            }
        }
    for (const struct conf_key *k = t->keys; k->type != CONF_END; k++) {
        assert(k - t->keys < 64);
        if (place->given & (UINT64_C(1) << (k - t->keys)))
            continue;
        put_fallback(&(struct slot){ .key = k, .to = (char *)row + k->at, .f = f });
        if (k->must && node)
            missing(k, node, f);
    }
}
