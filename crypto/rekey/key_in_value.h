#pragma once

#include <string>

#include "core/result.h"
#include "crypto/rekey/mapping.h"

// SQL that tells from a sealed value which key it is under, for formats that say so themselves.
namespace tfseal::rekey {

// Where a field's values name their key.
struct KeyNaming {
  std::string column;
  std::string type_name;  // of the column
  std::string format;
  ColumnEncoding encoding = ColumnEncoding::kRaw;
  std::string sealed_apart{};  // the column of the ciphertext, if it is another
};

// The column of a field that names its key.
const ColumnRef& KeyColumnOf(const FieldMapping& field);

// A condition on a row (a prefix such as "t.", or none): its value is under the key that `reference` names. NULL where
// there is no value.
std::string NamesKeySql(const KeyNaming& place, const std::string& row, const std::string& reference);

}  // namespace tfseal::rekey
