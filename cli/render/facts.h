#pragma once

#include <string>
#include <vector>

#include "terraform/document.h"

namespace tfseal::cli {

// product.md: one line per managed resource instance, in the order of the documents; with more than one document each
// line says its "file". Numbers are written as they stood, equal documents give equal bytes.
std::string FactsJsonLines(const std::vector<terraform::Document>& documents);

// The same records in one document, with what was read beside them.
std::string FactsJson(const std::vector<terraform::Document>& documents);

// The pieces of the same, for documents that are not all in memory at once: the lines of one, and what FactsJson() says
// of it beside them, without a newline.
std::string FactsLinesOf(const terraform::Document& document, bool say_file);
std::string FactsHeaderOf(const terraform::Document& document);
// What stands there for a file that could not be read.
std::string FactsErrorOf(std::string_view path, std::string_view message);
inline constexpr std::string_view kFactsJsonStart =
    "{\"schema\":\"tfseal/facts/v1\",\"schema_version\":\"1.0\",\"documents\":[";

// A table of what stores something; --verbose adds every fact.
std::string FactsText(const std::vector<terraform::Document>& documents, bool color, bool verbose);

}  // namespace tfseal::cli
