#include "policy/waiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "policy/glob.h"
#include "policy/world.h"

namespace tfseal {
namespace {

constexpr UnixSeconds kDay = 86'400;

bool Counts(WaiverState state) {
  return state == WaiverState::kUnused || state == WaiverState::kTooBroad || state == WaiverState::kUsed;
}

std::string Where(const Waiver& waiver) {
  return waiver.file.empty() ? "" : fmt::format("{}:{}: ", waiver.file, waiver.line);
}

// "module.a.module.b" of "module.a.module.b.aws_kms_key.k"; empty at the root and for other addresses.
std::string_view EnclosingModule(std::string_view block) {
  std::size_t at = 0;
  std::size_t end = 0;
  while (block.substr(at).starts_with("module.")) {
    const std::size_t dot = block.find('.', at + 7);
    if (dot == std::string_view::npos) break;
    end = dot;
    at = dot + 1;
  }
  return block.substr(0, end);
}

// Whether the last two steps of a pattern are "module" and a name: it stands for what is inside.
bool EndsInModule(std::string_view pattern) {
  const std::vector<bool> steps = StepsOf(pattern);
  const auto last = std::find(steps.rbegin(), steps.rend(), true);
  if (last == steps.rend()) return false;
  const auto before = std::find(last + 1, steps.rend(), true);
  const auto end = static_cast<std::size_t>(steps.rend() - last) - 1;
  const auto begin = static_cast<std::size_t>(steps.rend() - before);
  return pattern.substr(begin, end - begin) == "module";
}

bool PatternCovers(std::string_view pattern, std::string_view address) {
  return pattern == address || GlobMatches(pattern, address);
}

bool IsFetched(std::string_view file) {
  return file.starts_with(".terraform/") || file.find("/.terraform/") != std::string_view::npos;
}

// Where a use stands among all, and which of two uses are of the same waiver.
auto PlaceOf(const WaiverUse& use) {
  return std::tuple(use.waiver.in_source, std::string_view(use.waiver.file), use.waiver.line,
                    std::string_view(use.waiver.control), std::string_view(use.waiver.address));
}

}  // namespace

std::string_view Name(WaiverState state) {
  constexpr std::string_view kNames[] = {"malformed", "expired", "forbidden", "unused", "too broad", "used"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string WaiverMistake(const PolicyFile& policy, const Waiver& waiver, UnixSeconds now) {
  if (now >= waiver.expires) {
    return fmt::format("the waiver of {} for {} expired on {}", waiver.control, waiver.address, waiver.expires_text);
  }
  const int days = policy.waiver_rules.max_days;
  if (days > 0 && waiver.expires - kDay > now + days * kDay) {
    return fmt::format("the waiver of {} for {} lasts until {}, longer than max_days ({}) allows from today",
                       waiver.control, waiver.address, waiver.expires_text, days);
  }
  return "";
}

bool WaiverCovers(const Waiver& waiver, std::string_view control, Topic topic, std::string_view address) {
  if (waiver.control != control && waiver.control != Name(topic)) return false;
  const std::string_view pattern = waiver.address;
  if (PatternCovers(pattern, address)) return true;
  const bool any_instance = pattern.find('[') == std::string_view::npos && address.find('[') != std::string_view::npos;
  const std::string block = any_instance ? WithoutInstanceKeys(address) : std::string();
  if (any_instance && PatternCovers(pattern, block)) return true;
  if (!EndsInModule(pattern)) return false;
  const std::string inside = fmt::format("{}.**", pattern);
  return GlobMatches(inside, address) || (any_instance && GlobMatches(inside, block));
}

WaiverBook::WaiverBook(const PolicyFile& policy, const terraform::Document& document, UnixSeconds now)
    : policy_(policy) {
  for (const Waiver& waiver : policy.waivers) {
    Entry entry{waiver, WaiverState::kUnused, "", 0};
    entry.waiver.file = policy.path;
    if (const std::string mistake = WaiverMistake(policy, waiver, now); !mistake.empty()) {
      entry.state = now >= waiver.expires ? WaiverState::kExpired : WaiverState::kForbidden;
      entry.problem = Where(entry.waiver) + mistake;
    }
    of_file_.push_back(std::move(entry));
  }
  AddFromSources(document, now);
}

void WaiverBook::AddFromSources(const terraform::Document& document, UnixSeconds now) {
  for (const auto& [block, location] : document.sources) {
    for (const terraform::SourceComment& comment : location.comments) AddComment(comment, block, now);
  }
}

void WaiverBook::AddComment(const terraform::SourceComment& comment, std::string_view block, UnixSeconds now) {
  for (InlineWaiver& read : ReadInlineWaivers(comment, policy_)) {
    Entry entry;
    entry.waiver = std::move(read.waiver);
    const auto refuse = [&](WaiverState state, std::string_view why) {
      entry.state = state;
      entry.problem = fmt::format("{}:{}: {}", comment.file, comment.line, why);
    };
    // The whole module path, as everybody's pattern is written; the block itself binds the rest.
    if (entry.waiver.address.empty()) entry.waiver.address = block;
    if (!read.mistake.empty()) {
      refuse(WaiverState::kMalformed, read.mistake);
    } else if (IsFetched(comment.file)) {
      refuse(WaiverState::kForbidden, "a comment in a fetched module waives nothing; put it on the module's call");
    } else if (!policy_.waiver_rules.in_sources) {
      refuse(WaiverState::kForbidden, "waivers in the sources are switched off (waiver_rules: in_sources)");
    } else if (block.empty()) {
      refuse(WaiverState::kMalformed, "the comment is neither in a resource or module block nor right above one");
    } else if (const std::string mistake = WaiverMistake(policy_, entry.waiver, now); !mistake.empty()) {
      refuse(now >= entry.waiver.expires ? WaiverState::kExpired : WaiverState::kForbidden, mistake);
    }
    of_blocks_[std::string(block)].push_back(std::move(entry));
  }
}

void WaiverBook::Ask(Entry& entry, std::string_view control, Topic topic, std::string_view address, Entry*& counts,
                     Entry*& expired) {
  const bool has_run_out = entry.state == WaiverState::kExpired;
  if (!Counts(entry.state) && !has_run_out) return;
  if ((has_run_out ? expired : counts) != nullptr || !WaiverCovers(entry.waiver, control, topic, address)) return;
  (has_run_out ? expired : counts) = &entry;
}

WaiverBook::Answer WaiverBook::For(std::string_view control, Topic topic, std::string_view address) {
  Entry* counts = nullptr;
  Entry* expired = nullptr;
  for (Entry& entry : of_file_) Ask(entry, control, topic, address, counts, expired);
  if (!of_blocks_.empty() && counts == nullptr) {
    // The block's own comments, then those of the calls of the modules around it.
    const std::string plain = WithoutInstanceKeys(address);
    for (std::string_view block = plain; !block.empty(); block = EnclosingModule(block)) {
      if (const auto found = of_blocks_.find(block); found != of_blocks_.end()) {
        for (Entry& entry : found->second) Ask(entry, control, topic, address, counts, expired);
      }
      if (block == EnclosingModule(block)) break;
    }
  }
  if (counts != nullptr) {
    ++counts->findings;
    return {&counts->waiver, nullptr};
  }
  return {nullptr, expired == nullptr ? nullptr : &expired->waiver};
}

std::vector<WaiverUse> WaiverBook::Uses() const {
  std::vector<WaiverUse> uses;
  const auto add = [&](const Entry& entry) {
    WaiverUse use{entry.waiver, entry.state, entry.findings, entry.problem};
    SettleWaiverUse(policy_.waiver_rules.max_findings, use);
    MergeWaiverUses({use}, policy_.waiver_rules.max_findings, uses);
  };
  for (const Entry& entry : of_file_) add(entry);
  for (const auto& [block, entries] : of_blocks_) {
    for (const Entry& entry : entries) add(entry);
  }
  return uses;
}

void SettleWaiverUse(int max_findings, WaiverUse& use) {
  if (!Counts(use.state)) return;
  use.problem.clear();
  if (use.findings == 0) {
    use.state = WaiverState::kUnused;
    use.problem =
        fmt::format("{}the waiver of {} excuses nothing that was found", Where(use.waiver), use.waiver.control);
  } else if (use.waiver.address.find_first_not_of("*.") == std::string::npos) {
    use.state = WaiverState::kTooBroad;
    use.problem = fmt::format("{}the waiver of {} for {} is too broad: it would excuse everything", Where(use.waiver),
                              use.waiver.control, use.waiver.address);
  } else if (use.findings > static_cast<std::uint64_t>(max_findings)) {
    use.state = WaiverState::kTooBroad;
    use.problem = fmt::format("{}the waiver of {} is too broad: it excuses {} findings, more than max_findings ({})",
                              Where(use.waiver), use.waiver.control, use.findings, max_findings);
  } else {
    use.state = WaiverState::kUsed;
  }
}

void MergeWaiverUses(const std::vector<WaiverUse>& more, int max_findings, std::vector<WaiverUse>& all) {
  for (const WaiverUse& use : more) {
    const auto at = std::lower_bound(all.begin(), all.end(), use,
                                     [](const WaiverUse& a, const WaiverUse& b) { return PlaceOf(a) < PlaceOf(b); });
    if (at == all.end() || PlaceOf(*at) != PlaceOf(use)) {
      all.insert(at, use);
      continue;
    }
    at->findings += use.findings;
    SettleWaiverUse(max_findings, *at);
  }
}

}  // namespace tfseal
