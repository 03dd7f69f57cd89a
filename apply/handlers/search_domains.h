#pragma once

#include <string>

#include "apply/handler.h"

// Domains of the OpenSearch service, also those that run Elasticsearch.
namespace tfseal {

// DomainStatus of the action's target.
Result<JsonValue> ReadDomain(const Action& action, RunContext& context);
// Fails while the domain is not one that can be changed now.
Status RequireIdleDomain(const JsonValue& domain, const std::string& name);

}  // namespace tfseal
