#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "report/clean.h"
#include "report/html_page.h"
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {
namespace {

constexpr std::size_t kCardsMax = 500;   // resources of one section; a page with more is not read, it is searched
constexpr std::size_t kRowsMax = 2'000;  // of a table
constexpr std::size_t kColumnsMax = 24;  // environments

std::string Code(std::string_view text) {
  return fmt::format("<code>{}</code>", Html(text));
}

// A sentence, with the commands in it, which stand between backticks, as code.
std::string Prose(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t open = text.find('`');
    const std::size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
    if (close == std::string_view::npos) return out + Html(text);
    out += Html(text.substr(0, open)) + Code(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

// Which of several documents.
std::string Document(const Assessment& assessment, std::size_t document) {
  const std::string_view path = assessment.Among(document);
  return path.empty() ? "" : fmt::format("<p class=\"where\">{}</p>\n", Html(path));
}

std::string_view ClassOf(Tone tone) {
  constexpr std::string_view kClasses[] = {"bad", "look", "good"};
  return kClasses[static_cast<int>(tone)];
}

std::string Banner(const Assessment& assessment) {
  constexpr std::string_view kSigns[] = {"\xE2\x9C\x97", "?", "\xE2\x9C\x93"};  // cross, question, tick
  std::string out =
      fmt::format("<header class=\"verdict {}\">\n<h1><span aria-hidden=\"true\">{}</span> {}</h1>\n<ul>\n",
                  ClassOf(assessment.tone), kSigns[static_cast<int>(assessment.tone)], Html(assessment.verdict));
  for (const std::string& because : assessment.because) out += fmt::format("<li>{}</li>\n", Html(because));
  std::string documents;
  for (std::size_t i = 0; i < assessment.documents.size() && i < 5; ++i) {
    documents += (i == 0 ? "" : ", ") + Code(assessment.documents[i].path);
  }
  if (assessment.documents.size() > 5) documents += fmt::format(" and {} more", assessment.documents.size() - 5);
  return out + fmt::format("</ul>\n<p>tfseal {} of {} at {}</p>\n</header>\n", Html(assessment.command), documents,
                           Timestamp(assessment.now));
}

std::string Tiles(const Assessment& assessment) {
  std::string out = "<ul class=\"tiles\">\n";
  const auto tile = [&](std::uint64_t count, std::string_view what) {
    out += fmt::format("<li><b>{}</b> {}</li>\n", count, what);
  };
  if (assessment.command == "gate") tile(assessment.destroys.size(), "destroyed");
  tile(assessment.Count(Standing::kFails), "fail");
  tile(assessment.Count(Standing::kUndecided), "undecided");
  tile(assessment.Count(Standing::kAdvice), "advice");
  tile(assessment.Count(Standing::kWaived), "waived");
  tile(assessment.Count(Standing::kPasses), "pass");
  return out + "</ul>\n";
}

struct Tally {
  std::map<Standing, std::size_t> counts;
  std::size_t all = 0;

  void Add(Standing standing) {
    ++counts[standing];
    ++all;
  }
  [[nodiscard]] std::size_t Of(Standing standing) const {
    const auto at = counts.find(standing);
    return at == counts.end() ? 0 : at->second;
  }
};

// The worst that there is decides the look of a cell; what is not green is counted.
std::string MatrixCell(const Tally& tally) {
  if (tally.all == 0) return "<td class=\"cell\"></td>";
  const auto cell = [&](std::string_view css_class, std::string_view sign, std::size_t count, std::string_view word) {
    const std::string of = count == tally.all ? "" : fmt::format(" of {}", tally.all);
    return fmt::format("<td class=\"cell\"><span class=\"badge {}\">{} {}{} {}</span></td>", css_class, sign, count, of,
                       word);
  };
  if (const std::size_t n = tally.Of(Standing::kFails); n > 0) return cell("bad", "\xE2\x9C\x97", n, "fail");
  if (const std::size_t n = tally.Of(Standing::kUndecided); n > 0) return cell("look", "?", n, "undecided");
  if (const std::size_t n = tally.Of(Standing::kAdvice); n > 0) return cell("quiet", "!", n, "advice");
  if (const std::size_t n = tally.Of(Standing::kWaived); n > 0) return cell("quiet", "~", n, "waived");
  return cell("good", "\xE2\x9C\x93", tally.all, "pass");
}

std::string Matrix(const Assessment& assessment) {
  std::vector<std::string_view> environments;
  std::map<std::string_view, std::map<std::string_view, Tally>> tallies;
  std::map<std::string_view, int> worst;
  for (const Check& check : assessment.checks) {
    const std::string_view environment = check.EnvironmentName();
    if (std::find(environments.begin(), environments.end(), environment) == environments.end()) {
      environments.push_back(environment);
    }
    tallies[check.rule][environment].Add(check.standing);
    // Checks come worst first.
    worst.try_emplace(check.rule, static_cast<int>(worst.size()));
  }
  if (tallies.empty()) return "";
  std::sort(environments.begin(), environments.end());
  const std::size_t hidden = environments.size() > kColumnsMax ? environments.size() - kColumnsMax : 0;
  environments.resize(environments.size() - hidden);
  std::vector<std::string_view> rules(worst.size());
  for (const auto& [rule, position] : worst) rules[static_cast<std::size_t>(position)] = rule;
  std::string out =
      "<section>\n<h2>Controls by environment</h2>\n<section class=\"scroll\" tabindex=\"0\" "
      "aria-label=\"Controls by environment\">\n<table>\n<thead><tr><th scope=\"col\">control</th>";
  for (const std::string_view environment : environments) {
    out += fmt::format("<th scope=\"col\">{}</th>", Html(environment));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const std::string_view id : rules) {
    const auto rule = std::find_if(assessment.rules.begin(), assessment.rules.end(),
                                   [&](const Rule& candidate) { return candidate.id == id; });
    out += fmt::format("<tr><th scope=\"row\">{} <span class=\"where id\">{}</span></th>", Html(rule->title), Html(id));
    for (const std::string_view environment : environments) out += MatrixCell(tallies[id][environment]);
    out += "</tr>\n";
  }
  out += "</tbody>\n</table>\n</section>\n";
  if (hidden > 0) out += fmt::format("<p>{} more environments are in the other formats.</p>\n", hidden);
  return out + "</section>\n";
}

std::string Where(const Place& place, const Place& inside) {
  if (place.file.empty()) return "";
  std::string where = Html(fmt::format("{}:{}", place.file, place.line));
  if (!inside.file.empty()) where += Html(fmt::format(", inside the module {}:{}", inside.file, inside.line));
  return fmt::format("<p class=\"where\">{}</p>\n", where);
}

std::string List(const std::vector<std::string>& texts) {
  if (texts.empty()) return "";
  std::string out = "<ul>\n";
  for (const std::string& text : texts) out += fmt::format("<li>{}</li>\n", Html(text));
  return out + "</ul>\n";
}

std::string Destroys(const Assessment& assessment) {
  if (assessment.destroys.empty()) return "";
  std::string out = "<section>\n<h2>Would be destroyed</h2>\n";
  for (std::size_t i = 0; i < assessment.destroys.size() && i < kCardsMax; ++i) {
    const DestroyedObject& destroyed = assessment.destroys[i];
    out += fmt::format("<div class=\"card\">\n<h3>{}{}</h3>\n{}{}<p>{} {}</p>\n", Code(destroyed.address),
                       destroyed.deposed ? " (deposed object)" : "", Document(assessment, destroyed.document),
                       Where(destroyed.place, {}), Badge("bad", destroyed.cls), Prose(destroyed.reason));
    if (!destroyed.paths.empty()) {
      out += fmt::format("<p>forced by {}</p>\n", Code(fmt::format("{}", fmt::join(destroyed.paths, ", "))));
    }
    out += List(destroyed.protections);
    if (!destroyed.remedy.empty()) out += fmt::format("<p class=\"fix\">Fix: {}</p>\n", Prose(destroyed.remedy));
    out += "</div>\n";
  }
  if (assessment.destroys.size() > kCardsMax) {
    out += fmt::format("<p>{} more are in the JSON report.</p>\n", assessment.destroys.size() - kCardsMax);
  }
  return out + "</section>\n";
}

std::string CheckHtml(const Check& check, const Rule& rule) {
  const std::string_view css_class = check.standing == Standing::kFails ? "bad" : "look";
  std::string out = fmt::format(
      "<div class=\"check\">\n<p>{} <strong>{}</strong> <span class=\"where\">{}, {}</span></p>\n<p>{}</p>\n",
      Badge(css_class, tfseal::Name(check.severity)), Html(rule.title), Html(check.rule), Html(check.EnvironmentName()),
      Prose(check.message));
  out += List(check.evidence);
  if (!rule.why.empty()) out += fmt::format("<p class=\"why\">Why: {}</p>\n", Prose(rule.why));
  if (!check.remedy.empty()) out += fmt::format("<p class=\"fix\">Fix: {}</p>\n", Prose(check.remedy));
  return out + "</div>\n";
}

// A card a resource of a document, in the order of its worst check.
std::string Cards(const Assessment& assessment, std::string_view heading,
                  const std::function<bool(const Check&)>& wanted) {
  std::vector<std::pair<std::string_view, std::vector<const Check*>>> resources;
  std::map<std::pair<std::size_t, std::string_view>, std::size_t> index;
  for (const Check& check : assessment.checks) {
    const bool told = check.rule == "TFS-GATE-001" && !assessment.destroys.empty();  // among what is destroyed
    if (!wanted(check) || told) continue;
    const auto [at, added] = index.try_emplace({check.document, check.address}, resources.size());
    if (added) resources.push_back({check.address, {}});
    resources[at->second].second.push_back(&check);
  }
  if (resources.empty()) return "";
  std::string out = fmt::format("<section>\n<h2>{}</h2>\n", heading);
  for (std::size_t i = 0; i < resources.size() && i < kCardsMax; ++i) {
    const auto& [address, checks] = resources[i];
    out += fmt::format("<div class=\"card\">\n<h3>{}</h3>\n{}{}", Code(address),
                       Document(assessment, checks.front()->document),
                       Where(checks.front()->place, checks.front()->inside));
    for (const Check* check : checks) out += CheckHtml(*check, assessment.RuleOf(*check));
    out += "</div>\n";
  }
  if (resources.size() > kCardsMax) {
    out += fmt::format("<p>{} more resources are in the JSON report.</p>\n", resources.size() - kCardsMax);
  }
  return out + "</section>\n";
}

std::string Table(const Assessment& assessment, Standing standing, std::string_view heading) {
  std::string rows;
  std::size_t count = 0;
  for (const Check& check : assessment.checks) {
    if (check.standing != standing || ++count > kRowsMax) continue;
    rows += fmt::format("<tr><td class=\"text\">{}{}</td><td>{}</td><td>{}</td><td class=\"text\">{}</td></tr>\n",
                        Code(check.address), Document(assessment, check.document), Html(check.rule),
                        Html(check.EnvironmentName()), Html(Statement(check)));
  }
  if (count == 0) return "";
  std::string out = fmt::format(
      "<section>\n<h2>{0}</h2>\n<details>\n<summary>{1} {2}</summary>\n<section class=\"scroll\" tabindex=\"0\" "
      "aria-label=\"{0}\">\n<table>\n<thead><tr><th scope=\"col\">resource</th><th "
      "scope=\"col\">control</th><th scope=\"col\">environment</th><th scope=\"col\">what</th></tr></thead>\n"
      "<tbody>\n{3}</tbody>\n</table>\n</section>\n",
      heading, count, count == 1 ? "row" : "rows", rows);
  if (count > kRowsMax) out += fmt::format("<p>{} more rows are in the CSV report.</p>\n", count - kRowsMax);
  return out + "</details>\n</section>\n";
}

std::string Promises(const Assessment& assessment) {
  if (assessment.promises.empty()) return "";
  std::string out = "<section>\n<h2>To be checked after the apply</h2>\n<ul>\n";
  for (std::size_t i = 0; i < assessment.promises.size() && i < kRowsMax; ++i) {
    const OpenPromise& promise = assessment.promises[i];
    out += fmt::format("<li>{}: {}{}</li>\n", Code(promise.address), Html(promise.expectation),
                       Document(assessment, promise.document));
  }
  return out + "</ul>\n</section>\n";
}

std::string Notes(const Assessment& assessment) {
  if (assessment.notes.empty()) return "";
  std::vector<std::string> shown = assessment.notes;
  if (shown.size() > kRowsMax) shown.resize(kRowsMax);
  return "<section>\n<h2>Notes</h2>\n" + List(shown) + "</section>\n";
}

std::string Footer(const Assessment& assessment) {
  std::string out = fmt::format("<footer>\n<p>tfseal {}, requirements: {}{}</p>\n", Html(assessment.version),
                                assessment.policy_path.empty() ? "built in" : Code(assessment.policy_path),
                                assessment.profile.empty() ? "" : ", profile " + Html(assessment.profile));
  for (std::size_t i = 0; i < assessment.documents.size() && i < kRowsMax; ++i) {
    const AssessedDocument& document = assessment.documents[i];
    out += fmt::format("<p>{} {}{}: {} of {} resources judged</p>\n", document.kind, Code(document.path),
                       document.sha256.empty() ? "" : " SHA-256 " + Code(document.sha256), document.resources_judged,
                       document.resources_seen);
  }
  return out + "</footer>\n";
}

}  // namespace

std::string Html(const Assessment& assessment) {
  const bool gate = assessment.command == "gate";
  std::string body = Banner(assessment) + Tiles(assessment) + Destroys(assessment) + Matrix(assessment);
  body += Cards(assessment, gate ? "Fails because of this plan" : "Fails", [&](const Check& check) {
    return check.standing == Standing::kFails && !(gate && FailedBefore(check));
  });
  body += Cards(assessment, gate ? "Cannot be decided from this plan" : "Cannot be decided",
                [](const Check& check) { return check.standing == Standing::kUndecided; });
  body += Cards(assessment, "Failed before, not made worse",
                [&](const Check& check) { return check.standing == Standing::kFails && gate && FailedBefore(check); });
  body += Promises(assessment) + Notes(assessment);
  body += Table(assessment, Standing::kAdvice, "Advice: not required by the policy");
  body += Table(assessment, Standing::kWaived, "Waived");
  body += Table(assessment, Standing::kPasses, "Passes");
  body += Footer(assessment);
  return HtmlPage(fmt::format("{}: tfseal {}", assessment.verdict, assessment.command), body);
}

}  // namespace tfseal::report
