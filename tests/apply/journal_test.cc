// Framing, folding and the local store: docs/journal-format.md.
#include <gtest/gtest.h>
#include <unistd.h>

#include "apply/journal.h"
#include "core/file.h"
#include "core/time_text.h"
#include "tests/support/fault_file.h"
#include "tests/support/run_program.h"

namespace tfseal {
namespace {

using testing::FaultFile;
using testing::FileFault;
using testing::Machine;
using testing::SimClock;
using testing::SimDisk;

const TimePoint kStart = ParseTime("2026-11-22T10:00:00.000Z").value();

JsonValue Body(const std::string& name, const std::string& value) {
  JsonValue body(Json::objectValue);
  body[name] = value;
  return body;
}

std::string SomeJournal(int records) {
  std::string bytes;
  JournalPosition position;
  for (int i = 0; i < records; ++i) {
    JournalRecord record{
        position.sequence, kStart + std::chrono::milliseconds(i), "intent",
        Body("text", "what \"is\" \\ done, \xc3\xa4 \x01 " + std::string(static_cast<std::size_t>(i), 'x'))};
    bytes += Frame(record, position);
  }
  return bytes;
}

TEST(JournalBytes, WhatIsWrittenIsRead) {
  const std::string bytes = SomeJournal(5);
  const JournalContent content = ReadJournalBytes(bytes);
  EXPECT_EQ(content.verdict, JournalVerdict::kClean);
  ASSERT_EQ(content.records.size(), 5U);
  EXPECT_EQ(content.records[3].sequence, 3U);
  EXPECT_EQ(content.records[3].time, kStart + std::chrono::milliseconds(3));
  EXPECT_EQ(content.whole_bytes, bytes.size());
}

TEST(JournalBytes, EveryTruncationIsCleanOrTorn) {
  const std::string bytes = SomeJournal(4);
  std::size_t clean = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const JournalContent content = ReadJournalBytes(std::string_view(bytes).substr(0, size));
    ASSERT_NE(content.verdict, JournalVerdict::kCorrupt) << size;
    ASSERT_EQ(content.whole_bytes + content.torn_bytes, size);
    clean += content.verdict == JournalVerdict::kClean ? 1U : 0U;
  }
  EXPECT_EQ(clean, 5U);
}

TEST(JournalBytes, EveryFlippedBitIsCorrupt) {
  const std::string bytes = SomeJournal(4);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      ASSERT_EQ(ReadJournalBytes(damaged).verdict, JournalVerdict::kCorrupt) << i << "." << bit;
    }
  }
}

TEST(JournalBytes, ZerosAtTheEndAreTorn) {
  const std::string bytes = SomeJournal(2);
  for (const std::size_t zeros : {1U, 7U, 8U, 4096U}) {
    const JournalContent content = ReadJournalBytes(bytes + std::string(zeros, '\0'));
    EXPECT_EQ(content.verdict, JournalVerdict::kTornTail);
    EXPECT_EQ(content.records.size(), 2U);
  }
}

TEST(JournalBytes, RecordsCannotBeTakenOutOrMoved) {
  JournalPosition position;
  std::vector<std::string> frames;
  for (int i = 0; i < 3; ++i) {
    frames.push_back(Frame({position.sequence, kStart, "intent", Body("text", "x")}, position));
  }
  EXPECT_EQ(ReadJournalBytes(frames[1] + frames[2]).verdict, JournalVerdict::kCorrupt);
  EXPECT_EQ(ReadJournalBytes(frames[0] + frames[2]).verdict, JournalVerdict::kCorrupt);
  EXPECT_EQ(ReadJournalBytes(frames[0] + frames[0]).verdict, JournalVerdict::kCorrupt);
}

// A store on a disk that fails.
struct FaultStore {
  SimDisk disk;
  Machine machine;
  FaultFile::Faults faults;

  std::unique_ptr<JournalStore> Make(const std::string& path) {
    return LocalJournal(path, [this](const std::string&) -> Result<std::unique_ptr<AppendFile>> {
      return std::unique_ptr<AppendFile>(std::make_unique<FaultFile>(disk, machine, faults));
    });
  }
};

TEST(JournalFile, AFailedWritePoisonsTheWriter) {
  for (std::size_t operation = 0; operation < 8; ++operation) {
    FaultStore fault;
    fault.faults = [operation](std::size_t k) {
      return FileFault{k == operation ? FileFault::What::kFail : FileFault::What::kNone, 3};
    };
    SimClock clock(kStart);
    const testing::TemporaryDirectory directory;
    ASSERT_TRUE(WriteFileAtomically(directory.path() + "/j", "").ok());
    const auto store = fault.Make(directory.path() + "/j");
    auto journal = Journal::Open(*store, clock, "digest", 1);
    bool failed = !journal.ok();
    for (int i = 0; journal.ok() && i < 6; ++i) {
      const Status written = journal->Write("run_started", Body("run", "r"));
      EXPECT_TRUE(!failed || !written.ok()) << "written after a failure";
      failed = failed || !written.ok();
    }
    EXPECT_TRUE(failed);
    EXPECT_NE(ReadJournalBytes(fault.disk.synced + fault.disk.pending).verdict, JournalVerdict::kCorrupt) << operation;
  }
}

