# errors, arenas, text, hashes, time, JSON
unit_test(base)
unit_test(time)
unit_test(json)
