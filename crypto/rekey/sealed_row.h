#pragma once

#include <optional>
#include <span>
#include <string>

#include "crypto/rekey/row_batch.h"
#include "crypto/rekey/table_layout.h"
#include "crypto/row_cipher.h"

// What both who writes rows and who verifies them bind a value to.
namespace tfseal::rekey {

// The bytes of the primary key in AAD: each column as PostgreSQL writes it, with its length.
std::string PrimaryKeyBytes(const TableLayout& layout, const SourceRow& row);

// The AAD of one value: what its layout binds itself, or its place.
std::string AssociatedOf(const TableLayout& layout, const SourceRow& row, const SealedField& field, AadScheme scheme,
                         const Envelope& envelope);

// The values of a field's columns, mostly as they lie in the row; `scratch` is for columns that do not follow each
// other. Valid as long as both are as they are.
std::span<const std::optional<std::string>> ValuesOf(const SealedField& field, const ColumnValues& row,
                                                     ColumnValues& scratch);

// Whether a row has no value for a field. Where fields share a data key, that it is there says nothing of a field, if
// another one has a value; a data key of no value at all is left for the format to refuse.
bool HoldsNothing(const TableLayout& layout, const SealedField& field, const ColumnValues& row);

}  // namespace tfseal::rekey
