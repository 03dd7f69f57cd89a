#include "report/render.h"

#include <array>

namespace tfseal::report {
namespace {

using Renderer = std::string (*)(const Assessment&);

struct Format {
  std::string_view name;
  Renderer render;
};

constexpr Format kFormats[] = {
    {"markdown", [](const Assessment& a) { return Markdown(a, kSummaryBytesMax, false); }},
    {"markdown:comment", [](const Assessment& a) { return Markdown(a, kCommentCharactersMax, true); }},
    {"html", [](const Assessment& a) { return Html(a); }},
    {"sarif", Sarif},
    {"junit", [](const Assessment& a) { return JUnit(a, false); }},
    {"junit:gitlab", [](const Assessment& a) { return JUnit(a, true); }},
    {"github-annotations", GitHubAnnotations},
    {"gitlab-codequality", GitLabCodeQuality},
    {"gitlab-terraform", GitLabTerraform},
    {"asff", Asff},
    {"ocsf", Ocsf},
    {"oscal", Oscal},
    {"csv", Csv},
};

constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kFormats)> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kFormats[i].name;
  return names;
}();

}  // namespace

std::span<const std::string_view> Formats() {
  return kNames;
}

std::optional<std::string> Render(std::string_view format, const Assessment& assessment) {
  for (const Format& known : kFormats) {
    if (known.name == format) return known.render(assessment);
  }
  return std::nullopt;
}

}  // namespace tfseal::report
