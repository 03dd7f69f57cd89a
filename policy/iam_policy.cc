#include "policy/iam_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "policy/judge.h"
#include "policy/world.h"
#include "terraform/json_text_reader.h"

namespace tfseal {
namespace {

using terraform::Member;
using terraform::Value;
using terraform::ValueKind;

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), Lower);
  return lowered;
}

char AsIs(char c) {
  return c;
}

// "*" is any run of characters, "?" any one. Linear: only the last star is ever tried again.
template <char (*fold)(char) = Lower>
bool Matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || fold(pattern[p]) == fold(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// A string or a list of strings. Numbers and booleans, which conditions may hold, become their text.
std::vector<std::string> Texts(const Value& value) {
  std::vector<std::string> texts;
  const auto add = [&texts](const Value& item) {
    if (item.is_map() || item.is_list()) return;
    texts.emplace_back(item.kind() == ValueKind::kBool ? (*item.AsBool() ? "true" : "false") : item.text());
  };
  if (value.is_list()) {
    texts.reserve(value.items().size());
    for (const Value& item : value.items()) add(item);
  } else if (!value.unset()) {
    add(value);
  }
  return texts;
}

void ReadPrincipal(const Value& principal, PolicyStatement* statement) {
  if (principal.kind() == ValueKind::kString) {
    statement->anyone = principal.text() == "*";
    return;
  }
  if (!principal.is_map()) return;
  statement->principals = Texts(principal.Get("AWS"));
  const auto any_of = [](const std::vector<std::string>& texts) {
    return std::find(texts.begin(), texts.end(), "*") != texts.end();
  };
  statement->anyone = any_of(statement->principals) || any_of(Texts(principal.Get("*")));
}

void ReadConditions(const Value& condition, PolicyStatement* statement) {
  for (const Member& op : condition.members()) {
    for (const Member& key : op.value.members()) {
      statement->conditions.push_back({std::string(op.key), std::string(key.key), Texts(key.value)});
    }
  }
}

Error Invalid(std::string message) {
  return Error{ErrorCode::kInvalidInput, std::move(message),
               "write the policy with jsonencode() or aws_iam_policy_document"};
}

PolicyStatement ReadStatement(const Value& json, std::size_t number) {
  PolicyStatement statement;
  const Value sid = json.Get("Sid");
  const bool named = sid.kind() == ValueKind::kString && !sid.text().empty();
  statement.name = named ? std::string(sid.text()) : fmt::format("#{}", number);
  statement.allows = json.Get("Effect").text() == "Allow";
  statement.denies = json.Get("Effect").text() == "Deny";
  statement.all_actions_but = !json.Get("NotAction").absent();
  statement.all_resources_but = !json.Get("NotResource").absent();
  statement.all_principals_but = !json.Get("NotPrincipal").absent();
  statement.actions = Texts(json.Get(statement.all_actions_but ? "NotAction" : "Action"));
  statement.resources = Texts(json.Get(statement.all_resources_but ? "NotResource" : "Resource"));
  ReadPrincipal(json.Get("Principal"), &statement);
  ReadConditions(json.Get("Condition"), &statement);
  return statement;
}

bool IsAnything(const std::string& value) {
  return value.empty() || value.find_first_not_of("*?:") == std::string::npos;
}

bool HasWildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

// An ARN that leaves the account open stands for everybody's: a role of that name can be made in any account. Without
// an account it is a bucket, whose name is everybody's too if it has a wildcard.
bool IsArnOfAnyone(std::string_view arn) {
  std::array<std::string_view, 5> parts;  // arn, partition, service, region, account
  for (std::string_view& part : parts) {
    const std::size_t end = arn.find(':');
    if (end == std::string_view::npos) return HasWildcard(arn) || HasWildcard(part);
    part = arn.substr(0, end);
    arn.remove_prefix(end + 1);
  }
  return HasWildcard(parts.back().empty() ? arn.substr(0, arn.find('/')) : parts.back());
}

// As wide as S3 calls public: more than a /8 of IPv4, more than a /32 of IPv6.
bool IsMostOfTheInternet(std::string_view range) {
  const std::size_t slash = range.find('/');
  if (slash == std::string_view::npos) return HasWildcard(range);
  int bits = 0;
  const std::string_view length = range.substr(slash + 1);
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (error != std::errc() || end != length.data() + length.size()) return true;
  const bool ipv6 = range.find(':') != std::string_view::npos;
  const bool is_private = range.starts_with("fc") || range.starts_with("fd");
  return !is_private && bits < (ipv6 ? 32 : 8);
}

// Whether a value of the condition key stands for callers that nobody chose.
bool IsAnyones(std::string_view key, const std::string& value) {
  if (IsAnything(value)) return true;
  if (key == "aws:principalarn" || key == "aws:sourcearn") return IsArnOfAnyone(value);
  if (key == "aws:sourceip") return IsMostOfTheInternet(value);
  if (key == "aws:vpcsourceip") return false;
  // What comes after the organisation's or the role's own id may be anything: o-1/*, AROA1:*.
  const bool is_path = key.ends_with("orgpaths");
  return HasWildcard(std::string_view(value).substr(0, value.find(is_path ? '/' : ':')));
}

bool HoldsOnlyForListed(std::string_view key, const PolicyCondition& condition) {
  constexpr std::array<std::string_view, 6> kOperators = {
      "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"};
  std::string op = Lowered(condition.op);
  if (op.starts_with("foranyvalue:")) op.erase(0, std::string_view("foranyvalue:").size());
  return std::find(kOperators.begin(), kOperators.end(), op) != kOperators.end() && !condition.values.empty() &&
         std::none_of(condition.values.begin(), condition.values.end(),
                      [key](const std::string& value) { return IsAnyones(key, value); });
}

}  // namespace

