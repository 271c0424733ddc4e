# errors, arenas, text, hashes, time, JSON, words
unit_test(base)
unit_test(time)
unit_test(json)
unit_test(words)
