/* json.c - fuzz target: the scan before cJSON, the policy, the tree, and its text again. */
#include "fuzz.h"

#include "collaudo/json.h"

#include <string.h>

#define MOST 1000

/* What is printed of a tree is read again as the same text. */
static void
round_trip(struct arena *mem, const cJSON *doc)
{
    struct err   e = ERR_INIT;
    const char  *once, *twice;
    size_t       n, m;
    const cJSON *again;

    if (!json_print(mem, doc, &once, &n, &e))
        return; /* no memory */
    if (!json_parse(mem, once, n, &again, &e)) {
        FUZZ_MUST(e.code != ERR_INVALID);
        return;
    }
    FUZZ_MUST(json_print(mem, again, &twice, &m, &e) || e.code == ERR_NOMEM);
    FUZZ_MUST(e.code || (n == m && memcmp(once, twice, n) == 0));
}

static void
value(struct arena *mem, const struct json_slice *s)
{
    struct err   e = ERR_INIT;
    const cJSON *doc;
    const char  *key;

    if (s->broken || json_policy(s, NULL, NULL) != JSON_SAFE || s->big_number)
        return;
    if (!json_parse_slice(mem, s, &doc, &e)) {
        FUZZ_MUST(e.code == ERR_NOMEM);
        return;
    }
    if (json_policy(s, doc, &key) == JSON_SAFE)
        round_trip(mem, doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum json_form forms[] = { JSON_AUTO, JSON_LINES, JSON_ONE };
    const char                 *text = (const char *)data;

    fuzz_once();
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct arena       mem;
        struct err         e = ERR_INIT;
        struct json_slice *s;
        size_t             found;

        arena_init(&mem, 16u << 20);
        if (json_cut(&mem, text, n, forms[i], MOST, &s, &found, &e)) {
            FUZZ_MUST(found <= MOST);
            for (size_t k = 0; k < found; k++) {
                FUZZ_MUST(s[k].p >= text && s[k].p + s[k].n <= text + n);
                value(&mem, &s[k]);
            }
        }
        arena_free(&mem);
    }
    return 0;
}
