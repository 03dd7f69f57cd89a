#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/args.h"
#include "core/diagnostic.h"
#include "core/error.h"
#include "core/result.h"

namespace tfseal::cli {

// The only place that writes to a terminal. Standard output carries what was asked for; everything else, prefixed with
// "tfseal:", goes to standard error. A reader that goes away (head) is no error.
class Ui {
 public:
  explicit Ui(const Arguments& arguments);

  // Colour on standard output, by --color, NO_COLOR, TERM and whether it is a terminal.
  [[nodiscard]] bool color() const { return color_; }
  [[nodiscard]] bool verbose() const { return verbose_; }

  [[nodiscard]] Status Print(std::string_view text) const;
  // Not with --quiet.
  void Note(std::string_view text) const;
  void Hint(std::string_view text) const;
  void Fail(const Error& error) const;
  void Fail(const std::vector<Diagnostic>& mistakes) const;

 private:
  bool color_ = false;
  bool quiet_ = false;
  bool verbose_ = false;
};

// Text as core/visible_text.h writes it, so that a name from a document drives neither the terminal nor a CI system.
std::string Printable(std::string_view text);
// The same, added to `out`.
void AppendPrintable(std::string_view text, std::string& out);

}  // namespace tfseal::cli
