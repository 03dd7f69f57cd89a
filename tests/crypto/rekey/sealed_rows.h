#pragma once

#include <memory>
#include <string>

#include "core/file.h"
#include "crypto/digest.h"
#include "crypto/local_key_wrapper.h"
#include "crypto/row_cipher.h"
#include "crypto/system_entropy.h"
#include "tests/crypto/rekey/rekey_fixture.h"
#include "tests/support/run_program.h"

#include <sys/stat.h>

namespace tfseal::rekey {

// What every sealed value of the tests holds; nothing that is printed or kept may.
inline constexpr std::string_view kPlaintextCanary = "canary-plaintext-5b1e";

// Two keys in files, and rows of the example's table that are sealed under either of them.
class SealedRows : public RekeyServer {
 protected:
  void SetUp() override {
    RekeyServer::SetUp();
    if (IsSkipped()) return;
    old_key_ = MakeKey("old", '\x11');
    new_key_ = MakeKey("new", '\x22');
    server_->Sql(
        "INSERT INTO encryption_keys (key_id, alias, status) VALUES ('2024-09-kms', 'local', 'rotating'), "
        "('2025-03-kms', 'local', 'active')");
  }
  std::unique_ptr<KeyWrapper> MakeKey(const std::string& name, char byte) {
    const std::string path = KeyFile(name);
    EXPECT_TRUE(WriteFileAtomically(path, std::string(32, byte)).ok());
    ::chmod(path.c_str(), 0600);
    return std::move(OpenLocalKey({path, LocalWrap::kAesKwp}, entropy_)).value();
  }
  std::string KeyFile(const std::string& name) const { return directory_.path() + "/" + name + ".key"; }
  const std::string& Directory() const { return directory_.path(); }

  // The example's mapping with both keys in files and no AAD.
  std::string LocalMappingText() const {
    std::string text = Fixture("tfseal.yaml");
    const auto replace = [&](const std::string& from, const std::string& to) {
      const std::size_t at = text.find(from);
      TFSEAL_CHECK(at != std::string::npos);
      text.replace(at, from.size(), to);
    };
    replace("{ name: 2024-09-kms }", "{ name: 2024-09-kms, local: " + KeyFile("old") + " }");
    replace("kms: arn:aws:kms:us-east-1:123456789012:alias/app/master", "local: " + KeyFile("new"));
    replace(", upgrade_to: tfseal-v1", "");
    replace(", windows: [\"22:00-06:00\"]", "");
    replace("key_cache_ttl: 5m", "key_cache_ttl: 1s");
    return text;
  }

  // Rows first..last, sealed under a key of the catalogue (1 is the old one, 2 the new one), with one data key for
  // `rows_per_key` of them.
  void AddRows(int first, int last, int key_id, int rows_per_key = 1) {
    KeyWrapper& key = key_id == 1 ? *old_key_ : *new_key_;
    RowCipher cipher(entropy_);
    std::string values;
    std::vector<Result<DataKey>> made;
    for (int i = first; i <= last; ++i) {
      if (made.empty() || (i - first) % rows_per_key == 0) {
        const EncryptionContext none;
        made = key.NewDataKeys({&none, 1});
      }
      const DataKey& data_key = *made.front();
      Envelope envelope;
      TFSEAL_CHECK(
          cipher.Seal(data_key.plaintext, std::string(kPlaintextCanary) + " " + std::to_string(i), "", false, envelope)
              .ok());
      const std::string sealed = Hex(envelope.ciphertext + envelope.tag);
      const std::string iv = Hex(envelope.iv);
      values += (values.empty() ? "" : ",") + ("(" + std::to_string(i) + ",7,'n'," + std::to_string(key_id)) + ",'\\x" +
                sealed + "','\\x" + iv + "','\\x" + sealed + "','\\x" + iv + "','\\x" + Hex(data_key.wrapped.blob) +
                "')";
    }
    server_->Sql(
        "INSERT INTO connections (id, organization_id, name, encryption_key_id, payload_ciphertext, payload_iv, "
        "encrypted_credentials, iv, data_key_ciphertext) OVERRIDING SYSTEM VALUE VALUES " +
        values);
  }

  SystemEntropy entropy_;
  std::unique_ptr<KeyWrapper> old_key_;
  std::unique_ptr<KeyWrapper> new_key_;

 private:
  testing::TemporaryDirectory directory_;
};

}  // namespace tfseal::rekey
