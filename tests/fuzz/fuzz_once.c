/* fuzz_once.c - what must be set up before any target: cJSON's memory, hashes. */
#include "fuzz.h"

#include "collaudo/arena.h"
#include "collaudo/hash.h"

void
fuzz_once(void)
{
    static int done;

    if (done++)
        return;
    arena_init_cjson();
    hash_init();
}
