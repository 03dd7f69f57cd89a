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
