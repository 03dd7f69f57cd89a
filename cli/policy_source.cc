#include "cli/policy_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include "core/file.h"
#include "core/suggest.h"

namespace tfseal::cli {
namespace {

constexpr std::size_t kBytesMax = std::size_t{1} << 20;

bool UseOnly(const std::string& name, const Ui& ui, PolicyFile& policy) {
  std::vector<std::string_view> names;
  for (const Environment& environment : policy.environments) names.push_back(environment.name);
  for (const Environment& environment : policy.environments) {
    if (environment.name != name) continue;
    Environment chosen = environment;
    policy.defaults = std::move(chosen);
    policy.environments.clear();
    return true;
  }
  const std::string where = policy.path.empty() ? "there is no tfseal.yaml" : policy.path + " does not define it";
  const std::string_view nearest = Nearest(name, names);
  std::string hint;
  if (!nearest.empty()) {
    hint = fmt::format("did you mean \"{}\"?", nearest);
  } else if (!names.empty()) {
    hint = fmt::format("its environments are {}", fmt::join(names, ", "));
  } else if (policy.path.empty()) {
    hint = "--config FILE names another file; tfseal init writes one";
  }
  ui.Fail(Error{ErrorCode::kUsage, fmt::format("--environment {}: {}", name, where), hint});
  return false;
}

}  // namespace

std::optional<PolicyFile> LoadPolicyForReport(const Arguments& arguments, const Ui& ui) {
  PolicyFile policy;
  const bool named = !arguments.config.empty();
  const std::string path = named ? arguments.config : "tfseal.yaml";
  if (named || ::access(path.c_str(), F_OK) == 0) {
    const Result<std::string> text = ReadFileBounded(path, kBytesMax);
    if (!text.ok()) {
      ui.Fail(text.error());
      return std::nullopt;
    }
    auto read = ReadPolicyFile(*text, path);
    if (const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read)) {
      ui.Fail(*mistakes);
      return std::nullopt;
    }
    policy = std::get<PolicyFile>(std::move(read));
    if (const auto expired = ExpiredWaivers(policy, arguments.now); !expired.empty()) ui.Fail(expired);
    for (const std::string& note : policy.notes) ui.Note("note: " + note);
  }
  if (!arguments.environment.empty() && !UseOnly(arguments.environment, ui, policy)) return std::nullopt;
  return policy;
}

std::string PolicyFlags(const Arguments& arguments) {
  std::string flags;
  if (!arguments.config.empty()) flags += " --config " + Printable(arguments.config);
  if (!arguments.environment.empty()) flags += " --environment " + Printable(arguments.environment);
  return flags;
}

bool AnyWaiverRefused(const PolicyFile& policy, const Arguments& arguments) {
  return !ExpiredWaivers(policy, arguments.now).empty();
}

std::optional<PolicyFile> LoadPolicy(const Arguments& arguments, const Ui& ui) {
  auto policy = LoadPolicyForReport(arguments, ui);
  if (policy && AnyWaiverRefused(*policy, arguments)) return std::nullopt;
  return policy;
}

}  // namespace tfseal::cli
