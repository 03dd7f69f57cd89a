#include "policy/policy_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "core/check.h"
#include "core/yaml_fields.h"
#include "crypto/digest.h"
#include "policy/control.h"
#include "policy/glob.h"
#include "policy/profiles.h"
#include "policy/schedule_text.h"
#include "policy/settings_reader.h"
#include "policy/waiver.h"

namespace tfseal {
namespace {

constexpr std::size_t kBytesMax = std::size_t{1} << 20;

std::string OneOfText(std::span<const std::string_view> names) {
  return fmt::format("one of {}", fmt::join(names, ", "));
}

// https://user:password@host/
bool HoldsUser(std::string_view url) {
  const std::size_t host = url.find("://") + 3;
  return url.substr(host, url.find_first_of("/?#", host) - host).find('@') != std::string_view::npos;
}

class PolicyReader : private YamlFields {
 public:
  using YamlFields::TakeMistakes;
  using YamlFields::YamlFields;

  PolicyFile Read(const YamlNode& root) {
    const YamlNode* version = nullptr;
    const YamlNode* defaults = nullptr;
    const YamlNode* environments = nullptr;
    const YamlNode* applications = nullptr;
    const YamlNode* waivers = nullptr;
    Fields(root, "the file",
           {{"version", [&](const YamlNode& node) { version = &node; }},
            {"profile", [&](const YamlNode& node) { ReadProfile(node); }},
            {"defaults", [&](const YamlNode& node) { defaults = &node; }},
            {"environments", [&](const YamlNode& node) { environments = &node; }},
            {"applications", [&](const YamlNode& node) { applications = &node; }},
            {"controls", [&](const YamlNode& node) { policy_.controls = ReadCustomControls(*this, node); }},
            {"waivers", [&](const YamlNode& node) { waivers = &node; }},
            {"waiver_rules", [&](const YamlNode& node) { ReadWaiverRules(node); }},
            {"rekey", [](const YamlNode&) {}}});  // read by crypto/rekey/mapping.h
    ReadVersion(root, version);
    if (defaults != nullptr) {
      defaults_require_ = HasKey(*defaults, "require");
      ReadEnvironment(*defaults, "defaults", false, policy_.defaults);
    } else {
      DecideWhatIsAsked(YamlNode(), "defaults", policy_.defaults);
    }
    if (environments != nullptr) ReadEnvironments(*environments);
    if (applications != nullptr) ReadApplications(*applications);
    if (waivers != nullptr) ReadWaivers(*waivers);
    return std::move(policy_);
  }

  // Only `defaults`, as a profile has them, over those of `policy`.
  void ReadDefaultsInto(const YamlNode& node, Environment& defaults) {
    ReadEnvironment(node, "defaults", false, defaults);
  }

 private:
  // A range that holds everybody would be no fence.
  static std::string WrongAddressRange(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view bits = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
    const bool digits =
        !bits.empty() && bits.size() <= 3 && bits.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits && bits != "0" && text.substr(0, slash).find_first_not_of("0123456789abcdefABCDEF.:") == text.npos)
      return {};
    return fmt::format("\"{}\" is not a range of addresses such as 203.0.113.7/32, or admits everybody", text);
  }

  static std::string WrongGlob(std::string_view text) {
    const std::string_view wrong = GlobMistake(text);
    return wrong.empty() ? std::string() : fmt::format("\"{}\" is not a pattern: {}", text, wrong);
  }

  static std::string WrongAccount(std::string_view text) {
    const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits && text.size() == 12 ? "" : fmt::format("\"{}\" is not an AWS account: it has 12 digits", text);
  }

  static std::string WrongRegion(std::string_view text) {
    const bool shaped = std::count(text.begin(), text.end(), '-') >= 2 && text.back() >= '0' && text.back() <= '9' &&
                        std::all_of(text.begin(), text.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                        });
    return shaped ? "" : fmt::format("\"{}\" is not an AWS region, such as eu-central-1", text);
  }

