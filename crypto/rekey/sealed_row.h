#pragma once

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

}  // namespace tfseal::rekey
