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

db_test(store)
foreach(t loader deliveries)
  db_test(${t} ON worker)
  target_sources(test_db_${t} PRIVATE tests/db/house.c)
endforeach()

foreach(t journal journal_keep journal_damage journal_files journal_fault journal_full)
  unit_test(${t} ON journal)
  target_sources(test_${t} PRIVATE tests/unit/journal_t.c)
endforeach()
target_sources(test_journal_damage PRIVATE tests/unit/journal_disk.c)
target_sources(test_journal_files PRIVATE tests/unit/journal_disk.c)
foreach(t journal_fault journal_full) # calls of the journal that fail on demand
  target_sources(test_${t} PRIVATE tests/unit/journal_wrap.c)
  foreach(call openat pread pwrite pwritev fdatasync fsync renameat unlinkat malloc calloc realloc)
    target_link_options(test_${t} PRIVATE -Wl,--wrap=${call})
  endforeach()
endforeach()

# Kills a child that writes. COLLAUDO_WANT_CRASH_POINTS=1 in the environment makes it fail in a
# build without -DCRASH_POINTS=ON, where it can only kill at random times.
add_executable(fault_journal_kill tests/fault/journal_kill.c tests/unit/journal_t.c tests/unit/t.c)
target_link_libraries(fault_journal_kill journal base)
target_include_directories(fault_journal_kill PRIVATE tests/unit)
add_test(NAME fault/journal_kill COMMAND fault_journal_kill WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(fault/journal_kill PROPERTIES LABELS fault TIMEOUT 300)

# Kills a loader between each two of its steps: this program alone is built with crash points.
file(GLOB worker_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/worker/*.c)
add_executable(fault_worker_kill tests/fault/worker_kill.c ${worker_sources} src/base/crash.c
               tests/db/house.c tests/db/pg.c tests/unit/t.c)
target_compile_definitions(fault_worker_kill PRIVATE CRASH_POINTS)
target_include_directories(fault_worker_kill PRIVATE tests/unit tests/db src/worker)
target_link_libraries(fault_worker_kill ingest journal event pilot store base)
add_test(NAME fault/worker_kill COMMAND fault_worker_kill WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(fault/worker_kill PROPERTIES LABELS db TIMEOUT 300)

# Stops and starts PostgreSQL: it has a server of its own.
add_executable(fault_worker_outage tests/fault/worker_outage.c tests/db/house.c tests/db/pg.c
               tests/unit/t.c)
target_include_directories(fault_worker_outage PRIVATE tests/unit tests/db)
target_link_libraries(fault_worker_outage worker ingest journal event pilot store base)
add_test(NAME fault/worker_outage
         COMMAND scripts/scratch-pg $<TARGET_FILE:fault_worker_outage>
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(fault/worker_outage PROPERTIES LABELS fault TIMEOUT 300)

# bench_NAME compiles tests/bench/NAME.c; never run by ctest
function(bench name)
  cmake_parse_arguments(B "" "" "ON" ${ARGN})
  add_executable(bench_${name} tests/bench/${name}.c)
  target_link_libraries(bench_${name} ${B_ON} base)
endfunction()

bench(journal ON journal)
bench(ingest ON ingest)
