/* reader.c - the bytes of a sender, record by record. See mapping.h.
 *
 * No tree of the whole is ever built: JSON is cut by the scan of json.h below the place that
 * `each` names, and what "doc:" names is looked up once. */
#include "mapping_int.h"

#include <string.h>

struct mapping_reader {
    const struct mapping        *m;
    const struct mapping_header *headers;
    size_t                       headers_n;
    size_t                       index, line;
    const cJSON                **docs; /* values of mapping.docs */

    struct json_slice *slices; /* JSON, NDJSON */
    size_t             slices_n;
    const char        *counted; /* NDJSON: lines before it are counted */

    struct mapping_csv csv;
    const char        *at, *end;
    const char       **columns;
    size_t             columns_n;
};

/* --- beginning --------------------------------------------------------------------------- */

static bool
too_little(struct err *e)
{
    return err_set(e, ERR_NOMEM, "the body needs more memory than a request may take");
}

static bool
find_docs(struct mapping_reader *r, const char *bytes, size_t n, struct arena *mem, struct err *e)
{
    r->docs = arena_new(mem, const cJSON *, r->m->docs_n);
    if (!r->docs)
        return too_little(e);
    for (size_t i = 0; i < r->m->docs_n; i++) {
        const char  *at;
        size_t       at_n;
        enum located got = mapping_locate(bytes, n, &r->m->docs[i], mem, &at, &at_n);

        if (got == LOCATED_TWICE)
            return err_set(e, ERR_INVALID, "a key on the way to %s is repeated",
                           r->m->docs[i].text);
        if (got == LOCATED && !json_parse(mem, at, at_n, &r->docs[i], e))
            return err_wrap(e, "at %s", r->m->docs[i].text);
    }
    return true;
}

static bool
open_json(struct mapping_reader *r, const char *bytes, size_t n, struct arena *mem, struct err *e)
{
    const char *each = r->m->each.text, *at;
    size_t      at_n;

    if (!json_cut(mem, bytes, n, JSON_ONE, 1, &r->slices, &r->slices_n, e) ||
        !find_docs(r, bytes, n, mem, e))
        return false;
    enum located got = mapping_locate(bytes, n, &r->m->each, mem, &at, &at_n);
    if (got == LOCATED_TWICE)
        return err_set(e, ERR_INVALID, "a key on the way to %s is repeated", each);
    if (got != LOCATED)
        return err_set(e, ERR_INVALID,
                       "the document has nothing at %s, where its records should be", each);
    return json_cut(mem, at, at_n, JSON_AUTO, MAPPING_MAX_RECORDS, &r->slices, &r->slices_n, e);
}

/* Names of columns without blanks around; each once. */
static bool
read_columns(struct mapping_reader *r, const struct mapping_csv_row *row, struct arena *mem,
             struct err *e)
{
    r->columns = arena_new(mem, const char *, row->n);
    if (!r->columns)
        return too_little(e);
    for (; r->columns_n < row->n; r->columns_n++) {
        const char *p = row->field[r->columns_n].p;
        size_t      n = row->field[r->columns_n].n;

        while (n && (unsigned char)*p <= ' ')
            p++, n--;
        while (n && (unsigned char)p[n - 1] <= ' ')
            n--;
        if (!(r->columns[r->columns_n] = arena_strndup(mem, p, n)))
            return too_little(e);
        for (size_t i = 0; i < r->columns_n; i++)
            if (strcmp(r->columns[i], r->columns[r->columns_n]) == 0)
                return err_set(e, ERR_INVALID, "columns %zu and %zu of the head row have one name",
                               i + 1, r->columns_n + 1);
    }
    r->csv.columns = (unsigned)row->n;
    return true;
}

static bool
open_csv(struct mapping_reader *r, const char *bytes, size_t n, struct arena *mem, struct err *e)
{
    struct mapping_csv_row row;
    size_t                 used;

    mapping_csv_init(&r->csv, r->m->delimiter, r->m->encoding);
    r->at = bytes;
    r->end = bytes + n;
    enum mapping_csv_got got = mapping_csv_next(&r->csv, bytes, n, true, mem, &row, &used);
    if (mem->denied)
        return too_little(e);
    r->at += used;
    if (got == MAPPING_CSV_FAULT)
        return err_set(e, ERR_INVALID, "line %zu: %s", row.line, row.detail);
    if (got != MAPPING_CSV_ROW)
        return err_set(e, ERR_INVALID, "the file has no head row");
    return read_columns(r, &row, mem, e);
}

bool
mapping_open(const struct mapping *m, const char *bytes, size_t n,
             const struct mapping_header *headers, size_t headers_n, struct arena *mem,
             struct mapping_reader **ret, struct err *e)
{
    struct mapping_reader *r = arena_alloc(mem, sizeof *r);
    bool                   ok;

