#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "policy/policy_file.h"
#include "terraform/document.h"

// Who has taken responsibility for what, until when: from tfseal.yaml and from comments in the sources
// (docs/waivers.md).
namespace tfseal {

enum class WaiverState : std::uint8_t {
  kMalformed,  // waives nothing
  kExpired,    // waives nothing
  kForbidden,  // the policy does not let it: comments are switched off, or it reaches too far into the future
  kUnused,     // excuses nothing that was found
  kTooBroad,   // excuses more than the policy's max_findings; it counts, and is reported
  kUsed,
};
std::string_view Name(WaiverState state);  // "malformed", "expired", "forbidden", "unused", "too broad", "used"

// One waiver, after everything of a document was judged.
struct WaiverUse {
  Waiver waiver;
  WaiverState state = WaiverState::kMalformed;
  std::uint64_t findings = 0;  // that it excuses
  std::string problem;         // one sentence for people; empty if there is none
};

// What is wrong with a waiver of tfseal.yaml at `now`: that it has expired, or reaches further than max_days. Empty if
// nothing is.
std::string WaiverMistake(const PolicyFile& policy, const Waiver& waiver, UnixSeconds now);

// Whether a waiver is meant for `control` (or its topic) and for `address`. An address without instance keys stands for
// every instance of the block, one that ends in a module for all that is in it.
bool WaiverCovers(const Waiver& waiver, std::string_view control, Topic topic, std::string_view address);

// Reads what stands behind "tfseal:" in a comment: ignore=ID[,ID...] reason="..." owner=... until=2026-12-31 and, if
// wanted, ticket=... and address='...'. One waiver for each id; one with `mistake` set if anything is wrong.
struct InlineWaiver {
  Waiver waiver;
  std::string mistake;
};
std::vector<InlineWaiver> ReadInlineWaivers(const terraform::SourceComment& comment, const PolicyFile& policy);

// All waivers that could matter for one document, and what became of them. The policy and the document must outlive it.
class WaiverBook {
 public:
  WaiverBook(const PolicyFile& policy, const terraform::Document& document, UnixSeconds now);

  struct Answer {
    const Waiver* waiver = nullptr;   // counts
    const Waiver* expired = nullptr;  // would have counted; only if no other does
  };
  // No finding is excused.
  [[nodiscard]] bool empty() const { return of_file_.empty() && of_blocks_.empty(); }
  // The waiver for a finding, which is counted as excused.
  Answer For(std::string_view control, Topic topic, std::string_view address);

  // Of tfseal.yaml in the order of the file, then of the sources by file and line.
  [[nodiscard]] std::vector<WaiverUse> Uses() const;

 private:
  struct Entry {
    Waiver waiver;
    WaiverState state = WaiverState::kUnused;  // of one that counts: what it is as long as nothing was found
    std::string problem;
    std::uint64_t findings = 0;
  };

  void AddFromSources(const terraform::Document& document, UnixSeconds now);
  void AddComment(const terraform::SourceComment& comment, std::string_view block, UnixSeconds now);
  void Ask(Entry& entry, std::string_view control, Topic topic, std::string_view address, Entry*& counts,
           Entry*& expired);

  const PolicyFile& policy_;
  std::vector<Entry> of_file_;
  std::map<std::string, std::vector<Entry>, std::less<>>
      of_blocks_;  // by block or module call; "" for what is nobody's
};

// What a waiver is, now that it is known how many findings it excuses.
void SettleWaiverUse(int max_findings, WaiverUse& use);

// The same waivers seen in several documents, as one each: counted together, and unused only if used nowhere.
void MergeWaiverUses(const std::vector<WaiverUse>& more, int max_findings, std::vector<WaiverUse>& all);

}  // namespace tfseal
