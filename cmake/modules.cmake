# modules.cmake - the house, floor by floor (docs/architecture.md).

# floor 0
module(base PKG libcjson libsodium zlib ON Threads::Threads m)

# --- the SQL, packed into the binary -----------------------------------------
add_executable(sqlpack src/tools/sqlpack.c)
file(GLOB_RECURSE SQL CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/*.sql)
add_custom_command(
  OUTPUT ${GEN}/sql_gen.c ${GEN}/sql_gen.h
  COMMAND sqlpack ${GEN}/sql_gen.h ${GEN}/sql_gen.c ${CMAKE_SOURCE_DIR}/sql ${SQL}
  DEPENDS sqlpack ${SQL} VERBATIM)

# floor 0.5: mechanisms; they know no pilot
module(store PKG libpq ON base GEN ${GEN}/sql_gen.c)
target_include_directories(store PUBLIC ${GEN})
module(conf PKG yaml-0.1 ON base)
module(journal ON base)
module(event ON base)

# floor 1: charters, teams, calendars; keys and rights
module(pilot ON conf store base)
module(auth ON event store base)

# --- KPIs: their heads become a table and a page ---------------------------------
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

# floor 2
module(kpi ON $<TARGET_NAME_IF_EXISTS:pilot> store base GEN ${GEN}/kpi_gen.c)

# floor 3
module(gate ON kpi pilot event store base)