    if (!r)
        return too_little(e);
    *r = (struct mapping_reader){
        .m = m, .headers = headers, .headers_n = headers_n, .line = 1, .counted = bytes
    };
    if (m->format != MAPPING_CSV && n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    if (m->format == MAPPING_CSV)
        ok = open_csv(r, bytes, n, mem, e);
    else if (m->format == MAPPING_JSON)
        ok = open_json(r, bytes, n, mem, e);
    else
        ok = json_cut(mem, bytes, n, JSON_LINES, MAPPING_MAX_RECORDS, &r->slices, &r->slices_n, e);
    if (ok)
        *ret = r;
    return ok;
}

/* --- one record ------------------------------------------------------------------------------ */

static void
refuse(struct mapping_record *rec, struct arena *mem, enum event_drop why, const char *detail)
{
    rec->results = arena_new(mem, struct mapping_result, 1);
    rec->n = rec->results ? 1 : 0;
    if (rec->results)
        rec->results[0].fault = (struct event_fault){ .why = why, .pointer = "", .detail = detail };
}

static void
apply(struct mapping_reader *r, struct mapping_record *rec, const cJSON *tree, struct arena *mem)
{
    struct mapping_source from = { tree, tree, r->headers, r->headers_n };

    rec->tree = tree;
    mapping_apply_docs(r->m, &from, r->docs, mem, &rec->results, &rec->n);
}

/* What is legal JSON but not for us; EVENT_TAKEN: nothing is wrong. */
static enum event_drop
read_tree(const struct json_slice *s, struct arena *mem, const cJSON **ret, struct err *e)
{
    static const enum event_drop why[] = { [JSON_SAFE] = EVENT_TAKEN,
                                           [JSON_BAD_UNICODE] = EVENT_BAD_UNICODE,
                                           [JSON_TOO_DEEP] = EVENT_TOO_DEEP,
                                           [JSON_DUPLICATE_KEY] = EVENT_DUPLICATE_KEY };
    enum json_unsafe             unsafe;

    if (s->broken)
        return EVENT_NOT_JSON;
    if (s->n > EVENT_MAX_BYTES)
        return EVENT_TOO_LARGE;
    unsafe = json_policy(s, NULL, NULL);
    if (unsafe)
        return why[unsafe];
    if (!json_parse_slice(mem, s, ret, e))
        return EVENT_NOT_JSON;
    return why[json_policy(s, *ret, NULL)];
}

static void
next_slice(struct mapping_reader *r, struct arena *mem, struct mapping_record *rec)
{
    const struct json_slice *s = &r->slices[r->index];
    const cJSON             *tree = NULL;
    struct err               e = ERR_INIT;

    rec->raw = (struct event_text){ s->p, s->n };
    if (r->m->format == MAPPING_NDJSON) {
        for (; r->counted < s->p; r->counted++)
            r->line += *r->counted == '\n';
        rec->line = r->line;
    }
    enum event_drop why = read_tree(s, mem, &tree, &e);
    if (why)
        refuse(rec, mem, why, NULL);
    else
        apply(r, rec, tree, mem);
}

static const cJSON *
row_tree(struct mapping_reader *r, const struct mapping_csv_row *row, struct arena *mem)
{
    struct arena *outer = arena_enter(mem);
    cJSON        *tree = cJSON_CreateObject();

    for (size_t i = 0; tree && i < row->n; i++) {
        cJSON *text = mapping_new_text(row->field[i].p);

        if (!text)
            break;
        cJSON_AddItemToObjectCS(tree, r->columns[i], text);
    }
    arena_leave(outer);
    return tree;
}

static bool
next_row(struct mapping_reader *r, struct arena *mem, struct mapping_record *rec)
{
    struct mapping_csv_row row;
    size_t                 used;
    enum mapping_csv_got   got =
        mapping_csv_next(&r->csv, r->at, (size_t)(r->end - r->at), true, mem, &row, &used);

    r->at += used;
    if (got != MAPPING_CSV_ROW && got != MAPPING_CSV_FAULT)
        return false;
    rec->line = row.line;
    rec->raw = row.raw;
    if (got == MAPPING_CSV_FAULT)
        refuse(rec, mem, row.why, row.detail);
    else
        apply(r, rec, row_tree(r, &row, mem), mem);
    return true;
}

bool
mapping_next(struct mapping_reader *r, struct arena *mem, struct mapping_record *ret)
{
    *ret = (struct mapping_record){ .index = r->index };
    if (r->m->format == MAPPING_CSV) {
        if (!next_row(r, mem, ret))
            return false;
    } else {
        if (r->index == r->slices_n)
            return false;
        next_slice(r, mem, ret);
    }
    r->index++;
    return true;
}
