#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <map>
#include <vector>

#include "planner/action_kind.h"
#include "report/clean.h"
#include "report/html_page.h"
#include "report/render.h"

namespace tfseal::report {
namespace {

constexpr std::size_t kPictureMax = 300;  // actions of one wave that make a picture
constexpr int kNodeWidth = 178;
constexpr int kNodeHeight = 26;
constexpr int kLevel = 46;
constexpr int kLane = 194;
constexpr int kMargin = 8;

// What is written into a box has no room for more.
std::string Label(std::string_view text, std::size_t characters) {
  return Html(Shortened(Clean(text), characters));
}

std::string Code(std::string_view text) {
  return fmt::format("<code>{}</code>", Html(Clean(text)));
}

// The actions of one wave as a picture: needs point downwards, each level below all that it waits for.
class WaveGraph {
 public:
  WaveGraph(const ActionPlan& plan, int wave) {
    std::map<std::string_view, std::size_t> at;
    for (std::size_t i = 0; i < plan.actions.size(); ++i) {
      if (plan.actions[i].wave != wave) continue;
      at[plan.actions[i].id] = nodes_.size();
      Node node;
      node.action = &plan.actions[i];
      node.number = i + 1;
      nodes_.push_back(node);
    }
    if (nodes_.size() > kPictureMax) return;
    for (Node& node : nodes_) {
      for (const std::string& need : node.action->needs) {
        if (const auto found = at.find(need); found != at.end()) node.needs.push_back(found->second);
      }
    }
    LeaveOutDetours();
    Place();
  }

  std::string Svg() const {
    if (nodes_.size() > kPictureMax) return "<p>Too many actions for a picture.</p>\n";
    const int width = 2 * kMargin + lanes_ * kLane - (kLane - kNodeWidth);
    const int height = 2 * kMargin + levels_ * kLevel - (kLevel - kNodeHeight);
    std::string svg = fmt::format(
        "<section class=\"scroll\" tabindex=\"0\" aria-label=\"Graph of actions\">\n<svg width=\"{0}\" "
        "height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"Which action waits for which\">\n",
        width, height);
    for (const Node& node : nodes_) {
      for (const std::size_t need : node.needs) svg += Edge(nodes_[need], node);
    }
    for (const Node& node : nodes_) svg += Box(node);
    return svg + "</svg>\n</section>\n";
  }

 private:
  struct Node {
    const Action* action = nullptr;
    std::size_t number = 0;
    std::vector<std::size_t> needs;
    int level = 0;
    int lane = 0;
  };

  // A need that another need has as well says nothing new. Actions come in order, so needs stand before.
  void LeaveOutDetours() {
    std::vector<std::bitset<kPictureMax>> above(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      std::bitset<kPictureMax> beyond;
      for (const std::size_t need : nodes_[i].needs) beyond |= above[need];
      std::erase_if(nodes_[i].needs, [&](std::size_t need) { return beyond.test(need); });
      above[i] = beyond;
      for (const std::size_t need : nodes_[i].needs) above[i].set(need);
    }
  }

  void Place() {
    std::map<std::pair<int, int>, bool> taken;
    for (Node& node : nodes_) {
      for (const std::size_t need : node.needs) node.level = std::max(node.level, nodes_[need].level + 1);
      int lane = node.needs.empty() ? 0 : nodes_[node.needs.front()].lane;
      for (const std::size_t need : node.needs) lane = std::min(lane, nodes_[need].lane);
      while (taken[{node.level, lane}]) ++lane;
      taken[{node.level, lane}] = true;
      node.lane = lane;
      levels_ = std::max(levels_, node.level + 1);
      lanes_ = std::max(lanes_, lane + 1);
    }
  }

  static int X(const Node& node) { return kMargin + node.lane * kLane; }
  static int Y(const Node& node) { return kMargin + node.level * kLevel; }

  static std::string Edge(const Node& from, const Node& to) {
    const int x1 = X(from) + kNodeWidth / 2;
    const int y1 = Y(from) + kNodeHeight;
    const int x2 = X(to) + kNodeWidth / 2;
    const int y2 = Y(to) - 5;
    const int bend = 9;
    const std::string line =
        x1 == x2 ? fmt::format("M{} {}V{}", x1, y1, y2)
                 : fmt::format("M{0} {1}V{2}C{0} {3} {4} {2} {4} {3}V{5}", x1, y1, y2 - 2 * bend, y2 - bend, x2, y2);
    return fmt::format("<path class=\"edge\" d=\"{}\"/><path class=\"tip\" d=\"M{} {}l-4 -6h8z\"/>\n", line, x2,
                       y2 + 5);
  }

