#include "policy/control_notes.h"

#include <fmt/format.h>

#include "policy/profiles.h"

namespace tfseal {
namespace {

constexpr std::string_view kMove =
    "An existing store has to be moved: a second one is paid for while both exist, and `tfseal plan` says how long "
    "writers wait and what stays behind.";

struct TopicCost {
  Topic topic;
  std::string_view text;
};

constexpr TopicCost kCosts[] = {
    {Topic::kEncryption,
     "AWS charges nothing for encryption at rest under a key of its own, and no instance gets slower by it that would "
     "be noticed."},
    {Topic::kCustomerKey,
     "1 USD a month for a key, however many stores use it, and 0.03 USD for 10,000 requests (20,000 a month are free). "
     "Databases and volumes ask seldom; buckets ask for every object unless bucket_key_enabled is true. Whoever reads "
     "the data must be let use the key."},
    {Topic::kKeyRotation,
     "Each of the first two rotations of a KMS key adds 1 USD a month, later ones nothing; nothing is encrypted anew "
     "and no application notices. A rotation of a secret runs a Lambda function, and readers must fetch it anew."},
    {Topic::kKeyAccess, "Nothing; the work is finding out who really needs the access that is taken away."},
    {Topic::kKeyState, "1 USD a month for each key that is kept. Keeping it costs less than one unreadable backup."},
    {Topic::kBackupRetention,
     "Storage of the backups by GB and month. RDS gives as much as the databases of the region are large; beyond that, "
     "and for other stores, each further day costs what changes in a day."},
    {Topic::kPitr,
     "Storage by GB and month: of the whole table for continuous backups, of what changes for versions and logs."},
    {Topic::kFinalSnapshot, "Storage of one snapshot by GB and month, until somebody deletes it."},
    {Topic::kDeletionProtection, "Nothing. A deletion that is meant takes two steps."},
    {Topic::kPlaintextSecret,
     "0.40 USD a month for a secret in Secrets Manager and 0.05 USD for 10,000 calls; a standard SecureString "
     "parameter "
     "costs nothing. One deployment, and a new value for what was exposed."},
    {Topic::kTls,
     "Nothing. Clients that do not speak TLS, or do not trust AWS's certificates, stop working: test them first. "
     "A static parameter takes a reboot."},
    {Topic::kTlsOnly, "Nothing. Clients that still use http:// are refused: look for them in the access log first."},
    {Topic::kIamAuth, "Nothing. Programs must fetch a token for each new connection; it is valid for 15 minutes."},
    {Topic::kAuditLog,
     "What CloudWatch Logs takes for ingestion (0.50 USD a GB) and for keeping (0.03 USD a GB and month); an "
     "audit of every statement can be many GB a day."},
    {Topic::kPublicAccess,
     "Nothing. Who came in from outside needs another way: a VPN, a bastion, CloudFront, an endpoint."},
    {Topic::kObjectLock, "Storage of what can no longer be deleted before its time."},
    {Topic::kVaultLock, "Storage of recovery points that can no longer be deleted before their time."},
    {Topic::kRotationDue,
     "The work of a rotation: a new key, the readers moved, and for keys of rows, `tfseal rekey`."},
    {Topic::kEngineVersion,
     "Nothing for the version; the upgrade restarts the database, and versions past their standard support cost "
     "more by the hour."},
    {Topic::kCapacity, "What is used, by ACU and hour; a minimum above 0 is paid for day and night."},
    {Topic::kAvailability,
     "The instances and proxies that are added, by the hour (a proxy: 0.015 USD for each vCPU or ACU behind it)."},
    {Topic::kMaintenance, "Nothing."},
    {Topic::kBackupCopies,
     "Transfer between the regions and storage of the copies, by GB, and 1 USD a month for the other key."},
    {Topic::kNetwork,
     "Rules and routes cost nothing. An interface endpoint: about 0.01 USD an hour in each zone, and 0.01 USD a GB."},
    {Topic::kMonitoring,
     "0.10 USD a month for an alarm; Performance Insights is free for 7 days of history; Enhanced Monitoring writes "
     "to CloudWatch Logs, more the shorter the interval."},
    {Topic::kCost, "Nothing: budgets without actions are free."},
    {Topic::kStorageLifecycle, "It saves storage. Transitions cost by object, and what has expired is gone."},
    {Topic::kPinnedVersions, "Nothing. Somebody must raise the versions from time to time."},
};

bool NamesId(std::string_view list, std::string_view id) {
  while (!list.empty()) {
    const std::size_t space = list.find(' ');
    if (list.substr(0, space) == id) return true;
    if (space == std::string_view::npos) break;
    list.remove_prefix(space + 1);
  }
  return false;
}

}  // namespace

std::string CostOf(const Control& control) {
  if (control.remedy.starts_with("nothing to do") || control.why.find("this cannot fail") != std::string_view::npos) {
    return "Nothing: AWS does it by itself.";
  }
  std::string text;
  for (const TopicCost& each : kCosts) {
    if (each.topic == control.topic) text = each.text;
  }
  if (control.remedy.find("tfseal plan") != std::string_view::npos) text += fmt::format(" {}", kMove);
  return text;
}

std::vector<FrameworkParagraph> FrameworkParagraphs(Topic topic) {
  std::vector<FrameworkParagraph> found;
  const std::string line = fmt::format("\n    - {} ", Name(topic));
  for (const std::string_view name : ProfileNames()) {
    const Profile& profile = *FindProfile(name);
    const std::size_t start = profile.text.find(line);
    if (start == std::string_view::npos) continue;
    std::string_view rest = profile.text.substr(start + 1);
    rest = rest.substr(0, rest.find('\n'));
    const std::size_t open = rest.find("# [");
    const std::size_t close = rest.find("] ", open);
    if (open == std::string_view::npos || close == std::string_view::npos) continue;
    found.push_back({profile.name, profile.title, rest.substr(open + 3, close - open - 3), rest.substr(close + 2)});
  }
  return found;
}

std::vector<const PeerRules*> PeersOf(std::string_view control_id) {
  std::vector<const PeerRules*> found;
  for (const PeerRules& row : AllPeerRules()) {
    if (NamesId(row.controls, control_id)) found.push_back(&row);
  }
  return found;
}

}  // namespace tfseal
