# tfseal_embed(OUTPUT file.cc FUNCTION Name FILES file... [HEADER file.h] [NAMESPACE name]) writes a source file that
# defines
#   std::span<const EmbeddedFile> Name()
# (declared in the header; default: cli/embedded.h) with the text of each file under its name up to the first dot.
function(tfseal_embed)
  cmake_parse_arguments(EMBED "" "OUTPUT;FUNCTION;HEADER;NAMESPACE" "FILES" ${ARGN})
  if(NOT EMBED_HEADER)
    set(EMBED_HEADER cli/embedded.h)
    set(EMBED_NAMESPACE tfseal::cli)
  endif()
  set(texts "")
  set(entries "")
  foreach(file IN LISTS EMBED_FILES)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    string(MAKE_C_IDENTIFIER "kText_${name}" constant)
    file(READ ${file} text)
    string(APPEND texts "constexpr char ${constant}[] = R\"tfseal_embed(${text})tfseal_embed\";\n")
    string(APPEND entries "    {\"${name}\", {${constant}, sizeof ${constant} - 1}},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${EMBED_OUTPUT} @ONLY CONTENT
"#include \"@EMBED_HEADER@\"

namespace @EMBED_NAMESPACE@ {
namespace {
@texts@}  // namespace

std::span<const EmbeddedFile> @EMBED_FUNCTION@() {
  static constexpr EmbeddedFile kFiles[] = {
@entries@  };
  return kFiles;
}

}  // namespace @EMBED_NAMESPACE@
")
  set_source_files_properties(${EMBED_OUTPUT} PROPERTIES COMPILE_OPTIONS "-Wno-overlength-strings")
endfunction()
