#include "policy/glob.h"

#include "policy/policy_file.h"

namespace tfseal {

std::vector<bool> StepsOf(std::string_view text) {
  std::vector<bool> steps(text.size(), false);
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']') {
      --depth;
    } else if (c == '.' && depth <= 0) {
      steps[i] = true;
    }
  }
  return steps;
}

namespace {

// One linear pass with two places to go back to: the last "*", and the last "**" before it. Going back only to the
// latest of each is enough, because a later star can take over whatever an earlier one would have matched; so the cost
// stays within length of pattern times length of text.
bool Matches(std::string_view glob, std::string_view text, const std::vector<bool>& steps) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = kNone, star_text = 0;
  std::size_t any = kNone, any_text = 0;
  const auto stops = [&](std::size_t at) { return !steps.empty() && steps[at]; };
  for (;;) {
    if (g < glob.size() && glob[g] == '*') {
      const bool twice = g + 1 < glob.size() && glob[g + 1] == '*';
      if (twice || steps.empty()) {
        g += twice ? 2 : 1;
        any = g, any_text = t;
        star = kNone;
      } else {
        ++g;
        star = g, star_text = t;
      }
      continue;
    }
    if (t == text.size() && g == glob.size()) return true;
    if (t < text.size() && g < glob.size() && glob[g] == text[t]) {
      ++g;
      ++t;
      continue;
    }
    if (star != kNone && star_text < text.size() && !stops(star_text)) {
      g = star;
      t = ++star_text;
      continue;
    }
    if (any != kNone && any_text < text.size()) {
      g = any;
      t = ++any_text;
      star = kNone;
      continue;
    }
    return false;
  }
}

}  // namespace

bool GlobMatches(std::string_view glob, std::string_view text) {
  const std::vector<bool> steps = StepsOf(text);
  if (Matches(glob, text, steps)) return true;
  // "**.aws_kms_key.*" also means the ones at the root.
  return glob.starts_with("**.") && Matches(glob.substr(3), text, steps);
}

bool NameGlobMatches(std::string_view glob, std::string_view name) {
  return Matches(glob, name, {});
}

std::string_view GlobMistake(std::string_view glob) {
  if (glob.empty()) return "it is empty";
  if (glob.find("***") != std::string_view::npos) return "\"*\" and \"**\" are the only wildcards";
  if (glob.front() == ' ' || glob.back() == ' ') return "it starts or ends with a blank";
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const char c = glob[i];
    if (static_cast<unsigned char>(c) < 0x20) return "it has a control character";
    if (quoted && c == '\\') ++i;
    if (c == '"' && (i == 0 || !quoted || glob[i - 1] != '\\')) quoted = !quoted;
    if (quoted) continue;
    if (c == '[') ++depth;
    if (c == ']' && --depth < 0) return "a \"]\" has no \"[\"";
    if (c == '?') return "\"?\" is not a wildcard, use \"*\"";
    if (c == '{' || c == '}') return "braces are not supported, write one pattern for each choice";
  }
  if (quoted) return "a quote is not closed";
  return depth == 0 ? "" : "a \"[\" is not closed";
}

}  // namespace tfseal
