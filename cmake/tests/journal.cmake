foreach(t journal journal_keep journal_damage journal_files journal_fault journal_full)
  unit_test(${t} ON journal)
  target_sources(test_${t} PRIVATE tests/unit/journal_t.c)
endforeach()
target_sources(test_journal_damage PRIVATE tests/unit/journal_disk.c)
target_sources(test_journal_files PRIVATE tests/unit/journal_disk.c)
foreach(t journal_fault journal_full) # calls of the journal that fail on demand
  target_sources(test_${t} PRIVATE tests/unit/journal_wrap.c)
  foreach(call openat pread pwrite pwritev fdatasync fsync renameat unlinkat malloc calloc realloc)
    target_link_options(test_${t} PRIVATE -Wl,--wrap=${call})
  endforeach()
endforeach()

# Kills a child that writes. COLLAUDO_WANT_CRASH_POINTS=1 in the environment makes it fail in a
# build without -DCRASH_POINTS=ON, where it can only kill at random times.
add_executable(fault_journal_kill tests/fault/journal_kill.c tests/unit/journal_t.c tests/unit/t.c)
target_link_libraries(fault_journal_kill journal base)
target_include_directories(fault_journal_kill PRIVATE tests/unit)
add_test(NAME fault/journal_kill COMMAND fault_journal_kill WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(fault/journal_kill PROPERTIES LABELS fault TIMEOUT 300)
bench(journal ON journal)
