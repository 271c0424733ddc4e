# the whole service
unit_test(page ON page)
e2e_test(demos)
e2e_test(doors)
e2e_test(keys)
e2e_test(kill)
e2e_test(web)
set_tests_properties(e2e/web PROPERTIES LABELS web)
bench(load ON Threads::Threads)

# the checks: bad examples that each must find (plain builds only: sanitizers add symbols)
if(SANITIZE STREQUAL "")
  foreach(t floors names sql text)
    add_test(NAME checks/${t} COMMAND ${CMAKE_SOURCE_DIR}/tests/checks/${t}.sh)
    set_tests_properties(checks/${t} PROPERTIES LABELS checks TIMEOUT 300)
  endforeach()
endif()

# Not worth a run under the thread sanitizer: they start no thread.
set_property(TEST unit/base unit/time unit/json db/cluster db/cluster_kill
             APPEND PROPERTY LABELS one-thread)
