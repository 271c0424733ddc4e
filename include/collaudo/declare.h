/* declare.h - `apply`: what files declare is compared with what is stored, and brought about.
 *
 * Files (docs/charter.md) say which workspace, tools, sources, people, closures and charter there
 * are to be. The plan lists every difference; then all of it happens in one transaction, or
 * nothing. Applying the same files again changes nothing. Two at once take turns.
 *
 * The plan names people by pseudonym and by their place in the file, never by name: it may be
 * shown and logged.
 */
#ifndef COLLAUDO_DECLARE_H
#define COLLAUDO_DECLARE_H

#include "collaudo/conf.h"
#include "collaudo/db.h"
#include "collaudo/vault.h"

enum declare_mode { DECLARE_APPLY, DECLARE_DRY_RUN };

enum declare_act {
    DECLARE_SAME,
    DECLARE_CREATE,
    DECLARE_CHANGE,
    DECLARE_REFUSE, /* nothing of the declaration happens while there is one of these */
};

struct declare_item {
    enum declare_act act;
    enum err_code    why;  /* of DECLARE_REFUSE: ERR_INVALID, ERR_CONFLICT, ERR_NOT_FOUND */
    const char      *kind; /* "workspace", "tool", "source", "charter", "person", ... */
    const char      *name; /* which one; of people the first digits of the pseudonym; "" */
    const char      *file; /* of DECLARE_REFUSE: where, "" when in no file */
    int              line;
    const char      *text; /* for a person, UTF-8, one line */
};

struct declare_plan {
    struct declare_item *items;
    size_t               n;
    size_t               changes; /* DECLARE_CREATE and DECLARE_CHANGE */
    size_t               refused; /* DECLARE_REFUSE, those beyond the limits included */
    bool                 applied; /* the transaction is committed */
    const char          *pilot;   /* its code, "" when the files name none */
};

/* Compares, and unless mode is DECLARE_DRY_RUN or something is refused, applies. `db`: role
 * DB_APP, outside a transaction. The plan and its texts live in `mem`.
 * True: *ret is the whole answer, look at ret->refused; declare_check() makes an error of it.
 * False: a fault of the machine, or ERR_CONFLICT when another transaction was in the way (try
 * again); nothing has changed. */
must_check bool declare_plan(struct db *db, struct vault *vault, const struct conf_text *files,
                             size_t n, enum declare_mode mode, usec_t now, struct arena *mem,
                             struct declare_plan *ret, struct err *e);

/* False with the first refusal, its place and the number of the others, when there is one. */
must_check bool declare_check(const struct declare_plan *p, struct err *e);

const char *declare_act_name(enum declare_act a); /* "create" */

/* Every key there is, as Markdown: the body of docs/charter.md. */
void declare_doc(struct str *out);

#endif
