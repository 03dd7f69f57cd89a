#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

// Texts that few findings have, in one word of memory: a large plan has hundreds of thousands of findings.
class FewTexts {
 public:
  using Texts = std::vector<std::string>;
  FewTexts() = default;
  FewTexts(Texts texts) : texts_(texts.empty() ? nullptr : std::make_unique<Texts>(std::move(texts))) {}
  FewTexts(const FewTexts& other) : FewTexts(Texts(other)) {}
  FewTexts(FewTexts&& other) noexcept = default;
  FewTexts& operator=(FewTexts other) noexcept {
    texts_.swap(other.texts_);
    return *this;
  }
  ~FewTexts() = default;

  operator const Texts&() const {
    static const Texts kNone;
    return texts_ == nullptr ? kNone : *texts_;
  }
  [[nodiscard]] bool empty() const { return texts_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return static_cast<const Texts&>(*this).size(); }
  [[nodiscard]] Texts::const_iterator begin() const { return static_cast<const Texts&>(*this).begin(); }
  [[nodiscard]] Texts::const_iterator end() const { return static_cast<const Texts&>(*this).end(); }
  [[nodiscard]] const std::string& operator[](std::size_t i) const { return (*texts_)[i]; }
  void push_back(std::string text) {
    if (texts_ == nullptr) texts_ = std::make_unique<Texts>();
    texts_->push_back(std::move(text));
  }

 private:
  std::unique_ptr<Texts> texts_;  // never empty
};

struct Finding {
  SharedText control;  // "TFS-RDS-001"; for change findings "TFS-GATE-..." (change_class.h)
  Topic topic = Topic::kEncryption;
  Verdict verdict = Verdict::kUnknown;
  Severity severity = Severity::kInfo;
  SharedText address;
  SharedText type;
  SharedText environment;  // name in tfseal.yaml; empty: defaults
  Cause cause = Cause::kExisting;
  bool required = false;  // the topic is in the environment's `require`
  bool waived = false;
  bool known = false;       // in the baseline (baseline.h)
  int line = 0;             // of `file`
  SharedText waiver;        // who, why, until when; if it is not waived: a waiver that has run out
  SharedText change_class;  // change_class.h; empty for states
  SharedText message;
  SharedText remedy;
  FewTexts evidence;  // "before: storage_encrypted = true", names and non-secret facts only
  SharedText file;    // of the block, where the sources are known
  SharedText object;  // ARN, only if asked for (Judging::objects)

  // Whether it has a say in the verdict.
  [[nodiscard]] bool decides() const { return required && !waived && !known; }
};

}  // namespace tfseal
