// What sealing, opening and unwrapping cost, in nanoseconds of CPU time: the median of several rounds.
//   bench_row_crypto [ROUNDS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "core/check.h"
#include "crypto/aes_kwp.h"
#include "crypto/digest.h"
#include "crypto/formats/row_formats.h"
#include "crypto/row_cipher.h"
#include "crypto/system_entropy.h"

namespace tfseal {
namespace {

constexpr int kKeys = 64;

// Of this thread: what others do on the machine counts less.
double CpuNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

template <class F>
void Measure(const char* name, std::size_t bytes, int rounds, const F& run) {
  constexpr int kPerRound = 5'000;
  const int count = bytes > 4096 ? kPerRound / 10 : kPerRound;
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    const double begin = CpuNs();
    for (int i = 0; i < count; ++i) run(i);
    times.push_back((CpuNs() - begin) / count);
  }
  std::sort(times.begin(), times.end());
  std::printf("{\"what\": \"%s\", \"bytes\": %zu, \"ns\": %.0f, \"best_ns\": %.0f}\n", name, bytes,
              times[times.size() / 2], times.front());
}

std::vector<SecretBytes> Keys() {
  std::vector<SecretBytes> keys;
  for (int i = 0; i < kKeys; ++i) keys.emplace_back(Sha256Raw(std::to_string(i)));
  return keys;
}

// Each call has another key than the one before, as rows have.
void Ciphers(std::size_t size, int rounds, SystemEntropy& entropy) {
  RowCipher cipher(entropy);
  const std::vector<SecretBytes> keys = Keys();
  const std::string text(size, 'x');
  const std::string aad = AssociatedData(AadScheme::kTfsealV1, {"connections", "payload", "12345678", ""});
  Envelope envelope;
  Measure("seal", size, rounds, [&](int i) {
    TFSEAL_CHECK(cipher.Seal(keys[static_cast<std::size_t>(i % kKeys)], text, aad, false, envelope).ok());
  });
  Measure("seal with commitment", size, rounds, [&](int i) {
    TFSEAL_CHECK(cipher.Seal(keys[static_cast<std::size_t>(i % kKeys)], text, aad, true, envelope).ok());
  });
  std::vector<Envelope> sealed(kKeys);
  std::vector<Envelope> committed(kKeys);
  for (std::size_t i = 0; i < kKeys; ++i) {
    TFSEAL_CHECK(cipher.Seal(keys[i], text, aad, false, sealed[i]).ok());
    TFSEAL_CHECK(cipher.Seal(keys[i], text, aad, true, committed[i]).ok());
  }
  const auto open = [&](const std::vector<Envelope>& from) {
    return [&](int i) {
      const auto at = static_cast<std::size_t>(i % kKeys);
      TFSEAL_CHECK(cipher.Open(keys[at], from[at], aad).ok());
    };
  };
  Measure("open", size, rounds, open(sealed));
  Measure("open with commitment", size, rounds, open(committed));
}

void Wrapping(int rounds, SystemEntropy& entropy) {
  AesKwp kwp;
  const std::vector<SecretBytes> keys = Keys();
  const std::string wrapping = Sha256Raw("wrapping key");
  std::string wrapped;
  Measure("wrap (AES-KWP)", 32, rounds,
          [&](int i) { wrapped = kwp.Wrap(wrapping, keys[static_cast<std::size_t>(i % kKeys)].Expose()); });
  Measure("unwrap (AES-KWP)", 32, rounds, [&](int) { TFSEAL_CHECK(kwp.Unwrap(wrapping, wrapped).ok()); });
  // All keys at once, as a batch of rows has them; per call, so of 64 keys.
  std::vector<std::string_view> texts;
  for (const SecretBytes& key : keys) texts.push_back(key.Expose());
  std::vector<std::string> many;
  Measure("wrap 64 keys (AES-KWP)", 32, rounds, [&](int) { many = kwp.WrapAll(wrapping, texts); });
  const std::vector<std::string_view> blobs(many.begin(), many.end());
  Measure("unwrap 64 keys (AES-KWP)", 32, rounds,
          [&](int) { TFSEAL_CHECK(kwp.UnwrapAll(wrapping, blobs).front().ok()); });
  Measure("key commitment", 32, rounds,
          [&](int i) { wrapped = KeyCommitment(keys[static_cast<std::size_t>(i % kKeys)]); });
  Measure("secret allocated and wiped", 300, rounds, [&](int) { const SecretBytes secret = SecretBytes::Blank(300); });
  RowCipher cipher(entropy);
  FormatOptions options;
  options.columns = {
      {ColumnRole::kCiphertext}, {ColumnRole::kIv}, {ColumnRole::kWrappedKey}, {ColumnRole::kWrappedKeyNonce}};
  const auto format = MakeRowFormat(options);
  Envelope envelope;
  TFSEAL_CHECK(cipher.Seal(keys[0], std::string(300, 'x'), "", false, envelope).ok());
  envelope.wrapped_key = std::string(60, 'w');
  const auto values = (*format)->Build(envelope);
  Measure("parse columns", 300, rounds, [&](int) { TFSEAL_CHECK((*format)->Parse(*values).ok()); });
  Measure("build columns", 300, rounds, [&](int) { TFSEAL_CHECK((*format)->Build(envelope).ok()); });
}

int Run(int rounds) {
  SystemEntropy entropy;
  for (const std::size_t size : {200U, 300U, 1024U, 16384U}) Ciphers(size, rounds, entropy);
  Wrapping(rounds, entropy);
  return 0;
}

}  // namespace
}  // namespace tfseal

int main(int argc, char** argv) {
  return tfseal::Run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 15);
}
