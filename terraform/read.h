#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "terraform/document.h"
#include "terraform/interest.h"

namespace tfseal::terraform {

// Reads a plan or a state from the file `path` ("-" is standard input). What it is, is found out from its content:
// plan JSON 0.x and 1.x, `show -json` state, raw state v3 and v4, or a binary saved plan (a zip, whose JSON then comes
// from `terraform` or `tofu show -json` on PATH). One pass in constant memory plus what `interest` keeps.
//
// Everything else is an error that says in words what the file is and what to run instead. A document is never read in
// part: damage anywhere (truncation, trailing text, invalid UTF-8, duplicate keys, wrong brackets, nesting deeper than
// 512) is an error with the byte offset.
Result<Document> ReadDocument(const std::string& path, const Interest& interest);

// The same for bytes in memory; `name` stands for the path in messages.
Result<Document> ReadDocumentFromMemory(std::string_view bytes, const std::string& name, const Interest& interest);

}  // namespace tfseal::terraform
