# Fuzz targets. Each runs its corpus in every build; -DSANITIZE=fuzz (clang) makes them search
# (scripts/fuzz).

# fuzz_target(NAME ON <modules> IN <private folders> WITH <sources> ALSO <more inputs>)
function(fuzz_target name)
  cmake_parse_arguments(F "" "" "ON;IN;WITH;ALSO" ${ARGN})
  add_executable(fuzz_${name} tests/fuzz/${name}.c tests/fuzz/fuzz_once.c ${F_WITH})
  target_link_libraries(fuzz_${name} ${F_ON} base)
  target_include_directories(fuzz_${name} PRIVATE tests/fuzz tests/unit ${F_IN})
  if(SANITIZE STREQUAL "fuzz")
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE tests/fuzz/fuzz_main.c)
    add_test(NAME fuzz/${name} COMMAND fuzz_${name} tests/fuzz/corpus/${name} ${F_ALSO}
             WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(fuzz/${name} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

fuzz_target(json ALSO tests/data/json)
fuzz_target(event ON event)
fuzz_target(dialects ON event)
fuzz_target(guard ON http IN src/http ALSO tests/data/llhttp)
fuzz_target(record ON ingest)
fuzz_target(conf ON conf ALSO docs/examples)
fuzz_target(journal ON journal IN src/journal WITH tests/unit/journal_t.c tests/unit/t.c)
