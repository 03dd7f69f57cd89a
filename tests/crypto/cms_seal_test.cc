#include "crypto/cms_seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/file.h"
#include "core/system_clock.h"
#include "tests/support/run_program.h"

namespace tfseal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunProgram;
using testing::TemporaryDirectory;

constexpr const char* kValue = "CANARY-value-that-is-sealed";

class CmsSeal : public ::testing::Test {
 protected:
  // Makes a certificate and returns its PEM.
  std::string Certificate(const std::vector<std::string>& key, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"openssl", "req",
                                          "-x509",   "-nodes",
                                          "-keyout", folder_.path() + "/key.pem",
                                          "-out",    folder_.path() + "/cert.pem",
                                          "-subj",   "/CN=security"};
    arguments.insert(arguments.end(), key.begin(), key.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto made = RunProgram(arguments);
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return ReadFileBounded(folder_.path() + "/cert.pem", 1 << 20).value();
  }

  std::string Open(const std::string& sealed) {
    EXPECT_TRUE(WriteFileAtomically(folder_.path() + "/sealed.pem", sealed).ok());
    const auto opened = RunProgram({"openssl", "cms", "-decrypt", "-binary", "-inform", "PEM", "-in",
                                    folder_.path() + "/sealed.pem", "-inkey", folder_.path() + "/key.pem"});
    return opened.exit_code == 0 ? opened.out : "exit " + std::to_string(opened.exit_code);
  }

  TemporaryDirectory folder_;
  SystemClock clock_;
};

const std::vector<std::string> kRsa = {"-newkey", "rsa:2048"};
const std::vector<std::string> kEc = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"};

TEST_F(CmsSeal, IsOpenedByOpensslForRsaAndEllipticCurves) {
  for (const auto& key : {kRsa, kEc}) {
    const std::string certificate = Certificate(key, {"-days", "2"});
    const auto recipient = ReadRecipient(certificate, clock_.Now());
    ASSERT_TRUE(recipient.ok()) << recipient.error().message;
    EXPECT_EQ(recipient->subject, "CN=security");
    EXPECT_EQ(recipient->certificate_sha256.size(), 64U);
    const auto sealed = SealForRecipient(certificate, kValue);
    ASSERT_TRUE(sealed.ok()) << sealed.error().message;
    EXPECT_THAT(*sealed, Not(HasSubstr(kValue)));
    EXPECT_EQ(Open(*sealed), kValue);
  }
}

TEST_F(CmsSeal, IsRefusedWhenItWasChanged) {
  const auto sealed = SealForRecipient(Certificate(kRsa, {"-days", "2"}), kValue);
  ASSERT_TRUE(sealed.ok());
  std::string changed = *sealed;
  const std::size_t line = changed.rfind('\n', changed.find("-----END") - 2);
  changed[line + 3] = changed[line + 3] == 'A' ? 'B' : 'A';
  EXPECT_NE(Open(changed), kValue);
}

TEST_F(CmsSeal, SaysWhyACertificateIsNotTaken) {
  const std::string certificate = Certificate(kRsa, {"-days", "2"});
  const auto expired = ReadRecipient(certificate, clock_.Now() + std::chrono::days(30));
  ASSERT_FALSE(expired.ok());
  EXPECT_THAT(expired.error().message, HasSubstr("has expired"));
  const auto early = ReadRecipient(certificate, clock_.Now() - std::chrono::days(30));
  ASSERT_FALSE(early.ok());
  EXPECT_THAT(early.error().message, HasSubstr("not valid yet"));
  const std::string signer = Certificate(kRsa, {"-days", "2", "-addext", "keyUsage=critical,digitalSignature"});
  const auto signing = ReadRecipient(signer, clock_.Now());
  ASSERT_FALSE(signing.ok());
  EXPECT_THAT(signing.error().message, HasSubstr("does not allow"));
  const auto garbage = ReadRecipient("CANARY that is no certificate", clock_.Now());
  ASSERT_FALSE(garbage.ok());
  EXPECT_THAT(garbage.error().message + garbage.error().hint, Not(HasSubstr("CANARY")));
  EXPECT_FALSE(SealForRecipient("nothing", kValue).ok());
}

}  // namespace
}  // namespace tfseal
