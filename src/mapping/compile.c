/* compile.c - a mapping document, checked as a whole and compiled. See mapping.h. */
#include "mapping_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *const formats[] = {
    [MAPPING_JSON] = "json", [MAPPING_NDJSON] = "ndjson", [MAPPING_CSV] = "csv"
};
static const char *const encodings[] = { [MAPPING_UTF8] = "utf-8",
                                         [MAPPING_ISO_8859_1] = "iso-8859-1",
                                         [MAPPING_WINDOWS_1252] = "windows-1252" };

/* --- faults -------------------------------------------------------------------------- */

static void
add_pointer(struct str *out, const struct where *at)
{
    if (!at)
        return;
    add_pointer(out, at->up);
    if (!at->name) {
        str_addf(out, "/%zu", at->index);
        return;
    }
    str_addc(out, '/');
    for (const char *s = at->name; *s; s++)
        if (*s == '~' || *s == '/')
            str_add(out, *s == '~' ? "~0" : "~1");
        else
            str_addc(out, *s);
}

void
mapping_fault_add(struct compile *c, const struct where *at, const char *fmt, ...)
{
    struct str pointer;
    va_list    ap;

    if (c->faults->n == MAPPING_MAX_FAULTS) {
        c->faults->more = true;
        return;
    }
    str_init(&pointer, c->mem);
    add_pointer(&pointer, at);
    va_start(ap, fmt);
    const char *text = arena_vprintf(c->mem, fmt, ap);
    va_end(ap);
    c->faults->list[c->faults->n++] = (struct mapping_fault){ pointer.p, text ? text : "" };
}

const char *
mapping_nearest(struct compile *c, const char *text, const char *const *names, size_t n)
{
    const char *near = strlen(text) < 64 ? str_nearest(text, names, n) : NULL;
    const char *said = near ? arena_printf(c->mem, ", did you mean \"%s\"?", near) : NULL;

    return said ? said : "";
}

void
mapping_known_only(struct compile *c, const struct where *at, const cJSON *object,
                   const char *const *names, size_t n, const char *what)
{
    const cJSON *m;

    cJSON_ArrayForEach (m, object) {
        struct where here = { at, m->string, 0 };
        size_t       i = 0;

        while (i < n && strcmp(names[i], m->string) != 0)
            i++;
        if (i == n)
            mapping_fault_add(c, &here, "there is no %s \"%s\"%s", what, m->string,
                              mapping_nearest(c, m->string, names, n));
    }
}

/* --- the head ---------------------------------------------------------------------------- */

static size_t
choose(struct compile *c, const struct where *at, const cJSON *v, const char *const *names,
       size_t n, const char *what)
{
    for (size_t i = 0; cJSON_IsString(v) && i < n; i++)
        if (strcmp(names[i], v->valuestring) == 0)
            return i;
    if (cJSON_IsString(v))
        mapping_fault_add(c, at, "there is no %s \"%s\"%s", what, v->valuestring,
                          mapping_nearest(c, v->valuestring, names, n));
    else
        mapping_wants(c, at, false, arena_printf(c->mem, "the name of a %s", what));
    return 0;
}

static void
read_csv(struct compile *c, const struct where *at, const cJSON *v)
{
    static const char *const known[] = { "delimiter", "encoding" };
    static const char *const delimiters[] = { ",", ";", "\t", "|" };
    struct where             by = { at, "delimiter", 0 }, in = { at, "encoding", 0 };

    if (!mapping_wants(c, at, cJSON_IsObject(v), "an object with delimiter and encoding"))
        return;
    if (c->m->format != MAPPING_CSV)
        mapping_fault_add(c, at, "\"csv\" has a meaning with \"format\": \"csv\" only");
    mapping_known_only(c, at, v, known, COUNT(known), "option");
    const cJSON *d = json_get(v, "delimiter"), *e = json_get(v, "encoding");
    if (d) {
        size_t i = 0;

        while (i < COUNT(delimiters) &&
               !(cJSON_IsString(d) && strcmp(d->valuestring, delimiters[i]) == 0))
            i++;
        if (mapping_wants(c, &by, i < COUNT(delimiters), "one of , ; | and the tab (\"\\t\")"))
            c->m->delimiter = *delimiters[i];
    }
    if (e)
        c->m->encoding =
            (enum mapping_encoding)choose(c, &in, e, encodings, COUNT(encodings), "encoding");
}

