# tfseal_lazy_library(NAME name PREFIX pkg-config-prefix FILE library [MATCHING regex])
# declares a target to be used in place of PkgConfig::PREFIX. It has a stub for every function that the shared library
# exports, or for those that match; the first call of any of them loads the library. So a process that never talks to
# AWS or PostgreSQL does not pay for binding libcurl, libpq and the thirty libraries behind them, which takes longer
# than judging a small plan; nor one that computes no digest for libcrypto.
#
# The stubs keep all argument registers and jump, so that functions of any signature work, variadic ones too. Variables
# that a library exports have no stub; using one is a link error. Elsewhere than on x86-64 Linux, and with sanitizers,
# the target is the library itself.
function(tfseal_lazy_library)
  cmake_parse_arguments(LAZY "" "NAME;PREFIX;FILE;MATCHING" "" ${ARGN})
  if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" OR TFSEAL_SANITIZE)
    add_library(${LAZY_NAME} INTERFACE)
    target_link_libraries(${LAZY_NAME} INTERFACE PkgConfig::${LAZY_PREFIX})
    return()
  endif()
  find_library(${LAZY_NAME}_file NAMES ${LAZY_FILE} HINTS ${${LAZY_PREFIX}_LIBRARY_DIRS} REQUIRED)
  execute_process(COMMAND ${CMAKE_NM} -D --defined-only --format=posix ${${LAZY_NAME}_file}
    OUTPUT_VARIABLE exported COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${${LAZY_NAME}_file} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "SONAME +([^\n]+)" unused "${headers}")
  set(LAZY_SONAME "${CMAKE_MATCH_1}")
  string(REGEX MATCHALL "[A-Za-z_][A-Za-z0-9_]*(@@?[A-Za-z0-9_.]+)? [TW] " functions "${exported}")
  set(LAZY_STUBS "")
  set(LAZY_NAMES "")
  set(LAZY_OFFSETS "")
  set(index 0)
  set(offset 0)
  foreach(function IN LISTS functions)
    string(REGEX REPLACE "[@ ].*" "" function "${function}")
    if(LAZY_MATCHING AND NOT function MATCHES "${LAZY_MATCHING}")
      continue()
    endif()
    string(APPEND LAZY_STUBS "    TFSEAL_STUB ${function} ${index}\n")
    string(APPEND LAZY_NAMES "    \"${function}\\0\"\n")
    string(APPEND LAZY_OFFSETS "    ${offset},\n")
    string(LENGTH "${function}" length)
    math(EXPR offset "${offset} + ${length} + 1")
    math(EXPR index "${index} + 1")
  endforeach()
  set(LAZY_COUNT ${index})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/lazy_library.cc.in ${CMAKE_CURRENT_BINARY_DIR}/${LAZY_NAME}.cc @ONLY)
  add_library(${LAZY_NAME} STATIC ${CMAKE_CURRENT_BINARY_DIR}/${LAZY_NAME}.cc)
  target_include_directories(${LAZY_NAME} SYSTEM INTERFACE ${${LAZY_PREFIX}_INCLUDE_DIRS})
  target_link_libraries(${LAZY_NAME} INTERFACE ${CMAKE_DL_LIBS})
endfunction()

# tfseal_static_library(NAME name PREFIX pkg-config-prefix FILE library.a DEPENDS target...)
# declares a target to be used in place of PkgConfig::PREFIX that is linked statically where the package has the
# archive: each shared library less is a fifth of a millisecond less at every start.
function(tfseal_static_library)
  cmake_parse_arguments(STATIC "" "NAME;PREFIX;FILE" "DEPENDS" ${ARGN})
  add_library(${STATIC_NAME} INTERFACE)
  find_library(${STATIC_NAME}_file NAMES ${STATIC_FILE} HINTS ${${STATIC_PREFIX}_LIBRARY_DIRS})
  if(${STATIC_NAME}_file)
    target_include_directories(${STATIC_NAME} SYSTEM INTERFACE ${${STATIC_PREFIX}_INCLUDE_DIRS})
    target_compile_options(${STATIC_NAME} INTERFACE ${${STATIC_PREFIX}_CFLAGS_OTHER})
    target_link_libraries(${STATIC_NAME} INTERFACE ${${STATIC_NAME}_file} ${STATIC_DEPENDS})
  else()
    target_link_libraries(${STATIC_NAME} INTERFACE PkgConfig::${STATIC_PREFIX})
  endif()
endfunction()
