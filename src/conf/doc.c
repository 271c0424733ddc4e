/* doc.c - the tables as Markdown, so that the page about the keys cannot disagree with them. */
#include "conf_int.h"

#include <string.h>

static const char *const type_name[] = {
    [CONF_TEXT] = "text",
    [CONF_CODE] = "short name",
    [CONF_BOOL] = "true or false",
    [CONF_INT] = "whole number",
    [CONF_E4] = "decimal",
    [CONF_E2] = "amount",
    [CONF_DAY] = "day",
    [CONF_WORD] = "word",
    [CONF_TEXTS] = "list of texts",
    [CONF_OBJECT] = "object",
    [CONF_LIST] = "list of objects",
};

static void
add_words(struct str *out, const struct conf_key *k)
{
    const char *between = ": ";

    for (size_t i = 0; k->words && k->words[i]; i++) {
        if (!*k->words[i]) /* "" is for saying nothing */
            continue;
        str_addf(out, "%s`%s`", between, k->words[i]);
        between = ", ";
    }
}

static void
add_limits(struct str *out, const struct conf_key *k)
{
    int64_t unit = k->type == CONF_E4 ? 10000 : k->type == CONF_E2 ? 100 : 1;

    if (!k->least && !k->most)
        return;
    str_addf(out, ", %lld to %lld", (long long)(k->least / unit), (long long)(k->most / unit));
    if (k->type == CONF_TEXT)
        str_add(out, " bytes");
    if (k->type == CONF_TEXTS || k->type == CONF_LIST)
        str_add(out, " entries");
}

static void
add_key(struct str *out, const struct conf_key *k)
{
    str_addf(out, "| `%s` | %s", k->name, type_name[k->type]);
    add_words(out, k);
    add_limits(out, k);
    if (k->must)
        str_add(out, " | **required** | ");
    else if (k->fallback && *k->fallback)
        str_addf(out, " | `%s` | ", k->fallback);
    else
        str_add(out, " | | ");
    str_addf(out, "%s |\n", k->doc);
}

static void
add_table(struct str *out, const struct conf_table *t, const char *path)
{
    if (*path)
        str_addf(out, "\n## `%s`\n\n%s\n\n", path, t->doc);
    else
        str_addf(out, "## The file\n\n%s\n\n", t->doc);
    str_add(out, "| key | value | when not given | meaning |\n|---|---|---|---|\n");
    for (const struct conf_key *k = t->keys; k->type != CONF_END; k++)
        add_key(out, k);
    for (const struct conf_key *k = t->keys; k->type != CONF_END; k++)
        if (k->sub) {
            const char *sub = arena_printf(out->mem, "%s%s%s%s", path, *path ? "." : "", k->name,
                                           k->type == CONF_LIST ? "[]" : "");

            if (sub)
                add_table(out, k->sub, sub);
        }
}

void
conf_doc(const struct conf_table *t, struct str *out)
{
    add_table(out, t, "");
}
