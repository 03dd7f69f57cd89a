#pragma once

#include <span>
#include <string_view>

// What other tools check of the stores and keys that tfseal judges, and which of its controls does it.
namespace tfseal {

struct PeerRules {
  std::string_view resource;                      // aws_rds_cluster
  std::string_view topic;                         // "backup retention"
  std::string_view checkov, trivy, prowler, aws;  // rule ids; empty: that tool has none
  std::string_view controls;                      // ids, with spaces between; empty: none does
  std::string_view reason;                        // why not, where none does
};

std::span<const PeerRules> AllPeerRules();

}  // namespace tfseal
