#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/diagnostic.h"
#include "policy/custom_control.h"
#include "policy/location.h"
#include "policy/requirements.h"
#include "terraform/document.h"

namespace tfseal {

// Seconds since the epoch, UTC.
using UnixSeconds = std::int64_t;

// Which resources belong to an environment. A resource matches if every list that is not empty has a match.
struct EnvironmentMatch {
  std::vector<std::string> accounts;
  std::vector<std::string> regions;
  std::vector<std::string> addresses;       // globs over addresses: "module.dev.**"
  std::map<std::string, std::string> tags;  // all must match; values are globs
  std::vector<std::string> names;           // globs over identifiers, names and Name tags: "*-dev-*"
};

struct MaintenanceWindow {
  int first_minute = 0;  // of the week, from Sunday 00:00 UTC
  int last_minute = 0;   // exclusive; may wrap
  std::string text;      // as written: "sun:04:00-sun:05:00"
};

struct Environment {
  std::string name;
  int wave = 0;  // order between environments; equal waves go together, 0 (not set) goes last
  EnvironmentMatch match;
  Requirements requirements;
  std::string backup_window;  // "03:00-04:00"
  bool separate_copy_key = false;
  std::optional<MaintenanceWindow> maintenance_window;
  std::optional<std::chrono::seconds> soak;
  int approvals_required = 0;
};

// What an application asks beyond an environment: that environment with the application's `settings` over it.
struct ApplicationEnvironment {
  std::vector<std::string> names;  // of its database, as in EnvironmentMatch
  std::string base;                // name of the environment; empty: the defaults
  Environment environment;
};

struct Application {
  std::string name;
  std::string database_identifier;  // glob
  std::string database_url_env;     // name of an environment variable, never a value
  // From where copy and original are compared while nobody else is admitted: addresses as CIDR.
  std::vector<std::string> database_operators;
  std::string secret;  // ARN or name
  std::string ecs_cluster;
  std::vector<std::string> ecs_services;
  std::string health_url;
  int health_expect = 200;
};

struct Waiver {
  std::string control;  // a control id or a topic
  std::string address;  // exact, or a glob
  std::string reason, owner, ticket, expires_text;
  UnixSeconds expires = 0;  // the end of that day, UTC
  std::string file;         // of a comment in the sources; empty: tfseal.yaml
  int line = 0;
  bool in_source = false;
};

// What waivers may do.
struct WaiverRules {
  int max_days = 0;        // from today to the last day of a waiver; 0: no limit
  int max_findings = 100;  // that one waiver excuses before it is reported as too broad
  bool require_ticket = false;
  bool in_sources = true;  // comments in the .tf files count
};

struct PolicyFile {
  std::string path;  // empty: built-in defaults
  std::string sha256;
  std::string profile;
  Environment defaults;                   // name is empty
  std::vector<Environment> environments;  // in file order; the first that matches wins
  std::vector<Application> applications;
  std::vector<ApplicationEnvironment> application_environments;  // in file order; the first that matches wins
  std::vector<std::unique_ptr<CustomRule>> controls;             // of its own, beside those of tfseal
  std::vector<Waiver> waivers;
  WaiverRules waiver_rules;
  std::vector<std::string> notes;  // for people: what the file says that this version does not act on
};

// Reads tfseal.yaml. All mistakes at once: unknown keys ("did you mean"), wrong types, bad globs, malformed dates,
// waivers without a reason, owner or date. `text` is the file's content, `path` its name in messages.
std::variant<PolicyFile, std::vector<Diagnostic>> ReadPolicyFile(std::string_view text, const std::string& path);

// A mistake for every waiver that has expired at `now` or lasts longer than the rules allow: an excuse that has run out
// must be seen, not silently dropped.
std::vector<Diagnostic> ExpiredWaivers(const PolicyFile& policy, UnixSeconds now);

// The environment a resource belongs to: by account, region and tags where the attributes (ARNs, tags_all) or the
// provider configuration tell them, by address, and by its identifiers and names. A resource without an identifier of
// its own that matches `names` (an attachment, a task definition's service) is judged by `defaults`.
const Environment& EnvironmentOf(const PolicyFile& policy, const terraform::Document& document,
                                 const terraform::ResourceInstance& instance);

// Why it is not certain that `chosen`, which EnvironmentOf() gave, is the environment whose requirements count: the
// plan moves the resource out of another, or a tag that decides is known only after apply. Empty if nothing speaks
// against it, or if it makes no difference.
std::string DoubtAboutEnvironment(const PolicyFile& policy, const terraform::Document& document,
                                  const terraform::ResourceInstance& instance, const Environment& chosen);

// A note for people where the policy has environments and none of them matches anything of the document, which is more
// often a mistake in `match` than meant; else empty.
std::string UnmatchedEnvironments(const PolicyFile& policy, const terraform::Document& document);

// The top-level attributes that EnvironmentOf() looks at.
const std::vector<std::string_view>& EnvironmentAttributes();

// The waiver of tfseal.yaml for a finding at `now`, or nullptr. Expired ones do not count. Who has the document at hand
// asks a WaiverBook (waiver.h), which knows the comments in the sources too.
const Waiver* WaiverFor(const PolicyFile& policy, std::string_view control, Topic topic, std::string_view address,
                        UnixSeconds now);

// "*" matches within one step of an address or a name, "**" across steps. Brackets and quotes are ordinary characters.
bool GlobMatches(std::string_view glob, std::string_view text);

}  // namespace tfseal