// Whatever prefix of the last append survives: the records before it are there, and the journal can be written on.
TEST(JournalFile, ACrashAtEveryByteOfEveryAppend) {
  const testing::TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileAtomically(directory.path() + "/j", "").ok());
  std::size_t crashes = 0;
  for (std::size_t operation = 0; operation < 8; ++operation) {
    for (std::size_t keep = 0; keep < 400; keep += operation < 2 ? 1 : 7) {
      FaultStore fault;
      fault.faults = [operation, keep](std::size_t k) {
        return FileFault{k == operation ? FileFault::What::kCrash : FileFault::What::kNone, keep};
      };
      SimClock clock(kStart);
      std::size_t written = 0;
      {
        const auto store = fault.Make(directory.path() + "/j");
        auto journal = Journal::Open(*store, clock, "digest", 1);
        written = journal.ok() ? 1 : 0;
        for (int i = 0; journal.ok() && i < 4; ++i) {
          written += journal->Write("run_started", Body("run", "r")).ok() ? 1U : 0U;
        }
      }
      ASSERT_TRUE(fault.machine.dead);
      fault.machine.dead = false;
      fault.faults = nullptr;
      const auto store = fault.Make(directory.path() + "/j");
      auto journal = Journal::Open(*store, clock, "digest", 1);
      ASSERT_TRUE(journal.ok()) << journal.error().message;
      EXPECT_GE(journal->writer().position().sequence, written);
      EXPECT_TRUE(journal->Write("run_started", Body("run", "again")).ok());
      EXPECT_EQ(ReadJournalBytes(fault.disk.synced).verdict, JournalVerdict::kClean);
      ++crashes;
    }
  }
  EXPECT_GT(crashes, 800U);
}

TEST(JournalFile, ASecondRunIsToldWhoHoldsTheLock) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.path() + "/actions.json.journal";
  const auto first = LocalJournal(path);
  ASSERT_TRUE(first->Lock({"run-1", "ci-7", "deploy", 4711}, kStart, false).ok());
  const auto second = LocalJournal(path);
  const Status refused = second->Lock({"run-2", "ci-8", "alice", 4712}, kStart + std::chrono::seconds(90), false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kLocked);
  EXPECT_NE(refused.error().message.find("run run-1, process 4711 of deploy on ci-7, since 2026-11-22T10:00:00.000Z, "
                                         "last heard of 90 s ago"),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(second->Lock({"run-2", "ci-8", "alice", 4712}, kStart, true).error().code, ErrorCode::kLocked);
  ASSERT_TRUE(first->Unlock().ok());
  EXPECT_TRUE(second->Lock({"run-2", "ci-8", "alice", 4712}, kStart, false).ok());
  ASSERT_TRUE(second->Unlock().ok());
  EXPECT_TRUE(directory.Listing().empty());
}

// One file under two names is one journal.
TEST(JournalFile, IsLockedUnderEveryNameOfIt) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.path() + "/actions.json.journal";
  ASSERT_TRUE(WriteFileAtomically(path, "").ok());
  ASSERT_EQ(::symlink("actions.json.journal", (directory.path() + "/link").c_str()), 0);
  ASSERT_EQ(::symlink("later.journal", (directory.path() + "/dangling").c_str()), 0);
  const auto first = LocalJournal(path);
  ASSERT_TRUE(first->Lock({"run-1", "ci-7", "deploy", 4711}, kStart, false).ok());
  const auto second = LocalJournal(directory.path() + "/link");
  EXPECT_FALSE(second->Lock({"run-2", "ci-8", "alice", 4712}, kStart, false).ok());
  EXPECT_NE(second->Holder(kStart).value().find("run-1"), std::string::npos);
  const auto third = LocalJournal(directory.path() + "/dangling");
  ASSERT_TRUE(third->Lock({"run-3", "ci-8", "alice", 4713}, kStart, false).ok());
  const auto fourth = LocalJournal(directory.path() + "/later.journal");
  EXPECT_FALSE(fourth->Lock({"run-4", "ci-8", "alice", 4714}, kStart, false).ok());
}

TEST(Journal, OfAnotherPlanIsRefused) {
  const testing::TemporaryDirectory directory;
  const auto store = LocalJournal(directory.path() + "/j");
  SimClock clock(kStart);
  ASSERT_TRUE(Journal::Open(*store, clock, "digest", 1).ok());
  const auto other = Journal::Open(*store, clock, "other", 1);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::kStalePlan);
}

TEST(Journal, RecordsThatCannotFollowAreNotWritten) {
  const testing::TemporaryDirectory directory;
  const auto store = LocalJournal(directory.path() + "/j");
  SimClock clock(kStart);
  auto journal = Journal::Open(*store, clock, "digest", 1);
  ASSERT_TRUE(journal.ok());
  EXPECT_FALSE(journal->Write("accepted", Body("action", "a")).ok());
  EXPECT_TRUE(journal->Write("intent", Body("action", "a")).ok());
  EXPECT_FALSE(journal->Write("intent", Body("action", "a")).ok());
  EXPECT_FALSE(journal->Write("done", Body("action", "a")).ok());
  EXPECT_TRUE(journal->Write("accepted", Body("action", "a")).ok());
  EXPECT_TRUE(journal->Write("done", Body("action", "a")).ok());
  EXPECT_FALSE(journal->Write("intent", Body("action", "a")).ok());
  EXPECT_TRUE(journal->state().Done("a"));
}

}  // namespace
}  // namespace tfseal
