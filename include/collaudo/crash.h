/* crash.h - named places where a test may kill the process.
 *
 *     CRASH_POINT("journal/before_fsync");
 *
 * Nothing in ordinary builds. In builds with -DCRASH_POINTS=ON the environment
 * variable COLLAUDO_CRASH=name or name:n kills the process with SIGKILL, as a power
 * cut would, when it passes the place called name for the n-th time (1 by default).
 * COLLAUDO_CRASH=list prints each name on stderr when it is passed for the first time.
 */
#ifndef COLLAUDO_CRASH_H
#define COLLAUDO_CRASH_H

#ifdef CRASH_POINTS
void crash_point(const char *name);
#define CRASH_POINT(name) crash_point(name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
