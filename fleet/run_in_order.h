#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace tfseal::fleet {

// How far ahead of the oldest input that is still at work others may be finished, for each thread: bounds what is kept.
inline constexpr std::size_t kAheadPerThread = 16;

// Does `work` for 0 .. count-1 on `threads` threads, and hands what came out to `take` on the calling thread in the
// order of the numbers, whatever came first. `work` is called by several threads at once.
template <class T>
void RunInOrder(std::size_t count, int threads, const std::function<T(std::size_t)>& work,
                const std::function<void(std::size_t, T)>& take) {
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) take(i, work(i));
    return;
  }
  const std::size_t workers = std::min(static_cast<std::size_t>(threads), count);
  const std::size_t ahead = workers * kAheadPerThread;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t next = 0;
  std::size_t taken = 0;
  std::vector<std::optional<T>> done(ahead);
  const auto run = [&] {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return next >= count || next < taken + ahead; });
      if (next >= count) return;
      const std::size_t mine = next++;
      lock.unlock();
      T result = work(mine);
      lock.lock();
      done[mine % ahead].emplace(std::move(result));
      changed.notify_all();
    }
  };
  std::vector<std::thread> running;
  running.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) running.emplace_back(run);
  for (std::size_t i = 0; i < count; ++i) {
    std::unique_lock lock(mutex);
    std::optional<T>& slot = done[i % ahead];
    changed.wait(lock, [&] { return slot.has_value(); });
    T result = std::move(*slot);
    slot.reset();
    taken = i + 1;
    lock.unlock();
    changed.notify_all();
    take(i, std::move(result));
  }
  for (std::thread& thread : running) thread.join();
}

}  // namespace tfseal::fleet
