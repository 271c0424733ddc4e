/* ingest_int.h - what the doors for events and the import share. */
#ifndef COLLAUDO_API_INGEST_INT_H
#define COLLAUDO_API_INGEST_INT_H

#include "app.h"

/* The source of the key that allow() found; put it back. ERR_NO_PILOT. */
must_check bool api_source(struct app *app, const struct http_req *req,
                           const struct ingest_source **ret, struct err *e);
/* The body of the request, or another text made of it, by the key's rights. */
must_check bool api_take(struct app *app, const struct http_req *req, struct ingest_form form,
                         const void *body, size_t n, struct ingest_intake *ret, struct err *e);

/* Appends the intake to the journal and puts the answer, which is finished in *res, off until it
 * is durable (?wait=loaded: until the database has it). */
must_check bool api_commit(struct app *app, const struct http_req *req,
                           const struct ingest_intake *in, const struct http_res *res,
                           struct err *e);
/* 400 for a body nobody can read; it is kept in quarantine all the same. */
must_check bool api_unreadable(const struct http_req *req, const struct ingest_intake *in,
                               struct http_res *res, struct err *e);

/* Appends the intake to the journal and puts the answer off until it is durable (?wait=loaded:
 * until the database has it). brief: the summary instead of the list. */
must_check bool api_store(struct app *app, const struct http_req *req,
                          const struct ingest_intake *in, bool brief, struct http_res *res,
                          struct err *e);

/* Takes what came from the allowance of the request's key; nothing without one (an import). Before
 * the answer is put off. */
void api_spend(struct app *app, const struct http_req *req, const struct ingest_intake *in);

#endif
