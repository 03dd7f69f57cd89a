#pragma once

#include <string>
#include <string_view>

namespace tfseal::report {

// Who a finding is, whatever else changes: 32 hexadecimal digits of rule, address and the number of times that the pair
// was seen before.
std::string Fingerprint(std::string_view rule, std::string_view address, std::size_t occurrence);

// A UUID of version 5 (RFC 4122) in a namespace of tfseal's own: equal names have equal UUIDs.
std::string Uuid(std::string_view name);

}  // namespace tfseal::report
