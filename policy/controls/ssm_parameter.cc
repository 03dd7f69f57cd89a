#include "policy/controls/declarations.h"
#include "policy/plaintext.h"
#include "policy/secret_scan.h"

namespace tfseal {
namespace {

constexpr std::string_view kParameterTypes[] = {"aws_ssm_parameter"};
constexpr std::string_view kParameterPlaintextReads[] = {"insecure_value", TFSEAL_SECRET_SOURCE_ATTRIBUTES};
constexpr std::string_view kParameterKeyReads[] = {"type", "key_id"};

Judgement JudgeParameterPlaintext(const Subject& subject) {
  const terraform::Value type = subject.At("type");
  if (type.unknown()) return UnknownUntilApply("type");
  if (type.text() == "SecureString") return Pass("type is SecureString", "type");
  const bool was_secure =
      subject.world.side() == Side::kAfter && subject.instance.before.Get("type").text() == "SecureString";
  const std::string_view name = subject.At("name").text();
  if (was_secure) {
    Judgement judgement = Fail("type goes from SecureString to String: what was a secret is stored in clear", "type");
    judgement.offenders.emplace_back(name);
    return judgement;
  }
  PlaintextScan scan(subject, "value");
  for (const std::string_view attribute : {"value", "insecure_value"}) {
    const terraform::Value value = subject.At(attribute);
    if (value.unknown() && attribute == "insecure_value") continue;  // computed from value
    scan.Setting("", name, value);
    // user=x,password=y
    if (scan.Result().verdict == Verdict::kPass && value.kind() == terraform::ValueKind::kString) {
      scan.Text(name, value.text());
    }
  }
  return scan.Result();
}

Judgement JudgeParameterEncryption(const Subject& subject) {
  const terraform::Value type = subject.At("type");
  if (type.unknown()) return UnknownUntilApply("type");
  if (type.text() == "SecureString") return Pass("type is SecureString", "type");
  return NotApplicable("type is not SecureString; whether a secret is in it is judged by TFS-SSM-001");
}

Judgement JudgeParameterKey(const Subject& subject) {
  const Judgement encryption = JudgeParameterEncryption(subject);
  if (encryption.verdict != Verdict::kPass) return encryption;
  return RequireCustomerKey(subject, "key_id", DefaultKey::kAwsManaged);
}

}  // namespace

const Control kParameterPlaintext{
    .id = "TFS-SSM-001",
    .topic = Topic::kPlaintextSecret,
    .severity = Severity::kCritical,
    .title = "parameters that hold secrets are SecureString",
    .types = kParameterTypes,
    .reads = kParameterPlaintextReads,
    .evaluate = JudgeParameterPlaintext,
    .why =
        "A String parameter is readable by everybody with ssm:GetParameter, without any key, and its history stays "
        "readable.",
    .remedy =
        "create a SecureString parameter under a new name, point the readers to it, delete the old one and change the "
        "secret: "
        "it was exposed. Changing type in place is planned by Terraform, but AWS does not document that it can be "
        "done",
    .basis = "AWS Systems Manager Parameter Store: SecureString parameters.",
};

const Control kParameterEncryption{
    .id = "TFS-SSM-002",
    .topic = Topic::kEncryption,
    .severity = Severity::kHigh,
    .title = "SecureString parameters are encrypted at rest",
    .types = kParameterTypes,
    .reads = kParameterKeyReads,
    .evaluate = JudgeParameterEncryption,
    .why = "SecureString values are always encrypted, with aws/ssm if nothing else is named; this cannot fail.",
    .remedy = "nothing to do",
    .basis = "AWS Systems Manager Parameter Store: SecureString parameters.",
};

const Control kParameterCustomerKey{
    .id = "TFS-SSM-003",
    .topic = Topic::kCustomerKey,
    .severity = Severity::kMedium,
    .title = "SecureString parameters use a customer-managed key",
    .types = kParameterTypes,
    .reads = kParameterKeyReads,
    .evaluate = JudgeParameterKey,
    .why =
        "Under aws/ssm everybody who may read the parameter may decrypt it; a key of your own is a second, auditable "
        "lock.",
    .remedy = "set key_id to the key; the change is in place. Readers need kms:Decrypt on it first",
    .basis = "Organisation.",
};

}  // namespace tfseal
