#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "aws/http.h"
#include "core/clock.h"
#include "core/entropy.h"

namespace tfseal::aws {

// Time passes by sleeping only.
class FakeClock : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override { return now; }
  void SleepFor(std::chrono::milliseconds duration) override {
    slept.push_back(duration);
    if (!stopped) now += duration;
  }
  TimePoint now{std::chrono::milliseconds(1'790'000'000'000)};
  std::vector<std::chrono::milliseconds> slept;
  bool stopped = false;
};

// Always the same bytes: the most (0xff) or the least of a random pause.
class FixedEntropy : public Entropy {
 public:
  explicit FixedEntropy(unsigned char byte = 0xFF) : byte_(byte) {}
  void Fill(std::span<std::byte> bytes) override {
    for (std::byte& b : bytes) b = std::byte{byte_};
  }

 private:
  unsigned char byte_;
};

// Answers as a function of the request.
class FakeTransport : public HttpTransport {
 public:
  using Answer = std::function<HttpAnswer(const HttpRequest&)>;
  explicit FakeTransport(Answer answer) : answer_(std::move(answer)) {}
  void Start(std::uint64_t id, HttpRequest request) override {
    requests.push_back(request);
    HttpAnswer answer = answer_(request);
    answer.id = id;
    ready_.push_back(std::move(answer));
    most_underway = std::max(most_underway, ready_.size());
  }
  std::vector<HttpAnswer> Wait(std::chrono::milliseconds) override {
    std::vector<HttpAnswer> one;
    if (!ready_.empty()) one.push_back(std::move(ready_.front())), ready_.pop_front();
    return one;
  }
  std::vector<HttpRequest> requests;
  std::size_t most_underway = 0;

 private:
  Answer answer_;
  std::deque<HttpAnswer> ready_;
};

inline HttpAnswer Reply(int status, std::string body, std::vector<Header> headers = {}) {
  return {.id = 0, .response = HttpResponse{status, std::move(headers), std::move(body)}, .failure = std::nullopt};
}

}  // namespace tfseal::aws
