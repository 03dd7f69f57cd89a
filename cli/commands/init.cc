#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/commands.h"

namespace tfseal::cli {
namespace {

constexpr std::string_view kTemplate =
    R"(# What tfseal requires here. `tfseal doctor` checks this file; `tfseal explain TOPIC` says what a topic means.
version: 1

defaults:
  # The topics that decide a verdict; findings of any other topic are advice.
  require: [encryption, customer_key, key_rotation, backup_retention, deletion_protection, final_snapshot, plaintext_secret]
  encryption: { key: customer-managed, rotation: { required: true, max_period_days: 365 } }
  backup: { retention_days: { min: 7 } }

# Environments inherit the defaults; a `require` of their own replaces the list, a number overrides. The first one that
# matches a resource wins; what matches none is judged by the defaults.
#environments:
#  dev:
#    wave: 1                       # order between environments
#    match: { names: ["*-dev-*"] } # also: accounts, regions, addresses, tags
#    backup: { retention_days: { min: 3 } }
#  prod:
#    wave: 2
#    match: { tags: { Environment: production } }
#    backup: { retention_days: { min: 35 }, copy_key: separate }
#    maintenance_window: "sun:04:00-sun:05:00"
#    soak: 48h
#    approvals: { required: 1 }

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

}  // namespace

ExitCode RunInit(const Arguments& arguments, const Ui& ui) {
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
  const bool written = ::write(file, kTemplate.data(), kTemplate.size()) == static_cast<ssize_t>(kTemplate.size());
  if (::close(file) != 0 || !written) {
    ::unlink(path.c_str());
    ui.Fail(Error{ErrorCode::kUnavailable, fmt::format("{}: cannot be written", path), ""});
    return ExitCode::kFailed;
  }
  ui.Note(fmt::format("wrote {}", path));
  ui.Hint("tfseal gate plan.json");
  return ExitCode::kDone;
}

}  // namespace tfseal::cli
