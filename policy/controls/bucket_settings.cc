#include "policy/controls/bucket_settings.h"

#include <string>
#include <unordered_set>

#include "policy/world.h"

namespace tfseal {
namespace {

// Settings resources that the plan takes away from a bucket that stays.
class RemovedBucketSettings {
 public:
  explicit RemovedBucketSettings(const World& world) {
    if (world.side() != Side::kAfter) return;
    for (const terraform::ResourceInstance& instance : world.document().resources) {
      if (instance.type.starts_with("aws_s3_bucket_") && instance.actions.destroy && !instance.actions.create) {
        removed_.insert(std::string(instance.type) + "\n" + std::string(instance.before.Get("bucket").text()));
      }
    }
  }
  [[nodiscard]] bool Has(std::string_view type, std::string_view bucket) const {
    return removed_.contains(std::string(type) + "\n" + std::string(bucket));
  }

 private:
  std::unordered_set<std::string> removed_;
};

}  // namespace

std::vector<const terraform::ResourceInstance*> SettingsOf(const Subject& bucket, std::string_view type) {
  return bucket.world.PointingAt(bucket.instance, type, "bucket", {"id", "bucket", "arn"});
}

bool LosesSetting(const Subject& bucket, std::string_view type) {
  const auto& removed = bucket.world.Derived<RemovedBucketSettings>();
  return removed.Has(type, bucket.At("bucket").text()) || removed.Has(type, bucket.At("id").text());
}

bool MayBeElsewhere(const Subject& subject) {
  const terraform::Document& document = subject.world.document();
  return document.kind == terraform::DocumentKind::kPlan && document.complete == false;
}

Subject On(const Subject& subject, const terraform::ResourceInstance& instance) {
  return Subject{instance, subject.world.AttributesOf(instance), subject.world, subject.requirements, subject.now};
}

}  // namespace tfseal
