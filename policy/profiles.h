#pragma once

#include <string_view>
#include <vector>

// Starting sets for `profile:` in tfseal.yaml and for `tfseal init --profile`.
namespace tfseal {

// A tfseal.yaml of its own, whose `defaults` lie under those of the file that names it. Every value in it says on its
// line what it rests on: [regulation], [standard], [vendor-benchmark] or [organisation], and where that says it.
struct Profile {
  std::string_view name;   // "hipaa"
  std::string_view title;  // what it is taken from, with the version
  std::string_view text;
};

// nullptr if there is none.
const Profile* FindProfile(std::string_view name);
std::vector<std::string_view> ProfileNames();

}  // namespace tfseal
