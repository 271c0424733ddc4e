/* api.c - the app, who may do what, and what handlers share. See api.h. */
#include "app.h"

#include "sql_gen.h"

#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

struct app *
api_new(const struct api_opts *opts)
{
    struct app *app = calloc(1, sizeof *app);

    if (!app)
        return NULL;
    app->o = *opts;
    app->started = time_monotonic();
    return app;
}

void
api_close(struct app *app)
{
    free(app);
}

void
api_set_http(struct app *app, struct http *http)
{
    atomic_store(&app->http, http);
}
