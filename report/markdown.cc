#include <fmt/format.h>

#include <functional>
#include <set>
#include <vector>

#include "report/clean.h"
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {
namespace {

// Of the commands behind what is destroyed; in bytes.
constexpr std::size_t kSafeWaysMax = 600;

constexpr std::size_t kCellMax = 600;  // characters; a row is never longer than what a whole comment can take
constexpr std::size_t kTailBytes = 400;

std::string Cell(std::string_view text) {
  return MarkdownCell(Shortened(text, kCellMax));
}

std::string Code(std::string_view text) {
  return MarkdownCode(Shortened(text, kCellMax));
}

std::string Resource(std::string_view address, const Place& place, std::string_view document) {
  std::string cell = Code(address);
  if (!document.empty()) cell += "<br>" + Cell(document);
  if (!place.file.empty()) cell += "<br>" + Cell(fmt::format("{}:{}", place.file, place.line));
  return cell;
}

// A heading, and rows below it that are written whole or not at all.
struct Section {
  std::string before;
  std::vector<std::string> rows;
  std::string after;
};

// Takes as many sections and rows as there is room for, in their order.
class Page {
 public:
  Page(std::string head, std::size_t bytes_max) : text_(std::move(head)), bytes_max_(bytes_max) {}

  void Add(const Section& section) {
    if (section.rows.empty()) return;
    const std::size_t frame = section.before.size() + section.after.size();
    if (left_out_ > 0 || !Fits(frame + section.rows.front().size())) {
      left_out_ += section.rows.size();
      return;
    }
    text_ += section.before;
    std::size_t written = 0;
    while (written < section.rows.size() && Fits(section.rows[written].size() + section.after.size())) {
      text_ += section.rows[written++];
    }
    text_ += section.after;
    left_out_ += section.rows.size() - written;
  }

  std::string Finish() {
    if (left_out_ > 0) {
      text_ += fmt::format("\n**{} more {} left out here, the least pressing ones.** `--output json=FILE` has all.\n",
                           left_out_, left_out_ == 1 ? "row is" : "rows are");
    }
    return std::move(text_);
  }

 private:
  [[nodiscard]] bool Fits(std::size_t bytes) const { return text_.size() + bytes + kTailBytes <= bytes_max_; }

  std::string text_;
  std::size_t bytes_max_;
  std::size_t left_out_ = 0;
};

Section Checks(const Assessment& assessment, std::string_view heading,
               const std::function<bool(const Check&)>& wanted) {
  Section section;
  section.before = fmt::format("\n### {}\n\n| resource | topic | what | fix |\n|---|---|---|---|\n", heading);
  for (const Check& check : assessment.checks) {
    if (!wanted(check) || (check.rule == "TFS-GATE-001" && check.standing == Standing::kFails)) continue;
    const bool plain = check.standing == Standing::kFails || check.standing == Standing::kUndecided;
    // A control of tfseal.yaml says itself what it is about.
    const std::string_view about =
        check.rule.starts_with("TFS-") ? tfseal::Name(check.topic) : std::string_view(assessment.RuleOf(check).title);
    section.rows.push_back(fmt::format(
        "| {} | {} ({}) | {} | {} |\n", Resource(check.address, check.place, assessment.Among(check.document)),
        Cell(about), Cell(check.rule), Cell(plain ? check.message : Statement(check)), Cell(check.remedy)));
  }
  return section;
}

Section Destroys(const Assessment& assessment) {
  Section section;
  section.before = "\n### Would be destroyed\n\n| resource | why | protections |\n|---|---|---|\n";
  for (const DestroyedObject& destroyed : assessment.destroys) {
    std::string protections;
    for (const std::string& protection : destroyed.protections) {
      protections += (protections.empty() ? "" : "<br>") + Cell(protection);
    }
    section.rows.push_back(fmt::format(
        "| {}{} | {}: {} | {} |\n", Resource(destroyed.address, destroyed.place, assessment.Among(destroyed.document)),
        destroyed.deposed ? "<br>deposed object" : "", Cell(destroyed.cls), Cell(destroyed.reason), protections));
  }
  // Of the documents that destroy what can be moved instead, each once.
  std::set<std::size_t> documents;
  for (const DestroyedObject& destroyed : assessment.destroys) {
    if (destroyed.remedy.find("tfseal plan") != std::string::npos) documents.insert(destroyed.document);
  }
  for (const std::size_t document : documents) {
    if (document >= assessment.documents.size()) continue;
    section.after +=
        fmt::format("\nThe safe way: {}\n",
                    Code(fmt::format("tfseal plan {} --out actions.json", assessment.documents[document].path)));
    if (section.after.size() > kSafeWaysMax) break;
  }
  return section;
}

// Names that could end the comment are left out of it.
std::string Marker(const Assessment& assessment) {
  std::string scope;
  for (const char c : assessment.scope) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (plain) {
      scope += c;
    } else if (!scope.ends_with('-')) {
      scope += '-';
    }
  }
  const std::string_view command = assessment.command == "gate" ? "gate" : "verify";
  return fmt::format("<!-- tfseal:v1:{}:{} -->\n", command, Shortened(scope, 100));
}

std::string Head(const Assessment& assessment, bool marker) {
  std::string head = marker ? Marker(assessment) : "";
  head += fmt::format("## tfseal: {}\n\n", assessment.verdict);
  std::size_t documents = 0;
  for (const AssessedDocument& document : assessment.documents) {
    if (++documents > 5) break;
    head += fmt::format("{}{}", documents == 1 ? "" : ", ", Code(document.path));
  }
  if (assessment.documents.size() > 5) head += fmt::format(" and {} more", assessment.documents.size() - 5);
  head += "\n\n";
  for (const std::string& because : assessment.because) head += fmt::format("- {}\n", Cell(because));
  head += fmt::format("\n{} fail, {} undecided, {} advice, {} waived, {} resources judged\n",
                      assessment.Count(Standing::kFails), assessment.Count(Standing::kUndecided),
                      assessment.Count(Standing::kAdvice), assessment.Count(Standing::kWaived), assessment.Judged());
  return head;
}

}  // namespace

