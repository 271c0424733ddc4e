# tests.cmake - every test program. Labels:
#   unit        no server
#   db          a scratch PostgreSQL: run through scripts/scratch-pg
#   e2e, web    the whole service; fault: kills and outages
#   http        measures times: run alone by scripts/test, as is every label not named here
#   checks      bad examples for scripts/check-*
#   crash       has more to do in a build with -DCRASH_POINTS=ON: runs there too

# unit_test(NAME ON <modules>) compiles tests/unit/NAME.c
function(unit_test name)
  cmake_parse_arguments(T "" "" "ON" ${ARGN})
  add_executable(test_${name} tests/unit/${name}.c tests/unit/t.c)
  target_link_libraries(test_${name} ${T_ON} base)
  target_include_directories(test_${name} PRIVATE tests/unit)
  add_test(NAME unit/${name} COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(unit/${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

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

# bench(NAME ON <modules>) compiles tests/bench/NAME.c; never run by ctest
function(bench name)
  cmake_parse_arguments(B "" "" "ON" ${ARGN})
  add_executable(bench_${name} tests/bench/${name}.c)
  target_link_libraries(bench_${name} ${B_ON} base)
endfunction()

foreach(part base store draw journal http pilot ingest mapping kpi gate simulate house fuzz)
  include(cmake/tests/${part}.cmake)
endforeach()
