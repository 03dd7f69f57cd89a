#include "policy/finding_order.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/check.h"

namespace tfseal {
namespace {

// For each finding the place of its address among all addresses. Findings of one resource follow each other most often,
// so that there are fewer runs to compare than findings.
std::vector<std::uint32_t> AddressOrder(const std::vector<Finding>& findings) {
  struct Run {
    std::string_view address;
    std::uint32_t from;  // its first finding
  };
  std::vector<Run> runs;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const std::string_view address = findings[i].address;
    const bool goes_on = i > 0 && address.data() == findings[i - 1].address.view().data();
    if (!goes_on) runs.push_back({address, static_cast<std::uint32_t>(i)});
  }
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.address < b.address; });
  std::vector<std::uint32_t> places(findings.size());
  for (std::size_t i = 0, place = 0; i < runs.size(); ++i) {
    if (i > 0 && runs[i].address != runs[i - 1].address) ++place;
    const char* const text = runs[i].address.data();
    for (std::size_t at = runs[i].from; at < findings.size() && findings[at].address.view().data() == text; ++at) {
      places[at] = static_cast<std::uint32_t>(place);
    }
  }
  return places;
}

}  // namespace

void SortFindings(std::vector<Finding>& findings) {
  struct Place {
    std::uint32_t address;  // its place among all addresses
    std::uint32_t rank;
    std::uint32_t from;
  };
  TFSEAL_CHECK(findings.size() <= UINT32_MAX);
  const std::vector<std::uint32_t> addresses = AddressOrder(findings);
  std::vector<Place> order;
  order.reserve(findings.size());
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding& f = findings[i];
    const bool decisive = f.decides() && f.verdict == Verdict::kFail && CausedByPlan(f.cause);
    const unsigned rank = (decisive ? 0U : 4U) + (f.verdict == Verdict::kFail ? 0U : 2U) + (f.required ? 0U : 1U);
    order.push_back({addresses[i], rank, static_cast<std::uint32_t>(i)});
  }
  std::sort(order.begin(), order.end(), [&](const Place& a, const Place& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.address != b.address) return a.address < b.address;
    const auto rest = [&](const Place& place) {
      return std::tuple(findings[place.from].control.view(), findings[place.from].message.view());
    };
    return rest(a) < rest(b);
  });
  for (std::uint32_t start = 0; start < order.size(); ++start) {
    if (order[start].from == start) continue;
    Finding first = std::move(findings[start]);
    std::uint32_t place = start;
    while (true) {
      const std::uint32_t from = std::exchange(order[place].from, place);
      if (from == start) break;
      findings[place] = std::move(findings[from]);
      place = from;
    }
    findings[place] = std::move(first);
  }
}

}  // namespace tfseal
