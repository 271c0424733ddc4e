# rollups, KPIs, what may be published
foreach(name kpi publish publish_worlds publish_attack)
  unit_test(${name} ON kpi event)
endforeach()
foreach(name rollup kpi kpi_contract kpi_keys)
  db_test(${name} ON kpi)
  target_sources(test_db_${name} PRIVATE tests/db/kpi_help.c)
endforeach()

add_test(NAME unit/kpipack COMMAND tests/unit/kpipack.sh $<TARGET_FILE:kpipack>
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME docs/kpis COMMAND ${CMAKE_COMMAND} -E compare_files ${GEN}/kpis.md
         ${CMAKE_SOURCE_DIR}/docs/kpis.md) # differs: ninja docs
set_tests_properties(unit/kpipack docs/kpis PROPERTIES LABELS unit)
