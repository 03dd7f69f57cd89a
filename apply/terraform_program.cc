#include "apply/terraform_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "terraform/show_command.h"

namespace tfseal {
namespace {

constexpr std::size_t kOutputBytesMax = std::size_t{1} << 30;
constexpr std::size_t kComplaintBytesMax = 300;
constexpr std::chrono::milliseconds kPause{20};

std::string Content(int file, std::size_t bytes_max) {
  std::string content;
  char buffer[1 << 16];
  while (content.size() < bytes_max) {
    const ssize_t got = ::pread(file, buffer, sizeof buffer, static_cast<off_t>(content.size()));
    if (got <= 0) break;
    content.append(buffer, static_cast<std::size_t>(got));
  }
  return content;
}

std::string FirstComplaint(const std::string& text) {
  const std::size_t error = text.find("Error");
  if (error == std::string::npos) return "";
  return text.substr(error, std::min(text.find('\n', error) - error, kComplaintBytesMax));
}

// Ends when the file does.
struct Memory {
  explicit Memory(const char* name) : fd(::memfd_create(name, MFD_CLOEXEC)) {}
  ~Memory() { ::close(fd); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  int fd;
};

// -1 if it was ended because it took too long.
int WaitFor(pid_t child, std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    if (std::chrono::steady_clock::now() >= end) {
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

std::string TerraformOnPath(const std::string& wanted) {
  for (const std::string& program :
       wanted.empty() ? std::vector<std::string>{"terraform", "tofu"} : std::vector<std::string>{wanted}) {
    if (!terraform::FindOnPath(program).empty()) return program;
  }
  return {};
}

Result<ProgramResult> RunTerraform(const std::string& program, const std::vector<std::string>& arguments,
                                   const std::string& directory, std::chrono::seconds patience) {
  const std::string binary = terraform::FindOnPath(program);
  if (binary.empty()) {
    return Error{ErrorCode::kNotFound, fmt::format("{} is not on PATH", program.empty() ? "terraform" : program),
                 "install it, or show a plan: tfseal approve ACTIONS --action ID --plan-json FILE"};
  }
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = terraform::QuietEnvironment();
  const std::vector<char*> argv = terraform::Pointers(words);
  const std::vector<char*> envp = terraform::Pointers(variables);
  const Memory out("out");
  const Memory complaints("complaints");
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(out.fd, STDOUT_FILENO);
    ::dup2(complaints.fd, STDERR_FILENO);
    if (::chdir(directory.c_str()) != 0) ::_exit(126);
    ::execve(binary.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  if (nothing >= 0) ::close(nothing);
  if (child < 0) {
    return Error{ErrorCode::kUnavailable, fmt::format("cannot start {}: {}", program, std::strerror(errno)), ""};
  }
  ProgramResult result;
  result.exit_code = WaitFor(child, patience);
  if (result.exit_code < 0) {
    return Error{ErrorCode::kTimeout,
                 fmt::format("{} {} did not end within {} s", program, arguments.front(), patience.count()),
                 fmt::format("run it by hand in {}", directory)};
  }
  result.out = Content(out.fd, kOutputBytesMax);
  result.complaint = FirstComplaint(Content(complaints.fd, std::size_t{1} << 20));
  return result;
}

}  // namespace tfseal
