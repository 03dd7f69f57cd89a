#include "terraform/show_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

extern char** environ;

namespace tfseal::terraform {
namespace {

constexpr std::size_t kComplaintBytesMax = 300;

Error SystemError(std::string_view doing) {
  return {ErrorCode::kUnavailable, fmt::format("cannot {}: {}", doing, std::strerror(errno)), ""};
}

// The first line that says "Error", without the frame that terraform draws around it.
std::string FirstComplaint(int file) {
  std::string text(1 << 14, '\0');
  const ssize_t got = ::pread(file, text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  const std::size_t error = text.find("Error");
  if (error == std::string::npos) return "";
  std::string line = text.substr(error, std::min(text.find('\n', error) - error, kComplaintBytesMax));
  return line;
}

}  // namespace

std::string FindOnPath(std::string_view program) {
  const char* variable = std::getenv("PATH");
  std::string_view path = variable == nullptr ? "" : variable;
  while (!path.empty()) {
    const std::size_t colon = path.find(':');
    const std::string_view directory = path.substr(0, colon);
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
    if (!directory.starts_with('/')) continue;
    std::string candidate = fmt::format("{}/{}", directory, program);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

std::vector<std::string> QuietEnvironment() {
  std::vector<std::string> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.starts_with("TF_CLI_ARGS") || text.starts_with("TF_LOG") || text.starts_with("TF_INPUT=")) continue;
    kept.emplace_back(text);
  }
  kept.insert(kept.end(), {"TF_INPUT=0", "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1"});
  return kept;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<ShowCommand> ShowCommand::Start(const std::string& plan_file, bool opentofu_first,
                                       const std::string& directory) {
  ShowCommand command;
  std::string binary;
  for (const char* program : {opentofu_first ? "tofu" : "terraform", opentofu_first ? "terraform" : "tofu"}) {
    binary = FindOnPath(program);
    command.program_ = program;
    if (!binary.empty()) break;
  }
  const char* wanted = opentofu_first ? "tofu" : "terraform";
  if (binary.empty()) {
    return Error{
        ErrorCode::kNotFound,
        fmt::format("{}: is a saved plan; neither terraform nor tofu is on PATH to turn it into JSON", plan_file),
        fmt::format("{} show -json {} > plan.json, where the plan was made", wanted, plan_file)};
  }
  command.plan_file_ = plan_file;
  // -- would be taken for the file; a name that starts with a dash is made a path instead.
  std::vector<std::string> arguments = {command.program_, "show", "-json", "-no-color",
                                        plan_file.starts_with('-') ? "./" + plan_file : plan_file};
  std::vector<std::string> environment = QuietEnvironment();
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return SystemError("make a pipe");
  command.output_ = pipe_ends[0];
  command.complaints_ = ::memfd_create("complaints", MFD_CLOEXEC);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  command.pid_ = ::fork();
  if (command.pid_ == 0) {
    ::setpgid(0, 0);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(pipe_ends[1], STDOUT_FILENO);
    ::dup2(command.complaints_, STDERR_FILENO);
    if (!directory.empty() && ::chdir(directory.c_str()) != 0) ::_exit(126);
    ::execve(binary.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  if (nothing >= 0) ::close(nothing);
  if (command.pid_ < 0) return SystemError("start " + command.program_);
  return command;
}

ShowCommand::ShowCommand(ShowCommand&& other) noexcept
    : program_(std::move(other.program_)),
      plan_file_(std::move(other.plan_file_)),
      pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      complaints_(std::exchange(other.complaints_, -1)) {}

ShowCommand::~ShowCommand() {
  Stop();
  if (output_ >= 0) ::close(output_);
  if (complaints_ >= 0) ::close(complaints_);
}

void ShowCommand::Stop() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Status ShowCommand::WaitForOutput(std::chrono::seconds patience) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    struct pollfd waiting = {output_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return SystemError("wait for " + program_);
  }
  return Error{ErrorCode::kInternal,
               fmt::format("{}: `{} show -json` wrote nothing for {} seconds", plan_file_, program_, patience.count()),
               fmt::format("run it by hand: {} show -json {} > plan.json", program_, plan_file_)};
}

Status ShowCommand::Finish() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string complaint = FirstComplaint(complaints_);
  return Error{
      ErrorCode::kUnavailable,
      fmt::format("{}: `{} show -json` failed{}{}", plan_file_, program_, complaint.empty() ? "" : ": ", complaint),
      fmt::format("run it where the plan was made and `{} init` was done: {} show -json {} > plan.json", program_,
                  program_, plan_file_)};
}

}  // namespace tfseal::terraform
