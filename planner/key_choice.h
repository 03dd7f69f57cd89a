#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/draft.h"

namespace tfseal {

// The key that a resource shall be encrypted under.
struct KeyChoice {
  JsonValue key;                   // key ARN, or the output of a create_key action
  std::vector<std::string> needs;  // actions that make the key usable
  std::string text;                // for people: the ARN, or "created by ..."
  std::string reason;
};

// Customer-managed keys of a document and what the plan has already chosen. One key per environment is created where
// the documents have none that fits.
class KeyRing {
 public:
  KeyRing(const Site& site, Draft& draft) : site_(site), draft_(draft) {}

  // For `instance`, in the region and account of its ARN. `wanted` is the key that a Terraform plan intends: an ARN,
  // or the address of a key; empty if it says nothing.
  KeyChoice For(const terraform::ResourceInstance& instance, const Target& target, const Place& place,
                std::string_view wanted, const std::vector<Motive>& motives);

 private:
  struct Candidate {
    const terraform::ResourceInstance* key;
    int score;
  };
  [[nodiscard]] bool Fits(const terraform::ResourceInstance& key, const Target& target) const;
  [[nodiscard]] int ScoreOf(const terraform::ResourceInstance& key, const terraform::ResourceInstance& instance) const;
  KeyChoice Create(const Target& target, const Place& place, const std::vector<Motive>& motives);

  const Site& site_;
  Draft& draft_;
};

}  // namespace tfseal
