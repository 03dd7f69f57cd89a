// measure PROGRAM ARGUMENT...: runs it with its standard output thrown away and prints one line of JSON with what it
// cost. A program of its own, because a child's peak memory includes that of the process it was forked from.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace {

double Milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const auto start = std::chrono::steady_clock::now();
  if (posix_spawnp(&child, argv[1], &actions, nullptr, argv + 1, environ) != 0) return 127;
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) return 1;
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  std::printf("{\"exit\":%d,\"wall_ms\":%.3f,\"cpu_ms\":%.3f,\"rss_kib\":%ld}\n",
              WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), wall.count(),
              Milliseconds(usage.ru_utime) + Milliseconds(usage.ru_stime), usage.ru_maxrss);
  return 0;
}
