# the whole service
e2e_test(demos)
e2e_test(doors)
e2e_test(kill)
bench(load ON Threads::Threads)

# the checks: bad examples that each must find (plain builds only: sanitizers add symbols)
if(SANITIZE STREQUAL "")
  foreach(t floors names sql text)
    add_test(NAME checks/${t} COMMAND ${CMAKE_SOURCE_DIR}/tests/checks/${t}.sh)
    set_tests_properties(checks/${t} PROPERTIES LABELS checks TIMEOUT 300)
  endforeach()
endif()
