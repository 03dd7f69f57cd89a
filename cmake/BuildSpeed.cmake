# What makes builds faster where it is installed, and changes nothing that is shipped.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

# Release keeps the system's linker: what is shipped should not depend on what else is installed.
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TFSEAL_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()

# For a build that starts with an empty cache, as CI's: most of a file's compile time is the standard library's headers.
# Off elsewhere: a compiled file that used a precompiled header is found again in no other clone, and a missing #include
# goes unnoticed with one.
option(TFSEAL_PRECOMPILED_HEADERS "Precompile the headers that most files include" OFF)

# tfseal_precompile(TARGET FROM) gives the files of TARGET what tfseal_precompiled or tfseal_precompiled_test holds.
function(tfseal_precompile target from)
  if(TFSEAL_PRECOMPILED_HEADERS)
    if(NOT TARGET ${from})
      # Made on first use: by then the flags that all files are compiled with are known.
      file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/precompiled/main.cc" CONTENT "int main() {}\n")
      if(from STREQUAL "tfseal_precompiled_test")
        add_executable(${from} "${PROJECT_BINARY_DIR}/precompiled/main.cc")  # compiled with -fPIE, as the tests are
      else()
        add_library(${from} OBJECT "${PROJECT_BINARY_DIR}/precompiled/main.cc")
      endif()
      target_link_libraries(${from} PRIVATE tfseal_flags fmt::fmt)
      target_precompile_headers(${from} PRIVATE <algorithm> <array> <charconv> <chrono> <cstdint> <filesystem> <functional>
        <map> <memory> <optional> <set> <span> <string> <string_view> <utility> <variant> <vector> <fmt/format.h>)
      if(from STREQUAL "tfseal_precompiled_test")
        target_link_libraries(${from} PRIVATE GTest::gtest GTest::gmock)
        target_precompile_headers(${from} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
      endif()
    endif()
    # GCC 12 forgets of a precompiled file that it is a system's header, and reports there what it takes the inlined code of
    # std::string to do. Builds without, as people's are, have these as errors.
    target_compile_options(${target} PRIVATE -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=array-bounds
      -Wno-error=restrict -Wno-error=maybe-uninitialized)
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_COMPILE_DEFINITIONS>)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()
