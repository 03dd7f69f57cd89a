#include "cli/report_formats.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "core/file.h"

namespace tfseal::cli {
namespace {

// A directory under the one we are in as it is called from here: reports are read where the checkout has another place.
std::string FromHere(const std::string& directory) {
  namespace fs = std::filesystem;
  const fs::path path(directory);
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error || !path.is_absolute()) return directory;
  const fs::path relative = path.lexically_normal().lexically_relative(here);
  return relative.empty() || *relative.begin() == ".." ? directory : relative.generic_string();
}

}  // namespace

ReportFormats::ReportFormats(const Arguments& arguments) {
  for (const OutputRequest& request : arguments.outputs) {
    const std::string& format = request.format;
    const auto known = report::Formats();
    if (std::find(known.begin(), known.end(), format) == known.end()) continue;
    any_ = true;
    places_ = places_ || format == "sarif" || format == "gitlab-codequality" || format == "junit:gitlab" ||
              format == "github-annotations";
    account_ = account_ || format == "asff" || format == "ocsf";
    changes_ = changes_ || format == "gitlab-terraform";
  }
}

terraform::Interest ReportFormats::Widen(terraform::Interest interest) const {
  if (changes_) return terraform::Interest::Everything();
  return account_ ? GateInterest() : interest;
}

void ReportFormats::SayWhatIsMissing(const report::Assessment& assessment, const Ui& ui) const {
  const auto has_place = [](const report::Check& check) { return !check.place.file.empty(); };
  if (places_ && !assessment.checks.empty() &&
      std::none_of(assessment.checks.begin(), assessment.checks.end(), has_place)) {
    ui.Note("note: the document does not say in which file and line anything stands");
    ui.Hint("name the saved plan instead of its JSON, or --source DIR of the root module");
  }
  if (account_ && assessment.account.empty()) {
    ui.Note("note: nothing says the account, so that the report names 000000000000 or none");
  }
}

report::Circumstances CircumstancesOf(const Arguments& arguments) {
  return {TFSEAL_VERSION, arguments.environment, arguments.now};
}

std::optional<Baseline> LoadBaseline(const Arguments& arguments, const Ui& ui) {
  constexpr std::size_t kBytesMax = std::size_t{1} << 30;
  if (arguments.baseline.empty()) return Baseline();
  const auto text = ReadFileBounded(arguments.baseline, kBytesMax);
  if (!text.ok()) {
    ui.Fail(text.error());
    return std::nullopt;
  }
  auto read = Baseline::Read(*text);
  if (!read.ok()) {
    Error error = read.error();
    error.message = arguments.baseline + ": " + error.message;
    ui.Fail(error);
    return std::nullopt;
  }
  return std::move(read).value();
}

Judging JudgingFor(const Arguments& arguments, const ReportFormats& formats, const Baseline& baseline) {
  Judging judging(formats.listing());
  if (!arguments.baseline.empty()) judging.baseline = &baseline;
  judging.objects = std::any_of(arguments.outputs.begin(), arguments.outputs.end(),
                                [](const OutputRequest& output) { return output.format.starts_with("json"); });
  return judging;
}

Status AttachSources(const Arguments& arguments, terraform::Document& document) {
  if (arguments.source.empty()) return {};
  return terraform::AttachSources(FromHere(arguments.source), document);
}

}  // namespace tfseal::cli
