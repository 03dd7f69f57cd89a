// The house rules, executable: how the tree is layered, where the outside world may be touched, what files are called.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/source_tree.h"

namespace tfseal {
namespace {

using testing::FindWord;
using testing::SourceFile;
using testing::SourceTree;

const SourceTree& Tree() {
  static const auto& tree = *new SourceTree(testing::ReadSourceTree(TFSEAL_SOURCE_DIR));
  return tree;
}

bool IsTest(const std::string& path) {
  return path.starts_with("tests/");
}
bool IsProduct(const std::string& path) {
  return !IsTest(path) && !path.starts_with("bench/");
}

TEST(Tidy, TheTreeIsThere) {
  EXPECT_GT(Tree().code.size(), 40U);
  EXPECT_TRUE(Tree().targets.contains("tfseal_core"));
  EXPECT_TRUE(Tree().targets.contains("tfseal"));
}

TEST(Tidy, EverySourceIsInExactlyOneTarget) {
  std::map<std::string, int> uses;
  for (const auto& [name, target] : Tree().targets) {
    for (const std::string& source : target.sources) {
      EXPECT_TRUE(Tree().code.contains(source)) << name << " lists " << source << ", which is not there";
      ++uses[source];
    }
  }
  for (const auto& [path, file] : Tree().code) {
    if (path.ends_with(".cc")) {
      EXPECT_EQ(uses[path], 1) << path;
    }
  }
}

TEST(Tidy, IncludesAreRootRelative) {
  for (const auto& [path, file] : Tree().code) {
    for (const std::string& include : file.includes) {
      EXPECT_TRUE(Tree().code.contains(include) || include.ends_with(".inc")) << path << " includes " << include;
    }
  }
}

// Whether some target that the file can belong to may include from some target that the header can belong to.
bool MayInclude(const std::string& path, const std::string& header) {
  const std::set<std::string> sources = Tree().OwnersOf(header);
  for (const std::string& owner : Tree().OwnersOf(path)) {
    const std::set<std::string> reach = Tree().Reach(owner);
    if (std::any_of(sources.begin(), sources.end(), [&](const std::string& s) { return reach.contains(s); })) {
      return true;
    }
  }
  return false;
}

TEST(Tidy, IncludesFollowTheDeclaredDependencies) {
  int edges = 0;
  for (const auto& [path, file] : Tree().code) {
    if (!IsProduct(path)) continue;
    for (const std::string& include : file.includes) {
      if (include.ends_with(".inc")) continue;
      ++edges;
      EXPECT_TRUE(MayInclude(path, include))
          << path << " includes " << include << ", which its target does not depend on";
    }
  }
  EXPECT_GT(edges, 40);
}

// A word that is allowed only in some files, and why.
struct Restriction {
  std::string word;
  std::vector<std::string> allowed;  // files, or folders that end in a slash
  std::string reason;
};

bool Allowed(const Restriction& restriction, const std::string& path) {
  return std::any_of(restriction.allowed.begin(), restriction.allowed.end(), [&](const std::string& place) {
    return place == path || (place.ends_with("/") && path.starts_with(place));
  });
}

void CheckCode(const std::vector<Restriction>& restrictions) {
  for (const auto& [path, file] : Tree().code) {
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      for (const Restriction& restriction : restrictions) {
        if (FindWord(file.code[i], restriction.word) == std::string::npos) continue;
        EXPECT_TRUE(Allowed(restriction, path))
            << path << ":" << i + 1 << ": '" << restriction.word << "': " << restriction.reason;
      }
    }
  }
}

TEST(Tidy, ForbiddenConstructs) {
  const std::string errors = "errors are values (core/result.h); exceptions stop in the file that owns their library";
  const std::vector<std::string> adapters = {"core/json.cc", "core/yaml.cc", "cli/args.cc", "cli/main.cc",
                                             "postgres/connection.cc"};
  CheckCode({
      {"throw", adapters, errors},
      {"catch", adapters, errors},
      {"using namespace", {}, "say where a name comes from"},
      // shared_text.h: a pointer to one of two things in one word, told apart by its lowest bit.
      {"reinterpret_cast",
       {"core/shared_text.h", "crypto/", "terraform/block_scan_avx2.cc", "terraform/block_scan_avx512.cc",
        "terraform/block_scan_sse2.cc"},
       "reading bytes as something else needs a reason, as vector loads have"},
      {"shared_ptr", {}, "one owner; the others get a pointer or a view"},
      {"const_cast", {}, "what is const stays const"},
      {"std::regex", {}, "slow to start, slow to run, and it recurses"},
      {"goto", {}, "a function can return"},
      {"sprintf", {}, "fmt::format"},
      {"strcpy", {}, "std::string"},
  });
}

TEST(Tidy, TheOutsideWorldIsTouchedInOnePlace) {
  CheckCode({
      {"getenv",
       {"cli/", "tests/support/run_program.cc", "terraform/show_command.cc", "tests/terraform/saved_plan_test.cc"},
       "only the command line reads the environment"},
      {"system_clock::now", {"cli/", "core/system_clock.cc"}, "a library is told the time"},
      {"std::time", {"cli/"}, "a library is told the time"},
      {"random_device", {}, "randomness is a seam"},
      {"rand", {"crypto/system_entropy.cc"}, "randomness is a seam; this is its one source"},
      {"printf", {"cli/", "core/check.cc", "bench/"}, "only the command line prints"},
      {"fprintf", {"cli/", "core/check.cc", "bench/"}, "only the command line prints"},
      {"puts", {"cli/", "bench/"}, "only the command line prints"},
      {"fputs",
       {"cli/", "core/check.cc", "bench/", "tests/aws/", "tests/crypto/write_rows.cc"},
       "only the command line prints"},
      {"exit", {"cli/"}, "a library returns"},
      {"abort", {"core/check.cc"}, "TFSEAL_CHECK"},
      {"system", {}, "no shell"},
      {"popen", {}, "no shell"},
  });
}

TEST(Tidy, EveryLibraryHasOneOwner) {
  const std::vector<Restriction> owners = {
      {"<iostream>", {}, "it runs code before main, and nobody needs it"},
      {"<regex>", {}, "slow to start, slow to run, and it recurses"},
      {"<json/", {"core/json.h", "core/json.cc", "bench/dom_jsoncpp.cc"}, "core/json.h"},
      {"<yaml-cpp/", {"core/yaml.cc"}, "core/yaml.h"},
      {"<simdjson.h>", {"terraform/", "bench/walk_ondemand.cc"}, "terraform/read.h"},
      {"<zip.h>", {"terraform/"}, "terraform/read.h"},
      {"<openssl/", {"crypto/"}, "crypto/digest.h"},
      {"<curl/", {"aws/curl_http.cc"}, "aws/http.h"},
      {"<pugixml", {"aws/xml.cc"}, "aws/xml.h"},
      {"<CLI/", {"cli/args.cc"}, "cli/args.h"},
      {"<pqxx/", {"postgres/connection.cc"}, "postgres/connection.h"},
      {"<libpq-fe.h>",
       {"postgres/connection_url.cc", "postgres/copy_rows.cc", "postgres/libpq_owners.h", "postgres/row_stream.cc",
        "postgres/scan.cc"},
       "postgres/connection_url.h, copy_rows.h, row_stream.h or scan.h"},
  };
  for (const auto& [path, file] : Tree().code) {
    for (const std::string& line : file.lines) {
      if (!line.starts_with("#include <")) continue;
      for (const Restriction& owner : owners) {
        if (line.find(owner.word) == std::string::npos) continue;
        EXPECT_TRUE(Allowed(owner, path)) << path << ": " << line << ": use " << owner.reason;
      }
    }
  }
}

// A habit with a ceiling: most files are far below it.
TEST(Tidy, FilesStayShort) {
  std::size_t within_habit = 0;
  for (const auto& [path, file] : Tree().code) {
    const bool header = path.ends_with(".h");
    EXPECT_LE(file.lines.size(), header ? 300U : 700U) << path;
    within_habit += file.lines.size() <= (header ? 250U : 500U) ? 1U : 0U;
    if (header) {
      EXPECT_EQ(file.lines.front(), "#pragma once") << path;
    }
  }
  EXPECT_GE(within_habit * 100, Tree().code.size() * 95);
}

TEST(Tidy, NamesComeFromTheCustomersWorld) {
  for (const auto& [path, file] : Tree().code) {
    const std::string name = std::filesystem::path(path).stem().string();
    for (const char* vague : {"util", "helper", "misc", "common", "stuff"}) {
      EXPECT_EQ(name.find(vague), std::string::npos) << path;
    }
  }
}

// Text files only: the captured documents hold whatever Terraform wrote.
bool IsCaptured(const std::string& path) {
  return path.starts_with("fixtures/") && path.ends_with(".json");
}

TEST(Tidy, NothingTellsWhereOrHowItWasWritten) {
  // In two parts each, or this file would find itself.
  const std::vector<std::string> words = {
      std::string("/ho") + "me/", std::string("/ro") + "ot/", std::string("/wo") + "rk/", std::string("/tm") + "p/",
      std::string("TO") + "DO",   std::string("FIX") + "ME",  std::string("XX") + "X:"};
  std::size_t checked = 0;
  for (const std::string& path : Tree().files) {
    if (IsCaptured(path)) continue;
    std::ifstream file(Tree().root / path);
    std::ostringstream content;
    content << file.rdbuf();
    ++checked;
    for (const std::string& word : words) {
      EXPECT_EQ(content.str().find(word), std::string::npos) << path << " holds '" << word << "'";
    }
  }
  EXPECT_GT(checked, 60U);
}

}  // namespace
}  // namespace tfseal