  static std::string Box(const Node& node) {
    std::string name(node.action->kind->name);
    std::replace(name.begin(), name.end(), '_', ' ');
    const std::string_view css_class = node.action->point_of_no_return ? "final"
                                       : node.action->approvals > 0    ? "gate"
                                                                       : "node";
    return fmt::format(
        "<g><title>{} {}</title><rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/><text "
        "x=\"{}\" y=\"{}\">{} {}</text></g>\n",
        node.number, Label(node.action->summary, 200), css_class, X(node), Y(node), kNodeWidth, kNodeHeight,
        X(node) + 8, Y(node) + 17, node.number, Label(name, 22));
  }

  std::vector<Node> nodes_;
  int levels_ = 1;
  int lanes_ = 1;
};

// Days to the right, what happens from the top down.
std::string Timeline(const ActionPlan& plan) {
  if (plan.timeline.empty()) return "";
  int last = 1;
  for (const TimelineEntry& entry : plan.timeline) last = std::max(last, entry.last_day);
  constexpr int kWidth = 860;
  constexpr int kRow = 40;
  const int days = std::max(last, 1);
  const auto x = [&](int day) { return kMargin + (kWidth - 2 * kMargin) * day / days; };
  const int height = 34 + kRow * static_cast<int>(plan.timeline.size()) + kMargin;
  std::string svg = fmt::format(
      "<section>\n<h2>Timeline</h2>\n<section class=\"scroll\" tabindex=\"0\" "
      "aria-label=\"Timeline\">\n<svg "
      "width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"Waves by day\">\n",
      kWidth, height);
  const int step = std::max(1, (days + 19) / 20);
  for (int day = 0; day < days; day += step) {
    svg +=
        fmt::format("<path class=\"grid\" d=\"M{0} 24V{1}\"/><text class=\"soft\" x=\"{2}\" y=\"16\">day {3}</text>\n",
                    x(day), height - kMargin, x(day) + 3, day + 1);
  }
  int y = 34;
  for (const TimelineEntry& entry : plan.timeline) {
    const int left = x(entry.first_day - 1);
    const int right = std::max(left + 8, x(entry.last_day) - 3);
    const std::string text = fmt::format("wave {}{}{}: {}", entry.wave, entry.environment.empty() ? "" : ", ",
                                         entry.environment, entry.text);
    // At the bar's start while there is room to the right of it, else ending at the edge.
    constexpr int kCharacter = 7;
    const std::string label = Shortened(Clean(text), 100);
    const bool ends = left + kCharacter * static_cast<int>(label.size()) > kWidth - kMargin;
    svg += fmt::format(
        "<g><title>{0}</title><text x=\"{1}\" y=\"{2}\" text-anchor=\"{3}\">{4}</text><rect class=\"node\" x=\"{5}\" "
        "y=\"{6}\" width=\"{7}\" height=\"14\" rx=\"4\"/></g>\n",
        Label(text, 200), ends ? kWidth - kMargin : left + 2, y + 11, ends ? "end" : "start", Html(label), left, y + 17,
        right - left);
    y += kRow;
  }
  return svg + "</svg>\n</section>\n</section>\n";
}

std::string ActionRow(const Action& action, std::size_t number) {
  std::string marks;
  if (action.point_of_no_return) marks += Badge("bad", "point of no return") + " ";
  if (action.approvals > 0) {
    marks +=
        Badge("look", fmt::format("{} {}", action.approvals, action.approvals == 1 ? "approval" : "approvals")) + " ";
  }
  if (action.risk != Risk::kNone) marks += Badge("quiet", fmt::format("risk {}", Name(action.risk))) + " ";
  if (action.downtime.impact != Downtime::Impact::kNone) marks += Badge("quiet", Name(action.downtime.impact));
  std::string back = action.rollback.text.empty() ? "" : Html(Clean(action.rollback.text));
  if (!action.rollback.possible) back = back.empty() ? "no way back" : "no way back: " + back;
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td class=\"text\">{}</td><td class=\"text\">{}</td><td class=\"text\">{}</td></tr>\n",
      number, action.day, Html(Clean(action.summary)), marks, back);
}

std::string Wave(const ActionPlan& plan, int wave) {
  std::string rows;
  std::string environment;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    if (plan.actions[i].wave != wave) continue;
    rows += ActionRow(plan.actions[i], i + 1);
    if (environment.empty()) environment = plan.actions[i].environment;
  }
  return fmt::format(
      "<section>\n<h2>Wave {0}{1}</h2>\n{2}<section class=\"scroll\" tabindex=\"0\" aria-label=\"Actions "
      "of "
      "wave {0}\">\n<table>\n<thead><tr><th scope=\"col\">action</th><th scope=\"col\">day</th><th "
      "scope=\"col\">what</th><th scope=\"col\">beware</th><th scope=\"col\">way back</th></tr></thead>\n<tbody>\n{3}"
      "</tbody>\n</table>\n</section>\n</section>\n",
      wave, environment.empty() ? "" : ", " + Html(Clean(environment)), WaveGraph(plan, wave).Svg(), rows);
}

