#include "terraform/saved_plan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>

#include "core/file.h"
#include "crypto/digest.h"
#include "terraform/plan_file_zip.h"
#include "terraform/show_command.h"

namespace tfseal::terraform {
namespace {

// `terraform show` writes everything at its end; plans of 100 MB take it a minute.
constexpr std::chrono::minutes kPatience{10};

std::string AbsolutePath(const std::string& path) {
  const std::unique_ptr<char, decltype(&::free)> resolved(::realpath(path.c_str(), nullptr), &::free);
  return resolved == nullptr ? path : std::string(resolved.get());
}

Result<Document> Show(const std::string& path, bool opentofu, const std::string& directory,
                      const ReadFromDescriptor& read) {
  TFSEAL_ASSIGN(ShowCommand command, ShowCommand::Start(path, opentofu, directory));
  TFSEAL_TRY(command.WaitForOutput(kPatience));
  Result<Document> document = read(command.output());
  // How the program ended matters more than what became of its output: half a document is its failure, not the plan's.
  if (const Status ended = command.Finish(); !ended.ok()) return ended.error();
  return document;
}

// Size and digest of the file as given; the JSON is only its translation.
Status Identify(const std::string& path, Document& document) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Error{ErrorCode::kUnavailable, fmt::format("{}: cannot be read again", path), ""};
  Sha256 digest;
  std::uint64_t bytes = 0;
  char buffer[1 << 16];
  for (ssize_t got = 0; (got = ::read(file, buffer, sizeof buffer)) > 0;) {
    digest.Update({buffer, static_cast<std::size_t>(got)});
    bytes += static_cast<std::uint64_t>(got);
  }
  ::close(file);
  document.sha256 = digest.FinishHex();
  document.bytes = bytes;
  return {};
}

}  // namespace

Result<Document> ReadSavedPlan(const std::string& path, const ReadFromDescriptor& read) {
  TFSEAL_ASSIGN(SavedPlanSources sources, ReadSavedPlanSources(path));
  const std::string absolute = AbsolutePath(path);
  Result<Document> document = Show(path, sources.opentofu, "", read);
  if (!document.ok() && document.error().code == ErrorCode::kUnavailable) {
    const std::string directory = absolute.substr(0, absolute.rfind('/'));
    Result<Document> second = Show(absolute, sources.opentofu, directory.empty() ? "/" : directory, read);
    if (second.ok()) document = std::move(second);
  }
  if (!document.ok()) return document;
  document->path = path;
  document->sources = std::move(sources.locations);
  TFSEAL_TRY(Identify(path, *document));
  return document;
}

}  // namespace tfseal::terraform
