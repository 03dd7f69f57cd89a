#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "terraform/arena.h"
#include "terraform/value.h"

namespace tfseal::terraform {

// The instance key as Terraform writes it in addresses: [0], ["a \"b\""]; empty for no key.
std::string InstanceKey(const Value& index);

// module.a["x"].aws_kms_key.k[0]
std::string_view ComposeAddress(Arena& arena, std::string_view module_address, bool data_source, std::string_view type,
                                std::string_view name, const Value& index);

// The absolute address of what a state calls `stored`: Terraform 0.12 left out the module and the instance key.
std::string_view CompleteAddress(Arena& arena, std::string_view stored, std::string_view module_address,
                                 const Value& index);

// What stands behind the module path: aws_kms_key.k[0], data.aws_kms_key.k. Keys may hold dots and brackets.
std::string_view WithoutModules(std::string_view address);

// Whether `here`, an address WithoutModules(), is that of `type` and `name` with some key; an empty type or name fits
// everything.
bool AddressFits(std::string_view here, std::string_view type, std::string_view name);

// Terraform lists the references of an expression together with their prefixes: "a.b.c" and "a.b". Only the longest say
// what is meant. Whether one of `references` goes on where `reference` ends.
bool IsPrefixOfAnother(std::string_view reference, std::span<const std::string_view> references);

// The parts of an address or reference between dots outside brackets. Instance keys stay with their step: aws_kms_key,
// k["a.b"].
template <class Take>
void ForEachStep(std::string_view address, const Take& take) {
  std::size_t start = 0;
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char c = address[i];
    if (c >= 'a' && c <= 'z') continue;  // most are
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']') {
      --depth;
    } else if (c == '.' && depth == 0) {
      take(address.substr(start, i - start));
      start = i + 1;
    }
  }
  take(address.substr(start));
}

std::vector<std::string_view> StepsOf(std::string_view address);

// k of k["a.b"]
inline std::string_view NameOfStep(std::string_view step) {
  return step.substr(0, step.find('['));
}

// registry.terraform.io/hashicorp/aws of provider["registry.terraform.io/hashicorp/aws"].west, aws of
// provider.aws.west.
std::string_view ProviderName(std::string_view provider);

}  // namespace tfseal::terraform
