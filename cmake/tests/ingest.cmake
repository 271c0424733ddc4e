# events in: reading, records, the loader
unit_test(event ON event)
unit_test(record ON ingest)
unit_test(ingest ON ingest)
foreach(t loader deliveries)
  db_test(${t} ON worker)
  target_sources(test_db_${t} PRIVATE tests/db/house.c)
endforeach()
bench(ingest ON ingest)
