// compare_rows statement SQL URL...          runs the statement on all servers at the same time
// compare_rows compare ORIGINAL COPY WORKERS compares two databases, rows and all
// Prints the number of rows. A program of its own, so that bench/compare_rows.py can measure time and peak memory.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "postgres/compare.h"
#include "postgres/connection.h"

namespace tfseal::postgres {
namespace {

int RunStatement(const std::string& sql, const std::vector<std::string>& urls) {
  std::atomic<long> rows = 0;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (const std::string& text : urls) {
    threads.emplace_back([&, text] {
      SessionOptions options;
      options.statement_timeout = std::chrono::milliseconds(0);
      auto connection = Connection::Open(ConnectionUrl::Parse(text).value(), options);
      if (!connection.ok()) {
        ++failures;
        return;
      }
      const auto answer = connection->Query(sql);
      if (answer.ok()) rows += std::atol(answer->at(0).at(0).value_or("0").c_str());
      if (!answer.ok()) ++failures;
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("%ld\n", rows.load());
  return failures == 0 ? 0 : 1;
}

int RunCompare(const std::string& original, const std::string& copy, int workers) {
  CompareOptions options;
  options.workers = workers;
  const auto comparison =
      CompareDatabases(ConnectionUrl::Parse(original).value(), ConnectionUrl::Parse(copy).value(), options);
  if (!comparison.ok()) {
    std::fprintf(stderr, "%s\n", comparison.error().message.c_str());
    return 1;
  }
  std::printf("%lld\n", static_cast<long long>(comparison->rows));
  if (comparison->sameness() != Sameness::kSame) std::fprintf(stderr, "%s\n", ComparisonText(*comparison).c_str());
  return comparison->sameness() == Sameness::kSame ? 0 : 3;
}

}  // namespace
}  // namespace tfseal::postgres

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() >= 3 && words[0] == "statement") {
    return tfseal::postgres::RunStatement(words[1], {words.begin() + 2, words.end()});
  }
  if (words.size() == 4 && words[0] == "compare") {
    return tfseal::postgres::RunCompare(words[1], words[2], std::atoi(words[3].c_str()));
  }
  return 64;
}
