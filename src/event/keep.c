/* keep.c - which properties of an event are kept: an allow-list, else nothing. See event.h. */
#include "collaudo/event.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_KEPT 64 /* properties of one event */

static bool
is_allowed(const struct event_allow *allow, const char *name)
{
    for (size_t i = 0; i < allow->n; i++)
        if (strcmp(allow->names[i], name) == 0)
            return true;
    return false;
}

/* Lists, objects and long texts are no figures: they may hold anything. */
static bool
is_plain(const cJSON *v)
{
    return cJSON_IsBool(v) || (cJSON_IsNumber(v) && isfinite(v->valuedouble)) ||
           (cJSON_IsString(v) && strlen(v->valuestring) <= EVENT_MAX_PROPERTY);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

/* The same number always gives the same digits, and the digits the same number. */
static void
add_number(struct str *out, double v)
{
    char text[40];

    if (fabs(v) < 0x1p53 && floor(v) == v) {
        str_addi(out, (int64_t)v);
        return;
    }
    snprintf(text, sizeof text, "%.15g", v);
    if (strtod(text, NULL) != v)
        snprintf(text, sizeof text, "%.17g", v);
    str_add(out, text);
}

static void
add_value(struct str *out, const cJSON *v)
{
    if (cJSON_IsString(v))
        str_json(out, v->valuestring);
    else if (cJSON_IsNumber(v))
        add_number(out, v->valuedouble);
    else
        str_add(out, cJSON_IsTrue(v) ? "true" : "false");
}

void
event_keep(struct event *ev, const struct event_allow *allow, struct arena *mem)
{
    const cJSON *kept[MOST_KEPT], *c;
    size_t       n = 0;
    struct str   out;

    cJSON_ArrayForEach (c, ev->sent) {
        if (cJSON_IsNull(c))
            continue;
        if (n < MOST_KEPT && is_allowed(allow, c->string) && is_plain(c))
            kept[n++] = c;
        else
            ev->dropped++;
    }
    if (!n)
        return;
    qsort(kept, n, sizeof *kept, by_name);
    str_init(&out, mem);
    for (size_t i = 0; i < n; i++) {
        size_t before = out.n;

        str_addc(&out, out.n ? ',' : '{');
        str_json(&out, kept[i]->string);
        str_addc(&out, ':');
        add_value(&out, kept[i]);
        if (out.n > EVENT_MAX_PROPERTIES) {
            out.n = before;
            ev->dropped++;
        }
    }
    if (!out.n)
        return;
    str_addc(&out, '}');
    ev->properties = (struct event_text){ out.p, out.n };
}
