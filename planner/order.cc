#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "planner/action_kind.h"
#include "planner/action_plan.h"

namespace tfseal {
namespace {

Error BadGraph(const std::string& what) {
  return {ErrorCode::kInternal, "the action plan " + what, ""};
}

struct Graph {
  std::unordered_map<std::string, std::size_t> by_id;
  std::vector<std::vector<std::size_t>> dependents;
  std::vector<std::size_t> open;  // requirements not yet placed
};

Result<Graph> BuildGraph(const std::vector<Action>& actions) {
  Graph graph;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (!graph.by_id.emplace(actions[i].id, i).second) return BadGraph("has the action " + actions[i].id + " twice");
  }
  graph.dependents.resize(actions.size());
  graph.open.resize(actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const std::set<std::string> needs(actions[i].needs.begin(), actions[i].needs.end());
    for (const std::string& need : needs) {
      const auto found = graph.by_id.find(need);
      if (found == graph.by_id.end()) return BadGraph("requires " + need + ", which is not in it");
      graph.dependents[found->second].push_back(i);
    }
    graph.open[i] = needs.size();
  }
  return graph;
}

// Follows requirements among the actions that could not be placed until one comes again.
std::string CycleAmong(const std::vector<Action>& actions, const Graph& graph, std::size_t start) {
  std::vector<std::size_t> path;
  std::set<std::size_t> seen;
  std::size_t at = start;
  while (seen.insert(at).second) {
    path.push_back(at);
    for (const std::string& need : actions[at].needs) {
      if (const std::size_t next = graph.by_id.at(need); graph.open[next] != 0) {
        at = next;
        break;
      }
    }
  }
  std::string text;
  for (auto step = std::find(path.begin(), path.end(), at); step != path.end(); ++step) {
    text += actions[*step].id + " -> ";
  }
  return text + actions[at].id;
}

// Whatever an earlier wave requires belongs to that wave.
void PullIntoEarlierWaves(std::vector<Action>& actions, const Graph& graph, const std::vector<std::size_t>& order) {
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    for (const std::size_t dependent : graph.dependents[*i]) {
      actions[*i].wave = std::min(actions[*i].wave, actions[dependent].wave);
    }
  }
}

std::vector<std::size_t> Kahn(const std::vector<Action>& actions, Graph& graph) {
  const auto before = [&actions](std::size_t a, std::size_t b) {
    const auto key = [&actions](std::size_t i) {
      const Action& action = actions[i];
      return std::tuple(action.wave, action.day, Rank(*action.kind), std::string_view(action.target.address),
                        std::string_view(action.target.identifier), std::string_view(action.id));
    };
    return key(a) < key(b);
  };
  std::set<std::size_t, decltype(before)> ready(before);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (graph.open[i] == 0) ready.insert(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(next);
    for (const std::size_t dependent : graph.dependents[next]) {
      if (--graph.open[dependent] == 0) ready.insert(dependent);
    }
  }
  return order;
}

}  // namespace

Result<std::vector<Action>> Order(std::vector<Action> actions) {
  for (Action& action : actions) {
    std::sort(action.needs.begin(), action.needs.end());
    action.needs.erase(std::unique(action.needs.begin(), action.needs.end()), action.needs.end());
  }
  TFSEAL_ASSIGN(Graph graph, BuildGraph(actions));
  Graph first_pass = graph;
  const std::vector<std::size_t> any_order = Kahn(actions, first_pass);
  if (any_order.size() != actions.size()) {
    for (std::size_t i = 0; i < actions.size(); ++i) {
      if (first_pass.open[i] != 0) return BadGraph("has a cycle: " + CycleAmong(actions, first_pass, i));
    }
  }
  PullIntoEarlierWaves(actions, graph, any_order);
  std::vector<Action> ordered;
  ordered.reserve(actions.size());
  for (const std::size_t i : Kahn(actions, graph)) ordered.push_back(actions[i]);
  return ordered;
}

}  // namespace tfseal
