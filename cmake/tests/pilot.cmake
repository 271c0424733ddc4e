# declarations, charters, calendars, keys
unit_test(conf ON conf)
unit_test(calendar ON pilot)
unit_test(vault ON pilot)
