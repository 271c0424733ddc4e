unit_test(conf ON conf)
unit_test(calendar ON pilot)
unit_test(vault ON pilot)
unit_test(seal ON pilot)
target_include_directories(test_seal PRIVATE src/pilot) # its pure parts
db_test(pilot ON pilot)
db_test(refusals ON pilot)
db_test(seal ON pilot)
db_test(auth ON pilot auth)