std::string Markdown(const Assessment& assessment, std::size_t bytes_max, bool marker) {
  Page page(Head(assessment, marker), bytes_max);
  page.Add(Destroys(assessment));
  const bool gate = assessment.command == "gate";
  page.Add(Checks(assessment, gate ? "Fails because of this plan" : "Fails", [&](const Check& check) {
    return check.standing == Standing::kFails && !(gate && FailedBefore(check));
  }));
  page.Add(Checks(assessment, gate ? "Cannot be decided from this plan" : "Cannot be decided",
                  [](const Check& check) { return check.standing == Standing::kUndecided; }));
  Section promises;
  promises.before = "\n### To be checked after the apply\n\n";
  for (const OpenPromise& promise : assessment.promises) {
    promises.rows.push_back(fmt::format("- {}: {}\n", Code(promise.address), Cell(promise.expectation)));
  }
  page.Add(promises);
  page.Add(Checks(assessment, "Failed before, not made worse", [&](const Check& check) {
    return check.standing == Standing::kFails && gate && FailedBefore(check);
  }));
  Section notes;
  notes.before = "\n### Notes\n\n";
  for (const std::string& note : assessment.notes) notes.rows.push_back(fmt::format("- {}\n", Cell(note)));
  page.Add(notes);
  Section rest = Checks(assessment, "Advice and waivers", [](const Check& check) {
    return check.standing == Standing::kAdvice || check.standing == Standing::kWaived;
  });
  rest.before = fmt::format("\n<details><summary>{} waived or not required by the policy</summary>\n{}",
                            rest.rows.size(), rest.before);
  rest.after = "\n</details>\n";
  page.Add(rest);
  return page.Finish();
}

}  // namespace tfseal::report
