unit_test(conf ON conf)
unit_test(calendar ON pilot)
unit_test(vault ON pilot)
unit_test(seal ON pilot)
target_include_directories(test_seal PRIVATE src/pilot) # its pure parts
db_test(pilot ON pilot)
db_test(refusals ON pilot)
db_test(seal ON pilot)
db_test(auth ON pilot auth)
unit_test(charter ON pilot)
db_test(examples ON kpi)
add_test(NAME checks/uci_examples COMMAND /usr/bin/python3 -B tests/data/make_uci.py --check
         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(checks/uci_examples PROPERTIES LABELS checks)
