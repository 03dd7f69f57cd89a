#include "planner/secret_cutover.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "crypto/digest.h"
#include "planner/database.h"
#include "planner/in_place.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr int kWatchHours = 24;
// The variable by which applications that fetch a secret themselves are told its name, where neither the task
// definition nor the policy says more.
constexpr const char* kNameVariable = "SECRETS_MANAGER_KEY_NAME";
// What such applications write to their log: the first when they got the secret, the second when they did not.
constexpr const char* kFetchedLine = "encryption_key_fetched_from_aws";
constexpr const char* kFallbackLine = "aws_unavailable_using_env_fallback";
constexpr std::size_t kRandomSuffix = 7;  // "-AbCdEf" at the end of a secret's ARN
constexpr std::size_t kTokenDigits = 48;

// container -> names of variables
using Exposed = std::map<std::string, std::vector<std::string>>;

// Nothing if any offender is something else than an environment variable of a container.
Exposed ExposedVariables(const std::vector<std::string>& offenders, const JsonValue& containers) {
  std::set<std::string> variables;
  for (const JsonValue& container : containers) {
    if (!container.isObject() || !container["environment"].isArray()) continue;
    for (const JsonValue& variable : container["environment"]) {
      variables.insert(TextAt(container, "name") + "/" + TextAt(variable, "name"));
    }
  }
  Exposed exposed;
  for (const std::string& offender : offenders) {
    const std::size_t slash = offender.find('/');
    if (slash == std::string::npos || !variables.contains(offender)) return {};
    exposed[offender.substr(0, slash)].push_back(offender.substr(slash + 1));
  }
  return exposed;
}

// The value never leaves this function: it is only compared with values that the documents hold as secrets.
std::string ExistingSecretFor(const Site& site, const JsonValue& containers, const std::string& container,
                              const std::string& variable) {
  for (const JsonValue& candidate : containers) {
    if (TextAt(candidate, "name") != container) continue;
    for (const JsonValue& entry : candidate["environment"]) {
      if (TextAt(entry, "name") != variable) continue;
      const std::string value = TextAt(entry, "value");
      for (const ResourceInstance* version : site.world->OfType("aws_secretsmanager_secret_version")) {
        const Value& attributes = site.world->AttributesOf(*version);
        if (!value.empty() && attributes.Get("secret_string").text() == value) {
          return std::string(attributes.Get("secret_id").text());
        }
      }
    }
  }
  return {};
}

// The key of a secret that is there already: its ARN, or empty for the default key, which needs no grant of its own.
std::string KeyOfSecret(const Site& site, const std::string& secret) {
  for (const ResourceInstance* holder : site.world->Where("aws_secretsmanager_secret", "id", secret)) {
    const std::string key(holder->after.Get("kms_key_id").text());
    if (key.find(":key/") != std::string::npos) return key;
    for (const ResourceInstance* alias : site.world->OfType("aws_kms_alias")) {
      const bool same = alias->after.Get("name").text() == key || alias->after.Get("arn").text() == key;
      if (same && !key.empty()) return std::string(alias->after.Get("target_key_arn").text());
    }
    for (const ResourceInstance* candidate : site.world->Where("aws_kms_key", "key_id", key)) {
      return std::string(candidate->after.Get("arn").text());
    }
  }
  return {};
}

std::string SecretName(const std::string& family, const std::string& variable) {
  std::string name = variable;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
  return family + "/" + name;
}