static void
read_place(struct compile *c, const char *name, const cJSON *doc, struct pointer *ret)
{
    const cJSON *v = json_get(doc, name);
    struct where at = { NULL, name, 0 };

    mapping_pointer_read("", c->mem, ret);
    if (!v)
        return;
    mapping_wants(c, &at, cJSON_IsString(v) && mapping_pointer_read(v->valuestring, c->mem, ret),
                  "a JSON Pointer such as \"/items\"");
}

static bool
is_name(const cJSON *v)
{
    size_t n = cJSON_IsString(v) ? strlen(v->valuestring) : 0;

    return n && n <= MAPPING_MAX_NAME &&
           strspn(v->valuestring, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static void
read_head(struct compile *c, const cJSON *doc)
{
    static const char *const known[] = { "mapping", "version", "description", "format", "csv",
                                         "each",    "explode", "common",      "rules" };
    struct where             name = { NULL, "mapping", 0 }, version = { NULL, "version", 0 };
    struct where             format = { NULL, "format", 0 }, csv = { NULL, "csv", 0 };
    struct where             each = { NULL, "each", 0 }, described = { NULL, "description", 0 };
    struct where             explode = { NULL, "explode", 0 };
    const cJSON             *v;

    mapping_known_only(c, NULL, doc, known, COUNT(known), "member");
    if (mapping_wants(c, &name, is_name(json_get(doc, "mapping")),
                      "the mapping's name: 1 to 64 of a-z 0-9 . _ -"))
        c->m->name = json_get(doc, "mapping")->valuestring;
    if (!json_int(doc, "version", &c->m->version) || c->m->version < 1)
        mapping_wants(c, &version, false, "a version: a whole number from 1 on");
    if ((v = json_get(doc, "description")))
        mapping_wants(c, &described, cJSON_IsString(v), "a text");
    c->m->format = (enum mapping_format)choose(c, &format, json_get(doc, "format"), formats,
                                               COUNT(formats), "format");
    if ((v = json_get(doc, "csv")))
        read_csv(c, &csv, v);
    read_place(c, "each", doc, &c->m->each);
    read_place(c, "explode", doc, &c->m->explode);
    c->m->explodes = json_get(doc, "explode") != NULL;
    if (json_get(doc, "each") && c->m->format != MAPPING_JSON)
        mapping_fault_add(c, &each,
                          "\"each\" is for \"format\": \"json\": a line or a row is one "
                          "record (\"explode\" takes a record apart)");
    if (c->m->explodes && c->m->format == MAPPING_CSV)
        mapping_fault_add(c, &explode, "a row has no list that could be taken apart");
}

/* --- rules ---------------------------------------------------------------------------------- */

static void
read_rule(struct compile *c, const struct where *at, const cJSON *v, struct rule *rule)
{
    static const char *const known[] = { "name", "when", "set", "drop" };
    struct where             name = { at, "name", 0 }, when = { at, "when", 0 };
    struct where             set = { at, "set", 0 }, drop = { at, "drop", 0 };
    const cJSON             *m;

    if (!mapping_wants(c, at, cJSON_IsObject(v), "a rule: {\"when\": ..., \"set\": {...}}"))
        return;
    mapping_known_only(c, at, v, known, COUNT(known), "member of a rule");
    rule->name = arena_printf(c->mem, "%zu", at->index);
    if ((m = json_get(v, "name")) &&
        mapping_wants(c, &name,
                      cJSON_IsString(m) && *m->valuestring && strlen(m->valuestring) <= 128,
                      "a name of at most 128 bytes"))
        rule->name = m->valuestring;
    if ((m = json_get(v, "when")))
        rule->when = mapping_compile_cond(c, &when, m, 0);
    if ((m = json_get(v, "drop"))) {
        rule->drop = cJSON_IsTrue(m);
        mapping_wants(c, &drop, rule->drop, "true (leave it out otherwise)");
    }
    if ((m = json_get(v, "set")))
        mapping_compile_targets(c, &set, m, &rule->set);
    if (m && rule->drop)
        mapping_fault_add(c, &set, "a rule that drops sets nothing");
    if (!m && !rule->drop)
        mapping_fault_add(c, at, "a rule needs \"set\", or \"drop\": true");
}

static void
read_rules(struct compile *c, const cJSON *v)
{
    struct where list = { NULL, "rules", 0 };
    const cJSON *r;
    size_t       n = 0, always = SIZE_MAX;

    if (!mapping_wants(c, &list, cJSON_IsArray(v) && v->child, "a list of rules, not empty,"))
        return;
    cJSON_ArrayForEach (r, v)
        n++;
    if (!mapping_wants(c, &list, n <= MAPPING_MAX_RULES, "at most 256 rules"))
        return;
    c->m->rules = arena_new(c->mem, struct rule, n);
    if (!c->m->rules)
        return;
    cJSON_ArrayForEach (r, v) {
        struct where here = { &list, NULL, c->m->rules_n };
        struct rule *rule = &c->m->rules[c->m->rules_n];

        read_rule(c, &here, r, rule);
        if (cJSON_IsObject(json_get(r, "set")))
            mapping_check_rule(c, &here, rule);
        if (always != SIZE_MAX)
            mapping_fault_add(c, &here, "this rule never comes into play: rule %zu has no \"when\"",
                              always);
        else if (!json_get(r, "when"))
            always = c->m->rules_n;
        c->m->rules_n++;
    }
}

/* --- the whole ------------------------------------------------------------------------------- */

static void
compile(struct compile *c, const cJSON *doc)
{
    struct where common = { NULL, "common", 0 };
    const cJSON *v;

    if (!mapping_wants(c, NULL, cJSON_IsObject(doc), "a mapping: a JSON object"))
        return;
    read_head(c, doc);
    if ((v = json_get(doc, "common")))
        mapping_compile_targets(c, &common, v, &c->m->common);
    read_rules(c, json_get(doc, "rules"));
}

static bool
fail(struct compile *c, struct err *e)
{
    if (c->mem->denied) {
        c->faults->n = 0;
        return err_set(e, ERR_NOMEM, "the mapping needs more memory than it may take");
    }
    return err_set(e, ERR_INVALID, "the mapping has %zu%s fault%s", c->faults->n,
                   c->faults->more ? " or more" : "", c->faults->n == 1 ? "" : "s");
}

bool
mapping_read(const char *text, size_t n, struct arena *mem, const struct mapping **ret,
             struct mapping_faults *ret_faults, struct err *e)
{
    struct err     why = ERR_INIT;
    struct mapping m = { .delimiter = ',' };
    struct compile c = { .mem = mem, .m = &m, .faults = ret_faults };
    const cJSON   *doc = NULL;

    *ret_faults = (struct mapping_faults){ arena_new(mem, struct mapping_fault, MAPPING_MAX_FAULTS),
                                           0, false };
    struct mapping *out = arena_alloc(mem, sizeof *out);
    if (!ret_faults->list || !out)
        return fail(&c, e);
    if (n > MAPPING_MAX_BYTES)
        mapping_fault_add(&c, NULL, "%zu bytes: a mapping has at most %zu", n, MAPPING_MAX_BYTES);
    else if (!json_parse(mem, text, n, &doc, &why))
        mapping_fault_add(&c, NULL, "%s", why.text);
    else
        compile(&c, doc);
    if (mem->denied || ret_faults->n)
        return fail(&c, e);
    *out = m;
    *ret = out;
    return true;
}

const char *
mapping_name(const struct mapping *m)
{
    return m->name;
}

int64_t
mapping_version(const struct mapping *m)
{
    return m->version;
}

enum mapping_format
mapping_format(const struct mapping *m)
{
    return m->format;
}

const char *
mapping_format_name(enum mapping_format f)
{
    return formats[f];
}
