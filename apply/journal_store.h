#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/append_file.h"
#include "core/clock.h"
#include "core/result.h"

namespace tfseal {

// Who runs: shown to the person who finds the journal locked.
struct RunIdentity {
  std::string run;  // an id that no other run has
  std::string host;
  std::string user;
  std::int64_t pid = 0;
};

// Where the records of a run are kept, in order and durably, and who may add to them. One object belongs to one run.
class JournalStore {
 public:
  virtual ~JournalStore() = default;

  // For messages: the path or the URL, without what may be secret in it.
  [[nodiscard]] virtual std::string name() const = 0;

  // Takes the lock until Unlock or the end of the process. kLocked says who holds it, since when, and what to do;
  // `take_over` takes a lease that is over from whoever did not give it back. It never takes a lock that is alive.
  virtual Status Lock(const RunIdentity& identity, TimePoint now, bool take_over) = 0;
  // Says that the run is alive; kLocked if somebody else took the lock meanwhile: then nothing may be changed any more.
  virtual Status KeepLock(TimePoint now) = 0;
  virtual Status Unlock() = 0;
  // Who holds the lock, in words; empty if nobody does.
  virtual Result<std::string> Holder(TimePoint now) = 0;

  // All framed records, joined. Empty if there is no journal yet.
  virtual Result<std::string> Read() = 0;
  // Durable when it returns OK. After an error it is open whether the record is there. kLocked: another run wrote the
  // record with this number.
  virtual Status Append(std::uint64_t sequence, std::string_view framed) = 0;
  // Cuts off everything after the first `bytes` bytes: a torn tail.
  virtual Status CutTail(std::size_t bytes) = 0;
};

// How a file is opened; tests pass one that fails.
using OpenFile = std::function<Result<std::unique_ptr<AppendFile>>(const std::string& path)>;

// A file, with a lock file beside it (`path`.lock) that exists while a run is alive. The file is made by the first
// Append.
std::unique_ptr<JournalStore> LocalJournal(std::string path, OpenFile open = OpenAppendFile);

}  // namespace tfseal
