/* crash.c - dies where a test asks it to. See crash.h. */
#include "collaudo/crash.h"

#ifdef CRASH_POINTS
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_NAMES 128

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
list(const char *name)
{
    static const char *seen[MOST_NAMES];
    static int         n;

    for (int i = 0; i < n; i++)
        if (strcmp(seen[i], name) == 0)
            return;
    if (n < MOST_NAMES)
        seen[n++] = name;
    fprintf(stderr, "crash point %s\n", name);
}

void
crash_point(const char *name)
{
    static long passed;
    const char *want = getenv("COLLAUDO_CRASH");
    size_t      n;

    if (!want)
        return;
    pthread_mutex_lock(&lock);
    if (strcmp(want, "list") == 0) {
        list(name);
    } else {
        n = strcspn(want, ":");
        if (strlen(name) == n && memcmp(want, name, n) == 0 &&
            ++passed == (want[n] ? strtol(want + n + 1, NULL, 10) : 1)) {
            kill(getpid(), SIGKILL);
            pause();
        }
    }
    pthread_mutex_unlock(&lock);
}
#else
typedef int crash_nothing; /* a translation unit may not be empty */
#endif
