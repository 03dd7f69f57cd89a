#pragma once

#include <string>

#include "core/result.h"
#include "crypto/rekey/mapping.h"
#include "crypto/rekey/table_layout.h"
#include "crypto/secret_bytes.h"
#include "postgres/connection.h"

namespace tfseal::rekey {

// The application's row of a key.
struct CatalogKey {
  std::string id;
  std::string provider_ref;
  std::string status;
};

struct KeySwitch {
  KeyRefValues refs;      // what rows hold under each key
  bool switched = false;  // by this call; false: it was done before
};

// What the catalogue says of a key; kNotFound if nothing. Without a catalogue: the name is its own reference.
Result<CatalogKey> ReadCatalogKey(postgres::Connection& session, const KeyCatalog& catalog, const std::string& name);

// Makes the new key the active one: "the old one rotates" and "the new one is active" in one transaction, so that there
// is no moment without an active key, and durable before any row refers to it. `provider_ref` is what the pinned new
// key is called. Does nothing where that is done already.
//
// The catalogue is locked against other changes meanwhile; a unique partial index on the active status, which the
// application may have, is kept. kConflict: another key is active, or the new key's row names another provider key.
Result<KeySwitch> SwitchCatalog(postgres::Connection& session, const Mapping& mapping, const std::string& provider_ref);

// The key that rows without a wrapped one were sealed with: 32 bytes, as bytea, base64 or hexadecimal digits. Empty:
// the catalogue holds none.
Result<SecretBytes> ReadLegacyMaterial(postgres::Connection& session, const Mapping& mapping);

}  // namespace tfseal::rekey
