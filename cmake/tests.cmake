# tests.cmake - every test program. Labels: unit (no server), db (needs a scratch
# PostgreSQL: run through scripts/scratch-pg), http (starts the service).

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

db_test(store)

# bench_NAME compiles tests/bench/NAME.c; never run by ctest
function(bench name)
  cmake_parse_arguments(B "" "" "ON" ${ARGN})
  add_executable(bench_${name} tests/bench/${name}.c)
  target_link_libraries(bench_${name} ${B_ON} base)
endfunction()

bench(journal ON journal)


# --- kpi -------------------------------------------------------------------------
foreach(name rollup kpi kpi_contract kpi_keys)
  if(EXISTS ${CMAKE_SOURCE_DIR}/tests/db/${name}.c)
  db_test(${name} ON kpi)
  target_sources(test_db_${name} PRIVATE tests/db/kpi_help.c tests/unit/pilot_rules.c)
  endif()
endforeach()

# --- gate ------------------------------------------------------------------------
unit_test(gate ON gate)
unit_test(gate_force ON gate)
foreach(name gate_words gate_plan)
  unit_test(${name} ON gate)
  target_sources(test_${name} PRIVATE tests/unit/gate_help.c)
  target_include_directories(test_${name} PRIVATE src/gate) # its phrases
endforeach()

foreach(name gate gate_doubts gate_pilots)
  db_test(${name} ON gate)
  target_sources(test_db_${name} PRIVATE tests/db/gate_db.c tests/db/kpi_help.c)
endforeach()