  void ReadVersion(const YamlNode& root, const YamlNode* version) {
    if (version == nullptr) {
      if (root.kind == YamlNode::Kind::kMap) Mistake(root, "\"version\" is missing", "start the file with: version: 1");
      return;
    }
    int number = 0;
    Integer(*version, "version", 0, 1'000'000, number);
    if (number > 1) Mistake(*version, fmt::format("version {} is not known to this tfseal", number), "write 1");
  }

  void ReadProfile(const YamlNode& node) {
    const auto text = Text(node, "profile");
    if (!text) return;
    if (FindProfile(*text) == nullptr) {
      const std::vector<std::string_view> names = ProfileNames();
      std::string hint = DidYouMean(*text, names);
      Mistake(node, fmt::format("unknown profile \"{}\"", *text), hint.empty() ? OneOfText(names) : std::move(hint));
      return;
    }
    policy_.profile = *text;
    ApplyProfile(*text);
  }

  // A profile is a file of the same form, whose defaults lie under those of this one.
  void ApplyProfile(const std::string& name) {
    const Profile* profile = FindProfile(name);
    TFSEAL_CHECK(profile != nullptr);
    YamlDocument document = ParseYaml(profile->text, "profile " + name);
    PolicyReader reader("profile " + name, std::move(document.mistakes));
    for (std::size_t i = 0; i < document.root.keys.size(); ++i) {
      if (document.root.keys[i].text == "defaults") reader.ReadDefaultsInto(document.root.items[i], policy_.defaults);
    }
    TFSEAL_CHECK(reader.TakeMistakes().empty());
  }

  void ReadRequire(const YamlNode& node, std::set<Topic>& into) {
    std::set<Topic> topics;
    if (node.kind == YamlNode::Kind::kList && node.items.empty()) {  // nothing decides: everything is advice
      into.clear();
      return;
    }
    Texts(node, "require", [&](std::string_view text) -> std::string {
      const auto topic = TopicNamed(text);
      if (topic) {
        topics.insert(*topic);
        return "";
      }
      const std::string hint = DidYouMean(text, kTopicNames);
      return fmt::format("unknown topic \"{}\"{}", text,
                         hint.empty() ? fmt::format("; the topics are {}", fmt::join(kTopicNames, ", ")) : "; " + hint);
    });
    into = std::move(topics);
  }

