#include "cli/run_session.h"

#include <fmt/format.h>
#include <pwd.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "apply/journal_stores.h"
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

// FIPS endpoints, dual-stack ones and interface endpoints of a VPC are overrides too, and AWS itself.
bool IsOfAws(std::string_view url) {
  constexpr std::array<std::string_view, 8> kSuffixes = {".amazonaws.com",
                                                         ".amazonaws.eu",
                                                         ".api.aws",
                                                         ".on.aws",
                                                         ".c2s.ic.gov",
                                                         ".sc2s.sgov.gov",
                                                         ".api.amazonwebservices.com.cn",
                                                         ".csp.hci.ic.gov"};
  return url.find(".adc-e.uk") != std::string_view::npos ||
         std::any_of(kSuffixes.begin(), kSuffixes.end(),
                     [url](std::string_view suffix) { return url.find(suffix) != std::string_view::npos; });
}

bool IsTrue(std::string_view text) {
  return text.size() == 4 && ::strncasecmp(text.data(), "true", 4) == 0;
}

}  // namespace

bool OnEmulator() {
  // What is about one service says nothing about the others.
  bool everything_elsewhere = false;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::string_view name = variable.substr(0, variable.find('='));
    const std::string_view value = variable.substr(std::min(name.size() + 1, variable.size()));
    if (name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" && IsTrue(value)) return false;
    if (!name.starts_with("AWS_ENDPOINT_URL") || value.empty()) continue;
    if (IsOfAws(value)) return false;
    everything_elsewhere = everything_elsewhere || name == "AWS_ENDPOINT_URL";
  }
  return everything_elsewhere;
}

Result<LoadedPlan> LoadActionPlan(const std::string& path) {
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(path, kPlanBytesMax));
  const auto in_file = [&path](Error error) {
    error.message = path + ": " + error.message;
    return error;
  };
  auto json = ParseJson(text);
  if (!json.ok())
    return in_file({json.error().code, json.error().message, "write it with tfseal plan FILE --out " + path});
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

std::string PlanAndJournal(const Arguments& arguments) {
  const std::string& plan = arguments.operands.front();
  return arguments.run.journal.empty() ? plan : fmt::format("{} --journal {}", plan, arguments.run.journal);
}

namespace {

struct BucketPlace {
  std::string bucket;
  std::string prefix;
};

// "s3://bucket/some/prefix"
BucketPlace PlaceInBucket(std::string_view name) {
  name.remove_prefix(std::string_view("s3://").size());
  const std::size_t slash = std::min(name.find('/'), name.size());
  std::string prefix(name.substr(std::min(slash + 1, name.size())));
  while (prefix.ends_with('/')) prefix.pop_back();
  return {std::string(name.substr(0, slash)), prefix};
}

bool IsDatabase(std::string_view name) {
  return name.starts_with("postgresql://") || name.starts_with("postgres://");
}

struct DatabasePlace {
  postgres::ConnectionUrl url;
  std::string journal;
};

// "postgresql://user@host/database#journal"
Result<DatabasePlace> PlaceInDatabase(const std::string& name) {
  const std::size_t hash = name.find('#');
  if (hash == std::string::npos || hash + 1 == name.size()) {
    return Error{ErrorCode::kUsage, "--journal: the journal in the database has no name",
                 "postgresql://USER@HOST/DATABASE#NAME"};
  }
  auto url = postgres::ConnectionUrl::Parse(name.substr(0, hash));
  if (!url.ok()) return Error{ErrorCode::kUsage, "--journal: " + url.error().message, url.error().hint};
  if (!url->Get("password").empty()) {
    return Error{ErrorCode::kUsage, "--journal: a password on the command line can be seen by others",
                 "put it into PGPASSWORD or ~/.pgpass"};
  }
  return DatabasePlace{std::move(url).value(), name.substr(hash + 1)};
}

}  // namespace

Status CheckJournalName(const std::string& name) {
  const std::size_t scheme = name.find("://");
  if (scheme == std::string::npos) return {};
  if (IsDatabase(name)) {
    TFSEAL_TRY(PlaceInDatabase(name));
    return {};
  }
  if (!JournalNeedsAws(name)) {
    return Error{ErrorCode::kUsage,
                 fmt::format("--journal: {}:// is not a place for a journal", name.substr(0, scheme)),
                 "a path, s3://BUCKET/PREFIX or postgresql://USER@HOST/DATABASE#NAME"};
  }
  const BucketPlace place = PlaceInBucket(name);
  if (!place.bucket.empty() && !place.prefix.empty()) return {};
  return Error{ErrorCode::kUsage, "--journal: an s3 journal needs a bucket and a prefix", "s3://BUCKET/PREFIX"};
}

Result<std::unique_ptr<JournalStore>> OpenJournalStore(const std::string& name, aws::Api* api,
                                                       const std::string& region) {
  TFSEAL_TRY(CheckJournalName(name));
  if (IsDatabase(name)) {
    TFSEAL_ASSIGN(DatabasePlace place, PlaceInDatabase(name));
    return PostgresJournal(std::move(place.url), std::move(place.journal));
  }
  if (!JournalNeedsAws(name)) return LocalJournal(name);
  TFSEAL_CHECK(api != nullptr);
  const BucketPlace place = PlaceInBucket(name);
  return S3Journal(*api, region.empty() ? "us-east-1" : region, place.bucket, place.prefix);
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
