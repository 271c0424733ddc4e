# events in: reading, records, the loader
foreach(t loader)
  db_test(${t} ON worker)
  target_sources(test_db_${t} PRIVATE tests/db/house.c)
endforeach()
bench(ingest ON ingest)
