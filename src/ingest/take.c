/* take.c - the events of one request into one record, the bad ones into its quarantine. */
#include "ingest_int.h"

#include <string.h>

void
ingest_take_init(struct take *t, const struct ingest_source *src, const struct ingest_form *form,
                 usec_t now, struct arena *mem)
{
    *t = (struct take){
        .src = src, .form = form, .now = now, .mem = mem, .in = { .workspace = src->workspace }
    };
    arena_init(&t->sub, INGEST_MAX_TREE);
    t->sub.budget = mem->budget;
}

void
ingest_take_begin(struct take *t, enum ingest_record_kind kind, size_t bytes, size_t pieces)
{
    str_init(&t->out, t->mem);
    /* An event takes about as many bytes as its text and a head: mostly one allocation. */
    (void)!str_room(&t->out, 64 + bytes + pieces * 96);
    ingest_record_begin(&t->out, kind, t->src->workspace, t->src->pilot, t->now);
}

bool
ingest_take_end(struct take *t, struct ingest_intake *ret, struct err *e)
{
    bool denied = t->mem->denied || t->sub.denied;

    arena_free(&t->sub);
    if (denied)
        return err_set(e, ERR_NOMEM, "the request needs more memory than there is");
    if (t->in.received) {
        t->in.record = t->out.p;
        t->in.record_n = t->out.n;
    }
    *ret = t->in;
    return true;
}

void
ingest_take_count(struct take *t, const struct ingest_source *src, bool accepted, unsigned dropped)
{
    struct ingest_intake *in = &t->in;
    size_t                i = 0;

    if (!in->shares && !(in->shares = arena_new(t->mem, struct ingest_share,
                                                t->other ? INGEST_MOST_SOURCES + 1 : 1)))
        return; /* denied: ingest_take_end() says so */
    while (i < in->shares_n && in->shares[i].source != src->id)
        i++;
    if (i == in->shares_n)
        in->shares[in->shares_n++] = (struct ingest_share){ .source = src->id };
    in->shares[i].accepted += accepted;
    in->shares[i].rejected += !accepted;
    in->shares[i].dropped += dropped;
    in->received++;
    in->accepted += accepted;
    in->rejected += !accepted;
    in->dropped += dropped;
}

/* --- quarantine ------------------------------------------------------------------------ */

static void
tell(struct take *t, size_t index, const struct event_fault *why, const struct hash_id *id)
{
    if (t->in.results_n == INGEST_MAX_RESULTS)
        return;
    if (!t->in.results &&
        !(t->in.results = arena_new(t->mem, struct ingest_result, INGEST_MAX_RESULTS)))
        return;
    struct ingest_result *r = &t->in.results[t->in.results_n++];
    *r = (struct ingest_result){ .index = index,
                                 .why = why->why,
                                 .pointer = arena_strdup(t->mem, why->pointer),
                                 .detail = why->detail,
                                 .quarantine = *id };
    if (why->id.p)
        r->id = (struct event_text){ arena_strndup(t->mem, why->id.p, why->id.n), why->id.n };
}

void
ingest_take_refuse(struct take *t, const struct piece *p, const struct ingest_source *src,
                   const struct event_fault *why)
{
    size_t                    kept = p->n < INGEST_MAX_RAW ? p->n : INGEST_MAX_RAW;
    struct ingest_record_item item = { .kind = INGEST_ITEM_QUARANTINE,
                                       .source = src->id,
                                       .received = p->received,
                                       .has_line = p->has_line,
                                       .line = p->line };

    item.quarantine = (struct ingest_record_quarantine){ .why = why->why,
                                                         .size = p->n,
                                                         .pointer = event_text(why->pointer),
                                                         .detail = event_text(why->detail) };
    hash_random(&item.quarantine.id, sizeof item.quarantine.id);
    item.quarantine.sealed = hash_seal(&src->key, p->raw, kept, &t->sub);
    item.quarantine.sealed_n = kept + HASH_BOX_MORE;
    ingest_take_count(t, src, false, 0);
    if (!item.quarantine.sealed)
        return; /* denied: ingest_take_end() says so */
    ingest_record_add(&t->out, &item, t->now);
    tell(t, p->index, why, &item.quarantine.id);
}

/* --- one event ----------------------------------------------------------------------------- */

static bool
refuse(struct event_fault *why, enum event_drop drop, const char *pointer)
{
    why->why = drop;
    why->pointer = pointer;
    return false;
}

/* The pointer to a repeated key, when it is one of the event itself that we know: any other
 * text may be a name, and the pointer is not sealed. */
static const char *
pointer_to(const cJSON *doc, const char *key, struct arena *mem)
{
    size_t       times = 0;
    const cJSON *c;
    struct str   out;

    cJSON_ArrayForEach (c, doc)
        times += c->string && strcmp(c->string, key) == 0;
    if (times < 2 || !event_is_member(key))
        return "";
    str_init(&out, mem);
    str_addc(&out, '/');
    str_add(&out, key);
    return out.p;
}

