/* fuzz.h - what every fuzz target has: one function that takes any bytes.
 *
 * It must neither crash, leak nor loop, whatever the bytes are; and where something must hold
 * of whatever is accepted, it says so with FUZZ_MUST(). The same program runs the corpus in
 * every build (fuzz_main.c) and, built with -DSANITIZE=fuzz, looks for more (scripts/fuzz).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define FUZZ_MUST(x)                                                                               \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #x);                 \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Set up once what a target needs: cJSON's memory, hashes. */
void fuzz_once(void);

#endif
