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

// A table of what stores something; --verbose adds every fact.
std::string FactsText(const std::vector<terraform::Document>& documents, bool color, bool verbose);

}  // namespace tfseal::cli
