#include "policy/profiles.h"

#include <algorithm>
#include <iterator>

namespace tfseal {
namespace {

constexpr std::string_view kHipaa =
    R"(# The HIPAA Security Rule names no number of days for backups, no owner of keys, no rotation and no version of TLS.
# What it does not say is marked [organisation]: choose it, and be able to say why.
version: 1
defaults:
  require:
    - encryption           # [regulation] 45 CFR 164.312(a)(2)(iv), encryption and decryption: addressable, so do it or document an equivalent
    - tls                  # [regulation] 45 CFR 164.312(e)(2)(ii), encryption in transmission: addressable
    - audit_log            # [regulation] 45 CFR 164.312(b), audit controls: required; which logs is not said
    - backup_retention     # [regulation] 45 CFR 164.308(a)(7)(ii)(A), retrievable exact copies: required; how long is not said
    - final_snapshot       # [organisation] nothing in the rule names it
    - deletion_protection  # [organisation] nothing in the rule names it
    - key_state            # [organisation] data whose key is gone is no retrievable copy
    - customer_key         # [organisation] the rule names no owner of keys
    - key_rotation         # [organisation] the rule names no rotation
    - public_access        # [organisation] 45 CFR 164.312(a)(1) asks for access control, not for private addresses
    - plaintext_secret     # [organisation] 45 CFR 164.312(d) asks for authentication, not for where passwords are kept
  encryption:
    key: customer-managed  # [organisation] so that access to the data can be cut off at the key
    rotation:
      required: true       # [organisation] AWS rotates what it manages by itself once this is on
      max_period_days: 365 # [organisation] the period that KMS has by default; the rule names none
  backup:
    retention_days:
      min: 7               # [organisation] the rule names no days. 45 CFR 164.316(b)(2)(i), six years, is about documentation, not about backups
)";

constexpr std::string_view kPci =
    R"(# PCI DSS v4.0.1. Disk or database-level encryption alone does not make a stored PAN unreadable on non-removable media
# (3.5.1.2): a green report of this profile is not compliance with requirement 3.5.
version: 1
defaults:
  require:
    - encryption           # [standard] PCI DSS 3.5.1 asks that stored PAN be unreadable; 3.5.1.2: encryption of the storage alone is not enough
    - tls                  # [standard] PCI DSS 4.2.1, strong cryptography over open, public networks
    - tls_only             # [standard] PCI DSS 4.2.1, no fallback to insecure versions or configurations of the protocol
    - audit_log            # [standard] PCI DSS 10.2.1, audit logs are enabled; 10.5.1: kept for 12 months, 3 of them at hand
    - public_access        # [standard] PCI DSS 1.4.4, what stores cardholder data is not reachable from untrusted networks
    - plaintext_secret     # [standard] PCI DSS 8.6.2, no hard-coded passwords of application and system accounts
    - key_rotation         # [standard] PCI DSS 3.7.4, keys change at the end of a cryptoperiod that their owner defines
    - key_state            # [organisation] what is encrypted under a deleted key is lost
    - customer_key         # [organisation] 3.6 and 3.7 ask for key management, not for an owner
    - backup_retention     # [organisation] PCI DSS has no figure for database backups; 3.2.1 asks to keep no longer than needed
    - final_snapshot       # [organisation] not in the standard
    - deletion_protection  # [organisation] not in the standard
  encryption:
    key: customer-managed  # [organisation] so that key custodians and their access are yours to name
    rotation:
      required: true       # [standard] PCI DSS 3.7.4
      max_period_days: 365 # [organisation] the cryptoperiod is yours to define; this is what KMS has by default
  backup:
    retention_days:
      min: 7               # [organisation] not in the standard
)";

constexpr std::string_view kSoc2 =
    R"(# SOC 2, Trust Services Criteria 2017 (points of focus 2022): outcomes, not numbers. Every number here is yours.
version: 1
defaults:
  require:
    - encryption           # [standard] CC6.1, logical access to protected information assets; encryption is a point of focus
    - tls                  # [standard] CC6.7, information is protected while it is transmitted
    - public_access        # [standard] CC6.6, against threats from outside the boundaries
    - audit_log            # [standard] CC7.2, components are monitored for anomalies
    - backup_retention     # [standard] A1.2, data backup processes; how long is not said. A1.3 asks to test recovery, which no plan shows
    - deletion_protection  # [organisation] not in the criteria
    - final_snapshot       # [organisation] not in the criteria
    - key_rotation         # [organisation] not in the criteria
    - key_state            # [organisation] not in the criteria
    - plaintext_secret     # [organisation] CC6.1 asks to protect credentials, not for where they are kept
  encryption:
    key: any               # [organisation] the criteria name no owner of keys
    rotation:
      required: true       # [organisation] not in the criteria
  backup:
    retention_days:
      min: 7               # [organisation] not in the criteria
)";

