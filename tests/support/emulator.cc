#include "tests/support/emulator.h"

#include "core/check.h"
#include "tests/support/run_program.h"

namespace tfseal::testing {
namespace {

// Starts the emulator on a free port, waits until it answers, and prints its port and process id.
constexpr const char* kStart = R"(
import importlib.util, os, socket, subprocess, sys, time, urllib.request
if importlib.util.find_spec("moto") is None:
    sys.exit(77)
for attempt in range(5):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server = subprocess.Popen([sys.executable, sys.argv[1], "--port", str(port), *sys.argv[2:]],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=True)
    for _ in range(1200):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=5).read()
            print(port, server.pid)
            sys.exit(0)
        except OSError:
            time.sleep(0.05)
    server.kill()
sys.exit(1)
)";

constexpr const char* kAsk = R"(
import sys, urllib.request
method, url = sys.argv[1:3]
body = sys.stdin.read().encode() if method == "POST" else None
request = urllib.request.Request(url, data=body, method=method)
print(urllib.request.urlopen(request, timeout=60).read().decode(), end="")
)";

}  // namespace

std::unique_ptr<Emulator> Emulator::Start(const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = {"python3", "-c", kStart,
                                        std::string(TFSEAL_SOURCE_DIR) + "/tests/emulator/emulator.py"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  ProgramOptions options;
  options.timeout = std::chrono::minutes(2);
  const ProgramRun run = RunProgram(arguments, options);
  if (run.exit_code != 0) return nullptr;
  const std::size_t blank = run.out.find(' ');
  TFSEAL_CHECK(blank != std::string::npos);
  std::unique_ptr<Emulator> emulator(new Emulator());
  emulator->url_ = "http://127.0.0.1:" + run.out.substr(0, blank);
  emulator->pid_ = run.out.substr(blank + 1, run.out.find('\n') - blank - 1);
  return emulator;
}

Emulator::~Emulator() {
  Stop();
}

void Emulator::Stop() {
  if (!pid_.empty()) RunProgram({"kill", pid_});
  pid_.clear();
}

std::string Emulator::Ask(const char* method, const std::string& path, const std::string& body) const {
  ProgramOptions options;
  options.input = body;
  const ProgramRun run = RunProgram({"python3", "-c", kAsk, method, url_ + path}, options);
  TFSEAL_CHECK(run.exit_code == 0);
  return run.out;
}

void Emulator::Reset() const {
  Ask("POST", "/moto-api/reset", "");
  Ask("DELETE", "/faults", "");
}

std::string Emulator::Post(const std::string& path, const std::string& json) const {
  return Ask("POST", path, json);
}

std::string Emulator::Get(const std::string& path) const {
  return Ask("GET", path, "");
}

}  // namespace tfseal::testing
