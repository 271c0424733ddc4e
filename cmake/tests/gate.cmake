unit_test(gate ON gate)
unit_test(gate_force ON gate)
foreach(name gate_words gate_plan)
  unit_test(${name} ON gate)
  target_sources(test_${name} PRIVATE tests/unit/gate_help.c)
  target_include_directories(test_${name} PRIVATE src/gate) # its phrases
endforeach()
