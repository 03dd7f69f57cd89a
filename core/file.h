#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tfseal {

// The whole file, refused above `bytes_max`. For configuration and our own documents, never for plans.
Result<std::string> ReadFileBounded(const std::string& path, std::size_t bytes_max);

// Writes `path` through a temporary file beside it, synced and renamed, so that a reader sees the old content or the
// new, never a part, and a failed run leaves nothing behind. The directory is synced too.
// A device or a pipe is written to as it is.
Status WriteFileAtomically(const std::string& path, std::string_view content);

// The same for content that is better not held in memory: `produce` hands it over piece by piece. If it fails, so does
// the whole, and nothing is left behind.
using FilePieces = std::function<Status(const std::function<void(std::string_view piece)>& write)>;
Status WriteFileAtomically(const std::string& path, const FilePieces& produce);

}  // namespace tfseal
