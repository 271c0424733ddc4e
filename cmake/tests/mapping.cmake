# mappings: documents, operators, values, CSV, bodies, what is shipped, the examples of the page
foreach(t mapping mapping_apply mapping_csv mapping_docs mapping_read)
  unit_test(${t} ON mapping)
  target_sources(test_${t} PRIVATE tests/unit/mapping_t.c)
endforeach()
unit_test(mapping_value ON mapping)
target_include_directories(test_mapping_value PRIVATE src/mapping) # times and numbers alone
