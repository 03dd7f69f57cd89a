#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Texts of documents that others wrote, made safe to put into a report.
namespace tfseal::report {

// One line of valid UTF-8 that shows what it holds and that nothing obeys: Visible() of core/visible_text.h.
std::string Clean(std::string_view text);

// For the text and the attributes of XML 1.0. The text must be clean.
std::string Xml(std::string_view text);
// For the text and the quoted attributes of HTML.
std::string Html(std::string_view text);
// One cell of a table of GitHub's or GitLab's Markdown: nothing that ends it, is markup, HTML or a mention.
std::string MarkdownCell(std::string_view text);
// The same in a code span.
std::string MarkdownCode(std::string_view text);
// For the "markup" of OSCAL, which is CommonMark with ~ and ^ and {{ }}: no HTML, link, emphasis or insertion that was
// not written there. Names stay readable: nothing is escaped that would stand for itself.
std::string OscalMarkup(std::string_view text);
// For the plain texts of SARIF, in which viewers look for "[text](address)".
std::string SarifText(std::string_view text);
// One field of RFC 4180, always quoted. What a spreadsheet takes for a formula starts with an apostrophe.
std::string CsvField(std::string_view text);

// At most `characters_max` characters of UTF-8; what is cut ends in "...".
std::string Shortened(std::string_view text, std::size_t characters_max);

}  // namespace tfseal::report
