#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/control.h"
#include "terraform/document.h"

namespace tfseal {

// A resource as a test writes it.
struct TestResource {
  std::string_view address;     // 'aws_rds_cluster.db', 'module.a["x"].aws_kms_key.k[0]'
  std::string_view attributes;  // JSON object; the text "<unknown>" stands for an unknown value
  // JSON object of what the configuration refers to: {"kms_key_id": ["aws_kms_key.db.arn", "aws_kms_key.db"]}. Every
  // attribute in it counts as configured. Empty: the resource's configuration is not in the document.
  std::string_view references = {};
};

// A small document of resources that a plan creates, or that a state holds.
class Estate {
 public:
  explicit Estate(terraform::DocumentKind kind = terraform::DocumentKind::kPlan);

  // `before` is the other side of an update; empty for a create.
  Estate& Add(const TestResource& resource, std::string_view before = {});
  [[nodiscard]] terraform::Document& document() { return document_; }
  [[nodiscard]] const terraform::ResourceInstance& At(std::string_view address) const;
  // Runs a control on the after side. The control must list the resource's type.
  [[nodiscard]] Judgement Judge(std::string_view control_id, std::string_view address,
                                const Requirements& requirements = {}, std::optional<std::int64_t> now = {}) const;

 private:
  terraform::Document document_;
};

// Removes all top-level attributes that are in neither list, as a reader with that Interest would.
void KeepOnly(terraform::Document* document, std::span<const std::string_view> reads,
              std::initializer_list<std::string_view> joins);

// One row of a control's table of cases.
struct ControlCase {
  std::string_view control;     // "TFS-RDS-001"
  std::string_view type;        // the resource under test is <type>.it
  std::string_view attributes;  // as in TestResource
  Verdict want;
  std::string_view references = {};
  std::vector<TestResource> others = {};
  Requirements requirements = {};
  std::optional<std::int64_t> now = {};  // as in Subject
};

// "TFS-RDS-001 aws_rds_cluster {...}", for messages.
std::string Describe(const ControlCase& row);
Judgement Judge(const ControlCase& row);

}  // namespace tfseal
