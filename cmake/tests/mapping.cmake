# mappings: documents, operators, CSV, what is shipped
foreach(t mapping mapping_docs mapping_read mapping_csv)
  unit_test(${t} ON mapping)
  target_sources(test_${t} PRIVATE tests/unit/mapping_t.c)
endforeach()