Result<IamPolicy> ParseIamPolicy(std::string_view json) {
  static thread_local terraform::JsonTextReader reader;
  const Result<Value> document = reader.Read(json);
  if (!document.ok() || !document->is_map()) return Invalid("the policy is not a JSON object");
  const Value statements = document->Get("Statement");
  IamPolicy policy;
  if (statements.is_map()) {
    policy.statements.push_back(ReadStatement(statements, 1));
  } else if (statements.is_list()) {
    policy.statements.reserve(statements.items().size());
    for (const Value& statement : statements.items()) {
      if (!statement.is_map()) return Invalid("a statement of the policy is not a JSON object");
      policy.statements.push_back(ReadStatement(statement, policy.statements.size() + 1));
    }
  } else {
    return Invalid("the policy has no Statement");
  }
  return policy;
}

bool CoversAction(std::string_view pattern, std::string_view action) {
  return Matches(pattern, action);
}

// A pattern that ends in a star and covers the beginning covers whatever follows it.
bool CoversResource(std::string_view pattern, std::string_view arn, bool below) {
  return (!below || pattern.ends_with('*')) && Matches<AsIs>(pattern, arn);
}

bool AllowsAction(const PolicyStatement& statement, std::string_view action) {
  if (!statement.allows) return false;
  const bool listed = std::any_of(statement.actions.begin(), statement.actions.end(),
                                  [&](const std::string& pattern) { return CoversAction(pattern, action); });
  return listed != statement.all_actions_but;
}

bool ReachesService(const PolicyStatement& statement, std::string_view service) {
  if (statement.all_resources_but || statement.resources.empty()) return true;
  return std::any_of(statement.resources.begin(), statement.resources.end(), [&](const std::string& resource) {
    if (resource == "*" || !resource.starts_with("arn:")) return true;
    const std::size_t partition_end = resource.find(':', 4);
    if (partition_end == std::string::npos) return true;  // "arn:*"
    const std::size_t service_end = resource.find(':', partition_end + 1);
    return Matches(std::string_view(resource).substr(partition_end + 1, service_end - partition_end - 1), service);
  });
}

bool BindsCaller(const PolicyStatement& statement) {
  constexpr std::array<std::string_view, 16> kKeys = {
      "kms:calleraccount",  "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths",
      "aws:principalarn",   "aws:sourceaccount",    "aws:sourcearn",      "aws:sourceorgid",
      "aws:sourceorgpaths", "aws:sourceowner",      "aws:sourcevpc",      "aws:sourcevpce",
      "aws:sourceip",       "aws:userid",           "aws:vpcsourceip",    "s3:dataaccesspointaccount"};
  return std::any_of(statement.conditions.begin(), statement.conditions.end(), [&](const PolicyCondition& condition) {
    const std::string key = Lowered(condition.key);
    return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end() && HoldsOnlyForListed(key, condition);
  });
}

std::vector<std::string> StatementsOpenToAnyone(const IamPolicy& policy) {
  std::vector<std::string> names;
  for (const PolicyStatement& statement : policy.statements) {
    if (statement.allows && (statement.anyone || statement.all_principals_but) && !BindsCaller(statement)) {
      names.push_back(statement.name);
    }
  }
  return names;
}

Judgement UnreadablePolicy(std::string_view path, const Error& error) {
  Judgement judgement = UnknownUntilApply(path);
  judgement.message = error.message;
  return judgement;
}

bool HasPolicyResource(const Subject& subject, std::string_view type, std::string_view attribute) {
  return !subject.world.PointingAt(subject.instance, type, attribute, {"id", "arn", "bucket", "url", "key_id"}).empty();
}

Judgement RequireClosedPolicy(const Subject& subject, std::string_view path, std::string_view what) {
  const terraform::Value text = subject.At(path);
  if (text.unknown()) {
    const Origin& origin = subject.world.OriginOf(subject.instance, path);
    if (!origin.LeftToProvider()) return UnknownUntilApply(path);
  }
  if (text.unknown() || text.empty() || text.text() == "{}") return NotApplicable(fmt::format("{} is not set", what));
  const Result<IamPolicy> policy = ParseIamPolicy(text.text());
  if (!policy.ok()) return UnreadablePolicy(path, policy.error());
  const std::vector<std::string> open = StatementsOpenToAnyone(*policy);
  if (open.empty()) return Pass(fmt::format("no statement of {} allows everybody", what), path);
  Judgement judgement = Fail(fmt::format("statement {} of {} allows every AWS account", open.front(), what), path);
  for (const std::string& name : open) judgement.offenders.push_back("statement " + name);
  return judgement;
}

}  // namespace tfseal
