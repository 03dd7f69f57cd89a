#include "aws/credentials/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

namespace tfseal::aws {
namespace {

constexpr std::size_t kOutputBytesMax = 64U << 10U;
// People may have to touch a key or confirm in a browser.
constexpr std::chrono::milliseconds kTimeout = std::chrono::minutes(2);

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  void Close() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

// Its standard error stays the user's: that is where such programs ask.
Result<pid_t> Spawn(const std::vector<std::string>& words, const Environment& environment, int output) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
  };
  std::vector<std::string> arguments = words;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t child = -1;
  const int error = posix_spawnp(&child, arguments.front().c_str(), &actions, nullptr, pointers(arguments).data(),
                                 pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ProviderError("the program cannot be started");
  return child;
}

// What it prints until it ends; the deadline is one of the machine's own clock, as a program runs in real time.
Result<std::string> ReadAll(int input) {
  const auto deadline = std::chrono::steady_clock::now() + kTimeout;
  std::string text;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return ProviderError("the program takes too long");
    pollfd waiting{.fd = input, .events = POLLIN, .revents = 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready <= 0) continue;
    std::array<char, 4096> buffer{};
    const ssize_t count = read(input, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    Wipe(buffer.data(), buffer.size());
    if (text.size() > kOutputBytesMax) return ProviderError("the program prints too much");
  }
}

Result<std::string> RunProgram(const std::vector<std::string>& words, const Environment& environment) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return ProviderError("the program cannot be started");
  Descriptor input(ends[0]);
  Descriptor output(ends[1]);
  TFSEAL_ASSIGN(const pid_t child, Spawn(words, environment, output.get()));
  output.Close();
  Result<std::string> text = ReadAll(input.get());
  if (!text.ok()) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (text.ok() && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
    Wipe(*text);
    return ProviderError("the program failed");
  }
  return text;
}

}  // namespace

std::optional<std::vector<std::string>> SplitCommand(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && (c == ' ' || c == '\t' || c == '\n')) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    in_word = true;
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < text.size();
    if (escapes && (quote == '\0' || text[i + 1] == '"' || text[i + 1] == '\\')) {
      word += text[++i];
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = '\0';
    } else {
      word += c;
    }
  }
  if (quote != '\0') return std::nullopt;
  if (in_word) words.push_back(std::move(word));
  return words;
}

Result<std::optional<Credentials>> ProcessCredentials(const ProviderContext& context, const std::string& profile) {
  const std::string command = context.config.Get(profile, "credential_process");
  if (command.empty()) return std::optional<Credentials>();
  const std::string where = fmt::format("profile {} (credential_process)", profile);
  const std::optional<std::vector<std::string>> words = SplitCommand(command);
  if (!words || words->empty()) return ProviderError(where + ": the command cannot be split into words");
  Result<std::string> text = RunProgram(*words, context.environment);
  if (!text.ok())
    return ProviderError(where + ": " + text.error().message, "run the command by hand and see what it says");
  const Result<JsonValue> json = ParseJson(*text);
  Wipe(*text);
  if (!json.ok() || !json->isObject() || !(*json)["Version"].isInt() || (*json)["Version"].asInt() != 1) {
    return ProviderError(where + ": the program does not print credentials of version 1");
  }
  TFSEAL_ASSIGN(Credentials credentials, CredentialsFromJson(*json, {}, where));
  return std::optional<Credentials>(std::move(credentials));
}

}  // namespace tfseal::aws
