#pragma once

#include <string>

#include "apply/handler.h"

namespace tfseal {

// Before a queue or a topic gets a key: the key must be usable, and its policy must let in every AWS service that the
// policy of the queue or topic lets in; otherwise their messages are lost without an error on their side.
// `resource_policy` is a JSON text, empty if there is none.
Status RequireProducersAdmitted(const std::string& key, const std::string& resource_policy, const Action& action,
                                RunContext& context);

}  // namespace tfseal
