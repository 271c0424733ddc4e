/* asset.h - static files, packed at build time from dashboards/static and the web font. */
#ifndef COLLAUDO_ASSET_H
#define COLLAUDO_ASSET_H

#include <stddef.h>

struct asset {
    const char          *name, *type, *etag; /* etag without quotes; NULL name: the end */
    const unsigned char *bytes;
    size_t               n;
    const unsigned char *gzip; /* NULL: not worth compressing */
    size_t               gzip_n;
};

extern const struct asset asset_all[]; /* made by assetpack */

#endif
