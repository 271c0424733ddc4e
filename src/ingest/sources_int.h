/* sources_int.h - what other files of ingest may have of the sources. */
#ifndef INGEST_SOURCES_INT_H
#define INGEST_SOURCES_INT_H

#include "voice_int.h"

struct voices *ingest_sources_voices(struct ingest_sources *s);

/* A label's value of Prometheus: backslash, quote and newline are escaped, and that is all. */
void ingest_put_label(struct str *out, const char *text);

#endif
