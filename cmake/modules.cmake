# modules.cmake - the house, floor by floor (docs/architecture.md).

# floor 0
module(base PKG libcjson libsodium zlib ON Threads::Threads m)

# floor 0.5: mechanisms; they know no pilot
module(journal ON base)
