# modules.cmake - the house, floor by floor (docs/architecture.md).

# floor 0
module(base PKG libcjson libsodium zlib ON Threads::Threads m)
