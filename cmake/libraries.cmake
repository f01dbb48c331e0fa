# Everything from Debian besides LibTorch: one INTERFACE target for each set of users.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ICU 72 REQUIRED COMPONENTS uc i18n data)

pkg_check_modules(sentencepiece REQUIRED IMPORTED_TARGET sentencepiece)
pkg_check_modules(ffmpeg REQUIRED IMPORTED_TARGET
  libavformat libavcodec libavutil libswresample libswscale)
pkg_check_modules(libpng REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(libjpeg REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(libebur128 REQUIRED IMPORTED_TARGET libebur128)
pkg_check_modules(libchromaprint REQUIRED IMPORTED_TARGET libchromaprint)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(libxml2 REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(fasttext REQUIRED IMPORTED_TARGET fasttext)
pkg_check_modules(gumbo REQUIRED IMPORTED_TARGET gumbo)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(harfbuzz REQUIRED IMPORTED_TARGET harfbuzz)
find_library(REKA_CLD2 cld2 REQUIRED)

# OpenCV's own package file would pull in all of OpenCV; two of its libraries are enough.
find_path(REKA_OPENCV_INCLUDE opencv2/imgcodecs.hpp PATH_SUFFIXES opencv4 REQUIRED)
add_library(reka_opencv INTERFACE)
add_library(reka::opencv ALIAS reka_opencv)
target_include_directories(reka_opencv SYSTEM INTERFACE ${REKA_OPENCV_INCLUDE})
foreach(name core imgproc imgcodecs)
  find_library(REKA_OPENCV_${name} opencv_${name} REQUIRED)
  target_link_libraries(reka_opencv INTERFACE ${REKA_OPENCV_${name}})
endforeach()

# LibTorch ships fmt headers of its own: header-only on both sides, so that neither is linked.
add_library(reka_fmt INTERFACE)
add_library(reka::fmt ALIAS reka_fmt)
target_compile_definitions(reka_fmt INTERFACE FMT_HEADER_ONLY=1)

# The program's allocator: glibc's grows without end over rows of ever new lengths.
option(REKA_TCMALLOC "Link tcmalloc into the program" ON)
if(REKA_TCMALLOC)
  find_library(REKA_LIB_tcmalloc tcmalloc_minimal REQUIRED)
endif()

# Parquet by the Arrow that PyPI's pyarrow carries; its libraries have no names without a version.
option(REKA_PARQUET "Read Parquet files; needs .venv/bin/pip install --no-deps pyarrow==26.0.1" OFF)
if(REKA_PARQUET)
  file(GLOB REKA_VENV_ARROW ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/pyarrow)
  find_path(REKA_ARROW_ROOT include/parquet/arrow/reader.h HINTS ${REKA_VENV_ARROW} REQUIRED NO_DEFAULT_PATH)
  file(GLOB REKA_ARROW_LIBRARIES ${REKA_ARROW_ROOT}/libparquet.so.[0-9]* ${REKA_ARROW_ROOT}/libarrow.so.[0-9]*)
endif()
