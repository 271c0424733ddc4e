/* value.c - JSON values as text, compared and copied. See mapping_int.h.
 *
 * Texts of values are part of ids (`hash`), so their form is frozen: members in their order,
 * numbers with the fewest digits that give the same double, as ECMAScript writes them. */
#include "mapping_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEP_ENOUGH                                                                                \
    (2 * JSON_MAX_DEPTH) /* records are at most JSON_MAX_DEPTH deep, twice wrapped */

bool
mapping_spend(struct run *r, size_t n)
{
    if (r->work >= 0)
        r->work -= n < (size_t)MAPPING_MAX_WORK ? (long)n : MAPPING_MAX_WORK + 1;
    return r->work >= 0;
}

bool
mapping_is_nil(const cJSON *v)
{
    return !v || cJSON_IsNull(v) || (cJSON_IsString(v) && !*v->valuestring);
}

/* --- numbers ------------------------------------------------------------------------ */

/* The fewest digits d1 d2 ... dk with 0.d1d2...dk * 10^exponent == v; v is positive. */
static int
shortest(double v, char digits[20], int *ret_exponent)
{
    char text[40];
    int  most = 0;

    do
        snprintf(text, sizeof text, "%.*e", most, v);
    while (strtod(text, NULL) != v && ++most < 17);
    char *e = strchr(text, 'e');
    *ret_exponent = (int)strtol(e + 1, NULL, 10) + 1;
    int k = 0;
    for (const char *c = text; c < e && k < 19; c++)
        if (*c != '.')
            digits[k++] = *c;
    while (k > 1 && digits[k - 1] == '0')
        k--;
    digits[k] = 0;
    return k;
}

static void
add_zeros(struct str *out, int n)
{
    while (n-- > 0)
        str_addc(out, '0');
}

void
mapping_add_number(struct str *out, double v)
{
    char digits[20];
    int  k, point;

    if (fabs(v) < 0x1p53 && floor(v) == v) {
        str_addi(out, (int64_t)v);
        return;
    }
    if (v < 0)
        str_addc(out, '-');
    k = shortest(fabs(v), digits, &point);
    if (point > 21 || point <= -6) {
        str_addc(out, digits[0]);
        if (k > 1)
            str_addf(out, ".%s", digits + 1);
        str_addf(out, "e%+d", point - 1);
    } else if (point <= 0) {
        str_add(out, "0.");
        add_zeros(out, -point);
        str_add(out, digits);
    } else if (k <= point) {
        str_add(out, digits);
        add_zeros(out, point - k);
    } else {
        str_addn(out, digits, (size_t)point);
        str_addf(out, ".%s", digits + point);
    }
}

/* --- as JSON -------------------------------------------------------------------------- */

static void print(const cJSON *v, struct str *out, int depth);

static void
print_all(const cJSON *v, struct str *out, int depth)
{
    bool         object = cJSON_IsObject(v);
    const cJSON *c;

    str_addc(out, object ? '{' : '[');
    cJSON_ArrayForEach (c, v) {
        if (c != v->child)
            str_addc(out, ',');
        if (object) {
            str_json(out, c->string);
            str_addc(out, ':');
        }
        print(c, out, depth + 1);
    }
    str_addc(out, object ? '}' : ']');
}

static void
print(const cJSON *v, struct str *out, int depth)
{
    if ((cJSON_IsObject(v) || cJSON_IsArray(v)) && depth < DEEP_ENOUGH)
        print_all(v, out, depth);
    else if (cJSON_IsString(v))
        str_json(out, v->valuestring);
    else if (cJSON_IsNumber(v) && isfinite(v->valuedouble))
        mapping_add_number(out, v->valuedouble);
    else
        str_add(out, cJSON_IsTrue(v) ? "true" : cJSON_IsFalse(v) ? "false" : "null");
}

void
mapping_print(const cJSON *value, struct str *out)
{
    print(value, out, 0);
}

bool
mapping_text_of(struct arena *mem, const cJSON *v, struct event_text *ret)
{
    struct str out;

    if (!v || cJSON_IsNull(v))
        return false;
    if (cJSON_IsString(v)) {
        *ret = event_text(v->valuestring);
        return true;
    }
    str_init(&out, mem);
    mapping_print(v, &out);
    *ret = (struct event_text){ out.p, out.n };
    return !mem->denied;
}

char *
mapping_lower(struct arena *mem, const char *p, size_t n)
{
    size_t before = 0, after = n;

    while (before < n && (unsigned char)p[before] <= ' ')
        before++;
    while (after > before && (unsigned char)p[after - 1] <= ' ')
        after--;
    /* folding takes the blanks off: they are put back, and no letter changes its length */
    char *folded = str_fold(mem, p + before, after - before);
    char *out = folded ? arena_strndup(mem, p, n) : NULL;
    if (out)
        memcpy(out + before, folded, after - before);
    return out;
}

/* --- compared and copied ----------------------------------------------------------------- */

static bool
same(struct run *r, const cJSON *a, const cJSON *b, int depth)
{
    if (!a || !b || !mapping_spend(r, 1) || depth > DEEP_ENOUGH)
        return a == b;
    if ((a->type & 0xff) != (b->type & 0xff))
        return false;
    if (cJSON_IsString(a))
        return strcmp(a->valuestring, b->valuestring) == 0;
    if (cJSON_IsNumber(a))
        return !(a->valuedouble < b->valuedouble) && !(a->valuedouble > b->valuedouble);
    if (!cJSON_IsObject(a) && !cJSON_IsArray(a))
        return true;
    const cJSON *x = a->child, *y = b->child;
    for (; x && y; x = x->next, y = y->next)
        if ((x->string && strcmp(x->string, y->string) != 0) || !same(r, x, y, depth + 1))
            return false;
    return x == y;
}

bool
mapping_same(struct run *r, const cJSON *a, const cJSON *b)
{
    return same(r, a, b, 0);
}

cJSON *
mapping_new_text(const char *s)
{
    return s ? cJSON_CreateStringReference(s) : NULL;
}

static cJSON *
copy(struct run *r, const cJSON *v, int depth)
{
    const cJSON *c;

    if (!mapping_spend(r, 1) || depth > DEEP_ENOUGH)
        return NULL;
    if (cJSON_IsString(v))
        return mapping_new_text(v->valuestring);
    if (cJSON_IsNumber(v))
        return cJSON_CreateNumber(v->valuedouble);
    if (!cJSON_IsObject(v) && !cJSON_IsArray(v))
        return cJSON_IsNull(v) ? cJSON_CreateNull() : cJSON_CreateBool(cJSON_IsTrue(v));
    cJSON *out = cJSON_IsObject(v) ? cJSON_CreateObject() : cJSON_CreateArray();
    cJSON_ArrayForEach (c, v) {
        cJSON *new = copy(r, c, depth + 1);

        if (!out || !new)
            return NULL;
        if (c->string)
            cJSON_AddItemToObjectCS(out, c->string, new);
        else
            cJSON_AddItemToArray(out, new);
    }
    return out;
}

cJSON *
mapping_copy(struct run *r, const cJSON *v)
{
    return copy(r, v, 0);
}
