/* ingest_int.h - what the doors for events and the import share. */
#ifndef COLLAUDO_API_INGEST_INT_H
#define COLLAUDO_API_INGEST_INT_H

#include "app.h"

/* Appends the intake to the journal and puts the answer off until it is durable (?wait=loaded:
 * until the database has it). brief: the summary instead of the list. */
must_check bool api_store(struct app *app, const struct http_req *req,
                          const struct ingest_intake *in, bool brief, struct http_res *res,
                          struct err *e);

/* Takes what came from the allowance of the request's key; nothing without one (an import). Before
 * the answer is put off. */
void api_spend(struct app *app, const struct http_req *req, const struct ingest_intake *in);

#endif
