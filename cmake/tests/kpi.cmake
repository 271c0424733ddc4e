# rollups, KPIs, what may be published
foreach(name kpi_keys)
  db_test(${name} ON kpi)
  target_sources(test_db_${name} PRIVATE tests/db/kpi_help.c tests/unit/pilot_rules.c)
endforeach()
