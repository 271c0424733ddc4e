/* noflock.c - a disk whose locks do not reach from one machine to the other: preloaded, every lock
 * is had by everybody. */
#include <sys/file.h>

int
flock(int fd, int operation)
{
    (void)fd;
    (void)operation;
    return 0;
}
