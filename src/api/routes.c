/* routes.c - every door of the service, in one table. */
#include "app.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define READ (HTTP_POOL)
#define PAGE (HTTP_POOL | HTTP_PAGE)

/* EVENTS.md section 5: 8 MiB on the wire, 32 MiB decompressed. What is accepted is held as the
 * body, the table of its events, one tree at a time, and the record. */
#define BODY (8 * MIB)
#define PLAIN (32 * MIB)
#define MEM (96 * MIB)
/* Whoever takes a key's bytes must know the key before the body is read. */
#define DOOR (HTTP_AUTH_EARLY | HTTP_RAW_ON_BAD_ENCODING)

/* Segment's SDKs run in browsers too, where a script asks first, cannot always set headers and
 * has its key in the body. */
#define SEGMENT(call, doc)                                                                         \
    { HTTP_POST,                                                                                   \
      "/v1/" call,                                                                                 \
      RIGHT_SEND,                                                                                  \
      BODY,                                                                                        \
      api_post_segment,                                                                            \
      DOOR | HTTP_KEY_IN_BODY | HTTP_FIND_GZIP | HTTP_ANY_ORIGIN,                                  \
      doc,                                                                                         \
      PLAIN,                                                                                       \
      MEM,                                                                                         \
      0 },                                                                                         \
    {                                                                                              \
        HTTP_OPTIONS, "/v1/" call, RIGHT_LOOK_IN, 0, api_options_segment, HTTP_ANY_ORIGIN,         \
            "May a page of another site send here? Yes.", 0, 0, 0                                  \
    }

