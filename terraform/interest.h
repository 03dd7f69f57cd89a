#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tfseal::terraform {

// What a reader keeps. The gate on a 500 MB plan needs a few attributes of a few types; `plan` and `verify` want all
// of the resources that matter. Asking for less changes memory and speed, never a verdict (a test compares both).
class Interest {
 public:
  // Every attribute of every managed resource.
  static Interest Everything();
  // Only resources whose type is in `types`, and of those only the top-level attributes in `attributes`. Both are
  // copied into hash tables here; the views must stay valid.
  static Interest Only(const std::vector<std::string_view>& types, const std::vector<std::string_view>& attributes);

  // The same without Document::sha256. Computing that takes about as long as reading does, and only what names the
  // bytes it was made from needs it.
  [[nodiscard]] Interest WithoutDigest() const;

  [[nodiscard]] bool WantsDigest() const { return digest_; }

  // The same without resources that planned_values has and no entry of resource_changes: they change nothing, so the
  // verdict on a plan does not depend on them, and planned_values is more than a quarter of a plan.
  [[nodiscard]] Interest ChangesOnly() const {
    Interest interest = *this;
    interest.planned_ = false;
    return interest;
  }

  // Whether an attribute of a type is to be kept.
  using AttributeRule = bool (*)(std::string_view type, std::string_view attribute);
  // The same with fewer attributes of the resources in resource_changes and resource_drift: of those that are wanted
  // anyhow only what `rule` says yes to. It is asked a few times for every type, not for every resource. What is left
  // out is still known by name (ResourceInstance::left_out_after).
  [[nodiscard]] Interest ByType(AttributeRule rule) const {
    Interest interest = *this;
    interest.rule_ = rule;
    return interest;
  }

  [[nodiscard]] bool WantsPlanned() const { return planned_; }
  [[nodiscard]] bool WantsType(std::string_view type) const { return everything_ || types_.Contains(type); }
  [[nodiscard]] bool WantsAttribute(std::string_view name) const { return everything_ || attributes_.Contains(name); }
  [[nodiscard]] bool WantsAttributeOf(std::string_view type, std::string_view name) const {
    return everything_ || (attributes_.Contains(name) && (rule_ == nullptr || rule_(type, name)));
  }

 private:
  // Open addressing over a cheap hash: this is asked for every attribute of every resource.
  class NameSet {
   public:
    void Assign(const std::vector<std::string_view>& names);
    [[nodiscard]] bool Contains(std::string_view name) const {
      if (slots_.empty()) return false;
      for (std::size_t i = Hash(name) & mask_;; i = (i + 1) & mask_) {
        if (slots_[i].empty()) return false;
        if (slots_[i] == name) return true;
      }
    }

   private:
    static std::size_t Hash(std::string_view name) {
      std::uint64_t hash = name.size() * 0x9E3779B97F4A7C15ULL;
      if (!name.empty()) {
        hash ^= static_cast<unsigned char>(name.front()) * 0x100000001B3ULL;
        hash = (hash ^ static_cast<unsigned char>(name.back())) * 0x100000001B3ULL;
        hash = (hash ^ static_cast<unsigned char>(name[name.size() / 2])) * 0x100000001B3ULL;
        hash = (hash ^ static_cast<unsigned char>(name[name.size() / 3])) * 0x100000001B3ULL;
      }
      return static_cast<std::size_t>(hash ^ (hash >> 29U));
    }
    std::vector<std::string_view> slots_;
    std::size_t mask_ = 0;
  };

  bool everything_ = false;
  bool digest_ = true;
  bool planned_ = true;
  AttributeRule rule_ = nullptr;
  NameSet types_;
  NameSet attributes_;
};

}  // namespace tfseal::terraform
