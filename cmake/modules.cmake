# modules.cmake - the house, floor by floor (docs/architecture.md).

# floor 0
module(base PKG libcjson libsodium zlib ON Threads::Threads m)

# floor 0.5
module(http PKG libmicrohttpd ON base)
