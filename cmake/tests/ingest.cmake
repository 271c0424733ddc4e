# events in: reading, records, the loader
unit_test(event ON event)
foreach(t segment binary otlp xapi) # the dialects of other people's clients
  unit_test(${t} ON event)
  target_sources(test_${t} PRIVATE tests/unit/wire.c)
endforeach()
unit_test(record ON ingest)
foreach(t ingest ingest_dialects import)
  unit_test(${t} ON ingest)
  target_sources(test_${t} PRIVATE tests/unit/ingest_t.c)
endforeach()
foreach(t loader ledger repeats deliveries fence voices)
  db_test(${t} ON worker)
  target_sources(test_db_${t} PRIVATE tests/db/house.c)
endforeach()
bench(ingest ON ingest)

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

# Exchanges the database for an older copy of it.
add_executable(fault_worker_restore tests/fault/worker_restore.c tests/db/house.c tests/db/pg.c
               tests/unit/t.c)
target_include_directories(fault_worker_restore PRIVATE tests/unit tests/db)
target_link_libraries(fault_worker_restore worker ingest journal event pilot store base)
add_test(NAME fault/worker_restore COMMAND fault_worker_restore WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(fault/worker_restore PROPERTIES LABELS db TIMEOUT 300)

bench(loader ON worker ingest journal event pilot store)
target_sources(bench_loader PRIVATE tests/db/house.c tests/db/pg.c tests/unit/t.c)
target_include_directories(bench_loader PRIVATE tests/unit tests/db)
