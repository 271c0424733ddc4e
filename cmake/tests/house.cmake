# the whole service
unit_test(page ON page)
db_test(pressure ON api worker)
target_sources(test_db_pressure PRIVATE tests/db/house.c)
target_link_options(test_db_pressure PRIVATE -Wl,--wrap=fstatvfs)
e2e_test(cli)
e2e_test(database)
e2e_test(demos)
e2e_test(docs)
e2e_test(doors)
e2e_test(dialects)
e2e_test(keys)
e2e_test(kill)
e2e_test(settled)
e2e_test(silence)
e2e_test(states)
bench(load ON Threads::Threads)

# Plain builds only. The checks have bad examples that each must find, and sanitizers add symbols;
# `run` builds a program of its own; doctor and fence preload a library, which must not come before
# a sanitizer's; `limits` measures, so it runs alone; real clients, a browser, and what mostly waits
# tell a sanitizer nothing that the other tests do not.
if(SANITIZE STREQUAL "")
  e2e_test(limits)
  set_tests_properties(e2e/limits PROPERTIES LABELS http)
  e2e_test(doctor)
  add_library(noflock MODULE tests/fault/noflock.c) # preloaded by it
  e2e_test(fence)
  set_tests_properties(e2e/fence PROPERTIES ENVIRONMENT
                       "COLLAUDO_BINARY=$<TARGET_FILE:collaudo>;COLLAUDO_NOFLOCK=$<TARGET_FILE:noflock>")
  add_test(NAME e2e/kill_often COMMAND /usr/bin/python3 -B ${CMAKE_SOURCE_DIR}/tests/e2e/kill.py 50 short
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(e2e/kill_often PROPERTIES LABELS e2e TIMEOUT 900
                       ENVIRONMENT COLLAUDO_BINARY=$<TARGET_FILE:collaudo>)
  e2e_test(outage)
  e2e_test(run)
  e2e_test(clients 1000)
  e2e_test(web)
  set_tests_properties(e2e/web PROPERTIES LABELS web)
  foreach(t floors names sql text lang)
    add_test(NAME checks/${t} COMMAND ${CMAKE_SOURCE_DIR}/tests/checks/${t}.sh)
    set_tests_properties(checks/${t} PROPERTIES LABELS checks TIMEOUT 300)
  endforeach()
endif()
