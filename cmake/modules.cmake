# modules.cmake - the house, floor by floor (docs/architecture.md).

# floor 0
module(base PKG libcjson libsodium zlib ON Threads::Threads m)

# --- the SQL, packed into the binary ---------------------------------------------
add_executable(sqlpack src/tools/sqlpack.c)
file(GLOB_RECURSE SQL CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/*.sql)
add_custom_command(
  OUTPUT ${GEN}/sql_gen.c ${GEN}/sql_gen.h
  COMMAND sqlpack ${GEN}/sql_gen.h ${GEN}/sql_gen.c ${CMAKE_SOURCE_DIR}/sql ${SQL}
  DEPENDS sqlpack ${SQL} VERBATIM)

# floor 1/2: mechanisms; they know no pilot
module(store PKG libpq ON base GEN ${GEN}/sql_gen.c)
target_include_directories(store PUBLIC ${GEN})
module(conf PKG yaml-0.1 ON base)
# OpenTelemetry's protobuf messages, as far as we read them
add_custom_command(
  OUTPUT ${GEN}/otlp.pb-c.c ${GEN}/otlp.pb-c.h
  COMMAND protoc-c --c_out=${GEN} --proto_path=${CMAKE_SOURCE_DIR}/src/event otlp.proto
  DEPENDS ${CMAKE_SOURCE_DIR}/src/event/otlp.proto VERBATIM)
module(event PKG libprotobuf-c ON base GEN ${GEN}/otlp.pb-c.c ${GEN}/otlp.pb-c.h)
target_include_directories(event PRIVATE ${GEN})
set_source_files_properties(${GEN}/otlp.pb-c.c PROPERTIES COMPILE_OPTIONS -Wno-missing-braces)
module(http PKG libmicrohttpd ON base)
module(journal ON base)
module(outbound PKG libcurl ON base)
module(draw PKG gdlib freetype2 harfbuzz ON base)
module(chart ON draw base)
foreach(m draw chart) # the same picture on every processor: a*b+c is rounded twice everywhere
  target_compile_options(${m} PRIVATE -ffp-contract=off)
endforeach()

# --- mappings of vendors' records, packed into the binary -------------------------
add_executable(mappack src/tools/mappack.c)
file(GLOB MAPPINGS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/mappings/*.json)
add_custom_command(
  OUTPUT ${GEN}/mapping_gen.c
  COMMAND mappack ${GEN}/mapping_gen.c ${MAPPINGS}
  DEPENDS mappack ${MAPPINGS} VERBATIM)
module(mapping ON event base GEN ${GEN}/mapping_gen.c)

# --- pages: templates, sentences and static files become C -------------------------
foreach(tool langpack assetpack)
  add_executable(${tool} src/tools/${tool}.c)
  target_link_libraries(${tool} base)
endforeach()
add_executable(tmplc src/tools/tmplc.c)
set(LANGS ${CMAKE_SOURCE_DIR}/dashboards/lang/it.json ${CMAKE_SOURCE_DIR}/dashboards/lang/en.json)
add_custom_command(
  OUTPUT ${GEN}/lang_gen.h ${GEN}/lang_gen.c
  COMMAND langpack ${GEN}/lang_gen.h ${GEN}/lang_gen.c ${LANGS}
  DEPENDS langpack ${LANGS} VERBATIM)
set(PAGE_FONTS ${WEB_FONTS})
list(FILTER PAGE_FONTS EXCLUDE REGEX 700) # six requests a page, and 600 is bold enough
file(GLOB STATIC CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/dashboards/static/*)
add_custom_command(
  OUTPUT ${GEN}/asset_gen.c
  COMMAND assetpack ${GEN}/asset_gen.c ${STATIC} ${PAGE_FONTS}
  DEPENDS assetpack ${STATIC} ${PAGE_FONTS} VERBATIM)
file(GLOB TEMPLATES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/dashboards/*.html.t)
foreach(t ${TEMPLATES})
  get_filename_component(name ${t} NAME)
  string(REPLACE ".html.t" "_page.c" name ${name})
  add_custom_command(
    OUTPUT ${GEN}/${name} COMMAND tmplc ${t} ${GEN}/${name} DEPENDS tmplc ${t} VERBATIM)
  list(APPEND PAGES ${GEN}/${name})
endforeach()
module(page ON base GEN ${PAGES} ${GEN}/lang_gen.c ${GEN}/lang_gen.h ${GEN}/asset_gen.c)
target_include_directories(page PUBLIC ${GEN})

# floor 1: charters, teams, calendars; keys and rights
module(pilot ON conf store base)
module(auth ON event store base)

# --- KPIs: their heads become a table and a page ----------------------------------
add_executable(kpipack src/tools/kpipack.c)
file(GLOB KPI CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/kpi/*.sql)
add_custom_command(
  OUTPUT ${GEN}/kpi_gen.c ${GEN}/kpis.md
  COMMAND kpipack c ${GEN}/kpi_gen.c ${KPI}
  COMMAND kpipack md ${GEN}/kpis.md ${KPI}
  DEPENDS kpipack ${KPI} VERBATIM)
add_custom_target(docs # the committed pages that the build writes; a test compares them
  COMMAND ${CMAKE_COMMAND} -E copy ${GEN}/kpis.md ${CMAKE_SOURCE_DIR}/docs/kpis.md
  DEPENDS ${GEN}/kpis.md VERBATIM)

# floor 2: events in, numbers out
module(ingest ON event journal pilot store base)
module(kpi ON pilot store base GEN ${GEN}/kpi_gen.c)
module(simulate ON pilot base)

# floor 3: the verdict
module(gate ON kpi pilot event store base)

# floor 4: doors; clockwork
module(api ON http journal chart draw page auth ingest kpi gate pilot event store base)
module(worker ON ingest journal event pilot store base)

# floor 5: words for people
module(cli ON gate kpi ingest simulate outbound base)

# floor 6: wiring
add_executable(collaudo src/main.c)
target_link_libraries(collaudo cli api worker)
install(TARGETS collaudo RUNTIME DESTINATION bin) # one file: SQL, pages and fonts are inside
