# tests.cmake - every test program, by label:
#   unit   no server needed
#   db     a scratch PostgreSQL: run through scripts/scratch-pg
#   http   the HTTP module alone, a toy server and raw sockets
#   fault  kills its own children
#   e2e    the whole service as a user would; starts its own PostgreSQL
# tests.cmake - every test program. Labels:
#   unit        no server
#   db          needs a scratch PostgreSQL: run through scripts/scratch-pg
#   http, ...   sockets, times: run alone by scripts/test, as is every label not named here
#   checks      bad examples for scripts/check-*
#   crash       has more to do in a build with -DCRASH_POINTS=ON: runs there too
#   one-thread  left out under the thread sanitizer

# unit_test(NAME ON <modules>) compiles tests/unit/NAME.c
function(unit_test name)
  cmake_parse_arguments(T "" "" "ON" ${ARGN})
  add_executable(test_${name} tests/unit/${name}.c tests/unit/t.c)
  target_link_libraries(test_${name} ${T_ON} base)
  target_include_directories(test_${name} PRIVATE tests/unit)
  add_test(NAME unit/${name} COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(unit/${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

unit_test(base)
unit_test(time)
unit_test(json)
unit_test(event ON event)
unit_test(record ON ingest)
unit_test(ingest ON ingest)
unit_test(conf ON conf)
unit_test(calendar ON pilot)
unit_test(vault ON pilot)

# db_test(NAME ON <modules>) compiles tests/db/NAME.c; it needs a PostgreSQL to play with,
# and fails without one.
function(db_test name)
  cmake_parse_arguments(T "" "" "ON" ${ARGN})
  add_executable(test_db_${name} tests/db/${name}.c tests/db/pg.c tests/unit/t.c)
  target_link_libraries(test_db_${name} ${T_ON} store base)
  target_include_directories(test_db_${name} PRIVATE tests/unit tests/db)
  add_test(NAME db/${name} COMMAND test_db_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(db/${name} PROPERTIES LABELS db TIMEOUT 300)
endfunction()

# e2e_test(NAME ...) runs tests/e2e/NAME.py against the program as built
function(e2e_test name)
  add_test(NAME e2e/${name} COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/e2e/${name}.py ${ARGN}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(e2e/${name} PROPERTIES LABELS e2e TIMEOUT 900
                       ENVIRONMENT COLLAUDO_BINARY=$<TARGET_FILE:collaudo>)
endfunction()
db_test(store)
foreach(t loader deliveries)
  db_test(${t} ON worker)
  target_sources(test_db_${t} PRIVATE tests/db/house.c)

# --- kpi -------------------------------------------------------------------------
foreach(name kpi publish publish_worlds publish_attack)
  unit_test(${name} ON kpi)
  target_sources(test_${name} PRIVATE tests/unit/pilot_rules.c)
endforeach()
foreach(name rollup kpi kpi_contract kpi_keys)
  if(EXISTS ${CMAKE_SOURCE_DIR}/tests/db/${name}.c)
  db_test(${name} ON kpi)
  target_sources(test_db_${name} PRIVATE tests/db/kpi_help.c tests/unit/pilot_rules.c)
  endif()
endforeach()

# bench(NAME ON <modules>) compiles tests/bench/NAME.c; never run by ctest
function(bench name)
  cmake_parse_arguments(B "" "" "ON" ${ARGN})
  add_executable(bench_${name} tests/bench/${name}.c)
  target_link_libraries(bench_${name} ${B_ON} base)
endfunction()

foreach(part base store draw journal http pilot ingest kpi gate house)
  include(cmake/tests/${part}.cmake)
endforeach()
set_property(TEST db/cluster_kill APPEND PROPERTY LABELS crash)

# --- the checks: bad examples that each must find (plain builds only: sanitizers add symbols) --
if(SANITIZE STREQUAL "")
  foreach(t floors names sql text)
    add_test(NAME checks/${t} COMMAND ${CMAKE_SOURCE_DIR}/tests/checks/${t}.sh)
    set_tests_properties(checks/${t} PROPERTIES LABELS checks TIMEOUT 300)
  endforeach()
endif()

# Not worth a run under the thread sanitizer: they start no thread.
set_property(TEST unit/base unit/time unit/json db/cluster db/cluster_kill
             APPEND PROPERTY LABELS one-thread)

foreach(name gate gate_doubts gate_pilots)
  db_test(${name} ON gate)
  target_sources(test_db_${name} PRIVATE tests/db/gate_db.c tests/db/kpi_help.c)
endforeach()
