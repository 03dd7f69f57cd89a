#pragma once

#include <map>
#include <string>
#include <string_view>

namespace tfseal::aws {

// The environment's variables, as the command line found them.
using Environment = std::map<std::string, std::string, std::less<>>;

// The first of the names that is set to something; empty if none is.
std::string FirstSet(const Environment& environment, std::initializer_list<std::string_view> names);

}  // namespace tfseal::aws
