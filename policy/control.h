#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/requirements.h"
#include "policy/topic.h"
#include "policy/verdict.h"
#include "terraform/document.h"

namespace tfseal {

class CustomRule;
class World;

// One resource instance on one side of a change (before, after, or as a state has it), and what is around it.
struct Subject {
  const terraform::ResourceInstance& instance;
  const terraform::Value& attributes;  // a map: instance.before or instance.after
  const World& world;                  // the other resources on the same side, and the configuration
  const Requirements& requirements;
  // Seconds since 1970 UTC at which is judged; nullopt where nobody says what time it is, and what depends on it is
  // unknown.
  std::optional<std::int64_t> now{};
  const CustomRule* rule = nullptr;  // of the control that judges, if it is one of tfseal.yaml

  // A top-level attribute, or one inside blocks: "encrypt_at_rest[0].enabled".
  [[nodiscard]] terraform::Value At(std::string_view path) const { return attributes.At(path); }
};

// Something that cannot be known before apply but is already bound: `verify --obligations` closes it afterwards.
struct Obligation {
  std::string attribute;    // "kms_key_id"
  std::string resolved_to;  // address of the resource in this plan that it will come from
  std::string expectation;  // "the ARN of aws_kms_key.db"
};

// What a control found. Never holds an attribute value that could be secret.
struct Judgement {
  Verdict verdict = Verdict::kUnknown;
  std::string message;    // one line, lower case, no full stop: "storage_encrypted is false"
  std::string attribute;  // path of the attribute that decided, or that is unknown
  std::string remedy;     // overrides Control::remedy where the case needs its own fix
  // How strong the protection is, where it has degrees (days, modes); larger is stronger. A change that fails and has
  // less than before is worse; where Control::lowering_fails, having less fails by itself.
  std::optional<double> strength;
  // What exactly is wrong where several things can be ("app: ENCRYPTION_KEY", "statement Admin"). A change that fails
  // with an offender that was not there before is worse.
  std::vector<std::string> offenders;
  std::vector<Obligation> obligations;  // with kPass: passes provided that these come true
};

// A rule about one or a few resource types, judged the same way on a plan's before and after, a state and live AWS.
// Pure: the same subject gives the same judgement.
struct Control {
  std::string_view id;  // "TFS-RDS-001"; stable, never reused
  Topic topic;
  Severity severity;
  std::string_view title;                   // "Aurora and Multi-AZ clusters are encrypted at rest"
  std::span<const std::string_view> types;  // resource types it judges
  std::span<const std::string_view> reads;  // top-level attributes that evaluate() looks at, of any type
  Judgement (*evaluate)(const Subject& subject);
  std::string_view why;         // what goes wrong otherwise, in one or two sentences
  std::string_view remedy;      // the fix, as an engineer would want to read it
  std::string_view basis;       // where the requirement and the facts come from
  bool lowering_fails = false;  // no number in the policy: every lowering of `strength` fails (object lock, vault lock)
  // Whether an environment asks for it at all; nullptr: everybody does. Where it says no, the control is not run, and
  // what only it looks at is not read.
  bool (*asked)(const Requirements& requirements) = nullptr;
  const CustomRule* rule = nullptr;  // of a control that tfseal.yaml defines (custom_control.h)
  // What it means that a plan takes the whole object away, where other objects may go on with what it did; the subject
  // is on the side before. nullptr: the resource catalogue says what is left without it.
  Judgement (*removed)(const Subject& before, const World& after) = nullptr;

  [[nodiscard]] bool IsAsked(const Requirements& requirements) const { return asked == nullptr || asked(requirements); }
};

// All controls, sorted by id.
std::span<const Control* const> AllControls();
// nullptr if there is none.
const Control* FindControl(std::string_view id);

}  // namespace tfseal
