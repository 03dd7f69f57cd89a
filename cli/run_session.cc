#include "cli/run_session.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "cli/output.h"
#include "cli/render/status_text.h"
#include "core/file.h"
#include "crypto/digest.h"
#include "crypto/system_entropy.h"

extern char** environ;

namespace tfseal::cli {
namespace {

constexpr std::size_t kPlanBytesMax = std::size_t{256} << 20;
constexpr std::size_t kRunBytes = 6;

}  // namespace

bool OnEmulator() {
  bool elsewhere = false;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (!variable.starts_with("AWS_ENDPOINT_URL") || variable.ends_with('=')) continue;
    // FIPS endpoints and interface endpoints of a VPC are overrides too, and AWS itself.
    if (variable.find(".amazonaws.com") != std::string_view::npos) return false;
    elsewhere = true;
  }
  return elsewhere;
}

Result<LoadedPlan> LoadActionPlan(const std::string& path) {
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(path, kPlanBytesMax));
  const auto in_file = [&path](Error error) {
    error.message = path + ": " + error.message;
    return error;
  };
  const auto json = ParseJson(text);
  if (!json.ok()) return in_file(json.error());
  auto plan = ActionPlanFromJson(*json);
  if (!plan.ok()) return in_file(plan.error());
  return LoadedPlan{std::move(plan).value(), Sha256Hex(WriteJsonLine(*json))};
}

std::string JournalName(const Arguments& arguments) {
  return arguments.run.journal.empty() ? arguments.operands.front() + ".journal" : arguments.run.journal;
}

bool JournalNeedsAws(const std::string& name) {
  return name.starts_with("s3://");
}

Status CheckJournalName(const std::string& name) {
  const std::size_t scheme = name.find("://");
  if (scheme == std::string::npos) return {};
  return Error{ErrorCode::kUsage, fmt::format("--journal: {}:// is not a place for a journal", name.substr(0, scheme)),
               "the path of a file"};
}

Result<std::unique_ptr<JournalStore>> OpenJournalStore(const std::string& name, aws::Api* api,
                                                       const std::string& region) {
  static_cast<void>(api);
  static_cast<void>(region);
  TFSEAL_TRY(CheckJournalName(name));
  return LocalJournal(name);
}

RunIdentity ThisRun() {
  RunIdentity identity;
  char host[256] = {};
  identity.host = ::gethostname(host, sizeof host - 1) == 0 ? host : "unknown";
  const struct passwd* user = ::getpwuid(::geteuid());
  identity.user = user != nullptr ? user->pw_name : std::to_string(::geteuid());
  identity.pid = ::getpid();
  std::array<std::byte, kRunBytes> random{};
  SystemEntropy().Fill(random);
  for (const std::byte byte : random) identity.run += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return identity;
}

Result<SystemClock> RunClock(const Arguments& arguments) {
  if (!arguments.now_given) return SystemClock();
  if (!OnEmulator()) {
    return Error{ErrorCode::kUsage, "--now: a run on AWS itself goes by the real time",
                 "it is for rehearsals on an emulator, with AWS_ENDPOINT_URL set"};
  }
  const TimePoint wanted{std::chrono::seconds(arguments.now)};
  return SystemClock(wanted - SystemClock().Now());
}

Status DeliverStatus(const Arguments& arguments, const Ui& ui, const RunOverview& status, TimePoint now) {
  return Deliver(arguments, ui, [&](std::string_view format) {
    return format == "json" ? WriteJsonDocument(ToJson(status)) : StatusText(status, now, ui.color(), ui.verbose());
  });
}

ExitCode ExitCodeOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUsage:
      return ExitCode::kUsage;
    case ErrorCode::kLocked:
      return ExitCode::kLocked;
    case ErrorCode::kCorrupt:
      return ExitCode::kDamaged;
    default:
      return ExitCode::kFailed;
  }
}

}  // namespace tfseal::cli
