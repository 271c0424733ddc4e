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

# db_test(NAME ON <modules>) compiles tests/db/NAME.c; it needs a PostgreSQL to play with,
# and fails without one.
function(db_test name)
  cmake_parse_arguments(T "" "" "ON" ${ARGN})
  add_executable(test_db_${name} tests/db/${name}.c tests/db/pg.c tests/unit/t.c)
  target_link_libraries(test_db_${name} ${T_ON} store base)
  target_include_directories(test_db_${name} PRIVATE tests/unit tests/db)
  add_test(NAME db/${name} COMMAND test_db_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(db/${name} PROPERTIES LABELS db TIMEOUT 300)
endfunction()

db_test(store)
# what draws: these tests also see the modules' own headers, and hold every PNG against the
# bitmap it was made of (png_watch.h)
foreach(name draw chart)
  unit_test(${name} ON ${name})
  target_sources(test_${name} PRIVATE tests/unit/xml.c tests/unit/png_watch.c
                                      tests/unit/chart_cases.c)
  target_include_directories(test_${name} PRIVATE src/draw src/chart)
  target_link_options(test_${name} PRIVATE -Wl,--wrap=draw_png_encode)
endforeach()
unit_test(webfont ON draw)
target_compile_definitions(test_webfont PRIVATE WEB_FONT_DIR="${GEN}/fonts")
add_dependencies(test_webfont web_fonts)
add_executable(bench_chart tests/bench/chart.c tests/unit/chart_cases.c)
target_link_libraries(bench_chart chart)
target_include_directories(bench_chart PRIVATE tests/unit)
