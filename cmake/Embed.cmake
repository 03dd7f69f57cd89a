# tfseal_embed(OUTPUT file.cc HEADER file.h FUNCTION Name FILES file...) writes a source file that defines
#   std::span<const EmbeddedFile> Name()
# with the text of each file under its name without folder and ending. HEADER declares both.
function(tfseal_embed)
  cmake_parse_arguments(EMBED "" "OUTPUT;HEADER;FUNCTION" "FILES" ${ARGN})
  set(entries "")
  foreach(file IN LISTS EMBED_FILES)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    # As bytes: no quoting rule of C++ or CMake can get in the way.
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND arrays "constexpr unsigned char k_${name}[] = {${bytes}};\n")
    string(APPEND entries "    {\"${name}\", {reinterpret_cast<const char*>(k_${name}), sizeof k_${name}}},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${EMBED_OUTPUT} @ONLY CONTENT
"#include \"@EMBED_HEADER@\"

namespace tfseal::cli {
namespace {
@arrays@}  // namespace

std::span<const EmbeddedFile> @EMBED_FUNCTION@() {
  static const EmbeddedFile files[] = {
@entries@  };
  return files;
}

}  // namespace tfseal::cli
")
endfunction()