std::string Databases(const ActionPlan& plan) {
  if (plan.databases.empty()) return "";
  std::string out = "<section>\n<h2>Databases</h2>\n";
  for (const PlannedDatabase& database : plan.databases) {
    out +=
        fmt::format("<div class=\"card\">\n<h3>{}</h3>\n<p class=\"where\">{} {}{}{}</p>\n<p>Key: {}<br>{}</p>\n<ul>\n",
                    Code(database.address), Html(Clean(database.engine)), Code(database.identifier),
                    database.environment.empty() ? "" : ", ", Html(Clean(database.environment)), Code(database.key),
                    Html(Clean(database.key_reason)));
    for (const ConsideredStrategy& strategy : database.considered) {
      const std::string_view state = strategy.chosen ? "chosen" : strategy.possible ? "possible" : "refused";
      std::string reasons;
      for (const std::string& reason : strategy.reasons) reasons += (reasons.empty() ? "" : "; ") + Html(Clean(reason));
      out += fmt::format("<li>{} {}: {}</li>\n",
                         Badge(strategy.chosen     ? "good"
                               : strategy.possible ? "quiet"
                                                   : "look",
                               state),
                         Html(Clean(strategy.name)), reasons);
    }
    out += fmt::format("</ul>\n<p>Interruption: {}</p>\n</div>\n", Html(Clean(database.downtime)));
  }
  return out + "</section>\n";
}

std::string UnresolvedList(const ActionPlan& plan) {
  if (plan.unresolved.empty()) return "";
  std::string out = "<section>\n<h2>Not resolved by this plan</h2>\n<ul>\n";
  for (const Unresolved& unresolved : plan.unresolved) {
    out += fmt::format("<li>{} {}: {} ({})</li>\n", Code(unresolved.address), Html(Clean(unresolved.control)),
                       Html(Clean(unresolved.message)), Html(Clean(unresolved.reason)));
  }
  return out + "</ul>\n</section>\n";
}

}  // namespace

std::string Html(const ActionPlan& plan) {
  std::size_t approvals = 0;
  std::size_t final_ones = 0;
  std::vector<int> waves;
  for (const Action& action : plan.actions) {
    approvals += action.approvals > 0 ? 1U : 0U;
    final_ones += action.point_of_no_return ? 1U : 0U;
    if (std::find(waves.begin(), waves.end(), action.wave) == waves.end()) waves.push_back(action.wave);
  }
  std::string body = fmt::format("<header class=\"verdict {}\">\n<h1>{} actions</h1>\n<ul>\n<li>{}</li>\n",
                                 plan.complete() ? "good" : "look", plan.actions.size(),
                                 plan.complete() ? "afterwards everything that is required passes"
                                                 : fmt::format("{} findings stay unresolved", plan.unresolved.size()));
  body += "</ul>\n";
  for (const PlanInput& input : plan.inputs) {
    body += fmt::format("<p>from the {} with SHA-256 {}</p>\n", Html(Clean(input.kind)), Code(input.sha256));
  }
  body += "</header>\n<ul class=\"tiles\">\n";
  const auto tile = [&](std::size_t count, std::string_view what) {
    body += fmt::format("<li><b>{}</b> {}</li>\n", count, what);
  };
  tile(plan.changes(), "changes");
  tile(plan.databases.size(), "databases");
  tile(waves.size(), "waves");
  tile(approvals, "approvals");
  tile(final_ones, "points of no return");
  body += "</ul>\n" + Timeline(plan) + UnresolvedList(plan) + Databases(plan);
  for (const int wave : waves) body += Wave(plan, wave);
  if (!plan.notes.empty()) {
    body += "<section>\n<h2>Notes</h2>\n<ul>\n";
    for (const std::string& note : plan.notes) body += fmt::format("<li>{}</li>\n", Html(Clean(note)));
    body += "</ul>\n</section>\n";
  }
  return HtmlPage("tfseal action plan", body);
}

}  // namespace tfseal::report
