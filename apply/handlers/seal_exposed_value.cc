#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "apply/handlers/calls.h"
#include "apply/handlers/exposed_value.h"
#include "apply/handlers/list.h"
#include "core/file.h"
#include "crypto/cms_seal.h"
#include "crypto/digest.h"
#include "planner/parameters.h"

namespace tfseal {
namespace {

constexpr std::size_t kFileMax = std::size_t{1} << 20U;

struct Copy {
  std::string variable;
  std::string path;
  ValueInUse in_use;
};

// A revision never changes, so its number in the name says which value the file holds.
std::string PathOf(const std::string& directory, const Revision& revision, const std::string& container,
                   const std::string& variable) {
  std::string name = revision.family + "." + std::to_string(revision.number) + "." + container + "." + variable;
  std::replace(name.begin(), name.end(), '/', '-');
  return directory + "/" + name + ".cms.pem";
}

Result<std::vector<Copy>> CopiesOf(const Action& action, RunContext& context) {
  std::vector<Copy> copies;
  const std::string container = TextAt(action.payload, "container");
  for (const JsonValue& variable : action.payload["variables"]) {
    TFSEAL_ASSIGN(auto in_use,
                  FindValueInUse(TextAt(action.payload, "family"), container, variable.asString(), action, context));
    if (!in_use) continue;
    std::string path = PathOf(context.settings.sealed_dir, in_use->revision, container, variable.asString());
    TFSEAL_ASSIGN(const std::vector<Revision> revisions,
                  ReadRevisions(TextAt(action.payload, "family"), action, context));
    // A later revision with the same value needs no copy of its own.
    for (const Revision& revision : revisions) {
      const auto value = VariableOf(revision.definition, container, variable.asString());
      if (!value || !EqualInConstantTime(value->Expose(), in_use->value.Expose())) continue;
      std::string other = PathOf(context.settings.sealed_dir, revision, container, variable.asString());
      if (ReadFileBounded(other, kFileMax).ok()) path = std::move(other);
    }
    copies.push_back({variable.asString(), std::move(path), *std::move(in_use)});
  }
  return copies;
}

// The certificate; empty if none was given.
Result<std::string> CertificateOf(const RunContext& context) {
  if (context.settings.recipient_certificate_path.empty()) return std::string();
  return ReadFileBounded(context.settings.recipient_certificate_path, kFileMax);
}

Result<Probe> ProbeSealedCopies(const Action& action, RunContext& context) {
  if (context.settings.recipient_certificate_path.empty() || context.settings.sealed_dir.empty()) {
    return Waiting("nobody was named for the sealed copy of the values in use",
                   "give --recipient CERTIFICATE.pem and --sealed-dir DIRECTORY");
  }
  TFSEAL_ASSIGN(const std::string certificate, CertificateOf(context));
  TFSEAL_ASSIGN(const Recipient recipient, ReadRecipient(certificate, context.clock.Now()));
  TFSEAL_ASSIGN(const std::vector<Copy> copies, CopiesOf(action, context));
  if (copies.empty()) return Done("no revision shows the values any more; there is nothing to keep");
  JsonValue files(Json::arrayValue);
  std::string last;
  for (const Copy& copy : copies) {
    const auto sealed = ReadFileBounded(copy.path, kFileMax);
    if (!sealed.ok() && sealed.error().code != ErrorCode::kNotFound) return sealed.error();
    if (!sealed.ok()) return NotDone("no sealed copy of " + copy.variable + " yet");
    last = copy.path;
    files.append(Object({{"file", Text(copy.path.substr(copy.path.rfind('/') + 1))},
                         {"sha256", Text(Sha256Hex(*sealed))},
                         {"variable", Text(copy.variable)},
                         {"value_of", Text(RevisionName(copy.in_use.revision.arn))}}));
  }
  if (!context.settings.approvals.contains(action.id)) {
    return Waiting("the recipient has not confirmed yet that the sealed copy opens: " + last,
                   recipient.subject + " opens it with openssl cms -decrypt -inform PEM -inkey KEY -in FILE, then " +
                       ApproveCommand(action));
  }
  return Done("the sealed copy is there and opens", JsonValue(Json::objectValue),
              Object({{"files", files},
                      {"recipient", Text(recipient.subject)},
                      {"certificate_sha256", Text(recipient.certificate_sha256)},
                      {"recipient_key", Text(recipient.key)},
                      {"cipher", "AES-256-GCM"}}));
}

Status SealCopies(const Action& action, RunContext& context) {
  TFSEAL_ASSIGN(const std::string certificate, CertificateOf(context));
  TFSEAL_ASSIGN(const Recipient recipient, ReadRecipient(certificate, context.clock.Now()));
  const std::string& directory = context.settings.sealed_dir;
  if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return Error{ErrorCode::kUnavailable, directory + ": cannot be created", "name a directory that you may write to"};
  }
  TFSEAL_ASSIGN(const std::vector<Copy> copies, CopiesOf(action, context));
  for (const Copy& copy : copies) {
    if (ReadFileBounded(copy.path, kFileMax).ok()) continue;
    TFSEAL_ASSIGN(const std::string sealed, SealForRecipient(certificate, copy.in_use.value.Expose()));
    TFSEAL_TRY(WriteFileAtomically(copy.path, sealed));
  }
  return {};
}

}  // namespace

const Handler kSealExposedValueHandler = {
    .kind = "seal_exposed_value", .probe = ProbeSealedCopies, .execute = SealCopies};

}  // namespace tfseal
