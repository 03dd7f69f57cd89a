#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/control.h"

namespace tfseal {

// How an object is encrypted at rest. Unknown is the zero value: what nobody can tell is not "encrypted".
enum class Encryption : std::uint8_t { kUnknown, kNone, kAwsOwned, kAwsManaged, kCustomerManaged, kNotApplicable };

std::string_view Name(Encryption encryption);  // none | aws_owned | aws_managed | customer_managed | unknown | ...

struct EncryptionFacts {
  Encryption encryption = Encryption::kNotApplicable;
  std::string key_address;  // the key of this document that encrypts it, if it is one
};

// By the defaults of AWS and of provider 5.100.0 where an attribute is not set. Not applicable: a type that stores
// nothing of its own at rest, or that tfseal does not know.
EncryptionFacts EncryptionOf(const Subject& subject);

}  // namespace tfseal
