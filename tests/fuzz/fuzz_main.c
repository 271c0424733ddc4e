/* fuzz_main.c - runs a fuzz target over files and folders of them: `fuzz_json corpus/json`.
 *
 * Each input is given whole, and then cut short in a few places, since what breaks readers is
 * mostly the end that comes too early. */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define CUTS 16

static unsigned long files, inputs;

static void
run(const char *path)
{
    FILE       *f = fopen(path, "rb");
    struct stat st;

    FUZZ_MUST(f && fstat(fileno(f), &st) == 0);
    size_t   n = (size_t)st.st_size;
    uint8_t *p = malloc(n + 1);

    FUZZ_MUST(p && fread(p, 1, n, f) == n);
    fclose(f);
    for (size_t i = 0; i <= CUTS; i++) {
        size_t   m = n - n * i / CUTS;
        uint8_t *exact = malloc(m ? m : 1); /* so that one byte too far is seen */

        FUZZ_MUST(exact);
        memcpy(exact, p, m);
        LLVMFuzzerTestOneInput(exact, m);
        free(exact);
        inputs++;
    }
    free(p);
    files++;
}

static void
walk(const char *path)
{
    struct dirent **names;
    int             n = scandir(path, &names, NULL, alphasort);

    if (n < 0) {
        run(path);
        return;
    }
    for (int i = 0; i < n; i++) {
        char sub[4096];

        if (names[i]->d_name[0] != '.') {
            snprintf(sub, sizeof sub, "%s/%s", path, names[i]->d_name);
            walk(sub);
        }
        free(names[i]);
    }
    free(names);
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        walk(argv[i]);
    FUZZ_MUST(files > 0);
    printf("%lu files\nchecks: %lu, failed: 0\n", files, inputs);
    return 0;
}