  void ReadEncryption(const YamlNode& node, Requirements& into) {
    Fields(
        node, "encryption",
        {{"key",
          [&](const YamlNode& value) {
            constexpr std::string_view kKeys[] = {"customer-managed", "aws-managed", "any"};
            const auto text = Text(value, "encryption.key");
            if (!text) return;
            if (std::find(std::begin(kKeys), std::end(kKeys), *text) == std::end(kKeys)) {
              std::string hint = DidYouMean(*text, kKeys);
              Mistake(value, fmt::format("unknown kind of key \"{}\"", *text),
                      hint.empty() ? OneOfText(kKeys) : std::move(hint));
            }
            into.customer_managed_key = *text == "customer-managed";
          }},
         {"rotation", [&](const YamlNode& value) {
            Fields(
                value, "encryption.rotation",
                {{"required",
                  [&](const YamlNode& flag) { Boolean(flag, "encryption.rotation.required", into.rotation_required); }},
                 {"max_period_days", [&](const YamlNode& days) {
                    Integer(days, "encryption.rotation.max_period_days", 1, 36'500, into.rotation_max_period_days);
                  }}});
          }}});
  }

  void ReadBackup(const YamlNode& node, Environment& into) {
    Fields(node, "backup",
           {{"retention_days",
             [&](const YamlNode& value) {
               Fields(value, "backup.retention_days", {{"min", [&](const YamlNode& days) {
                                                          Integer(days, "backup.retention_days.min", 0, 36'500,
                                                                  into.requirements.retention_min_days);
                                                        }}});
             }},
            {"window",
             [&](const YamlNode& value) {
               const auto text = Text(value, "backup.window");
               if (!text) return;
               if (!ParseDayWindow(*text)) {
                 Mistake(value, "backup.window is not a time of day in UTC of at least 30 minutes",
                         "write \"03:00-04:00\"");
               }
               into.backup_window = *text;
               into.requirements.settings.backup_window = ParseDayWindow(*text);
             }},
            {"copies", [&](const YamlNode& value) { ReadCopies(*this, value, into.requirements.settings); }},
            {"copy_key", [&](const YamlNode& value) {
               const auto text = Text(value, "backup.copy_key");
               if (text && *text != "separate" && *text != "same") {
                 Mistake(value, fmt::format("unknown value \"{}\" of backup.copy_key", *text), "separate or same");
               }
               into.separate_copy_key = text == "separate";
               into.requirements.settings.copies_other_key = into.separate_copy_key;
             }}});
  }

  void ReadMaintenanceWindow(const YamlNode& node, Environment& into) {
    const auto text = Text(node, "maintenance_window");
    if (!text) return;
    const auto window = ParseWeekWindow(*text);
    if (!window) {
      Mistake(node, "maintenance_window is not a time of the week in UTC of at least 30 minutes",
              "write \"sun:04:00-sun:05:00\"");
      return;
    }
    into.maintenance_window = MaintenanceWindow{window->first_minute, window->last_minute, *text};
    into.requirements.settings.maintenance_window = window;
  }

  void ReadMatch(const YamlNode& node, EnvironmentMatch& into) {
    Fields(node, "match",
           {{"accounts", [&](const YamlNode& v) { into.accounts = Texts(v, "match.accounts", WrongAccount); }},
            {"regions", [&](const YamlNode& v) { into.regions = Texts(v, "match.regions", WrongRegion); }},
            {"addresses", [&](const YamlNode& v) { into.addresses = Texts(v, "match.addresses", WrongGlob); }},
            {"names", [&](const YamlNode& v) { into.names = Texts(v, "match.names", WrongGlob); }},
            {"tags", [&](const YamlNode& v) { ReadTags(v, into.tags); }}});
  }

  void ReadTags(const YamlNode& node, std::map<std::string, std::string>& into) {
    if (node.kind != YamlNode::Kind::kMap) {
      Mistake(node, "match.tags must be a map of tag names to values", "write { Environment: production }");
      return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const auto value = Text(node.items[i], fmt::format("tag \"{}\"", node.keys[i].text));
      if (!value) continue;
      if (std::string wrong = WrongGlob(*value); !wrong.empty()) Mistake(node.items[i], std::move(wrong));
      into[node.keys[i].text] = *value;
    }
  }

  void ReadEnvironment(const YamlNode& node, const std::string& what, bool named, Environment& into) {
    std::vector<Field> fields = {{"require", [&](const YamlNode& v) { ReadRequire(v, into.requirements.require); }},
                                 {"encryption", [&](const YamlNode& v) { ReadEncryption(v, into.requirements); }},
                                 {"backup", [&](const YamlNode& v) { ReadBackup(v, into); }},
                                 {"maintenance_window", [&](const YamlNode& v) { ReadMaintenanceWindow(v, into); }},
                                 {"soak",
                                  [&](const YamlNode& v) {
                                    const auto text = Text(v, "soak");
                                    if (!text) return;
                                    into.soak = ParseDuration(*text);
                                    if (!into.soak) Mistake(v, "soak is not a length of time", "write 48h, 2d or 30m");
                                  }},
                                 {"approvals", [&](const YamlNode& v) {
                                    Fields(v, "approvals", {{"required", [&](const YamlNode& count) {
                                                               Integer(count, "approvals.required", 0, 20,
                                                                       into.approvals_required);
                                                             }}});
                                  }}};
    for (Field& field : SettingFields(*this, into.requirements.settings)) fields.push_back(std::move(field));
    if (named) {
      fields.push_back({"wave", [&](const YamlNode& v) { Integer(v, "wave", 1, 1'000, into.wave); }});
      fields.push_back({"match", [&](const YamlNode& v) { ReadMatch(v, into.match); }});
    }
    Fields(node, what, fields);
    DecideWhoseKey(node, what, into);
    DecideWhatIsAsked(node, what, into);
  }

  // `encryption.key` of this very section is about the topic customer_key: it switches what was inherited on or off,
  // but not a list that stands beside it.
  void DecideWhoseKey(const YamlNode& node, const std::string& what, Environment& into) {
    const auto at =
        std::find_if(node.keys.begin(), node.keys.end(), [](const YamlNode& key) { return key.text == "encryption"; });
    if (at == node.keys.end() || !HasKey(node.items[static_cast<std::size_t>(at - node.keys.begin())], "key")) return;
    std::set<Topic>& require = into.requirements.require;
    const bool listed = require.contains(Topic::kCustomerKey);
    if (into.requirements.customer_managed_key == listed) return;
    if (listed && HasKey(node, "require")) {
      policy_.notes.push_back(fmt::format(
          "{} asks for no customer-managed key, and its `require` lists customer_key: it is required", what));
    } else if (listed) {
      require.erase(Topic::kCustomerKey);
    } else if (HasKey(node, "require") || defaults_require_) {
      policy_.notes.push_back(
          fmt::format("{} asks for customer_key, which its `require` does not list: what fails of it is advice", what));
    } else {
      require.insert(Topic::kCustomerKey);
    }
  }

  static bool HasKey(const YamlNode& node, std::string_view name) {
    return std::any_of(node.keys.begin(), node.keys.end(), [&](const YamlNode& key) { return key.text == name; });
  }

  // What somebody asks for decides, unless a list of topics that does not have it was written down as well.
  void DecideWhatIsAsked(const YamlNode& node, const std::string& what, Environment& into) {
    std::vector<std::string_view> advice;
    std::set<Topic> asked = TopicsAskedBy(into.requirements.settings);
    for (const auto& rule : policy_.controls) asked.insert(rule->topic);
    for (const Topic topic : asked) {
      if (into.requirements.Requires(topic)) continue;
      if (HasKey(node, "require") || defaults_require_) {
        advice.push_back(Name(topic));
      } else {
        into.requirements.require.insert(topic);
      }
    }
    if (advice.empty()) return;
    policy_.notes.push_back(fmt::format("{} asks for {}, which its `require` does not list: what fails of it is advice",
                                        what, fmt::join(advice, ", ")));
  }

  void ReadEnvironments(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMap) {
      Mistake(node, "environments must be a map of names to environments", "write prod: { match: { ... } }");
      return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string& name = node.keys[i].text;
      if (name.empty() || !std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
          })) {
        Mistake(node.keys[i], fmt::format("\"{}\" is not a name for an environment", name),
                "letters, digits, dots, dashes and underscores");
      }
      Environment environment = policy_.defaults;
      environment.name = name;
      if (node.items[i].kind == YamlNode::Kind::kNull) {
        Mistake(node.keys[i], fmt::format("\"{}\" has no value", name), "write {} for an environment without changes");
        continue;
      }
      ReadEnvironment(node.items[i], fmt::format("environment {}", name), true, environment);
      policy_.environments.push_back(std::move(environment));
    }
  }

  void ReadDatabase(const YamlNode& node, Application& into) {
    Fields(node, "database",
           {{"identifier",
             [&](const YamlNode& v) {
               into.database_identifier = Text(v, "database.identifier").value_or("");
               if (std::string wrong = WrongGlob(into.database_identifier);
                   !into.database_identifier.empty() && !wrong.empty()) {
                 Mistake(v, std::move(wrong));
               }
             }},
            {"operators",
             [&](const YamlNode& v) { into.database_operators = Texts(v, "database.operators", WrongAddressRange); }},
            {"url_env", [&](const YamlNode& v) {
               const auto text = Text(v, "database.url_env");
               // Never repeated in the message: what is not a name may well be the URL with its password.
               if (text && !std::all_of(text->begin(), text->end(),
                                        [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; })) {
                 Mistake(v, "database.url_env must be the name of an environment variable, never the URL itself",
                         "write url_env: DATABASE_URL");
               } else if (text) {
                 into.database_url_env = *text;
               }
             }}});
  }

  void ReadApplication(const YamlNode& node, Application& into) {
    const auto accept = [](std::string_view) { return std::string(); };
    const YamlNode* settings = nullptr;
    Fields(node, "an application",
           {{"name", [&](const YamlNode& v) { into.name = Text(v, "name").value_or(""); }},
            {"database", [&](const YamlNode& v) { ReadDatabase(v, into); }},
            {"settings", [&](const YamlNode& v) { settings = &v; }},
            {"secret", [&](const YamlNode& v) { into.secret = Text(v, "secret").value_or(""); }},
            {"ecs",
             [&](const YamlNode& v) {
               Fields(v, "ecs",
                      {{"cluster", [&](const YamlNode& c) { into.ecs_cluster = Text(c, "ecs.cluster").value_or(""); }},
                       {"services", [&](const YamlNode& s) { into.ecs_services = Texts(s, "ecs.services", accept); }}});
             }},
            {"health", [&](const YamlNode& v) {
               Fields(
                   v, "health",
                   {{"url",
                     [&](const YamlNode& u) {
                       into.health_url = Text(u, "health.url").value_or("");
                       if (!into.health_url.starts_with("https://") && !into.health_url.starts_with("http://")) {
                         Mistake(u, "health.url must start with https:// or http://");
                       } else if (HoldsUser(into.health_url)) {
                         Mistake(u, "health.url must not hold a user or a password: it is written into the plan",
                                 "let the health check answer without a password");
                       }
                     }},
                    {"expect", [&](const YamlNode& e) { Integer(e, "health.expect", 100, 599, into.health_expect); }}});
             }}});
    if (into.name.empty() && node.kind == YamlNode::Kind::kMap) Mistake(node, "an application needs a name");
    if (settings != nullptr) ReadApplicationSettings(*settings, into);
  }

  // The same keys as in an environment, over every environment that the database may be in.
  void ReadApplicationSettings(const YamlNode& node, const Application& application) {
    if (application.database_identifier.empty()) {
      Mistake(node, "settings of an application need its database.identifier",
              "write database: { identifier: \"x-*\" }");
    }
    const auto add = [&](PolicyReader& reader, const Environment& base) {
      ApplicationEnvironment own{{application.database_identifier}, base.name, base};
      reader.ReadEnvironment(node, fmt::format("application {}", application.name), false, own.environment);
      policy_.application_environments.push_back(std::move(own));
    };
    add(*this, policy_.defaults);
    for (const Environment& environment : policy_.environments) {
      PolicyReader again("", {});  // its mistakes are known by now
      again.defaults_require_ = defaults_require_;
      add(again, environment);
    }
  }

  void ReadApplications(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList) {
      Mistake(node, "applications must be a list", "write - name: ...");
      return;
    }
    std::set<std::string> names;
    for (const YamlNode& item : node.items) {
      Application application;
      ReadApplication(item, application);
      if (!application.name.empty() && !names.insert(application.name).second) {
        Mistake(item, fmt::format("application \"{}\" is there twice", application.name));
      }
      policy_.applications.push_back(std::move(application));
    }
  }

  void CheckControl(const YamlNode& node, std::string_view name) {
    // Findings about the change itself (TFS-GATE-...) have ids, yet no control behind them.
    if (TopicNamed(name) || FindControl(name) != nullptr || name.starts_with("TFS-GATE-")) return;
    std::vector<std::string_view> names(std::begin(kTopicNames), std::end(kTopicNames));
    for (const Control* control : AllControls()) names.push_back(control->id);
    for (const auto& rule : policy_.controls) {
      if (rule->id == name) return;
      names.push_back(rule->id);
    }
    std::string hint = DidYouMean(name, names);
    Mistake(node, fmt::format("\"{}\" is neither a control nor a topic", name),
            hint.empty() ? "tfseal controls lists them" : std::move(hint));
  }

  void ReadWaiverRules(const YamlNode& node) {
    WaiverRules& rules = policy_.waiver_rules;
    Fields(node, "waiver_rules",
           {{"max_days", [&](const YamlNode& v) { Integer(v, "max_days", 1, 36'500, rules.max_days); }},
            {"max_findings", [&](const YamlNode& v) { Integer(v, "max_findings", 1, 1'000'000, rules.max_findings); }},
            {"require_ticket", [&](const YamlNode& v) { Boolean(v, "require_ticket", rules.require_ticket); }},
            {"in_sources", [&](const YamlNode& v) { Boolean(v, "in_sources", rules.in_sources); }}});
  }

  void ReadWaiver(const YamlNode& node) {
    Waiver waiver;
    waiver.line = node.line;
    const auto text = [&](std::string_view name, std::string& into) {
      return Field{name, [this, name, &into](const YamlNode& v) { into = Text(v, name).value_or(""); }};
    };
    Fields(node, "a waiver",
           {{"control",
             [&](const YamlNode& v) {
               waiver.control = Text(v, "control").value_or("");
               if (!waiver.control.empty()) CheckControl(v, waiver.control);
             }},
            {"address",
             [&](const YamlNode& v) {
               waiver.address = Text(v, "address").value_or("");
               if (std::string wrong = WrongGlob(waiver.address); !waiver.address.empty() && !wrong.empty()) {
                 Mistake(v, std::move(wrong));
               }
             }},
            text("reason", waiver.reason),
            text("owner", waiver.owner),
            text("ticket", waiver.ticket),
            {"expires", [&](const YamlNode& v) {
               waiver.expires_text = Text(v, "expires").value_or("");
               const auto date = ParseDate(waiver.expires_text);
               if (date) {
                 waiver.expires = *date + 86'400;
               } else if (!waiver.expires_text.empty()) {
                 Mistake(v, "expires is not a date of the calendar", "write 2026-12-31");
               }
             }}});
    if (node.kind != YamlNode::Kind::kMap) return;
    for (const std::string_view name : {"control", "address", "reason", "owner", "expires"}) {
      const bool there =
          std::any_of(node.keys.begin(), node.keys.end(), [&](const YamlNode& key) { return key.text == name; });
      if (!there) Mistake(node, fmt::format("a waiver needs \"{}\"", name));
    }
    if (policy_.waiver_rules.require_ticket && waiver.ticket.empty()) {
      Mistake(node, "a waiver needs \"ticket\" (waiver_rules: require_ticket)");
    }
    policy_.waivers.push_back(std::move(waiver));
  }

  void ReadWaivers(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList) {
      Mistake(node, "waivers must be a list",
              "write - { control: ..., address: ..., reason: ..., owner: ..., expires: ... }");
      return;
    }
    for (const YamlNode& item : node.items) ReadWaiver(item);
  }

  PolicyFile policy_;
  bool defaults_require_ = false;  // the file's own list of topics
};

}  // namespace

std::variant<PolicyFile, std::vector<Diagnostic>> ReadPolicyFile(std::string_view text, const std::string& path) {
  if (text.size() > kBytesMax) {
    return std::vector<Diagnostic>{{path, 0, 0, fmt::format("larger than {} bytes", kBytesMax), ""}};
  }
  YamlDocument document = ParseYaml(text, path);
  if (!document.readable) return std::move(document.mistakes);
  if (document.root.kind == YamlNode::Kind::kNull) {
    return std::vector<Diagnostic>{{path, 0, 0, "the file is empty", "start with: version: 1"}};
  }
  PolicyReader reader(path, std::move(document.mistakes));
  PolicyFile policy = reader.Read(document.root);
  std::vector<Diagnostic> mistakes = reader.TakeMistakes();
  if (!mistakes.empty()) return mistakes;
  policy.path = path;
  policy.sha256 = Sha256Hex(text);
  return policy;
}

std::vector<Diagnostic> ExpiredWaivers(const PolicyFile& policy, UnixSeconds now) {
  std::vector<Diagnostic> mistakes;
  for (const Waiver& waiver : policy.waivers) {
    std::string mistake = WaiverMistake(policy, waiver, now);
    if (mistake.empty()) continue;
    mistakes.push_back({policy.path, waiver.line, 0, std::move(mistake),
                        "fix what it excused and remove it, or have its owner set a new date"});
  }
  return mistakes;
}

}  // namespace tfseal
