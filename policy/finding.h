#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/on_demand.h"
#include "core/shared_text.h"
#include "policy/control.h"

namespace tfseal {

// How a finding came about, seen from the change.
enum class Cause : unsigned char {
  kExisting,  // was so before and is not worse: the plan neither causes nor worsens it
  kCaused,    // created in breach, or made by this change
  kWorsened,  // failed before and gets worse
  kDrift,     // changed outside Terraform
  kState,     // judged on a state: there is no change
};
inline bool CausedByPlan(Cause cause) {
  return cause == Cause::kCaused || cause == Cause::kWorsened;
}

// Texts that few findings have and that many of those share, in one word of memory: a large plan has hundreds of
// thousands of findings. A NUL character in a text becomes a space.
class FewTexts {
 public:
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;
    const_iterator() = default;
    explicit const_iterator(std::string_view rest) : rest_(rest) {}
    std::string_view operator*() const { return rest_.substr(0, rest_.find('\0')); }
    const_iterator& operator++() {
      rest_.remove_prefix(rest_.find('\0') + 1);
      return *this;
    }
    const_iterator operator++(int) {
      const const_iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const const_iterator& other) const { return rest_.size() == other.rest_.size(); }

   private:
    std::string_view rest_;  // each text with a NUL behind it
  };

  FewTexts() = default;
  FewTexts(const std::vector<std::string>& texts) : packed_(Pack(texts)) {}
  FewTexts(const std::vector<std::string>& texts, RecentTexts& recent) {
    if (!texts.empty()) packed_ = recent.Get(Pack(texts));
  }

  [[nodiscard]] const_iterator begin() const { return const_iterator(packed_.view()); }
  [[nodiscard]] const_iterator end() const { return const_iterator(); }
  [[nodiscard]] bool empty() const { return packed_.empty(); }
  operator std::vector<std::string>() const { return {begin(), end()}; }
  void push_back(const std::string& text) { packed_ = SharedText(packed_ + Pack({text})); }

 private:
  static std::string Pack(const std::vector<std::string>& texts);
  SharedText packed_;
};

// What few findings have.
struct RareFindingParts {
  SharedText waiver;  // who, why, until when; if it is not waived: a waiver that has run out
  SharedText object;  // ARN, only if asked for (Judging::objects)
  SharedText file;    // of the block, where the sources are known
  int line = 0;       // of `file`
};

struct Finding {
  SharedText control;  // "TFS-RDS-001"; for change findings "TFS-GATE-..." (change_class.h)
  Topic topic = Topic::kEncryption;
  Verdict verdict = Verdict::kUnknown;
  Severity severity = Severity::kInfo;
  Cause cause = Cause::kExisting;
  bool required = false;  // the topic is in the environment's `require`
  bool waived = false;
  bool known = false;  // in the baseline (baseline.h)
  SharedText address;
  SharedText type;
  SharedText environment;   // name in tfseal.yaml; empty: defaults
  SharedText change_class;  // change_class.h; empty for states
  SharedText message;
  SharedText remedy;
  FewTexts evidence;  // "before: storage_encrypted = true", names and non-secret facts only
  OnDemand<RareFindingParts> rare;

  // Whether it has a say in the verdict.
  [[nodiscard]] bool decides() const { return required && !waived && !known; }
};

}  // namespace tfseal
