#pragma once

#include <memory>
#include <string>
#include <vector>

namespace tfseal::testing {

// The AWS emulator of tests/emulator, as a process of its own on a free port; stopped by the destructor.
class Emulator {
 public:
  // nullptr if moto is not installed, which is a reason to skip. `flags` as the program takes them.
  static std::unique_ptr<Emulator> Start(const std::vector<std::string>& flags = {});
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  // Also what the destructor does.
  void Stop();
  [[nodiscard]] const std::string& url() const { return url_; }
  // Everything that was made is gone, as are faults and the log of calls.
  void Reset() const;
  // "/faults", "/world": what they take is in tests/emulator/faults.py and world.py. Returns the answer.
  std::string Post(const std::string& path, const std::string& json) const;
  [[nodiscard]] std::string Get(const std::string& path) const;

 private:
  Emulator() = default;
  std::string Ask(const char* method, const std::string& path, const std::string& body) const;

  std::string url_, pid_;
};

}  // namespace tfseal::testing