constexpr std::string_view kCis =
    R"(# CIS Amazon Web Services Foundations Benchmark v6.0.0, as far as it speaks of data stores and keys. It speaks of RDS
# instances, not of Aurora clusters; here the same is asked of both.
version: 1
defaults:
  require:
    - encryption           # [vendor-benchmark] CIS AWS v6.0.0 3.2.1 (RDS), 3.3.1 (EFS), 6.1.1 (EBS)
    - public_access        # [vendor-benchmark] CIS AWS v6.0.0 3.2.3 (RDS), 3.1.4 (S3)
    - key_rotation         # [vendor-benchmark] CIS AWS v6.0.0 4.6, rotation of symmetric customer keys
    - tls_only             # [vendor-benchmark] CIS AWS v6.0.0 3.1.1, S3 bucket policies are set to deny HTTP requests
    - tls                  # [organisation] the benchmark asks it of S3 only; here of databases too
    - audit_log            # [vendor-benchmark] CIS AWS v6.0.0 4.2, log file validation of trails; for databases [organisation]
    - backup_retention     # [organisation] not in the benchmark
    - deletion_protection  # [organisation] not in the benchmark
    - final_snapshot       # [organisation] not in the benchmark
    - plaintext_secret     # [organisation] not in the benchmark
  encryption:
    key: any               # [vendor-benchmark] CIS AWS v6.0.0 asks for a customer key for CloudTrail only (4.5)
    rotation:
      required: true       # [vendor-benchmark] CIS AWS v6.0.0 4.6
  backup:
    retention_days:
      min: 7               # [organisation] not in the benchmark
)";

constexpr std::string_view kNist =
    R"(# NIST SP 800-53 Revision 5. Its numbers are "organization-defined": they are yours.
version: 1
defaults:
  require:
    - encryption           # [standard] SC-28(1), cryptographic protection of information at rest
    - tls                  # [standard] SC-8(1), cryptographic protection of transmitted information
    - tls_only             # [standard] SC-8(1), what also answers without protection does not protect
    - key_rotation         # [standard] SC-12, key establishment and management; the period is organization-defined
    - key_access           # [standard] AC-6, least privilege
    - key_state            # [standard] SC-12(1), availability of information when keys are lost
    - audit_log            # [standard] AU-12, audit record generation
    - backup_retention     # [standard] CP-9, backups at an organization-defined frequency; how long they are kept is not said
    - public_access        # [standard] SC-7, boundary protection
    - plaintext_secret     # [standard] IA-5(7), no embedded unencrypted static authenticators
    - customer_key         # [organisation] SC-12 names no owner of keys
    - deletion_protection  # [organisation] CP-9 asks to protect backups, not databases
    - final_snapshot       # [organisation] not in the catalogue
  encryption:
    key: customer-managed  # [organisation] not in the catalogue
    rotation:
      required: true       # [standard] SC-12; SP 800-57 gives guidance on cryptoperiods
      max_period_days: 365 # [organisation] what KMS has by default
  backup:
    retention_days:
      min: 7               # [organisation] CP-9 names no number
)";

constexpr Profile kProfiles[] = {
    {"cis", "CIS Amazon Web Services Foundations Benchmark v6.0.0", kCis},
    {"hipaa", "HIPAA Security Rule, 45 CFR Part 164 Subpart C", kHipaa},
    {"nist", "NIST SP 800-53 Revision 5", kNist},
    {"pci", "PCI DSS v4.0.1", kPci},
    {"soc2", "SOC 2, Trust Services Criteria", kSoc2},
};

}  // namespace

const Profile* FindProfile(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kProfiles), std::end(kProfiles), [&](const Profile& each) { return each.name == name; });
  return found == std::end(kProfiles) ? nullptr : found;
}

std::vector<std::string_view> ProfileNames() {
  std::vector<std::string_view> names;
  for (const Profile& profile : kProfiles) names.push_back(profile.name);
  return names;
}

}  // namespace tfseal
