# the pure parts, and a toy server with the tests that talk to it
foreach(name http http_body)
  unit_test(${name} ON http)
  target_include_directories(test_${name} PRIVATE src/http)
endforeach()

add_executable(http_testserver tests/http/testserver.c)
target_link_libraries(http_testserver http base)

# http_test(NAME) runs tests/http/test_NAME.py
function(http_test name)
  add_test(NAME http/${name} COMMAND /usr/bin/python3 -B -W ignore::ResourceWarning
           ${CMAKE_SOURCE_DIR}/tests/http/test_${name}.py $<TARGET_FILE:http_testserver>)
  set_tests_properties(http/${name} PROPERTIES LABELS http TIMEOUT 300)
endfunction()

foreach(name raw requests time later stop flood strangers)
  http_test(${name})
endforeach()
