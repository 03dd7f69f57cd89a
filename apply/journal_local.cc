#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "apply/journal_lock.h"
#include "apply/journal_store.h"

namespace tfseal {
namespace {

// The file that the journal is, whatever links to it: the lock stands beside that one. A journal that is not there yet
// may be linked to.
std::string Target(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int kLinksMax = 40;
  fs::path target = path;
  for (int i = 0; i < kLinksMax; ++i) {
    std::error_code failure;
    const fs::path next = fs::read_symlink(target, failure);
    if (failure) break;
    target = target.parent_path() / next;
  }
  return target.string();
}

class LocalStore : public JournalStore {
 public:
  LocalStore(std::string path, OpenFile open)
      : path_(std::move(path)), lock_path_(Target(path_) + ".lock"), open_(std::move(open)) {}

  [[nodiscard]] std::string name() const override { return path_; }

  Status Lock(const RunIdentity& identity, TimePoint now, bool take_over) override {
    TFSEAL_ASSIGN(LockAttempt attempt, TryLockFile(lock_path_));
    if (!attempt.lock) {
      // The system gives the lock of a process that ended to the next one, so there is nothing to take over here.
      const std::string hint = take_over ? "that process is alive; end it first: it stops after its current step"
                                         : "wait for it, or end it: it stops after its current step";
      return Error{ErrorCode::kLocked, LockedBy(path_, LockOwner::FromText(attempt.holder), now), hint};
    }
    lock_ = std::move(attempt.lock);
    owner_ = LockOwner{identity, now, now};
    return lock_->Write(owner_.ToText());
  }

  Status KeepLock(TimePoint now) override {
    owner_.heard = now;
    return lock_ ? lock_->Write(owner_.ToText()) : Status{};
  }

  Status Unlock() override {
    lock_.reset();
    return {};
  }

  Result<std::string> Holder(TimePoint now) override {
    TFSEAL_ASSIGN(const std::string holder, LockHolder(lock_path_));
    return holder.empty() ? std::string() : LockedBy(path_, LockOwner::FromText(holder), now);
  }

  Result<std::string> Read() override {
    if (!file_ && ::access(path_.c_str(), F_OK) != 0) return std::string();
    TFSEAL_TRY(Open());
    return file_->Read();
  }

  Status Append(std::uint64_t sequence, std::string_view framed) override {
    static_cast<void>(sequence);
    TFSEAL_TRY(Open());
    TFSEAL_TRY(file_->Append(framed));
    return file_->Sync();
  }

  Status CutTail(std::size_t bytes) override {
    TFSEAL_TRY(Open());
    return file_->Truncate(bytes);
  }

 private:
  Status Open() {
    if (file_) return {};
    TFSEAL_ASSIGN(file_, open_(path_));
    return {};
  }

  std::string path_;
  std::string lock_path_;
  OpenFile open_;
  std::unique_ptr<AppendFile> file_;
  std::unique_ptr<LockFile> lock_;
  LockOwner owner_;
};

}  // namespace

std::unique_ptr<JournalStore> LocalJournal(std::string path, OpenFile open) {
  return std::make_unique<LocalStore>(std::move(path), std::move(open));
}

}  // namespace tfseal