// Names of policies have no slash.
std::string PolicyName(const std::string& family, const std::string& variable) {
  std::string name = SecretName(family, variable);
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

// The name of a secret that is given as a name or as an ARN.
std::string NameOfSecret(const std::string& secret) {
  const std::size_t at = secret.find(":secret:");
  if (at == std::string::npos) return secret;
  const std::string name = secret.substr(at + std::string_view(":secret:").size());
  const bool has_suffix = name.size() > kRandomSuffix && name[name.size() - kRandomSuffix] == '-';
  return has_suffix ? name.substr(0, name.size() - kRandomSuffix) : name;
}

// Secrets Manager takes tokens of 32 to 64 characters.
std::string TokenFor(const Target& target, const std::string& container, const std::string& variable) {
  const std::string what =
      target.account + "\n" + target.region + "\n" + target.identifier + "\n" + container + "\n" + variable;
  return "tfseal-" + Sha256Hex(what).substr(0, kTokenDigits);
}

std::string NameOfRole(const std::string& arn) {
  return arn.substr(arn.rfind('/') + 1);
}

// How the application comes to the value: ECS injects it, with the execution role, when a task starts; or the
// application fetches it itself, with the task role, and is told the secret's name in a variable.
struct Reading {
  bool fetches = false;
  std::string name_variable;
  std::string secret;  // name
};

// The application of the policy that runs in these services, or nullptr.
const Application* ApplicationOf(const Site& site, const std::vector<DatabaseUser>& services) {
  for (const Application& application : site.policy->applications) {
    for (const DatabaseUser& service : services) {
      const auto& names = application.ecs_services;
      if (application.ecs_cluster == service.cluster &&
          std::find(names.begin(), names.end(), service.service) != names.end()) {
        return &application;
      }
    }
  }
  return nullptr;
}

// Where an application has a database, its secret is that of the database.
std::string SecretOfApplication(const Site& site, const std::vector<DatabaseUser>& services) {
  const Application* application = ApplicationOf(site, services);
  const bool own = application != nullptr && application->database_identifier.empty();
  return own ? application->secret : std::string();
}

Reading ReadingOf(const Site& site, const JsonValue& container, const std::vector<DatabaseUser>& services) {
  for (const JsonValue& entry : container["environment"]) {
    const std::string name = TextAt(entry, "name");
    const bool announces =
        name.find("SECRETS_MANAGER") != std::string::npos || name.find("SECRETSMANAGER") != std::string::npos;
    const std::string value = TextAt(entry, "value");
    if (announces && !value.empty()) return {true, name, NameOfSecret(value)};
  }
  const std::string secret = SecretOfApplication(site, services);
  if (secret.empty()) return {};
  return {true, kNameVariable, NameOfSecret(secret)};
}

std::string LogGroupOf(const JsonValue& container) {
  const JsonValue& log = container["logConfiguration"];
  if (!log.isObject() || TextAt(log, "logDriver") != "awslogs" || !log["options"].isObject()) return {};
  return TextAt(log["options"], "awslogs-group");
}

bool EncryptsData(const std::string& variable) {
  return variable.find("ENCRYPTION") != std::string::npos || variable.find("MASTER_KEY") != std::string::npos ||
         variable.find("CRYPTO") != std::string::npos || variable == "APP_KEY";
}

class Cutover {
 public:
  Cutover(Draft& draft, const Site& site, const Finding& finding, const Place& place, std::string open_wave)
      : draft_(draft),
        site_(site),
        finding_(finding),
        place_(place),
        open_wave_(std::move(open_wave)),
        instance_(*site.world->At(finding.address)),
        attributes_(site.world->AttributesOf(instance_)),
        target_(TargetOf(instance_, attributes_)),
        family_(attributes_.Get("family").text()) {
    target_.identifier = family_;
  }

  std::vector<std::string> Plan() {
    const auto containers = ParseJson(attributes_.Get("container_definitions").text());
    if (!containers || !containers->isArray() || family_.empty() || target_.region.empty()) return {};
    const Exposed exposed = ExposedVariables(JudgementBehind(site_, finding_).offenders, *containers);
    if (exposed.empty()) return {};
    services_ = ServicesRunning(site_, attributes_);
    for (const auto& [container, variables] : exposed) {
      for (const JsonValue& candidate : *containers) {
        if (TextAt(candidate, "name") == container) PlanContainer(candidate, variables, *containers);
      }
    }
    return {Clean()};
  }

 private:
  std::string Add(const ActionKind& kind, const JsonValue& payload, const std::vector<std::string>& needs) {
    return draft_.Add(kind, target_, payload, place_, needs, {MotiveOf(finding_)});
  }

  // The role that reads the secret.
  void PrepareRole(const JsonValue& container, const std::vector<std::string>& variables) {
    role_created_.clear();
    const std::string task_role(attributes_.Get("task_role_arn").text());
    reading_ = variables.size() == 1 && !task_role.empty() ? ReadingOf(site_, container, services_) : Reading{};
    if (reading_.fetches) {
      role_ = NameOfRole(task_role);
      return;
    }
    const std::string arn(attributes_.Get("execution_role_arn").text());
    if (!arn.empty()) {
      role_ = NameOfRole(arn);
      return;
    }
    role_ = family_ + "-execution";
    role_created_ = Add(kCreateExecutionRole, Object({{"role", Text(role_)}}), {open_wave_});
  }

  // The secret of a variable: one that the documents know by its value, else one of the name that the application
  // asks for, else a new one.
  std::string AddSecret(const std::string& container, const std::string& variable, const std::string& existing,
                        JsonValue& key_arn, std::vector<std::string> needs) {
    JsonValue payload = Object({{"family", Text(family_)},
                                {"container", Text(container)},
                                {"variable", Text(variable)},
                                {"holds_key", EncryptsData(variable)},
                                {"token", Text(TokenFor(target_, container, variable))}});
    if (existing.empty()) {
      KeyRing keys(site_, draft_);
      const KeyChoice key = keys.For(instance_, target_, place_, "", {MotiveOf(finding_)});
      key_arn = key.key;
      payload["key"] = key.key;
      payload["name"] = reading_.fetches ? reading_.secret : SecretName(family_, variable);
      needs.insert(needs.end(), key.needs.begin(), key.needs.end());
    } else {
      key_arn = Text(KeyOfSecret(site_, existing));
      payload["name"] = NameOfSecret(existing);
      payload["existing"] = existing;
    }
    return Add(kCreateSecret, payload, needs);
  }

  std::string ExistingSecret(const std::string& container, const std::string& variable, const JsonValue& containers) {
    if (!reading_.fetches) return ExistingSecretFor(site_, containers, container, variable);
    for (const ResourceInstance* secret : site_.world->Where("aws_secretsmanager_secret", "name", reading_.secret)) {
      return std::string(site_.world->AttributesOf(*secret).Get("arn").text());
    }
    return {};
  }

  // The ARN of the secret for each variable, and the steps after which the tasks can read it.
  JsonValue SecretsFor(const std::string& container, const std::vector<std::string>& variables,
                       const JsonValue& containers, std::vector<std::string>& ready) {
    std::vector<std::string> service_names;
    for (const DatabaseUser& service : services_) service_names.push_back(service.service);
    const JsonValue where =
        Object({{"family", Text(family_)}, {"container", Text(container)}, {"variables", Texts(variables)}});
    JsonValue listing = where;
    listing["services"] = Texts(service_names);
    std::vector<std::string> keys;
    std::copy_if(variables.begin(), variables.end(), std::back_inserter(keys), EncryptsData);
    listing["keys"] = Texts(keys);
    const std::string listed = Add(kInventorySecretUse, listing, {open_wave_});
    const std::string sealed = Add(kSealExposedValue, where, {listed});
    JsonValue secrets(Json::objectValue);
    for (const std::string& variable : variables) {
      const std::string existing = ExistingSecret(container, variable, containers);
      JsonValue key_arn;
      const std::string created = AddSecret(container, variable, existing, key_arn, {sealed});
      const JsonValue arn = OutputOf(created, "ARN");
      std::vector<std::string> needs = {created};
      if (!role_created_.empty()) needs.push_back(role_created_);
      JsonValue grant = Object(
          {{"role", Text(role_)}, {"policy_name", Text("tfseal-" + PolicyName(family_, variable))}, {"secret", arn}});
      if (key_arn.isObject() || (key_arn.isString() && !key_arn.asString().empty())) grant["key"] = key_arn;
      ready.push_back(Add(kGrantSecretAccess, grant, needs));
      secrets[variable] = arn;
    }
    return secrets;
  }

  JsonValue Watch(const DatabaseUser& service, const std::string& registered, const JsonValue& container,
                  const JsonValue& secrets) {
    JsonValue read(Json::arrayValue);
    for (const std::string& variable : secrets.getMemberNames()) read.append(secrets[variable]);
    JsonValue watch = Object({{"cluster", Text(service.cluster)},
                              {"service", Text(service.service)},
                              {"hours", kWatchHours},
                              {"revision", OutputOf(registered, "taskDefinition.taskDefinitionArn")},
                              {"secrets", read},
                              {"role", Text(role_)}});
    const std::string log_group = LogGroupOf(container);
    if (reading_.fetches && !log_group.empty()) {
      watch["log_group"] = log_group;
      watch["fetched_line"] = kFetchedLine;
      watch["fallback_lines"] = Texts({kFallbackLine});
    }
    return watch;
  }

  std::vector<std::string> Deploy(const std::string& registered, const JsonValue& previous,
                                  const std::vector<std::string>& after, const JsonValue& container,
                                  const JsonValue& secrets) {
    std::vector<std::string> watched;
    for (const DatabaseUser& service : services_) {
      Target target = target_;
      target.address = service.address;
      target.type = "aws_ecs_service";
      target.identifier = service.service;
      std::vector<std::string> needs = after;
      needs.push_back(registered);
      const std::string deployed =
          draft_.Add(kDeployTaskDefinition, target,
                     Object({{"cluster", Text(service.cluster)},
                             {"service", Text(service.service)},
                             {"task_definition", OutputOf(registered, "taskDefinition.taskDefinitionArn")},
                             {"previous", previous}}),
                     place_, needs, {MotiveOf(finding_)});
      watched.push_back(draft_.Add(kWatchService, target, Watch(service, registered, container, secrets), place_,
                                   {deployed}, {MotiveOf(finding_)}));
    }
    if (watched.empty()) watched.push_back(registered);
    return watched;
  }

  // `keep` are the variables that stay in clear, `remove` those that go.
  std::string Register(const char* mode, const std::string& container, const JsonValue& references,
                       const std::vector<std::string>& keep, const std::vector<std::string>& remove,
                       const std::vector<std::string>& needs) {
    JsonValue payload = Object({{"family", Text(family_)},
                                {"mode", mode},
                                {"container", Text(container)},
                                {"references", references},
                                {"keep", Texts(keep)},
                                {"remove", Texts(remove)}});
    if (reading_.fetches) payload["environment"][reading_.name_variable] = reading_.secret;
    if (!role_created_.empty()) payload["execution_role"] = role_;
    return Add(kRegisterTaskDefinition, payload, needs);
  }

  // A variable and a secret of one container must not share a name, so the first revision has the secret beside the
  // variable under a name of its own: if the tasks start, they can read it. An application that fetches the secret
  // itself gets its name beside the variable, and falls back to the variable where it cannot.
  void PlanContainer(const JsonValue& shape, const std::vector<std::string>& variables, const JsonValue& containers) {
    const std::string container = TextAt(shape, "name");
    PrepareRole(shape, variables);
    std::vector<std::string> ready = after_;
    const JsonValue secrets = SecretsFor(container, variables, containers, ready);
    JsonValue beside(Json::objectValue);
    JsonValue instead(Json::objectValue);
    if (!reading_.fetches) {
      for (const std::string& variable : variables) beside[variable + "_FROM_SECRET"] = secrets[variable];
      instead = secrets;
    }
    const JsonValue previous = Text(attributes_.Get("arn").text());
    const std::string dual = Register("dual", container, beside, variables, {}, ready);
    const std::vector<std::string> watched = Deploy(dual, previous, ready, shape, secrets);
    place_.day += 1;
    const std::string last = Register("final", container, instead, {}, variables, watched);
    draft_.AddPostcondition(
        last, {"control", finding_.control, finding_.address, finding_.control + " passes on " + finding_.address});
    after_ = Deploy(last, OutputOf(dual, "taskDefinition.taskDefinitionArn"), watched, shape, secrets);
    place_.day += 1;
    kept_.push_back(OutputOf(last, "taskDefinition.taskDefinitionArn"));
    exposed_[container] = Texts(variables);
    RecordRotation(variables, secrets);
    for (const std::string& variable : variables) {
      rotated_.push_back(Add(
          kRotateExposedValue,
          Object(
              {{"secret", secrets[variable]}, {"variable", Text(variable)}, {"encrypts_data", EncryptsData(variable)}}),
          after_));
    }
  }

  // One row in the application's own audit table for each key that has moved, where its database can be reached.
  void RecordRotation(const std::vector<std::string>& variables, const JsonValue& secrets) {
    const Application* application = ApplicationOf(site_, services_);
    if (application == nullptr || application->database_url_env.empty()) return;
    for (const std::string& variable : variables) {
      if (!EncryptsData(variable)) continue;
      const std::string created = secrets[variable]["output_of"].asString();
      rotated_.push_back(Add(kRecordKeyRotation,
                             Object({{"variable", Text(variable)},
                                     {"secret", draft_.At(created).payload["name"]},
                                     {"url_env", Text(application->database_url_env)}}),
                             after_));
    }
  }

  [[nodiscard]] std::string Hcl() const {
    if (reading_.fetches) {
      return "# container_definitions: the variable leaves environment, the name of the secret is there\n"
             "#   environment = [{ name = \"" +
             reading_.name_variable + "\", value = \"" + reading_.secret + "\" }, ...]\n";
    }
    return "# container_definitions: the variables move from environment to\n"
           "#   secrets = [{ name = \"...\", valueFrom = <ARN of the secret> }]\n"
           "# execution_role_arn: the role that may read the secret\n";
  }

  std::string Clean() {
    const std::string reconciled = Add(
        kReconcileTerraform,
        Object(
            {{"recipe", "settings"},
             {"set", JsonValue(Json::objectValue)},
             {"hcl", Text(Hcl())},
             {"commands", Texts({"terraform plan", "tfseal gate plan.json"})},
             {"expected_drift", Texts({"container_definitions", "execution_role_arn", "revision", "task_definition"})},
             {"expected_changes", Texts({"container_definitions"})}}),
        after_);
    std::vector<std::string> needs = rotated_;
    needs.push_back(reconciled);
    const std::string cleaned =
        Add(kDeregisterTaskDefinitions,
            Object({{"family", Text(family_)}, {"keep", JsonValue(kept_.back())}, {"exposed", exposed_}}), needs);
    return Add(kSealEvidence,
               Object({{"subject", Text(family_)},
                       {"contains", Texts({"where the value was used", "digest of the sealed copy",
                                           "reads of the secret by the role", "revisions deployed and deleted"})}}),
               {cleaned});
  }

  Draft& draft_;
  const Site& site_;
  const Finding& finding_;
  Place place_;
  const std::string open_wave_;
  const ResourceInstance& instance_;
  const Value& attributes_;
  Target target_;
  const std::string family_;
  Reading reading_;
  std::string role_;
  std::string role_created_;
  JsonValue exposed_{Json::objectValue};  // container -> variables
  std::vector<DatabaseUser> services_;
  std::vector<std::string> after_;  // containers are changed one after the other
  std::vector<std::string> rotated_;
  std::vector<JsonValue> kept_;
};

}  // namespace

std::vector<std::string> PlanSecretCutover(Draft& draft, const Site& site, const Finding& finding, const Place& place,
                                           const std::string& open_wave) {
  return Cutover(draft, site, finding, place, open_wave).Plan();
}

}  // namespace tfseal
