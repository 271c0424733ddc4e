# fonts.cmake - the web fonts: Inter from Debian's fonts-inter, cut down to what the pages
# write and packed as WOFF2 at build time. Nothing of it is kept in the repository.
#
# web_fonts(TARGET) makes ${GEN}/fonts/inter-400.woff2, inter-600.woff2 and inter-700.woff2
# and the target that builds them; their paths are in WEB_FONTS. Same tools, same bytes. They keep
# the font's names, copyright and licence (LICENSE.third-party).
set(INTER_DIR /usr/share/fonts/opentype/inter CACHE PATH "Inter-Regular.otf and its sisters")

# Basic Latin; the letters of Italian and of its neighbours (German, French, Spanish);
# punctuation, blanks that do not break, arrows, and the signs of the charts and the gate.
set(INTER_LETTERS
    20-7e a0 a7 a9 ab b0 b1 b7 ba aa bb bf d7           # ASCII, § © « ° ± · º ª » ¿ ×
    c0 c4 c7-c9 cc-cd d2-d3 d6 d9-da dc df              # À Ä Ç È É Ì Í Ò Ó Ö Ù Ú Ü ß
    e0 e1 e2 e4 e7-ea ec-ee f1-f4 f6 f9-fc              # à á â ä ç è é ê ì í î ñ ò ó ô ö ù ú û ü
    2009 202f 2011 2013 2014 2018-2019 201c-201e 2022 2026 # thin blanks, hyphen, – — ‘ ’ “ ” „ • …
    20ac 2190-2193 2212 2248 2260 2264-2265 2713)       # € ← ↑ → ↓ − ≈ ≠ ≤ ≥ ✓

function(web_fonts target)
  find_program(HB_SUBSET hb-subset)
  find_program(WOFF2_COMPRESS woff2_compress)
  if(NOT HB_SUBSET)
    message(FATAL_ERROR "hb-subset is missing: apt-get install libharfbuzz-bin")
  endif()
  if(NOT WOFF2_COMPRESS)
    message(FATAL_ERROR "woff2_compress is missing: apt-get install woff2")
  endif()
  string(REPLACE ";" "," letters "${INTER_LETTERS}")
  file(MAKE_DIRECTORY ${GEN}/fonts)
  set(made)
  foreach(face 400:Regular 600:SemiBold 700:Bold)
    string(REPLACE ":" ";" face ${face})
    list(GET face 0 weight)
    list(GET face 1 name)
    set(from ${INTER_DIR}/Inter-${name}.otf)
    set(to ${GEN}/fonts/inter-${weight})
    if(NOT EXISTS ${from})
      message(FATAL_ERROR "${from} is missing: apt-get install fonts-inter")
    endif()
    add_custom_command(
      OUTPUT ${to}.woff2
      # kerning and tabular figures stay; without subroutines Brotli packs tighter
      COMMAND ${HB_SUBSET} ${from} --unicodes=${letters} --layout-features=kern,tnum
              --no-hinting --desubroutinize --name-IDs=0,1,2,13,14 --output-file=${to}.otf
      # it talks even when all is well
      COMMAND sh -c "${WOFF2_COMPRESS} ${to}.otf > ${to}.log 2>&1 || { cat ${to}.log; exit 1; }"
      BYPRODUCTS ${to}.otf ${to}.log
      DEPENDS ${from} ${CMAKE_SOURCE_DIR}/cmake/fonts.cmake
      COMMENT "Web font Inter ${name}"
      VERBATIM)
    list(APPEND made ${to}.woff2)
  endforeach()
  add_custom_target(${target} ALL DEPENDS ${made})
  set(WEB_FONTS ${made} PARENT_SCOPE)
endfunction()
