# reka::warnings: what every target of ours is compiled with, and nothing that we only include.
add_library(reka_warnings INTERFACE)
add_library(reka::warnings ALIAS reka_warnings)
target_compile_options(reka_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow>
  # Designated initialisers leave the rest at its default on purpose.
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>
  # In a unity build the sources look like headers, whose types may not hold unnamed ones.
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
  # GCC 12 sees overlap in "text" + std::string where there is none.
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>)
if(REKA_WERROR)
  target_compile_options(reka_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
target_include_directories(reka_warnings INTERFACE ${CMAKE_SOURCE_DIR})
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()
