/* conf.c - fuzz target: a charter as people write it, in YAML or JSON. */
#include "fuzz.h"

#include "collaudo/conf.h"

static void
places(const cJSON *node, struct arena *mem)
{
    for (; node; node = node->next) {
        FUZZ_MUST(conf_file(node) && conf_line(node) >= 0 && (conf_path(node, mem) || mem->denied));
        (void)conf_number(node);
        places(node->child, mem);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena     mem;
    struct err       e = ERR_INIT;
    const cJSON     *doc;
    struct conf_text file = { "pilot", (const char *)data, n };

    fuzz_once();
    arena_init(&mem, 64u << 20);
    if (conf_parse(&file, &mem, &doc, &e))
        places(doc, &mem);
    else
        FUZZ_MUST(e.code);
    arena_free(&mem);
    return 0;
}