/* Grammar, size and policy; the tree in t->sub. */
static bool
tree_of(struct take *t, const struct json_slice *s, const cJSON **ret, struct event_fault *why)
{
    static const enum event_drop of[] = { [JSON_BAD_UNICODE] = EVENT_BAD_UNICODE,
                                          [JSON_TOO_DEEP] = EVENT_TOO_DEEP,
                                          [JSON_DUPLICATE_KEY] = EVENT_DUPLICATE_KEY };
    struct err                   e = ERR_INIT;
    const cJSON                 *doc;
    const char                  *key = "";

    if (s->broken)
        return refuse(why, EVENT_NOT_JSON, "");
    if (s->n > EVENT_MAX_BYTES)
        return refuse(why, EVENT_TOO_LARGE, "");
    enum json_unsafe bad = json_policy(s, NULL, NULL);
    if (bad)
        return refuse(why, of[bad], "");
    if (!json_parse_slice(&t->sub, s, &doc, &e))
        return refuse(why, EVENT_NOT_JSON, "");
    if ((bad = json_policy(s, doc, &key)))
        return refuse(why, of[bad], pointer_to(doc, key, &t->sub));
    *ret = doc;
    return true;
}

/* Whom the event speaks for. */
static bool
source_of(struct take *t, const struct event *ev, const struct ingest_source **ret,
          struct event_fault *why)
{
    const struct ingest_source *src = t->src;

    if (ev->source.n != strlen(src->name) || memcmp(ev->source.p, src->name, ev->source.n) != 0)
        src = t->other ? t->other(t->ctx, ev->source) : NULL;
    if (!src)
        return refuse(why, EVENT_SOURCE_MISMATCH, "/source");
    *ret = src;
    return true;
}

/* The clear identifier ends here. */
static void
pseudonym(struct take *t, const struct ingest_source *src, struct event *ev)
{
    const char *folded = str_fold(&t->sub, ev->user.p, ev->user.n);

    if (!folded)
        return;
    struct hash_mac m = src->account;
    hash_mac_add(&m, folded, strlen(folded) + 1);
    ev->actor = hash_mac_end(&m);
    ev->has_actor = true;
}

static bool
read_event(struct take *t, const struct piece *p, const struct json_slice *s, struct event *ev,
           const struct ingest_source **ret_src, struct event_fault *why)
{
    static const struct event_allow nothing; /* no property is kept yet */
    struct event_defaults           d = { .source = event_text(t->src->name) };
    const struct ingest_source     *src;
    const cJSON                    *doc;

    *why = (struct event_fault){ .pointer = "" };
    if (!tree_of(t, s, &doc, why))
        return false;
    if (t->form->dialect == INGEST_CLOUDEVENTS
            ? !event_read_cloudevent(doc, &d, p->received, &t->sub, ev, why)
            : !event_read_native(doc, &d, p->received, &t->sub, ev, why))
        return false;
    if (!source_of(t, ev, &src, why))
        return false;
    if (t->form->types && !(t->form->types >> ev->type & 1))
        return refuse(why, EVENT_TYPE_NOT_ALLOWED, "/type");
    if (ev->user.n)
        pseudonym(t, src, ev);
    ingest_take_hide(t, src, ev);
    event_keep(ev, &nothing, &t->sub);
    *ret_src = src;
    return true;
}

void
ingest_take_value(struct take *t, const struct piece *p, const struct json_slice *s)
{
    struct ingest_record_item   item = { .kind = INGEST_ITEM_EVENT };
    const struct ingest_source *src = t->src;
    struct event_fault          why;

    arena_reset(&t->sub);
    if (!read_event(t, p, s, &item.event, &src, &why)) {
        const struct ingest_source *named = NULL;

        if (t->other && why.source.n)
            named = t->other(t->ctx, why.source);
        ingest_take_refuse(t, p, named ? named : t->src, &why);
        return;
    }
    item.source = src->id;
    item.received = p->own_time ? item.event.time : p->received;
    item.has_line = p->has_line;
    item.line = p->line;
    ingest_record_add(&t->out, &item, t->now);
    ingest_take_count(t, src, true, item.event.dropped);
}

/* --- a request ---------------------------------------------------------------------------- */

/* A body that cannot be read at all is kept whole, as one bad event. */
static void
keep_unreadable(struct take *t, const void *body, size_t n, const struct err *why)
{
    struct piece       p = { .raw = body, .n = n, .received = t->now };
    struct event_fault fault = { .why = EVENT_NOT_JSON,
                                 .pointer = "",
                                 .detail = arena_strdup(t->mem, why->text) };

    ingest_take_begin(t, INGEST_RECORD_EVENTS, INGEST_MAX_RAW, 1);
    t->in.unreadable = true;
    t->in.why = fault.detail;
    ingest_take_refuse(t, &p, t->src, &fault);
}

bool
ingest_take(const struct ingest_source *src, const struct ingest_form *form, const void *body,
            size_t n, usec_t received, struct arena *mem, struct ingest_intake *ret, struct err *e)
{
    struct take        t;
    struct json_slice *s;
    size_t             count;
    struct err         why = ERR_INIT;

    ingest_take_init(&t, src, form, received, mem);
    if (!json_cut(mem, body, n, form->cut, INGEST_MAX_EVENTS, &s, &count, &why)) {
        if (why.code != ERR_INVALID) {
            *e = why;
            return false;
        }
        keep_unreadable(&t, body, n, &why);
        return ingest_take_end(&t, ret, e);
    }
    ingest_take_begin(&t, INGEST_RECORD_EVENTS, n, count);
    for (size_t i = 0; i < count && !mem->denied && !t.sub.denied; i++) {
        struct piece p = { .index = i, .raw = s[i].p, .n = s[i].n, .received = received };

        ingest_take_value(&t, &p, &s[i]);
    }
    return ingest_take_end(&t, ret, e);
}
