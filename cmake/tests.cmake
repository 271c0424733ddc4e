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

# --- kpi -------------------------------------------------------------------------
foreach(name kpi publish publish_worlds publish_attack)
  unit_test(${name} ON kpi)
  target_sources(test_${name} PRIVATE tests/unit/pilot_rules.c)
endforeach()
foreach(name rollup kpi kpi_contract kpi_keys)
  db_test(${name} ON kpi)
  target_sources(test_db_${name} PRIVATE tests/db/kpi_help.c tests/unit/pilot_rules.c)
endforeach()

add_test(NAME unit/kpipack COMMAND tests/unit/kpipack.sh $<TARGET_FILE:kpipack>
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME docs/kpis COMMAND ${CMAKE_COMMAND} -E compare_files ${GEN}/kpis.md
         ${CMAKE_SOURCE_DIR}/docs/kpis.md) # differs: ninja docs
set_tests_properties(unit/kpipack docs/kpis PROPERTIES LABELS unit)
