#pragma once

#include <memory>

#include "core/result.h"
#include "crypto/formats/row_formats.h"

namespace tfseal::formats {

// The format "columns": the parts of a value in columns of their own.
Result<std::unique_ptr<RowFormat>> MakeColumns(const FormatOptions& options);

}  // namespace tfseal::formats
