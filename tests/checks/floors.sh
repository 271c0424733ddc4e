#!/bin/sh
# floors.sh - check-floors finds each way of breaking the floors.
. "$(dirname "$0")/lib.sh"

# A house in which all is well.
house() {
    example "$1"
    mkdir -p "$dir/src/base" "$dir/src/store" "$dir/src/kpi" "$dir/src/api" "$dir/src/draw" \
        "$dir/src/chart" "$dir/include/collaudo" "$dir/cmake"
    for h in err db kpi draw chart; do echo "/* $h.h */" >"$dir/include/collaudo/$h.h"; done
    echo '#include "collaudo/err.h"' >"$dir/src/base/err.c"
    printf '#include "collaudo/db.h"\n#include "db_int.h"\n#include <libpq-fe.h>\n' >"$dir/src/store/db.c"
    echo '#include <stdio.h>' >"$dir/src/store/db_int.h"
    printf '#include "collaudo/kpi.h"\n#include "collaudo/db.h"\n#include "sql_gen.h"\n' >"$dir/src/kpi/kpi.c"
    printf '#include "collaudo/draw.h"\n#include <gd.h>\n#include FT_FREETYPE_H\n' >"$dir/src/draw/draw.c"
    printf '#include "collaudo/chart.h"\n#include "collaudo/draw.h"\n' >"$dir/src/chart/chart.c"
    printf '#include "collaudo/kpi.h"\n#include <sys/stat.h>\n' >"$dir/src/main.c"
    printf 'module(base)\nmodule(store PKG libpq ON base)\nmodule(kpi ON $<TARGET_NAME_IF_EXISTS:store> base)\n' \
        >"$dir/cmake/modules.cmake"
}

check() { "$scripts/check-floors" "$dir"; }

house "good house" && passes check

# file, added line, what must be said
while IFS='|' read -r file line said; do
    house "$file $line"; mkdir -p "$dir/$(dirname "$file")"
    echo "$line" >>"$dir/$file"
    finds "$said" check
done <<'END'
src/base/err.c|#include "collaudo/db.h"|src/base/err.c:2: base .* may not see store
src/store/db.c|#include "collaudo/kpi.h"|store .* may not see kpi
src/draw/draw.c|#include "collaudo/chart.h"|draw .* may not see chart
src/store/db.c|#include "collaudo/draw.h"|store .* may not see draw
src/kpi/kpi.c|#include <libpq-fe.h>|<libpq-fe.h> is kept by store, not by kpi
src/kpi/kpi.c|  #  include <hb-ft.h>|kept by draw, not by kpi
src/store/db.c|#include FT_OUTLINE_H|kept by draw, not by store
src/store/db.c|#include <openssl/ssl.h>|<openssl/ssl.h> is unknown
src/store/db.c|#include "../base/err_int.h"|is in another folder
src/store/db.c|#include "kpi_int.h"|"kpi_int.h" is not in src/store
src/base/err.c|#include "sql_gen.h"|base may not see store \(sql_gen.h\)
src/api/x.c|#include "collaudo/nothing.h"|collaudo/nothing.h belongs to no module
src/newcomer/x.c|#include <stdio.h>|newcomer belongs to no module
include/collaudo/stray.h|/* of nobody */|stray.h:1: the header belongs to no module
include/collaudo/kpi.h|#include <libpq-fe.h>|kpi.h:2: <libpq-fe.h> is kept by store
include/collaudo/err.h|#include "collaudo/db.h"|base .* may not see store
cmake/modules.cmake|module(draw PKG gdlib ON kpi)|draw may not link kpi
cmake/modules.cmake|module(strange ON base)|strange is not in the table
END
finish
