#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/file.h"
#include "crypto/rekey/mapping.h"
#include "postgres/connection.h"
#include "tests/support/postgres_server.h"

namespace tfseal::rekey {

// A server with the tables of fixtures/rekey, for every test of a suite; the tables are made anew for each test.
class RekeyServer : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (testing::PostgresServer::Binaries().empty()) return;
    server_ = new testing::PostgresServer();
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

 protected:
  void SetUp() override {
    if (testing::PostgresServer::Binaries().empty()) GTEST_SKIP() << "SKIP: PostgreSQL is not installed";
    server_->Sql("DROP SCHEMA IF EXISTS tfseal CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public;" +
                 Fixture("schema.sql"));
  }
  static std::string Fixture(const std::string& name) {
    return ReadFileBounded(std::string(TFSEAL_SOURCE_DIR) + "/fixtures/rekey/" + name, 1 << 20).value();
  }
  // The example's mapping with one text replaced.
  static Mapping ExampleMapping(const std::string& from = "", const std::string& to = "") {
    std::string text = Fixture("tfseal.yaml");
    if (!from.empty()) {
      const std::size_t at = text.find(from);
      TFSEAL_CHECK(at != std::string::npos);
      text.replace(at, from.size(), to);
    }
    return ReadText(text);
  }
  static Mapping ReadText(const std::string& text) {
    auto read = ReadMapping(text, "tfseal.yaml");
    if (const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read)) {
      for (const Diagnostic& mistake : *mistakes) ADD_FAILURE() << Render(mistake);
      return {};
    }
    return std::get<Mapping>(std::move(read));
  }
  static postgres::ConnectionUrl Url() { return postgres::ConnectionUrl::Parse(server_->Url()).value(); }
  static postgres::Connection Open(const postgres::ConnectionUrl& url) {
    return std::move(postgres::Connection::Open(url)).value();
  }
  static postgres::Connection Open() { return Open(Url()); }

  static inline testing::PostgresServer* server_ = nullptr;
};

}  // namespace tfseal::rekey
