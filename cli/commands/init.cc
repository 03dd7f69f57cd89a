#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <variant>
#include <vector>

#include "cli/commands.h"
#include "core/check.h"
#include "policy/policy_file.h"
#include "policy/profiles.h"

namespace tfseal::cli {
namespace {

constexpr std::string_view kHead =
    "# What tfseal requires here. `tfseal doctor` checks this file; `tfseal explain TOPIC` says what a topic means.\n";

constexpr std::string_view kDefaults =
    R"(version: 1

defaults:
  # The topics that decide a verdict; findings of any other topic are advice.
  require: [encryption, customer_key, key_rotation, backup_retention, deletion_protection, final_snapshot, plaintext_secret]
  encryption: { key: customer-managed, rotation: { required: true, max_period_days: 365 } }
  backup: { retention_days: { min: 7 } }
)";

constexpr std::string_view kRequirePlace = "@REQUIRE@";
constexpr std::string_view kExamples =
    R"(
# Environments inherit the defaults; a `require` of their own replaces the list, a number overrides. The first one that
# matches a resource wins; what matches none is judged by the defaults.
#environments:
#  dev:
#    wave: 1                       # order between environments
#    match: { names: ["*-dev", "*-dev-*"] } # also: accounts, regions, addresses, tags
#    backup: { retention_days: { min: 3 } }
#  prod:
#    wave: 2
#    match: { tags: { Environment: "prod*" } }
#    backup: { retention_days: { min: 35 }, copy_key: separate }
#    maintenance_window: "sun:04:00-sun:05:00"
#    soak: 48h
#    approvals: { required: 1 }
#    # What is judged only where it is asked for; tfseal explain capacity, network, monitoring ... says what each means.
@REQUIRE@#    engine: { names: [aurora-postgresql], min_version: "15.7" }
#    capacity: { min: 1, max: 16, auto_pause: never }
#    instances: { min: 3, availability_zones: 3 }
#    minor_upgrades: automatic
#    tls: { min_protocol: TLSv1.2 }
#    audit: { pgaudit: true, logs: [postgresql] }
#    network: { private_subnets: true, ingress_from: ["10.0.0.0/8"], endpoints: [kms, secretsmanager, logs] }
#    proxy: { required: true }
#    insights: { enabled: true, retention_days: { min: 7 } }
#    monitoring: { max_interval_seconds: 60 }
#    alarms: { CPUUtilization: { above: 70 }, DatabaseConnections: { above: 80 } }
#    budget: { alerts_percent: [80, 100], monthly_usd: { max: 500 } }
#    buckets: { lifecycle: true }
#    terraform: { versions: ["1.11.*"], providers: pinned, modules: pinned }

# Who reads the data: what must be switched, checked and rolled back. Secrets only ever by reference.
#applications:
#  - name: orders
#    database: { identifier: "orders-*", url_env: ORDERS_DATABASE_URL }
#    ecs: { cluster: orders, services: [web, queue] }
#    health: { url: "https://orders.example.com/health", expect: 200 }

# A waived finding stays listed and decides nothing. Reason, owner and date are required; a date that has passed is an
# error.
#waivers:
#  - { control: customer_key, address: aws_s3_bucket.access_logs, reason: "load balancers cannot write to SSE-KMS buckets", owner: platform, ticket: OPS-12, expires: 2027-06-30 }
)";

// What the example of `prod` asks for beyond the defaults: it is advice unless `require` lists its topic.
constexpr std::string_view kAskedByProd[] = {
    "tls",     "audit_log",  "engine_version", "capacity",          "availability",
    "network", "monitoring", "cost",           "storage_lifecycle", "pinned_versions"};

// `defaults` is the part of the file that holds them.
std::string Examples(const std::string& defaults) {
  const auto read = ReadPolicyFile(defaults, "tfseal.yaml");
  const auto* policy = std::get_if<PolicyFile>(&read);
  TFSEAL_CHECK(policy != nullptr);
  std::vector<std::string_view> topics;
  for (const Topic topic : policy->defaults.requirements.require) topics.push_back(Name(topic));
  for (const std::string_view topic : kAskedByProd) {
    if (std::find(topics.begin(), topics.end(), topic) == topics.end()) topics.push_back(topic);
  }
  std::string lines = "#    require: [";
  std::size_t column = lines.size();
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (column + topics[i].size() > 118) {
      lines += "\n#              ";
      column = 15;
    }
    const std::string piece = fmt::format("{}{}", topics[i], i + 1 == topics.size() ? "]\n" : ", ");
    lines += piece;
    column += piece.size();
  }
  std::string text(kExamples);
  const std::size_t at = text.find(kRequirePlace);
  TFSEAL_CHECK(at != std::string::npos);
  text.replace(at, kRequirePlace.size(), lines);
  return text;
}

// The defaults of a profile are written out, each with what it rests on, so that they can be changed one by one.
std::string Template(const Profile* profile) {
  if (profile == nullptr) return fmt::format("{}{}{}", kHead, kDefaults, Examples(std::string(kDefaults)));
  std::string text(profile->text);
  const std::string_view version = "version: 1\n";
  const std::size_t at = text.find(version);
  TFSEAL_CHECK(at != std::string::npos);
  text.insert(at + version.size(),
              fmt::format("# The same set, for what is taken out below.\nprofile: {}\n", profile->name));
  return fmt::format("{}# Taken from: {}.\n{}{}", kHead, profile->title, text, Examples(text));
}

}  // namespace

ExitCode RunInit(const Arguments& arguments, const Ui& ui) {
  const Profile* profile = arguments.profile.empty() ? nullptr : FindProfile(arguments.profile);
  if (profile == nullptr && !arguments.profile.empty()) {
    ui.Fail(Error{ErrorCode::kUsage, fmt::format("init: there is no profile {}", arguments.profile),
                  fmt::format("the profiles are {}", fmt::join(ProfileNames(), ", "))});
    return ExitCode::kUsage;
  }
  const std::string text = Template(profile);
  const std::string path = arguments.operands.empty() ? "tfseal.yaml" : arguments.operands.front();
  // O_EXCL instead of a look beforehand: what is there, or appears meanwhile, is never touched.
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) {
    const bool exists = errno == EEXIST;
    ui.Fail(Error{exists ? ErrorCode::kConflict : ErrorCode::kUnavailable,
                  exists ? fmt::format("{}: exists already, and init overwrites nothing", path)
                         : fmt::format("{}: cannot be created: {}", path, std::strerror(errno)),
                  exists ? "tfseal init other.yaml writes a fresh one beside it" : ""});
    return ExitCode::kFailed;
  }
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (::close(file) != 0 || !written) {
    ::unlink(path.c_str());
    ui.Fail(Error{ErrorCode::kUnavailable, fmt::format("{}: cannot be written", path), ""});
    return ExitCode::kFailed;
  }
  ui.Note(fmt::format("wrote {}", path));
  ui.Hint("terraform plan -out=plan.tfplan && tfseal gate plan.tfplan");
  return ExitCode::kDone;
}

}  // namespace tfseal::cli
