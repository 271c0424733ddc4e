/* t.c - the test harness. See t.h. */
#include "t.h"

#include "collaudo/arena.h"
#include "collaudo/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *t_row;

static long checks, failures;

static bool
count(bool ok, const char *file, int line)
{
    checks++;
    if (ok)
        return true;
    failures++;
    fprintf(stderr, "%s:%d: FAILED%s%s: ", file, line, t_row ? " at " : "", t_row ? t_row : "");
    return false;
}

bool
t_check(bool ok, const char *file, int line, const char *what)
{
    if (!count(ok, file, line))
        fprintf(stderr, "%s\n", what);
    return ok;
}

bool
t_int(int64_t got, int64_t want, const char *file, int line, const char *what)
{
    if (count(got == want, file, line))
        return true;
    fprintf(stderr, "%s is %" PRId64 ", should be %" PRId64 "\n", what, got, want);
    return false;
}

bool
t_text(const char *got, const char *want, const char *file, int line, const char *what)
{
    if (count(got && want ? strcmp(got, want) == 0 : got == want, file, line))
        return true;
    fprintf(stderr, "%s is \"%s\", should be \"%s\"\n", what, got ? got : "(null)",
            want ? want : "(null)");
    return false;
}

void
t_run(const char *name, void (*fn)(void))
{
    static bool ready;

    if (!ready) {
        hash_init();
        arena_init_cjson();
        ready = true;
    }
    t_row = NULL;
    long before = failures;
    fn();
    printf("%s %s\n", failures == before ? "ok  " : "FAIL", name);
    fflush(stdout);
}

int
t_end(void)
{
    printf("checks: %ld, failed: %ld\n", checks, failures);
    return failures || !checks;
}

char *
t_file(const char *path, size_t *ret_n)
{
    FILE  *f = fopen(path, "rb");
    char  *text = NULL;
    size_t n = 0, cap = 0, got;

    if (!f) {
        perror(path);
        exit(1);
    }
    do {
        if (n + 65536 > cap && !(text = realloc(text, cap = cap * 2 + 65537)))
            abort();
        got = fread(text + n, 1, 65536, f);
        n += got;
    } while (got);
    fclose(f);
    text[n] = 0;
    if (ret_n)
        *ret_n = n;
    return text;
}
