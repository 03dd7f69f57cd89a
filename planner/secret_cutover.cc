#include "planner/secret_cutover.h"

#include <algorithm>
#include <map>
#include <set>

#include "planner/database.h"
#include "planner/in_place.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

using terraform::ResourceInstance;
using terraform::Value;

constexpr int kWatchHours = 24;

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
std::string PolicyName(const std::string& container, const std::string& variable) {
  std::string name = SecretName(container, variable);
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
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
    PrepareRole();
    for (const auto& [container, variables] : exposed) PlanContainer(container, variables, *containers);
    return {Clean()};
  }

 private:
  std::string Add(const ActionKind& kind, const JsonValue& payload, const std::vector<std::string>& needs) {
    return draft_.Add(kind, target_, payload, place_, needs, {MotiveOf(finding_)});
  }

  void PrepareRole() {
    const std::string arn(attributes_.Get("execution_role_arn").text());
    if (!arn.empty()) {
      role_ = arn.substr(arn.rfind('/') + 1);
      return;
    }
    role_ = family_ + "-execution";
    role_created_ = Add(kCreateExecutionRole, Object({{"role", Text(role_)}}), {open_wave_});
  }

  // The ARN of the secret for each variable, and the steps after which the tasks can read it.
  JsonValue SecretsFor(const std::string& container, const std::vector<std::string>& variables,
                       const JsonValue& containers, std::vector<std::string>& ready) {
    KeyRing keys(site_, draft_);
    std::vector<std::string> service_names;
    for (const DatabaseUser& service : services_) service_names.push_back(service.service);
    const JsonValue where =
        Object({{"family", Text(family_)}, {"container", Text(container)}, {"variables", Texts(variables)}});
    JsonValue listing = where;
    listing["services"] = Texts(service_names);
    const std::string listed = Add(kInventorySecretUse, listing, {open_wave_});
    const std::string sealed = Add(kSealExposedValue, where, {listed});
    JsonValue secrets(Json::objectValue);
    for (const std::string& variable : variables) {
      const std::string existing = ExistingSecretFor(site_, containers, container, variable);
      JsonValue arn = Text(existing);
      JsonValue key_arn = existing.empty() ? JsonValue() : Text(KeyOfSecret(site_, existing));
      std::vector<std::string> needs = {sealed};
      if (existing.empty()) {
        const KeyChoice key = keys.For(instance_, target_, place_, "", {MotiveOf(finding_)});
        key_arn = key.key;
        needs.insert(needs.end(), key.needs.begin(), key.needs.end());
        const std::string created = Add(kCreateSecret,
                                        Object({{"name", Text(SecretName(family_, variable))},
                                                {"key", key.key},
                                                {"family", Text(family_)},
                                                {"container", Text(container)},
                                                {"variable", Text(variable)},
                                                {"token", Text("tfseal-" + family_ + "-" + variable)}}),
                                        needs);
        needs = {created};
        arn = OutputOf(created, "ARN");
      }
      if (!role_created_.empty()) needs.push_back(role_created_);
      JsonValue grant = Object(
          {{"role", Text(role_)}, {"policy_name", Text("tfseal-" + PolicyName(container, variable))}, {"secret", arn}});
      if (key_arn.isObject() || (key_arn.isString() && !key_arn.asString().empty())) grant["key"] = key_arn;
      ready.push_back(Add(kGrantSecretAccess, grant, needs));
      secrets[variable] = arn;
    }
    return secrets;
  }

  std::vector<std::string> Deploy(const std::string& registered, const JsonValue& previous,
                                  const std::vector<std::string>& after) {
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
      watched.push_back(draft_.Add(kWatchService, target,
                                   Object({{"service", Text(service.service)},
                                           {"hours", kWatchHours},
                                           {"revision", OutputOf(registered, "taskDefinition.revision")}}),
                                   place_, {deployed}, {MotiveOf(finding_)}));
    }
    if (watched.empty()) watched.push_back(registered);
    return watched;
  }

  std::string Register(const char* mode, const std::string& container, const JsonValue& references,
                       const std::vector<std::string>& keep, const std::vector<std::string>& needs) {
    JsonValue payload = Object({{"family", Text(family_)},
                                {"mode", mode},
                                {"container", Text(container)},
                                {"references", references},
                                {"keep", Texts(keep)}});
    if (!role_created_.empty()) payload["execution_role"] = role_;
    return Add(kRegisterTaskDefinition, payload, needs);
  }

  // A variable and a secret of one container must not share a name, so the first revision has the secret beside the
  // variable under a name of its own: if the tasks start, they can read it.
  void PlanContainer(const std::string& container, const std::vector<std::string>& variables,
                     const JsonValue& containers) {
    std::vector<std::string> ready = after_;
    const JsonValue secrets = SecretsFor(container, variables, containers, ready);
    JsonValue beside(Json::objectValue);
    for (const std::string& variable : variables) beside[variable + "_FROM_SECRET"] = secrets[variable];
    const JsonValue previous = Text(attributes_.Get("arn").text());
    const std::string dual = Register("dual", container, beside, variables, ready);
    const std::vector<std::string> watched = Deploy(dual, previous, ready);
    place_.day += 1;
    const std::string last = Register("final", container, secrets, {}, watched);
    draft_.AddPostcondition(
        last, {"control", finding_.control, finding_.address, finding_.control + " passes on " + finding_.address});
    after_ = Deploy(last, OutputOf(dual, "taskDefinition.taskDefinitionArn"), watched);
    place_.day += 1;
    kept_.push_back(OutputOf(last, "taskDefinition.taskDefinitionArn"));
    for (const std::string& variable : variables) {
      rotated_.push_back(Add(
          kRotateExposedValue,
          Object(
              {{"secret", secrets[variable]}, {"variable", Text(variable)}, {"encrypts_data", EncryptsData(variable)}}),
          after_));
    }
  }

  std::string Clean() {
    const std::string reconciled = Add(
        kReconcileTerraform,
        Object(
            {{"recipe", "settings"},
             {"set", JsonValue(Json::objectValue)},
             {"hcl",
              "# container_definitions: the variables move from environment to\n"
              "#   secrets = [{ name = \"...\", valueFrom = <ARN of the secret> }]\n"
              "# execution_role_arn: the role that may read the secret\n"},
             {"commands", Texts({"terraform plan", "tfseal gate plan.json"})},
             {"expected_drift", Texts({"container_definitions", "execution_role_arn", "revision", "task_definition"})},
             {"expected_changes", Texts({"container_definitions"})}}),
        after_);
    std::vector<std::string> needs = rotated_;
    needs.push_back(reconciled);
    const std::string cleaned =
        Add(kDeregisterTaskDefinitions, Object({{"family", Text(family_)}, {"keep", JsonValue(kept_.back())}}), needs);
    return Add(kSealEvidence,
               Object({{"subject", Text(family_)},
                       {"contains", Texts({"where the value was used", "digest of the sealed copy",
                                           "reads of the secret by the "
                                           "execution role",
                                           "revisions deployed and deleted"})}}),
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
  std::string role_;
  std::string role_created_;
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
