#pragma once

#include <string>
#include <string_view>

#include "policy/control.h"

// The few shapes that most controls have. A control that needs more logic writes it out.
namespace tfseal {

Judgement Pass(std::string message, std::string_view attribute = {});
Judgement Fail(std::string message, std::string_view attribute = {});
Judgement NotApplicable(std::string message);
// "kms_key_id is known only after apply"
Judgement UnknownUntilApply(std::string_view attribute);

// What an attribute that nobody set means for the type: AWS's or the provider's default.
enum class IfUnset { kFail, kPass, kUnknown, kNotApplicable };

// The boolean (or "true"/"false") at `path` must be `wanted`. `otherwise` completes a failing message:
// "storage_encrypted is false: <otherwise>". Anything that is not a boolean fails and says so, without the value.
Judgement RequireBool(const Subject& subject, std::string_view path, bool wanted, IfUnset if_unset,
                      std::string_view otherwise);
// The number at `path` must be at least `minimum`; strength is the number.
Judgement RequireAtLeast(const Subject& subject, std::string_view path, double minimum, IfUnset if_unset,
                         std::string_view unit);

// What encrypts when no key is named.
enum class DefaultKey { kNone, kAwsOwned, kAwsManaged };

enum class KeyOwner : unsigned char { kNone, kAwsOwned, kAwsManaged, kCustomer, kUnknown };

// Who owns the key that an attribute names.
struct KeyFacts {
  KeyOwner owner = KeyOwner::kUnknown;
  std::string key_address;  // the aws_kms_key (or replica, external key) of this document, if it is one
  bool obligation = false;  // unknown until apply, but bound to key_address by the configuration
  std::string why;          // for people: "kms_key_id is the ARN of aws_kms_key.db", never a value
};

// Whether an unknown attribute is unknown only because AWS or the provider fills it in: the configuration is there and
// does not set it. Not so inside a dynamic block, which Terraform leaves out of the configuration it prints. A new
// resource's block that the provider computes (encrypt_at_rest of a domain, server_side_encryption of a table) is
// unknown as a whole whether it is dynamic or not there at all: the sources tell, where the document has them, else a
// use of something unknown that is not printed (hidden_uses.h); without either it is taken for not there. `path` begins
// with the block: "encrypt_at_rest[0].enabled".
bool LeftToProvider(const Subject& subject, std::string_view path);

// Whether a text that names a key names one of AWS's own.
bool NamesAwsKey(std::string_view text);

// Classifies the key attribute at `path` (ARN, id, alias, alias ARN, unset, unknown). Unknowns are resolved through the
// configuration's references (world.h).
KeyFacts ClassifyKey(const Subject& subject, std::string_view path, DefaultKey if_unset);

// Topic customer_key in its usual shape: passes for a customer-managed key (with an obligation where it is bound but
// unknown), fails for AWS-owned and AWS-managed keys and for none, unknown where nobody can tell.
Judgement RequireCustomerKey(const Subject& subject, std::string_view path, DefaultKey if_unset);

}  // namespace tfseal
