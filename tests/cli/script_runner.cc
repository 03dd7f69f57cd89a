#include "tests/cli/script_runner.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "core/file.h"
#include "tests/support/run_program.h"

namespace tfseal::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kScriptBytesMax = std::size_t{1} << 20;

std::string ReadOrEmpty(const std::string& path) {
  const auto text = ReadFileBounded(path, std::size_t{64} << 20);
  return text.ok() ? *text : std::string();
}

// Words parted by blanks; 'single quotes' hold blanks together.
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool started = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      started = true;
    } else if (c == ' ' && !quoted) {
      if (started) words.push_back(word);
      word.clear();
      started = false;
    } else {
      word += c;
      started = true;
    }
  }
  if (started) words.push_back(word);
  return words;
}

class Script {
 public:
  explicit Script(const std::string& path) : path_(path) {}

  std::vector<std::string> Run(int& commands) {
    const auto text = ReadFileBounded(path_, kScriptBytesMax);
    if (!text.ok()) return {text.error().message};
    const std::vector<std::string> lines = Unpack(*text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      line_ = i + 1;
      if (!lines[i].empty() && lines[i][0] != '#') Step(lines[i]);
    }
    CheckExit();
    commands = commands_;
    return std::move(wrong_);
  }

 private:
  // Writes the files at the end of the script ("-- name --") and returns the lines before them.
  std::vector<std::string> Unpack(const std::string& text) {
    std::vector<std::string> lines;
    std::map<std::string, std::string> files;
    std::string* file = nullptr;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = text.find('\n', at);
      if (end == std::string::npos) end = text.size();
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      if (line.starts_with("-- ") && line.ends_with(" --")) {
        file = &files[line.substr(3, line.size() - 6)];
      } else if (file != nullptr) {
        *file += line + '\n';
      } else {
        lines.push_back(line);
      }
    }
    for (const auto& [name, content] : files) {
      const fs::path path = fs::path(directory_.path()) / name;
      fs::create_directories(path.parent_path());
      if (!WriteFileAtomically(path.string(), content).ok()) Wrong("cannot write " + name);
    }
    return lines;
  }

  void Wrong(const std::string& what) {
    wrong_.push_back(fs::path(path_).filename().string() + ":" + std::to_string(line_) + ": " + what);
  }

  std::string InDirectory(const std::string& name) const { return directory_.path() + "/" + name; }

  std::string Expanded(std::string text) const {
    const std::string name = "$FIXTURES";
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;) {
      text.replace(at, name.size(), TFSEAL_SOURCE_DIR "/fixtures/terraform-json");
    }
    return text;
  }

  void Step(std::string line) {
    const bool negated = line.starts_with("! ");
    if (negated) line.erase(0, 2);
    const std::size_t blank = line.find(' ');
    const std::string verb = line.substr(0, blank);
    const std::string rest = Expanded(blank == std::string::npos ? "" : line.substr(blank + 1));
    if (verb == "tfseal") {
      Run({TfsealBinary()}, Words(rest), negated);
    } else if (verb == "full") {
      Run({"/bin/sh", "-c", "exec \"$0\" \"$@\" >/dev/full", TfsealBinary()}, Words(rest), negated);
    } else if (verb == "exit") {
      if (std::to_string(last_.exit_code) != rest) Wrong("exit " + std::to_string(last_.exit_code) + ": " + last_.err);
      exit_checked_ = true;
    } else if (verb == "stdout" || verb == "stderr") {
      const std::string& stream = verb == "stdout" ? last_.out : last_.err;
      const bool found = rest.empty() ? stream.empty() : stream.find(rest) != std::string::npos;
      if (found == negated) Wrong(verb + (negated ? " has: " : " lacks: ") + rest + "\n" + stream.substr(0, 2'000));
    } else if (verb == "exists") {
      if (fs::exists(InDirectory(rest)) == negated) Wrong(rest + (negated ? " exists" : " does not exist"));
    } else if (verb == "cmp") {
      const std::vector<std::string> names = Words(rest);
      if (ReadOrEmpty(InDirectory(names.at(0))) != ReadOrEmpty(InDirectory(names.at(1)))) Wrong("differ: " + rest);
    } else if (verb == "save") {
      if (!WriteFileAtomically(InDirectory(rest), last_.out).ok()) Wrong("cannot save " + rest);
    } else if (verb == "stdin") {
      input_ = ReadOrEmpty(rest.starts_with('/') ? rest : InDirectory(rest));
    } else if (verb == "env") {
      environment_[rest.substr(0, rest.find('='))] = rest.substr(rest.find('=') + 1);
    } else if (verb == "files") {
      std::string names;
      for (const std::string& name : directory_.Listing()) names += (names.empty() ? "" : " ") + name;
      if (names != rest) Wrong("the directory holds: " + names);
    } else {
      Wrong("no such verb: " + verb);
    }
  }

  void Run(std::vector<std::string> program, const std::vector<std::string>& arguments, bool fails) {
    CheckExit();
    program.insert(program.end(), arguments.begin(), arguments.end());
    ProgramOptions options;
    options.directory = directory_.path();
    options.environment = environment_;
    options.input = input_;
    input_.clear();
    last_ = RunProgram(program, options);
    ++commands_;
    expects_failure_ = fails;
    exit_checked_ = false;
    if (last_.signal != 0 || last_.timed_out) Wrong("tfseal crashed or hung: " + last_.err);
    if ((last_.exit_code != 0) != fails) Wrong("exit " + std::to_string(last_.exit_code) + ": " + last_.err);
    if ((last_.out + last_.err).find("CANARY") != std::string::npos) Wrong("a secret of the input is in the output");
  }

  // A failure must say which: a usage error must not pass for a denial.
  void CheckExit() {
    if (commands_ > 0 && expects_failure_ && !exit_checked_) Wrong("`! tfseal` without `exit N` behind it");
    exit_checked_ = true;
  }

  std::string path_;
  std::size_t line_ = 0;
  TemporaryDirectory directory_;
  std::map<std::string, std::string> environment_;
  std::string input_;
  ProgramRun last_;
  int commands_ = 0;
  bool expects_failure_ = false;
  bool exit_checked_ = true;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> RunScript(const std::string& path, int& commands) {
  return Script(path).Run(commands);
}

std::vector<std::string> AllScripts() {
  std::vector<std::string> scripts;
  for (const auto& entry : fs::directory_iterator(TFSEAL_SOURCE_DIR "/tests/script")) {
    if (entry.path().extension() == ".txt") scripts.push_back(entry.path().string());
  }
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

}  // namespace tfseal::testing
