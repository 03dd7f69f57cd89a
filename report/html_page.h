#pragma once

#include <string>
#include <string_view>

namespace tfseal::report {

// The whole document around a body: style sheet inside, and a content security policy that lets nothing but that style
// sheet in, by its digest. `title` is plain text, `body` is HTML.
std::string HtmlPage(std::string_view title, std::string_view body);

// "good", "look", "bad", "quiet": a class for colour, and a sign that says the same without it.
std::string Badge(std::string_view css_class, std::string_view text);

}  // namespace tfseal::report
