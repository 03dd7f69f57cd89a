#pragma once

#include <cstdint>

namespace tfseal::rekey {

// The most bad rows that a table of `rows` rows can have, at this confidence, if `bad` of `drawn` rows drawn without
// replacement were bad: the exact hypergeometric bound (for tables far larger than the sample it becomes that of
// Clopper and Pearson). `rows` itself if nothing was drawn.
std::int64_t BadRowsAtMost(std::int64_t rows, std::int64_t drawn, std::int64_t bad, double confidence);

}  // namespace tfseal::rekey
