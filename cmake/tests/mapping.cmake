# mappings: documents, operators, CSV, what is shipped
foreach(t mapping mapping_docs)
  unit_test(${t} ON mapping)
  target_sources(test_${t} PRIVATE tests/unit/mapping_t.c)
endforeach()
