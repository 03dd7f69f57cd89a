#include "crypto/secret_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "core/check.h"
#include "crypto/row_cipher.h"
#include "crypto/secret_bytes.h"
#include "crypto/system_entropy.h"
#include "tests/crypto/vectors.h"
#include "tests/support/run_program.h"

namespace tfseal {
namespace {

using testing::Pattern;

// Sanitizers take mlock away.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// The flags of the mapping that an address is in (proc(5), VmFlags).
std::string FlagsAt(const void* address) {
  const auto wanted = std::bit_cast<std::uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::istringstream range(line);
    if (range >> std::hex >> begin >> dash >> end && dash == '-') inside = begin <= wanted && wanted < end;
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return {};
}

TEST(SecretMemory, IsNotDumped) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{32}, std::size_t{300}, std::size_t{65'536},
                                 std::size_t{65'537}, std::size_t{5} << 20U}) {
    const SecretBytes secret(Pattern(size, 1));
    const std::string flags = FlagsAt(secret.Expose().data());
    EXPECT_NE(flags.find(" dd "), std::string::npos) << size << ": " << flags;
    EXPECT_EQ(secret.Expose(), Pattern(size, 1));
  }
  const std::string ordinary = Pattern(100, 1);
  EXPECT_EQ(FlagsAt(ordinary.data()).find(" dd "), std::string::npos) << "the test sees the difference";
}

TEST(SecretMemory, IsLockedWithinItsBound) {
  if (kSanitized) GTEST_SKIP() << "sanitizers lock nothing";
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur < (1U << 20U)) GTEST_SKIP() << "this system locks less than 1 MiB";
  const SecretBytes key(Pattern(32, 1));
  EXPECT_NE(FlagsAt(key.Expose().data()).find(" lo "), std::string::npos);
  std::vector<SecretBytes> many;
  for (unsigned i = 0; i < 200; ++i) many.emplace_back(Pattern(60'000, i));
  EXPECT_LE(SecretMemoryNow().locked_bytes, 4U << 20U);
  EXPECT_GT(SecretMemoryNow().unlocked_bytes, 6U << 20U) << "more than fits is taken all the same";
  for (unsigned i = 0; i < 200; ++i) EXPECT_EQ(many[i].Expose(), Pattern(60'000, i));
}

TEST(SecretMemory, PiecesDoNotOverlap) {
  std::vector<SecretBytes> kept;
  for (unsigned i = 1; i < 3000; ++i) {
    kept.emplace_back(Pattern(i % 700 + 1, i));
    if (i % 3 == 0) kept[i / 3] = SecretBytes(Pattern(i % 90 + 1, i));
    if (i % 5 == 0) kept[i / 5] = SecretBytes();
  }
  std::vector<std::pair<const char*, const char*>> ranges;
  for (const SecretBytes& secret : kept) {
    if (!secret.empty()) ranges.emplace_back(secret.Expose().data(), secret.Expose().data() + secret.size());
  }
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i) EXPECT_LE(ranges[i - 1].second, ranges[i].first);
}

TEST(SecretMemory, BlankIsZeros) {
  for (const std::size_t size : {1U, 8U, 32U, 33U, 4096U, 100'000U}) {
    { const SecretBytes used(std::string(size, 'x')); }
    EXPECT_EQ(SecretBytes::Blank(size).Expose(), std::string(size, '\0')) << "what was there before is gone";
  }
}

TEST(SecretMemory, LargePiecesAreGivenBack) {
  const std::size_t before = SecretMemoryNow().unlocked_bytes;
  for (int i = 0; i < 10; ++i) SecretBytes(std::string(1U << 20U, 'x'));
  EXPECT_EQ(SecretMemoryNow().unlocked_bytes, before);
}

// No other test makes these patterns: what it left in memory would be found.
constexpr unsigned kKeySeed = 900'101;
constexpr unsigned kTextSeed = 900'102;
constexpr unsigned kControlSeed = 900'103;

// A child that handles a key and a plaintext, and dies with a core dump in `folder`.
void DieWithSecrets(const std::string& folder, bool guarded) {
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &all);
  if (chdir(folder.c_str()) != 0) _exit(1);
  if (guarded && !ForbidCoreDumps()) _exit(2);
  SystemEntropy entropy;
  // Made in place: the test itself must not leave them elsewhere.
  SecretBytes key = SecretBytes::Blank(32);
  testing::FillPattern(key.Writable(), 32, kKeySeed);
  SecretBytes plaintext = SecretBytes::Blank(64);
  testing::FillPattern(plaintext.Writable(), 64, kTextSeed);
  Envelope envelope;
  {
    RowCipher cipher(entropy);
    if (!cipher.Seal(key, plaintext.Expose(), "", true, envelope).ok()) _exit(3);
    if (!cipher.Open(key, envelope, "").ok()) _exit(4);
  }
  const std::string ordinary = Pattern(64, kControlSeed);
  std::signal(SIGABRT, SIG_DFL);
  raise(SIGABRT);
  TFSEAL_CHECK(!ordinary.empty() && !key.empty());
}

std::string CoreOf(bool guarded) {
  const testing::TemporaryDirectory folder;
  const pid_t child = fork();
  if (child == 0) DieWithSecrets(folder.path(), guarded);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child should have died by its signal, not with "
                                   << (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  return {};
}

// The control shows that a dump has what ordinary memory had. Of the secrets every half is looked for.
TEST(SecretMemory, ACoreDumpHasNoSecret) {
  const std::string core = CoreOf(false);
  if (core.empty()) GTEST_SKIP() << "this system writes no core dump to the working directory";
  EXPECT_NE(core.find(Pattern(64, kControlSeed)), std::string::npos) << "the control";
  for (const std::size_t at : {0U, 16U}) {
    EXPECT_EQ(core.find(Pattern(32, kKeySeed).substr(at, 16)), std::string::npos) << "the key";
    EXPECT_EQ(core.find(Pattern(64, kTextSeed).substr(2 * at, 32)), std::string::npos) << "the plaintext";
  }
}

TEST(SecretMemory, AGuardedProcessLeavesNoCoreDump) {
  EXPECT_EQ(CoreOf(true).size(), 0U);
}

}  // namespace
}  // namespace tfseal
