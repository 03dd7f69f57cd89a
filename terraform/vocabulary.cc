#include "terraform/vocabulary.h"

#include <algorithm>

namespace tfseal::terraform {
namespace {

enum class Rule { kContains, kIs, kNever };

struct Word {
  Rule rule;
  std::string_view text;
};

constexpr Word kWords[] = {
#define CONTAINS(text) {Rule::kContains, text},
#define IS(text) {Rule::kIs, text},
#define NEVER(text) {Rule::kNever, text},
#include "terraform/schema/vocabulary.inc"
#undef CONTAINS
#undef IS
#undef NEVER
};

constexpr std::string_view kBlocks[] = {
#define BLOCK(name) name,
#include "terraform/schema/block_names.inc"
#undef BLOCK
};

constexpr SchemaAttribute kAttributes[] = {
#define ATTRIBUTE(type, path) {type, path},
#include "terraform/schema/aws_attributes.inc"
#undef ATTRIBUTE
};

}  // namespace

bool NeverShown(std::string_view name) {
  bool never = false;
  for (const Word& word : kWords) {
    if (word.rule == Rule::kIs && name == word.text) return false;
    never = never || (word.rule == Rule::kNever && name.find(word.text) != std::string_view::npos);
  }
  return never;
}

bool SpeaksOfProtection(std::string_view name) {
  bool contained = false;
  for (const Word& word : kWords) {
    if (word.rule == Rule::kIs && name == word.text) return true;
    contained = contained || (word.rule == Rule::kContains && name.find(word.text) != std::string_view::npos);
  }
  return contained && !NeverShown(name);
}

bool HoldsProtection(std::string_view block) {
  return std::binary_search(std::begin(kBlocks), std::end(kBlocks), block);
}

std::span<const SchemaAttribute> AwsSecurityAttributes() {
  return kAttributes;
}

}  // namespace tfseal::terraform
