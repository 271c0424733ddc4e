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
module(journal ON base)
module(event ON base)
module(conf PKG yaml-0.1 ON base)

# floor 1: charters, teams, calendars; keys and rights
module(pilot ON conf store base)
#module(auth ON store base)

# floor 2: events in
module(ingest ON base store event journal pilot)

# floor 4: clockwork
module(worker ON base store event journal pilot ingest)
