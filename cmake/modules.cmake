# modules.cmake - the house, floor by floor (docs/architecture.md).

# floor 0
module(base PKG libcjson libsodium zlib ON Threads::Threads m)

# floor 0.5: mechanisms; they know no pilot
module(draw PKG gdlib freetype2 harfbuzz ON base)
module(chart ON draw base)
foreach(m draw chart) # the same picture on every processor: a*b+c is rounded twice everywhere
  target_compile_options(${m} PRIVATE -ffp-contract=off)
endforeach()
