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
#include "cli/run_session.h"
#include "core/file.h"
#include "core/json.h"
#include "core/system_clock.h"
#include "crypto/rekey/mapping.h"
#include "crypto/system_entropy.h"
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

constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;

Result<JsonValue> PolicyForApply(const std::string& path) {
  TFSEAL_ASSIGN(const LoadedPlan loaded, LoadActionPlan(path));
  return PolicyForPlan(loaded.plan);
}

// Whether the file has a section rekey:, which the policy passes over. Its mistakes are told.
enum class RekeySection : std::uint8_t { kNone, kGood, kWrong };
RekeySection CheckRekeySection(const std::string& path, const Ui& ui) {
  const auto text = ReadFileBounded(path, kConfigBytesMax);
  if (!text.ok() || ("\n" + *text).find("\nrekey:") == std::string::npos) return RekeySection::kNone;
  const auto read = rekey::ReadMapping(*text, path);
  const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read);
  if (mistakes == nullptr) return RekeySection::kGood;
  ui.Fail(*mistakes);
  return RekeySection::kWrong;
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
  const Status printed = ui.Print(WriteJsonDocument(*policy));
  if (!printed.ok()) ui.Fail(printed.error());
  return printed.ok() ? ExitCode::kDone : ExitCode::kFailed;
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
  RekeySection rekey_section = RekeySection::kNone;
  if (policy && has_config) {
    line(true, "policy",
         fmt::format("{}: {} environment{}, {} waiver{}", policy->path, policy->environments.size(),
                     policy->environments.size() == 1 ? "" : "s", policy->waivers.size(),
                     policy->waivers.size() == 1 ? "" : "s"));
    rekey_section = CheckRekeySection(policy->path, ui);
    if (rekey_section == RekeySection::kGood)
      line(true, "rekey", fmt::format("{}: the mapping is well-formed", policy->path));
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
      line(!region.empty(), "region", region.empty() ? "none is set: AWS_REGION, or --region of verify" : region);
    } else {
      line(false, "aws", identity.error().message);
      if (!identity.error().hint.empty()) line(false, "", identity.error().hint);
    }
  }
  const Status printed = ui.Print(out);
  if (!printed.ok()) ui.Fail(printed.error());
  if (!printed.ok() || !access) return ExitCode::kFailed;
  return policy && rekey_section != RekeySection::kWrong ? ExitCode::kDone : ExitCode::kUsage;
}

}  // namespace tfseal::cli
