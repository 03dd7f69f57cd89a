#include "planner/recipes.h"

namespace tfseal {
namespace {

struct Entry {
  std::string_view type;
  std::string_view name;
  std::string_view reason;
  std::string_view steps;  // separated by |
};

constexpr std::string_view kNewDomain =
    "take a manual snapshot of the domain into a bucket|CreateDomain under another name, with the key in "
    "EncryptionAtRestOptions|register the bucket there and restore the indices|move the clients|keep the old domain "
    "until nobody asks it any more; do not let Terraform replace it";

constexpr Entry kEncryptionRecipes[] = {
    {"aws_efs_file_system", "R-EFS", "a file system cannot be encrypted in place",
     "CreateReplicationConfiguration to an encrypted file system|wait until the lag covers the moment of quiesce|"
     "DeleteReplicationConfiguration makes the copy writable|recreate mount targets, access points and "
     "policies|remount"},
    {"aws_ebs_volume", "R-EBS", "a volume cannot be encrypted in place",
     "CreateSnapshot|CreateVolume from it with Encrypted and KmsKeyId|stop the writers, take a final snapshot if the "
     "first "
     "was online|DetachVolume, AttachVolume under the same device name|keep the old volume"},
    {"aws_instance", "R-ROOT", "a root volume cannot be encrypted in place",
     "stop the instance|snapshot the root volume|CreateVolume from it with Encrypted and KmsKeyId|DetachVolume, "
     "AttachVolume at the root device name|start it; keep the old volume|never CreateReplaceRootVolumeTask: it takes "
     "snapshots of that volume only"},
    {"aws_elasticache_replication_group", "R-CACHE", "encryption at rest of a cache is set when it is created",
     "stop whoever writes, or decide that the data is disposable|CreateSnapshot|CreateReplicationGroup from it with "
     "AtRestEncryptionEnabled and KmsKeyId|move the clients|keep the old cache until nobody asks it any more"},
    {"aws_elasticsearch_domain", "R-OS", "the domain cannot be encrypted under the key in place", kNewDomain},
    {"aws_opensearch_domain", "R-OS", "the domain cannot be encrypted under the key in place", kNewDomain},
    {"aws_msk_cluster", "R-MSK", "the key of a cluster is set when it is created",
     "create a cluster with the key (CreateClusterV2)|replicate topics and offsets|move the clients|keep the old "
     "cluster "
     "until nobody asks it any more"},
    {"aws_backup_vault", "R-VAULT", "the key of a vault is set when it is created",
     "CreateBackupVault with the key|repoint plans and selections|StartCopyJob for what must move|let the old vault "
     "age "
     "out; never force_destroy"},
    {"aws_ecr_repository", "R-ECR", "the encryption of a repository is set when it is created",
     "create a repository with KMS|copy the images by digest|update the task definitions|delete the old one later"},
    {"aws_rds_global_cluster", "R-GLOBAL", "the members of a global database are moved one by one",
     "build an encrypted primary|RemoveFromGlobalCluster per secondary|CreateGlobalCluster from the encrypted "
     "primary|add "
     "one secondary per region with a key of that region"},
    {"aws_ssm_parameter", "R-PARAMETER", "the type of a parameter cannot be changed",
     "create a SecureString under a new name|repoint its readers|delete the old parameter"},
};

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t bar = text.find('|');
    parts.emplace_back(text.substr(0, bar));
    text = bar == std::string_view::npos ? std::string_view() : text.substr(bar + 1);
  }
  return parts;
}

}  // namespace

ManualRecipe ManualRecipeFor(std::string_view type, const Finding& finding) {
  const bool about_keys = finding.topic == Topic::kEncryption || finding.topic == Topic::kCustomerKey ||
                          finding.topic == Topic::kPlaintextSecret;
  for (const Entry& entry : kEncryptionRecipes) {
    if (about_keys && entry.type == type) {
      return {std::string(entry.name), std::string(entry.reason), Split(entry.steps)};
    }
  }
  // By reference: the id of the action must not change with the wording of a remedy.
  std::vector<std::string> steps = {"tfseal explain " + finding.control};
  return {"no recipe", "no recipe is written for " + std::string(Name(finding.topic)) + " of " + std::string(type),
          steps};
}

}  // namespace tfseal
