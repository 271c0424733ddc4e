# rollups, KPIs, what may be published
foreach(name kpi publish publish_worlds publish_attack)
  unit_test(${name} ON kpi)
  target_sources(test_${name} PRIVATE tests/unit/pilot_rules.c)
endforeach()
foreach(name rollup kpi kpi_contract kpi_keys)
  db_test(${name} ON kpi)
  target_sources(test_db_${name} PRIVATE tests/db/kpi_help.c tests/unit/pilot_rules.c)
endforeach()