/* clang-format off */
const struct http_route api_routes[] = {
    /* events in */
    { HTTP_POST, "/v1/events",      RIGHT_SEND, BODY, api_post_events, DOOR,
      "Events of a tool: one object, an array, or NDJSON. 200 once they are durable.", PLAIN, MEM, 0 },
    { HTTP_POST, "/v1/cloudevents", RIGHT_SEND, BODY, api_post_cloudevents, DOOR,
      "CloudEvents 1.0, structured, batched or in headers. 200 once they are durable.", PLAIN, MEM, 0 },
    { HTTP_OPTIONS, "/v1/cloudevents", RIGHT_LOOK_IN, 0, api_options_cloudevents, 0,
      "May this sender's web hook send? The handshake of CloudEvents.", 0, 0, 0 },
    { HTTP_POST, "/v1/cloudevents/{key}", RIGHT_SEND, BODY, api_post_cloudevents, DOOR,
      "The same, for senders that can be given an address and nothing else.", PLAIN, MEM, 0 },
    { HTTP_OPTIONS, "/v1/cloudevents/{key}", RIGHT_LOOK_IN, 0, api_options_cloudevents, 0,
      "The same handshake.", 0, 0, 0 },
    SEGMENT("batch", "Calls of Segment's SDKs, many at once. 200 once they are durable."),
    SEGMENT("track", "One call: somebody did something."),
    SEGMENT("page", "One call: somebody saw a page."),
    SEGMENT("screen", "One call: somebody saw a screen."),
    SEGMENT("identify", "One call: who somebody is."),
    SEGMENT("group", "One call: which group somebody belongs to."),
    SEGMENT("alias", "One call: somebody has another name."),
    SEGMENT("b", "batch, as browsers call it."),
    SEGMENT("t", "track, as browsers call it."),
    SEGMENT("p", "page, as browsers call it."),
    SEGMENT("s", "screen, as browsers call it."),
    SEGMENT("i", "identify, as browsers call it."),
    SEGMENT("g", "group, as browsers call it."),
    SEGMENT("a", "alias, as browsers call it."),
    { HTTP_POST, "/v1/logs", RIGHT_SEND, BODY, api_post_logs, DOOR,
      "OpenTelemetry logs, JSON or protobuf. 200 once they are durable.", PLAIN, MEM, 0 },
    { HTTP_POST, "/xapi/statements", RIGHT_SEND, BODY, api_post_statements, DOOR | HTTP_POOL,
      "xAPI statements of a learning system; their ids once they are durable.", PLAIN, MEM, 0 },
    { HTTP_PUT,  "/xapi/statements", RIGHT_SEND, BODY, api_post_statements, DOOR | HTTP_POOL,
      "One xAPI statement with the id of the address; 204 once it is durable.", PLAIN, MEM, 0 },
    { HTTP_GET,  "/xapi/about",      RIGHT_LOOK_IN, 0, api_get_about, 0,
      "The versions of xAPI spoken here.", 0, 0, 0 },
    { HTTP_POST, "/v1/heartbeat",   RIGHT_SEND, 16 * KIB, api_post_heartbeat, HTTP_AUTH_EARLY,
      "The source is alive, with nothing to say.", 0, 0, 0 },

    /* is it well? */
    { HTTP_GET,  "/healthz", RIGHT_LOOK_IN, 0, api_get_health, 0,    "Is the process up?", 0, 0, 0 },
    { HTTP_GET,  "/readyz",  RIGHT_LOOK_IN, 0, api_get_ready,  READ, "Can it take and show data?", 0, 0, 0 },
    { HTTP_GET,  "/metrics", RIGHT_READ,    0, api_get_metrics, 0,   "Counters for Prometheus.", 0, 0, 0 },

    /* figures */
    { HTTP_GET,  "/api/v1/pilots",                       RIGHT_READ, 0, api_get_pilots, READ,
      "Every pilot.", 0, 0, 0 },
    { HTTP_GET,  "/api/v1/pilots/{pilot}",               RIGHT_READ, 0, api_get_pilot,  READ,
      "One pilot.", 0, 0, 0 },
    { HTTP_GET,  "/api/v1/pilots/{pilot}/kpis",          RIGHT_READ, 0, api_get_kpis,   READ,
      "Every KPI of a pilot.", 0, 64 * MIB, 0 },
    { HTTP_GET,  "/api/v1/pilots/{pilot}/kpis/{kpi}",    RIGHT_READ, 0, api_get_kpi,    READ,
      "One KPI of a pilot.", 0, 64 * MIB, 0 },
    { HTTP_GET,  "/api/v1/pilots/{pilot}/gate",          RIGHT_READ, 0, api_get_gate,   READ,
      "The verdict and the rule that decided it.", 0, 64 * MIB, 0 },
    { HTTP_GET,  "/api/v1/pilots/{pilot}/charts",        RIGHT_READ, 0, api_get_charts, READ,
      "The charts there are.", 0, 0, 0 },
    { HTTP_GET,  "/api/v1/pilots/{pilot}/charts/{file}", RIGHT_READ, 0, api_get_chart,  READ,
      "One chart, as .png or .svg.", 0, 256 * MIB, 0 },
    { HTTP_GET,  "/api/v1/sources",                      RIGHT_READ, 0, api_get_sources, READ,
      "What came in, per source.", 0, 0, 0 },

    /* pages */
    { HTTP_GET,  "/",               RIGHT_READ,    0, api_page_index, PAGE, "The pilots.", 0, 0, 0 },
    { HTTP_GET,  "/pilots/{pilot}", RIGHT_READ,    0, api_page_pilot, PAGE, "One pilot: the answer first.", 0, 64 * MIB, 0 },
    { HTTP_GET,  "/static/{file}",  RIGHT_LOOK_IN, 0, api_get_asset,  0,    "Style sheet, script, fonts.", 0, 0, 0 },

    /* administration: the admin socket */
    { HTTP_GET,  "/admin/addresses",           RIGHT_ADMIN, 0,        api_get_addresses, 0,
      "Where pages and doors are.", 0, 0, 0 },
    { HTTP_POST, "/admin/apply",               RIGHT_ADMIN, 64 * MIB, api_post_apply, READ,
      "Declare workspace, tools, sources, people, pilots.", 0, 512 * MIB, 60 * USEC_SECOND },
    { HTTP_POST, "/admin/pilots/{pilot}/seal", RIGHT_ADMIN, 16 * KIB, api_post_seal,  READ,
      "Seal a charter.", 0, 0, 0 },
    { HTTP_GET,  "/admin/keys",                RIGHT_ADMIN, 0,        api_get_keys,   READ,
      "The ingest keys, without their secrets.", 0, 0, 0 },
    { HTTP_POST, "/admin/keys",                RIGHT_ADMIN, 16 * KIB, api_post_key,   READ,
      "A new key, shown once.", 0, 0, 0 },
    { HTTP_POST, "/admin/keys/{id}/revoke",    RIGHT_ADMIN, 16 * KIB, api_revoke_key, READ,
      "End a key.", 0, 0, 0 },
    { HTTP_POST, "/admin/import",              RIGHT_ADMIN, BODY,     api_post_import, READ,
      "Numbered lines of a file.", PLAIN, MEM, 60 * USEC_SECOND },
    { HTTP_POST, "/admin/settle",              RIGHT_ADMIN, 16 * KIB, api_post_settle, READ,
      "Wait until everything taken is loaded and counted.", 0, 0, 660 * USEC_SECOND },
    { HTTP_GET,  "/admin/doctor",              RIGHT_ADMIN, 0,        api_get_doctor, READ,
      "What is wrong, and what to do.", 0, 0, 0 },
    { HTTP_GET,  "/admin/trace",               RIGHT_ADMIN, 0,        api_get_trace,  READ,
      "The way of one event.", 0, 0, 0 },
};
/* clang-format on */
const size_t api_routes_n = sizeof api_routes / sizeof *api_routes;
