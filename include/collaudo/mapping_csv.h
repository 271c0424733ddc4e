/* mapping_csv.h - CSV as exports have it, row by row.
 *
 * RFC 4180 with a choice of delimiter and encoding; lines end in LF, CRLF or CR; blank lines
 * are skipped; a byte-order mark of UTF-8 is skipped. A quote may stand only around a whole
 * field, doubled inside it: everything else is a fault, because guessing shifts columns.
 *
 * The reader keeps no bytes: it is shown a window of the text and takes one row off its front,
 * so that a file of any size needs a window of MAPPING_CSV_MAX_ROW + 1 bytes. A fault costs one
 * line: after a quote that is never closed, reading goes on with the line after the opening one.
 *
 * Pure; a reader belongs to one thread.
 */
#ifndef COLLAUDO_MAPPING_CSV_H
#define COLLAUDO_MAPPING_CSV_H

#include "collaudo/event.h"

#define MAPPING_CSV_MAX_ROW EVENT_MAX_BYTES /* bytes of one row, with its quotes and line ends */
#define MAPPING_CSV_MAX_COLUMNS ((size_t)1000)

enum mapping_encoding { MAPPING_UTF8, MAPPING_ISO_8859_1, MAPPING_WINDOWS_1252 };

struct mapping_csv {
    char                  delimiter; /* , ; | or a tab */
    enum mapping_encoding encoding;

    size_t   line;     /* of the window's first byte, from 1 */
    bool     begun;    /* past the byte-order mark */
    bool     after_cr; /* the byte before was a CR: a LF now is its other half */
    bool     skipping; /* in the rest of a line that was refused */
    unsigned columns;  /* of the head row; 0: any number goes */
};

enum mapping_csv_got {
    MAPPING_CSV_ROW,
    MAPPING_CSV_MORE,  /* the row does not end in this window: show a longer one */
    MAPPING_CSV_END,   /* there is no row left */
    MAPPING_CSV_FAULT, /* this row cannot be read; the next ones can */
};

struct mapping_csv_row {
    size_t             line;  /* where the row begins */
    struct event_text  raw;   /* its bytes in the window, without the line's end */
    struct event_text *field; /* UTF-8 without U+0000, 0-terminated */
    size_t             n;
    enum event_drop    why;    /* MAPPING_CSV_FAULT */
    const char        *detail; /* and what exactly, with the column */
};

void mapping_csv_init(struct mapping_csv *c, char delimiter, enum mapping_encoding encoding);

/* One row off the front of the window, its texts in `mem`; `last`: nothing follows the window.
 * *ret_used bytes are done with, whatever was got. */
enum mapping_csv_got mapping_csv_next(struct mapping_csv *c, const char *window, size_t n,
                                      bool last, struct arena *mem, struct mapping_csv_row *ret,
                                      size_t *ret_used);

#endif
