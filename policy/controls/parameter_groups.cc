#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "policy/controls/database.h"
#include "policy/controls/declarations.h"

// Parameter groups that decide whether a database accepts connections in the clear. A group that says nothing leaves
// its family's default, which is not the same for all versions.
namespace tfseal {
namespace {

using terraform::Value;

struct TlsParameter {
  std::string_view name;
  bool on_by_default = false;
};

// The version at the end of a family: "postgres16" is 16, "mariadb10.5" is 10.5, "aurora-mysql8.0" is 8.
double FamilyVersion(std::string_view family) {
  const std::size_t digits = family.find_first_of("0123456789");
  if (digits == std::string_view::npos) return 0;
  double version = 0;
  const std::string_view text = family.substr(digits);
  std::from_chars(text.data(), text.data() + text.size(), version);
  return version;
}

// "10.11" is later than "10.5": major and minor apart.
bool MariaDbIsAtLeast(std::string_view family, int major, int minor) {
  const std::string_view text = family.substr(std::min(family.find_first_of("0123456789"), family.size()));
  int own_major = 0;
  int own_minor = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), own_major);
  if (error != std::errc()) return false;
  if (end != text.data() + text.size()) std::from_chars(end + 1, text.data() + text.size(), own_minor);
  return own_major != major ? own_major > major : own_minor >= minor;
}

// Sources: AWS RDS User Guide, "Requiring SSL/TLS" of PostgreSQL (on from 15), MySQL (off), MariaDB (from 10.5, on from
// 11.8) and SQL Server; Aurora User Guide (PostgreSQL on from 17, MySQL off, both in the cluster's group only).
std::optional<TlsParameter> RdsTlsParameter(std::string_view family, bool cluster_group) {
  if (family.starts_with("aurora-postgresql")) {
    return cluster_group ? std::optional(TlsParameter{"rds.force_ssl", FamilyVersion(family) >= 17}) : std::nullopt;
  }
  if (family.starts_with("aurora-mysql")) {
    return cluster_group ? std::optional(TlsParameter{"require_secure_transport"}) : std::nullopt;
  }
  if (family.starts_with("postgres")) return TlsParameter{"rds.force_ssl", FamilyVersion(family) >= 15};
  if (family.starts_with("sqlserver")) return TlsParameter{"rds.force_ssl"};
  if (family.starts_with("mysql") && FamilyVersion(family) >= 5.7) return TlsParameter{"require_secure_transport"};
  if (family.starts_with("mariadb") && MariaDbIsAtLeast(family, 10, 5)) {
    return TlsParameter{"require_secure_transport", MariaDbIsAtLeast(family, 11, 8)};
  }
  return std::nullopt;
}

// Amazon DocumentDB and Neptune encrypt connections unless told otherwise. Redshift's default group of 2025
// (redshift-2.0) requires SSL, the one before does not.
std::optional<TlsParameter> TlsParameterOf(std::string_view type, std::string_view family) {
  if (type == "aws_docdb_cluster_parameter_group") return TlsParameter{"tls", true};
  if (type == "aws_neptune_cluster_parameter_group") return TlsParameter{"neptune_enforce_ssl", true};
  if (type == "aws_redshift_parameter_group") return TlsParameter{"require_ssl", FamilyVersion(family) >= 2};
  return RdsTlsParameter(family, type == "aws_rds_cluster_parameter_group");
}

bool SaysOff(std::string_view value) {
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "0" || lower == "off" || lower == "false" || lower == "disabled" || lower.empty();
}

Judgement ParameterGroupTls(const Subject& subject) {
  const Value family = subject.At("family");
  if (family.unknown()) return UnknownUntilApply("family");
  const auto wanted = TlsParameterOf(subject.instance.type, family.text());
  if (!wanted.has_value()) return NotApplicable("no parameter of its family, in this kind of group, decides about TLS");
  const Value parameters = subject.At("parameter");
  if (parameters.unknown()) return UnknownUntilApply("parameter");
  bool unknown = false;
  for (const Value& parameter : parameters.items()) {
    const Value name = parameter.Get("name");
    const Value value = parameter.Get("value");
    unknown = unknown || name.unknown();
    if (name.text() != wanted->name) continue;
    if (value.unknown()) return UnknownUntilApply(wanted->name);
    if (SaysOff(value.text()))
      return Fail(fmt::format("{} is off: clients may connect in the clear", wanted->name), "parameter");
    return Pass(fmt::format("{} is on", wanted->name), "parameter");
  }
  if (unknown) return UnknownUntilApply("parameter");
  const std::string message = fmt::format("{} is not set, and is {} by default in its family", wanted->name,
                                          wanted->on_by_default ? "on" : "off");
  return wanted->on_by_default ? Pass(message, "parameter") : Fail(message, "parameter");
}

constexpr std::string_view kParameterGroupTlsRemedy =
    "set rds.force_ssl = 1 (PostgreSQL, SQL Server), require_secure_transport = ON (MySQL, MariaDB), tls = enabled "
    "(DocumentDB), neptune_enforce_ssl = 1 or require_ssl = true (Redshift) once all clients speak TLS; some take "
    "effect "
    "only after a reboot";

}  // namespace

const Control kParameterGroupTls{
    .id = "TFS-RDS-070",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "parameter groups make databases refuse unencrypted connections",
    .types = kNames<"aws_db_parameter_group", "aws_rds_cluster_parameter_group">,
    .reads = kNames<"family", "parameter">,
    .evaluate = ParameterGroupTls,
    .why = kWhyTls,
    .remedy = kParameterGroupTlsRemedy,
    .basis =
        "AWS RDS and Aurora User Guides, requiring SSL/TLS; 45 CFR 164.312(e)(2)(ii) (addressable). Vendor benchmark: "
        "AWS Config rds-postgres-instance-encrypted-in-transit",
};

const Control kDocdbParameterGroupTls{
    .id = "TFS-DOCDB-020",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "DocumentDB parameter groups leave TLS on",
    .types = kNames<"aws_docdb_cluster_parameter_group">,
    .reads = kNames<"family", "parameter">,
    .evaluate = ParameterGroupTls,
    .why = kWhyTls,
    .remedy = kParameterGroupTlsRemedy,
    .basis =
        "Amazon DocumentDB Developer Guide: the parameter tls is enabled by default; 45 CFR 164.312(e)(2)(ii) "
        "(addressable)",
};

const Control kNeptuneParameterGroupTls{
    .id = "TFS-NEPTUNE-020",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "Neptune parameter groups leave TLS on",
    .types = kNames<"aws_neptune_cluster_parameter_group">,
    .reads = kNames<"family", "parameter">,
    .evaluate = ParameterGroupTls,
    .why = kWhyTls,
    .remedy = kParameterGroupTlsRemedy,
    .basis = "Amazon Neptune User Guide: neptune_enforce_ssl is 1 by default; 45 CFR 164.312(e)(2)(ii) (addressable)",
};

const Control kRedshiftParameterGroupTls{
    .id = "TFS-REDSHIFT-020",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "Redshift parameter groups make clusters refuse unencrypted connections",
    .types = kNames<"aws_redshift_parameter_group">,
    .reads = kNames<"family", "parameter">,
    .evaluate = ParameterGroupTls,
    .why = kWhyTls,
    .remedy = kParameterGroupTlsRemedy,
    .basis =
        "Amazon Redshift Management Guide: require_ssl is false by default in redshift-1.0, true in redshift-2.0; "
        "45 CFR 164.312(e)(2)(ii) (addressable). Vendor benchmark: AWS Security Hub Redshift.2",
};

}  // namespace tfseal
