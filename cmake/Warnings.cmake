# One interface target carries the warnings, the hardening and the sanitizers of all our own code.
add_library(tfseal_flags INTERFACE)
target_compile_options(tfseal_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wimplicit-fallthrough
  -fstack-protector-strong $<$<BOOL:${TFSEAL_WERROR}>:-Werror>
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
# GCC 13 and later take every function that is given a temporary for one that returns it: At("name") of a document that
# outlives the statement.
target_compile_options(tfseal_flags INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,13>>:-Wno-dangling-reference>)
target_link_options(tfseal_flags INTERFACE -Wl,-z,relro,-z,now)
target_include_directories(tfseal_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(NOT TFSEAL_SANITIZE)
  target_compile_options(tfseal_flags INTERFACE $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
endif()
if(TFSEAL_SANITIZE)
  target_compile_options(tfseal_flags INTERFACE -fsanitize=${TFSEAL_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(tfseal_flags INTERFACE -fsanitize=${TFSEAL_SANITIZE})
endif()
if(TFSEAL_FUZZ)
  target_compile_options(tfseal_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
