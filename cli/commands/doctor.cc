#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "aws/observe/iam_policy.h"
#include "cli/apply_policy.h"
#include "cli/aws_session.h"
#include "cli/commands.h"
#include "cli/policy_source.h"
#include "cli/render/text.h"
#include "core/file.h"
#include "core/json.h"
#include "core/system_clock.h"
#include "crypto/system_entropy.h"
#include "planner/action_plan.h"
#include "policy/control.h"

namespace tfseal::cli {
namespace {

std::string OnPath(std::string_view program) {
  const char* variable = std::getenv("PATH");
  std::string_view path = variable == nullptr ? "" : variable;
  while (!path.empty()) {
    const std::size_t colon = path.find(':');
    const std::string candidate = fmt::format("{}/{}", path.substr(0, colon), program);
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
    if (candidate.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

constexpr std::size_t kPlanBytesMax = std::size_t{256} << 20;

Result<JsonValue> PolicyForApply(const std::string& path) {
  TFSEAL_ASSIGN(const std::string text, ReadFileBounded(path, kPlanBytesMax));
  const auto read = [&]() -> Result<ActionPlan> {
    TFSEAL_ASSIGN(const JsonValue json, ParseJson(text));
    return ActionPlanFromJson(json);
  };
  const Result<ActionPlan> plan = read();
  if (!plan.ok()) {
    Error error = plan.error();
    error.message = fmt::format("{}: {}", path, error.message);
    return error;
  }
  return PolicyForPlan(*plan);
}

ExitCode PrintPolicy(const Arguments& arguments, const Ui& ui) {
  if (arguments.iam == "apply" && arguments.operands.empty()) {
    ui.Fail({ErrorCode::kUsage, "--iam apply needs the action plan that is to be carried out",
             "tfseal doctor --iam apply actions.json"});
    return ExitCode::kUsage;
  }
  const Result<JsonValue> policy = arguments.iam == "apply" ? PolicyForApply(arguments.operands.front())
                                                            : Result<JsonValue>(observe::PolicyForVerify({}, {}));
  if (!policy.ok()) {
    ui.Fail(policy.error());
    return ExitCode::kFailed;
  }
  return ui.Print(WriteJsonDocument(*policy)).ok() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace

// Without --live nothing here leaves the machine: no account is asked, no program is run.
ExitCode RunDoctor(const Arguments& arguments, const Ui& ui) {
  if (!arguments.iam.empty()) return PrintPolicy(arguments, ui);
  std::string out;
  const auto line = [&](bool well, std::string_view what, const std::string& detail) {
    out += fmt::format("{}  {:<12} {}\n",
                       Styled(well ? "ok  " : "note", well ? Style::kGreen : Style::kYellow, ui.color()), what,
                       Printable(detail));
  };
  line(true, "tfseal", fmt::format("{} with {} controls", TFSEAL_VERSION, AllControls().size()));
  const std::string terraform = OnPath("terraform");
  const std::string tofu = OnPath("tofu");
  const bool either = !terraform.empty() || !tofu.empty();
  const std::string absent =
      either ? "not on PATH" : "not on PATH: saved plans must be turned into JSON where they were made";
  line(either, "terraform", terraform.empty() ? absent : terraform);
  line(either, "tofu", tofu.empty() ? absent : tofu);
  const bool has_config = !arguments.config.empty() || ::access("tfseal.yaml", F_OK) == 0;
  const auto policy = LoadPolicy(arguments, ui);
  if (policy && has_config) {
    line(true, "policy",
         fmt::format("{}: {} environments, {} waivers", policy->path, policy->environments.size(),
                     policy->waivers.size()));
  } else if (policy) {
    line(false, "policy", "no tfseal.yaml here, so the built-in defaults apply; tfseal init writes one");
  }
  bool access = true;
  if (arguments.live) {
    SystemClock clock;
    SystemEntropy entropy;
    const auto session = OpenAwsSession(clock, entropy);
    const auto identity = session.ok() ? WhoAmI(**session) : Result<AwsIdentity>(session.error());
    access = identity.ok();
    if (access) {
      const auto skew = (*session)->client().measured_skew();
      const auto seconds = skew.has_value() ? std::chrono::duration_cast<std::chrono::seconds>(*skew).count() : 0;
      // AWS refuses signatures that are more than five minutes off; the client corrects its own.
      line(skew.has_value() && seconds < 60 && seconds > -60, "clock",
           !skew.has_value()               ? "AWS did not say what time it is"
           : seconds < 60 && seconds > -60 ? "agrees with AWS"
           : seconds > 0 ? fmt::format("{} seconds behind AWS: set it, or requests are refused", seconds)
                         : fmt::format("{} seconds ahead of AWS: set it, or requests are refused", -seconds));
      line(true, "aws",
           fmt::format("account {}, as {}, with {}", identity->account, identity->arn, identity->provider));
      const std::string& region = (*session)->region();
      line(!region.empty(), "region", region.empty() ? "none is set: AWS_REGION or --region" : region);
    } else {
      line(false, "aws", identity.error().message);
      if (!identity.error().hint.empty()) line(false, "", identity.error().hint);
    }
  }
  const Status printed = ui.Print(out);
  if (!printed.ok() || !access) return ExitCode::kFailed;
  return policy ? ExitCode::kDone : ExitCode::kUsage;
}

}  // namespace tfseal::cli
