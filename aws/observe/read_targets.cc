#include <fmt/format.h>

#include <algorithm>

#include "aws/observe/permission.h"
#include "aws/observe/snapshot_builder.h"

namespace tfseal::observe {
namespace {

using aws::Call;

bool HasWord(std::string_view words, std::string_view word) {
  if (word.empty()) return false;
  for (std::size_t at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1)) {
    const bool starts = at == 0 || words[at - 1] == ' ';
    const std::size_t end = at + word.size();
    if (starts && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

Unread Missed(const Target& target, const Read& read, std::string reason) {
  Unread unread;
  unread.address = target.address;
  unread.type = target.type_name;
  unread.region = target.region;
  unread.reason = std::move(reason);
  if (!read.operation.empty()) unread.action = ActionOf(read.service, read.operation);
  for (const Attribute& attribute : read.attributes) {
    std::string top(TopLevel(attribute.path));
    const auto& listed = unread.attributes;
    if (top[0] != '@' && std::find(listed.begin(), listed.end(), top) == listed.end()) {
      unread.attributes.push_back(std::move(top));
    }
  }
  return unread;
}

// What went wrong, in words, without what the service said: that may name anything.
Unread Failed(const Target& target, const Read& read, const Error& error) {
  Unread unread = Missed(target, read, "");
  unread.code = error.code;
  if (error.code == ErrorCode::kPermissionDenied) {
    unread.reason = fmt::format("{} is not allowed", unread.action);
    unread.hint = fmt::format("allow {}; `tfseal doctor --iam verify` prints the whole policy", unread.action);
  } else {
    unread.reason = fmt::format("{} failed{}", unread.action,
                                error.service_code.empty() ? "" : fmt::format(" ({})", error.service_code));
    unread.hint = error.hint;
  }
  return unread;
}

// One read of one target, with its call.
struct Job {
  Target* target;
  const Read* read;
  Call call;
};

void MapAnswer(const Job& job, const JsonValue* object, Observation* observation) {
  Target& target = *job.target;
  MapAttributes(
      job.read->attributes, object,
      [&](std::string_view path) {
        if (target.instance == nullptr) return UnknownJson();
        const terraform::Value& side = target.instance->has_after() ? target.instance->after : target.instance->before;
        return ToJson(side.At(path));
      },
      &target.attributes);
  target.answered = true;
  Unread silent = Missed(target, *job.read, fmt::format("the answer to {} does not say", job.read->operation));
  std::erase_if(silent.attributes, [&](const std::string& name) {
    return !target.attributes.isMember(name) || !IsUnknownJson(target.attributes[name]);
  });
  if (!silent.attributes.empty()) observation->unread.push_back(std::move(silent));
}

// The object of an answer; nullptr if it is not there.
const JsonValue* ObjectOf(const Job& job, const JsonValue& answer) {
  const Target& target = *job.target;
  bool complete = true;
  const std::string place = FillIn(
      job.read->object, [&](std::string_view name) { return target.TextOf(name); }, &complete);
  const JsonValue* object = place.empty() ? &answer : Find(answer, place);
  if (object != nullptr && !job.read->exists_if.empty() && !Passes(*object, job.read->exists_if)) return nullptr;
  return object;
}

void Lose(const Job& job, Observation* observation) {
  job.target->gone = true;
  job.target->answered = true;
  observation->gone.push_back({job.target->address, job.target->type_name,
                               ActionOf(job.read->service, job.read->operation), job.target->region});
}

void TakeAnswer(const Job& job, const Result<JsonValue>& answer, Observation* observation) {
  Target& target = *job.target;
  if (target.gone) return;
  if (answer.ok()) {
    const JsonValue* object = ObjectOf(job, *answer);
    if (object == nullptr) {
      Lose(job, observation);
    } else {
      MapAnswer(job, object, observation);
    }
    return;
  }
  const Error& error = answer.error();
  const bool named = HasWord(job.read->nothing_codes, error.service_code);
  if (named && job.read->if_nothing == IfNothing::kDefaults) {
    MapAnswer(job, nullptr, observation);
  } else if (named || error.code == ErrorCode::kNotFound) {
    Lose(job, observation);
  } else {
    MarkUnknown(job.read->attributes, &target.attributes);
    observation->unread.push_back(Failed(target, *job.read, error));
  }
}

std::vector<Job> JobsOfRound(std::vector<Target>* targets, bool second, Observation* observation) {
  std::vector<Job> jobs;
  for (Target& target : *targets) {
    if (target.type == nullptr || target.gone || !target.why_not.empty()) continue;
    const auto reads = target.type->reads;
    for (std::size_t i = target.described; i < reads.size(); ++i) {
      if (reads[i].second != second) continue;
      bool complete = true;
      JsonValue parameters = FillInParameters(
          reads[i].parameters, [&](std::string_view name) { return target.TextOf(name); }, &complete);
      if (!complete) {
        MarkUnknown(reads[i].attributes, &target.attributes);
        if (!second) {
          observation->unread.push_back(
              Missed(target, reads[i], "what identifies it is not in the document, or not known before it is applied"));
        }
        continue;
      }
      jobs.push_back(
          {&target,
           &reads[i],
           {std::string(reads[i].service), std::string(reads[i].operation), target.region, std::move(parameters)}});
    }
  }
  return jobs;
}

// An answer in pages is a whole only together; one object's own answer has none.
bool NeedsAllPages(const Job& job, const Result<JsonValue>& answer) {
  return answer.ok() && HasMorePages(*answer) && (job.read->object.empty() || ObjectOf(job, *answer) == nullptr);
}

}  // namespace

std::string Target::TextOf(std::string_view attribute) const {
  const std::string name(attribute);
  if (attribute.starts_with('@')) return attributes.isMember(name) ? attributes[name].asString() : "";
  if (identity.isMember(name) && identity[name].isString()) return identity[name].asString();
  if (instance == nullptr) return {};
  const terraform::Value& after = instance->after.Get(attribute);
  if (!after.text().empty()) return std::string(after.text());
  // Known only after an apply, but known before it: what is there now.
  return after.unknown() ? std::string(instance->before.Get(attribute).text()) : std::string();
}

void ReadTargets(Requests& requests, std::vector<Target>* targets, Observation* observation) {
  for (const bool second : {false, true}) {
    const std::vector<Job> jobs = JobsOfRound(targets, second, observation);
    std::vector<Call> calls;
    calls.reserve(jobs.size());
    for (const Job& job : jobs) calls.push_back(job.call);
    requests.Send(calls);
    std::vector<Call> paged;
    for (const Job& job : jobs) {
      if (NeedsAllPages(job, requests.AnswerTo(job.call))) paged.push_back(job.call);
    }
    requests.SendPaged(paged);
    for (const Job& job : jobs) TakeAnswer(job, requests.AnswerTo(job.call), observation);
  }
}

}  // namespace tfseal::observe
