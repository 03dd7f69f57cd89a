#include "core/stop_request.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>

namespace tfseal {
namespace {

constexpr int kExitOfSignal = 128;  // as shells count: 130 for SIGINT, 143 for SIGTERM

std::atomic<int> stop_signal{0};
std::atomic<int> wake_read{-1};
std::atomic<int> wake_write{-1};
static_assert(std::atomic<int>::is_always_lock_free, "it is written by a signal handler");

void OnSignal(int signal) {
  const int error = errno;
  if (stop_signal.exchange(signal) != 0) ::_exit(kExitOfSignal + signal);
  // Whoever sleeps looks at the pipe, so no signal is lost between looking and sleeping.
  const int fd = wake_write.load();
  if (fd >= 0) static_cast<void>(!::write(fd, "!", 1));
  errno = error;
}

}  // namespace

void InstallStopHandlers() {
  int ends[2];
  if (wake_read.load() < 0 && ::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
    wake_read = ends[0];
    wake_write = ends[1];
  }
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

int StopSignal() {
  return stop_signal.load();
}

void RequestStop(int signal) {
  OnSignal(signal);
}

void SleepUnlessStopped(std::chrono::milliseconds duration) {
  using std::chrono::steady_clock;
  const auto end = steady_clock::now() + duration;
  while (stop_signal.load() == 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now()).count();
    if (left <= 0) return;
    struct pollfd waiting = {wake_read.load(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(std::min<long long>(left, INT_MAX)));
  }
}

}  // namespace tfseal
