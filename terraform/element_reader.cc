#include "terraform/element_reader.h"

#include <fmt/format.h>

namespace tfseal::terraform {

bool IsDamagedKey(std::string_view key, std::span<const std::string_view> keys) {
  for (const std::string_view known : keys) {
    if (known.size() != key.size() || key.size() < 4) continue;
    std::size_t different = 0;
    for (std::size_t i = 0; i < key.size(); ++i) different += known[i] != key[i] ? 1 : 0;
    if (different == 1) return true;
  }
  return false;
}

bool ReadContext::Fail(const SliceReader& reader, std::string_view address) {
  const std::string& name = slicer.source().name();
  slicer.Fail({ErrorCode::kInvalidInput,
               fmt::format("{}: {}{}{} at byte {}", name, address, address.empty() ? "" : " ", reader.problem(),
                           reader.problem_offset()),
               "write the file again with `terraform show -json PLANFILE > FILE`"});
  return false;
}

bool ReadContext::Fail(std::string_view address, std::string_view problem, std::string_view hint) {
  slicer.Fail({ErrorCode::kInvalidInput,
               fmt::format("{}: {}{}{}, before byte {}", slicer.source().name(), address, address.empty() ? "" : " ",
                           problem, slicer.offset()),
               std::string(hint)});
  return false;
}

bool ReadContext::EnterArrayOrNull() {
  if (slicer.Peek() != 'n') return slicer.EnterArray();
  slicer.Skip();
  return false;
}

bool ReadContext::EnterObjectOrNull() {
  if (slicer.Peek() != 'n') return slicer.EnterObject();
  slicer.Skip();
  return false;
}

std::string_view ReadContext::Interned(std::string_view text, std::string_view& last) {
  if (text != last) last = values.Name(text);
  return last;
}

}  // namespace tfseal::terraform
