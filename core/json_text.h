#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tfseal {

// A JSON document written as text from the start, indented by two blanks. For reports that can have tens of thousands
// of entries, where building a JsonValue first costs ten times as much time and memory. The caller writes keys in
// alphabetical order, so that a document has the same members in the same order as WriteJsonDocument gives it, and
// balances what it begins.
class JsonText {
 public:
  // Takes the document piece by piece, for one that is better not held in memory.
  using Sink = std::function<void(std::string_view piece)>;

  enum class Layout : std::uint8_t { kIndented, kOneLine };

  JsonText() = default;
  // kOneLine: as WriteJsonLine writes it.
  explicit JsonText(Layout layout) : one_line_(layout == Layout::kOneLine) {}
  explicit JsonText(Sink sink) : sink_(std::move(sink)) {}

  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }
  // The member that the next value belongs to.
  void Key(std::string_view key);
  void String(std::string_view value);
  void Number(std::uint64_t value);
  void Bool(bool value);
  void Strings(const std::vector<std::string>& values);

  // The document, ending in a newline; with a sink what that has not got yet.
  std::string Finish();

 private:
  void Begin(char bracket);
  void End(char bracket);
  void BeforeValue();
  void NewLine();
  void Quote(std::string_view text);

  static constexpr std::size_t kPieceBytes = std::size_t{1} << 16U;

  Sink sink_;
  std::string text_;
  std::size_t depth_ = 0;
  bool after_key_ = false;
  bool one_line_ = false;
  bool first_ = true;  // nothing stands in the innermost object or array yet
};

}  // namespace tfseal
