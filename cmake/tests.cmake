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
unit_test(seal ON pilot)
target_include_directories(test_seal PRIVATE ${CMAKE_SOURCE_DIR}/src/pilot) # pure parts

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
db_test(pilot ON pilot)
db_test(refusals ON pilot)
db_test(seal ON pilot)
db_test(auth ON pilot auth)

# bench_NAME compiles tests/bench/NAME.c; never run by ctest
function(bench name)
  cmake_parse_arguments(B "" "" "ON" ${ARGN})
  add_executable(bench_${name} tests/bench/${name}.c)
  target_link_libraries(bench_${name} ${B_ON} base)
endfunction()

bench(journal ON journal)
