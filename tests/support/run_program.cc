#include "tests/support/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "core/check.h"

namespace tfseal::testing {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe MakePipe() {
  std::array<int, 2> ends{};
  TFSEAL_CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {ends[0], ends[1]};
}

void CloseEnd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// A list of C strings ended by a null pointer, as exec wants it.
std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentOf(const ProgramOptions& options) {
  std::map<std::string, std::string> environment = options.environment;
  // The sanitizers take their options from the environment too, and Terraform where its providers are.
  for (const char* name : {"PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TF_CLI_CONFIG_FILE"}) {
    if (const char* value = std::getenv(name); value != nullptr) environment.try_emplace(name, value);
  }
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
  return lines;
}

// Reads what is there into `text`; closes the descriptor at the end of the file.
void ReadSome(int& fd, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  } else {
    CloseEnd(fd);
  }
}

void Converse(Pipe& in, Pipe& out, Pipe& err, const ProgramOptions& options, pid_t child, ProgramRun& run) {
  std::size_t written = 0;
  const auto deadline = std::chrono::steady_clock::now() + options.timeout;
  if (options.input.empty()) CloseEnd(in.write_end);
  while (out.read_end >= 0 || err.read_end >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    std::array<pollfd, 3> polled = {pollfd{out.read_end, POLLIN, 0}, pollfd{err.read_end, POLLIN, 0},
                                    pollfd{in.write_end, POLLOUT, 0}};
    if (left <= 0 || ::poll(polled.data(), polled.size(), static_cast<int>(left)) == 0) {
      run.timed_out = true;
      ::kill(child, SIGKILL);
      return;
    }
    if (polled[0].revents != 0) ReadSome(out.read_end, run.out);
    if (polled[1].revents != 0) ReadSome(err.read_end, run.err);
    if (polled[2].revents != 0) {
      const ssize_t count = ::write(in.write_end, options.input.data() + written, options.input.size() - written);
      if (count > 0) written += static_cast<std::size_t>(count);
      if (count <= 0 || written == options.input.size()) CloseEnd(in.write_end);
    }
  }
}

}  // namespace

ProgramRun RunProgram(const std::vector<std::string>& arguments, const ProgramOptions& options) {
  TFSEAL_CHECK(!arguments.empty());
  std::signal(SIGPIPE, SIG_IGN);  // a program may end before it has read its input
  std::vector<std::string> words = arguments;
  std::vector<std::string> variables = EnvironmentOf(options);
  const std::vector<char*> argv = Pointers(words);
  const std::vector<char*> envp = Pointers(variables);
  Pipe in = MakePipe();
  Pipe out = MakePipe();
  Pipe err = MakePipe();
  const pid_t child = ::fork();
  TFSEAL_CHECK(child >= 0);
  if (child == 0) {
    ::dup2(in.read_end, 0);
    ::dup2(out.write_end, 1);
    ::dup2(err.write_end, 2);
    std::signal(SIGPIPE, SIG_DFL);
    if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(126);
    ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  CloseEnd(in.read_end);
  CloseEnd(out.write_end);
  CloseEnd(err.write_end);
  ProgramRun run;
  Converse(in, out, err, options, child, run);
  for (int* fd : {&in.write_end, &out.read_end, &err.read_end}) CloseEnd(*fd);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) run.signal = WTERMSIG(status);
  return run;
}

std::string TfsealBinary() {
  const char* path = std::getenv("TFSEAL_BIN");
  return path == nullptr ? std::string() : std::string(path);
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tfseal-test-XXXXXX").string();
  TFSEAL_CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryDirectory::Listing() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tfseal::testing
