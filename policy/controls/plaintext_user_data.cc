#include <fmt/format.h>

#include "policy/controls/declarations.h"
#include "policy/plaintext.h"
#include "policy/secret_scan.h"

namespace tfseal {
namespace {

using terraform::Value;

constexpr std::string_view kUserDataTypes[] = {"aws_instance", "aws_launch_template", "aws_launch_configuration",
                                               "aws_spot_instance_request"};
constexpr std::string_view kUserDataReads[] = {"user_data", "user_data_base64", TFSEAL_SECRET_SOURCE_ATTRIBUTES};

// The provider keeps a SHA-1 of the user data of instances instead of the text.
bool IsHash(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Judgement JudgeUserData(const Subject& subject) {
  Judgement worst = NotApplicable("there is no user data");
  for (const std::string_view attribute : {"user_data", "user_data_base64"}) {
    const Value data = subject.At(attribute);
    if (data.unset() || (data.known() && data.empty())) continue;
    if (data.unknown()) {
      const Origin& origin = subject.world.OriginOf(subject.instance, attribute);
      if (!origin.LeftToProvider()) worst = UnknownUntilApply(attribute);
      continue;
    }
    std::string_view text = data.text();
    if (IsHash(text)) {
      // What the configuration spells out is in the plan all the same, and is what the digest after the change is of.
      const bool planned = text == subject.instance.after.Get(attribute).text();
      text = planned ? subject.world.OriginOf(subject.instance, attribute).constant.text() : std::string_view();
      if (text.empty()) {
        if (worst.verdict == Verdict::kNotApplicable) worst.message = "Terraform keeps only a digest of the user data";
        continue;
      }
    }
    const auto decoded = DecodeBase64(text);
    if (decoded.has_value() && decoded->starts_with("\x1f\x8b")) {
      worst = UnknownUntilApply(attribute);
      worst.message = fmt::format("{} is compressed, so nobody looked into it", attribute);
      continue;
    }
    PlaintextScan scan(subject, attribute);
    scan.Text("", decoded.has_value() ? std::string_view(*decoded) : text);
    Judgement judgement = scan.Result();
    if (judgement.verdict == Verdict::kFail) return judgement;
    if (worst.verdict != Verdict::kUnknown) worst = std::move(judgement);
  }
  return worst;
}

}  // namespace

const Control kUserDataPlaintext{
    .id = "TFS-EC2-004",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "user data of instances holds no secrets in clear",
    .types = kUserDataTypes,
    .reads = kUserDataReads,
    .evaluate = JudgeUserData,
    .why =
        "User data can be read from inside the instance by any process, and outside by everybody who may describe it.",
    .remedy =
        "let the instance fetch the value from Secrets Manager with its role, then change the exposed value. Changing "
        "user data "
        "may restart or replace the instance: look at the plan",
    .basis = "Vendor benchmark: Checkov CKV_AWS_46; Amazon EC2: user data is not protected.",
};

}  // namespace tfseal
