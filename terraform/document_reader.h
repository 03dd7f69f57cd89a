#pragma once

#include <string>

#include "core/result.h"
#include "terraform/byte_source.h"
#include "terraform/document.h"
#include "terraform/interest.h"

namespace tfseal::terraform {

// ReadDocument (read.h) for a source that is already there; `path` is what Document::path says.
Result<Document> ReadDocumentFrom(ByteSource& source, const std::string& path, const Interest& interest);

}  // namespace tfseal::terraform
