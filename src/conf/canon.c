/* canon.c - a row back into a tree: whole numbers only, every default written out. See conf.h. */
#include "conf_int.h"

#include "collaudo/time.h"

#include <stdio.h>

/* All of these are called inside arena_enter(); what cJSON could not allocate shows in
 * mem->denied. */
static cJSON *
day(int32_t number)
{
    char name[TIME_DAY_LEN];

    time_day_name(number, name);
    return cJSON_CreateString(name);
}

static cJSON *
texts(const struct conf_texts *t)
{
    return cJSON_CreateStringArray(t->v, (int)t->n);
}

static cJSON *
list(const struct conf_key *k, const struct conf_list *l, struct arena *mem)
{
    cJSON      *array = cJSON_CreateArray();
    const char *row = l->rows;

    for (size_t i = 0; i < l->n; i++, row += k->sub->row_size)
        cJSON_AddItemToArray(array, conf_canonical(k->sub, row, mem));
    return array;
}

/* An object that may be left out as a whole has no defaults of its own: it has keys that must be
 * written. So has one of nothing but absent members. */
static cJSON *
object(const struct conf_key *k, const void *row, bool given, struct arena *mem)
{
    cJSON *o;

    for (const struct conf_key *s = k->sub->keys; s->type != CONF_END && !given; s++)
        if (s->must)
            return NULL;
    o = conf_canonical(k->sub, row, mem);
    return given || (o && o->child) ? o : NULL;
}

/* NULL: absent. */
static cJSON *
value(const struct conf_key *k, const void *at, bool given, struct arena *mem)
{
    bool                     there = given || k->fallback;
    const struct conf_texts *t = at;
    const char              *text;

    switch (k->type) {
    case CONF_TEXT:
    case CONF_CODE:
        text = *(const char *const *)at;
        return text ? cJSON_CreateString(text) : NULL;
    case CONF_BOOL:
        return there ? cJSON_CreateBool(*(const bool *)at) : NULL;
    case CONF_INT:
    case CONF_E4:
    case CONF_E2: /* exact: conf_decimal() takes nothing a double could not hold */
        return there ? cJSON_CreateNumber((double)*(const int64_t *)at) : NULL;
    case CONF_DAY:
        return there ? day(*(const int32_t *)at) : NULL;
    case CONF_WORD:
        return there ? cJSON_CreateString(k->words[*(const int *)at]) : NULL;
    case CONF_TEXTS:
        return given || t->n ? texts(t) : NULL;
    case CONF_OBJECT:
        return object(k, at, given, mem);
    case CONF_LIST:
        return given || ((const struct conf_list *)at)->n ? list(k, at, mem) : NULL;
    case CONF_END:
        break;
    }
    return NULL;
}

cJSON *
conf_canonical(const struct conf_table *t, const void *row, struct arena *mem)
{
    const struct conf_place *place = row;
    struct arena            *outer = arena_enter(mem);
    cJSON                   *o = cJSON_CreateObject();

    for (const struct conf_key *k = t->keys; k->type != CONF_END; k++) {
        bool   given = place->given & (UINT64_C(1) << (k - t->keys));
        cJSON *v = k->apart ? NULL : value(k, (const char *)row + k->at, given, mem);
        char   name[80];

        snprintf(name, sizeof name, "%s%s", k->name,
                 k->type == CONF_E4   ? "_e4"
                 : k->type == CONF_E2 ? "_cents"
                                      : "");
        if (v)
            cJSON_AddItemToObject(o, name, v);
    }
    arena_leave(outer);
    return o;
}
