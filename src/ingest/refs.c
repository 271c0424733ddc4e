/* refs.c - references that may name a person become pseudonyms, as the user does. See ingest.h.
 *
 * Ids of events, objects and cases are numbers and codes in most tools and mail addresses or
 * names in some. What is made of the bytes below only is kept as it stands, so that an owner
 * finds the record in the tool; anything else is hidden, whatever it says. */
#include "ingest_int.h"

#include <string.h>
#include <strings.h>

#define PREFIX "h:"
#define PREFIX_LEN (sizeof PREFIX - 1)

static bool
is_plain_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("._:/#-", c));
}

static bool
is_plain(struct event_text t)
{
    for (size_t i = 0; i < t.n; i++)
        if (!is_plain_byte((unsigned char)t.p[i]))
            return false;
    return true;
}

static bool
is_word(struct event_text t, const char *p, size_t n)
{
    return n && t.n == n && strncasecmp(t.p, p, n) == 0;
}

/* Is it the user, or the user without company: "a.rossi" of a.rossi@ditta.example and
 * DITTA\a.rossi? Only asked of plain texts, whose letters are ASCII. */
static bool
is_user(struct event_text t, struct event_text user)
{
    const char *p = user.p, *end = user.p + user.n, *cut;

    while (p < end && (unsigned char)*p <= ' ')
        p++;
    while (p < end && (unsigned char)end[-1] <= ' ')
        end--;
    if (p == end)
        return false;
    if (is_word(t, p, (size_t)(end - p)))
        return true;
    if ((cut = memchr(p, '\\', (size_t)(end - p))))
        return is_word(t, cut + 1, (size_t)(end - cut - 1));
    cut = memchr(p, '@', (size_t)(end - p));
    return cut && is_word(t, p, (size_t)(cut - p));
}

struct event_text
ingest_hidden(const struct ingest_source *src, struct event_text t, struct arena *mem)
{
    struct hash_mac m = src->reference;
    struct hash_id  id;
    char           *text = arena_alloc(mem, PREFIX_LEN + 2 * HASH_ID_LEN + 1);

    if (!text)
        return t; /* denied: nothing of this request is kept */
    hash_mac_add(&m, t.p, t.n);
    hash_mac_add(&m, "", 1);
    id = hash_mac_end(&m);
    memcpy(text, PREFIX, PREFIX_LEN);
    hash_hex(&id, sizeof id, text + PREFIX_LEN);
    return (struct event_text){ text, PREFIX_LEN + 2 * HASH_ID_LEN };
}

static void
hide_reference(struct take *t, const struct ingest_source *src, const struct event *ev,
               struct event_text *ref)
{
    if (ref->n && (!is_plain(*ref) || is_user(*ref, ev->user)))
        *ref = ingest_hidden(src, *ref, &t->sub);
}

/* Verbs and kinds are words of the tool, with blanks and in any language; a mail address is no
 * such word. */
static void
hide_word(struct take *t, const struct ingest_source *src, struct event_text *word)
{
    if (word->n && memchr(word->p, '@', word->n))
        *word = ingest_hidden(src, *word, &t->sub);
}

void
ingest_take_hide(struct take *t, const struct ingest_source *src, struct event *ev)
{
    hide_reference(t, src, ev, &ev->id);
    hide_reference(t, src, ev, &ev->object_id);
    hide_reference(t, src, ev, &ev->correlation);
    hide_word(t, src, &ev->action);
    hide_word(t, src, &ev->feature);
    hide_word(t, src, &ev->object_type);
}
