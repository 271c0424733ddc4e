# tests.cmake - every test program. Labels: unit (no server), db (needs a scratch
# PostgreSQL: run through scripts/scratch-pg), http (starts the service).

# unit_test(NAME ON <modules>) compiles tests/unit/NAME.c
function(unit_test name)
  cmake_parse_arguments(T "" "" "ON" ${ARGN})
  add_executable(test_${name} tests/unit/${name}.c tests/unit/t.c)
  target_link_libraries(test_${name} ${T_ON} base)
  target_include_directories(test_${name} PRIVATE tests/unit)
  add_test(NAME unit/${name} COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(unit/${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

unit_test(base)
unit_test(time)
unit_test(json)

# --- http: its pure parts, and a toy server with the tests that talk to it ------
foreach(name http http_body)
  unit_test(${name} ON http)
  target_include_directories(test_${name} PRIVATE src/http)
endforeach()

add_executable(http_testserver tests/http/testserver.c)
target_link_libraries(http_testserver http base)

# http_test(NAME) runs tests/http/test_NAME.py
function(http_test name)
  add_test(NAME http/${name} COMMAND /usr/bin/python3 -B -W ignore::ResourceWarning ${CMAKE_SOURCE_DIR}/tests/http/test_${name}.py
                                     $<TARGET_FILE:http_testserver>)
  set_tests_properties(http/${name} PROPERTIES LABELS http TIMEOUT 300)
endfunction()

http_test(raw)
http_test(requests)
http_test(time)
http_test(later)
http_test(stop)
http_test(flood)
