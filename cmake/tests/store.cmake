# connections and values; the embedded cluster: these two start clusters of their own
db_test(store)
foreach(t cluster cluster_kill)
  db_test(${t})
  target_sources(test_db_${t} PRIVATE tests/db/cluster_t.c)
  target_include_directories(test_db_${t} PRIVATE src/store)
endforeach()
set_property(TEST db/cluster_kill APPEND PROPERTY LABELS crash)
