#include "crypto/rekey/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"

namespace tfseal::rekey {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Example() {
  return ReadFileBounded(std::string(TFSEAL_SOURCE_DIR) + "/fixtures/rekey/tfseal.yaml", 1 << 20).value();
}

std::string With(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  TFSEAL_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Mapping Read(const std::string& text) {
  auto read = ReadMapping(text, "tfseal.yaml");
  if (const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read)) {
    for (const Diagnostic& mistake : *mistakes) ADD_FAILURE() << Render(mistake) << " (" << mistake.hint << ")";
    return {};
  }
  return std::get<Mapping>(std::move(read));
}

// Every mistake as "line: message | hint", one line each.
std::string Mistakes(const std::string& text) {
  const auto read = ReadMapping(text, "tfseal.yaml");
  const auto* mistakes = std::get_if<std::vector<Diagnostic>>(&read);
  std::string all;
  if (mistakes == nullptr) return all;
  for (const Diagnostic& each : *mistakes) all += Render(each) + " | " + each.hint + "\n";
  return all;
}

TEST(Mapping, TheExampleIsReadWhole) {
  const Mapping m = Read(Example());
  EXPECT_EQ(m.dsn_env, "DATABASE_URL");
  ASSERT_TRUE(m.catalog.has_value());
  EXPECT_EQ(m.catalog->table.Quoted(), "\"public\".\"encryption_keys\"");
  EXPECT_EQ(m.catalog->legacy_material, "derived_key");
  EXPECT_EQ(m.from.provider, KeyProvider::kCatalog);
  EXPECT_EQ(m.to.provider, KeyProvider::kKms);
  EXPECT_EQ(m.to.alias, "prod/app/2025-03");
  EXPECT_EQ(m.mode, RekeyMode::kReseal);
  ASSERT_EQ(m.targets.size(), 1U);
  const TargetMapping& target = m.targets.front();
  EXPECT_EQ(target.key_ref.kind, KeyRefKind::kForeignKey);
  EXPECT_EQ(target.tenant, "organization_id");
  EXPECT_THAT(target.primary_key, ElementsAre("id"));
  ASSERT_EQ(target.fields.size(), 1U);
  const FieldMapping& field = target.fields.front();
  EXPECT_EQ(field.wrapped_key_nonce.column, "data_key_iv");
  ASSERT_EQ(field.mirrors.size(), 1U);
  EXPECT_EQ(field.mirrors.front().iv.column, "iv");
  EXPECT_EQ(field.aad, AadScheme::kNone);
  EXPECT_EQ(field.aad_upgrade, AadScheme::kTfsealV1);
  EXPECT_EQ(m.throttle.windows.size(), 7U);
  EXPECT_EQ(m.key_cache_ttl, std::chrono::minutes{5});
  EXPECT_EQ(m.jobs.target_key, "target_key_id");
  EXPECT_EQ(m.scoped_tokens.older_than, std::chrono::hours{24 * 30});
}

TEST(Mapping, TheDigestIsOfTheMeaning) {
  const std::string digest = Read(Example()).digest;
  EXPECT_EQ(digest.size(), 64U);
  EXPECT_EQ(Read("# a comment\n" + Example()).digest, digest);
  EXPECT_EQ(Read(With(Example(), "max_rows: 1000", "max_rows: 500")).digest, digest) << "limits may change";
  EXPECT_NE(Read(With(Example(), "label: connections", "label: links")).digest, digest);
  EXPECT_NE(Read(With(Example(), "mode: reseal", "mode: adopt")).digest, digest);
}

TEST(Mapping, AllMistakesAtOnceWithTheirLines) {
  std::string text = With(Example(), "provider_ref:", "provder_ref:");
  text = With(text, "kind: fk", "kind: foreign");
  text = With(text, "max_rows: 1000", "max_rows: 100000");
  text = With(text, "replica_lag: 1s", "replica_lag: soon");
  const std::string mistakes = Mistakes(text);
  EXPECT_THAT(mistakes, HasSubstr("tfseal.yaml:11:7: unknown key \"provder_ref\" in keys.catalog | did you mean "
                                  "\"provider_ref\"?"));
  EXPECT_THAT(mistakes, HasSubstr("unknown value \"foreign\" of key_ref.kind | one of fk, name"));
  EXPECT_THAT(mistakes, HasSubstr("batch.max_rows must be from 50 to 5000"));
  EXPECT_THAT(mistakes, HasSubstr("replica_lag is not a length of time"));
}

TEST(Mapping, AMalformedArnIsRefusedWithTheTwoRightForms) {
  const std::string mistakes = Mistakes(With(Example(), ":alias/app/master", ":key/alias/app/master"));
  EXPECT_THAT(mistakes, HasSubstr("\"key/alias/\""));
  EXPECT_THAT(mistakes, HasSubstr("arn:aws:kms:REGION:ACCOUNT:alias/NAME"));
}

TEST(Mapping, ASecretInThePlaceOfANameIsNotRepeated) {
  const std::string mistakes = Mistakes(With(Example(), "dsn_env: DATABASE_URL", "dsn_env: postgres://u:canary@h/d"));
  EXPECT_THAT(mistakes, HasSubstr("database.dsn_env must be the name of an environment variable"));
  EXPECT_THAT(mistakes, Not(HasSubstr("canary")));
}

TEST(Mapping, WhatCannotBeSafeIsRefusedWithTheReason) {
  EXPECT_THAT(
      Mistakes(With(Example(), "      error_column:", "      blind_index: [email_digest]\n      error_column:")),
      HasSubstr("blind indexes cannot be re-encrypted"));
  const std::string shared = With(Example(), "dek: { per: row }", "dek: { per: shared, max_rows: 100 }");
  EXPECT_EQ(Mistakes(shared), "");
  for (const char* limit : {"max_rows: 100", "max_bytes: 1MiB", "max_age: 1m"}) {
    const std::string of_no_use = With(shared, "per: shared, max_rows: 100", std::string("per: row, ") + limit);
    EXPECT_THAT(Mistakes(of_no_use), HasSubstr("has no meaning where each row has a data key of its own")) << limit;
  }
  EXPECT_THAT(Mistakes(With(shared, "max_rows: 100", "max_age: 0")), HasSubstr("dek.max_age is at least 1s"));
  EXPECT_THAT(Mistakes(With(shared, "max_rows: 100", "max_age: 6m")), HasSubstr("dek.max_age is at most 5m"));
  EXPECT_THAT(Mistakes(With(shared, ", upgrade_to: tfseal-v1", "")), HasSubstr("a shared data key needs rows"));
  EXPECT_THAT(Mistakes(With(Example(), "mode: reseal", "mode: rewrap")), HasSubstr("a rewrap leaves the ciphertext"));
  EXPECT_THAT(Mistakes(With(Example(), "preserve: [updated_at]", "preserve: [payload_iv]")),
              HasSubstr("is listed under preserve"));
  EXPECT_THAT(Mistakes(With(Example(), "error_column: last_error", "where: \"true; DROP TABLE x\"")),
              HasSubstr("one condition without \";\""));
  EXPECT_THAT(Mistakes(With(Example(), "iv: iv }", "iv: payload_iv }")), HasSubstr("payload_iv is mapped twice"));
  EXPECT_THAT(Mistakes(With(Example(), "name: 2024-09-kms", "name: 2025-03-kms")), HasSubstr("are the same key"));
  EXPECT_THAT(Mistakes(With(Example(), "dek: { per: row }", "dek: { per: segment }")), HasSubstr("is not offered"));
  EXPECT_THAT(Mistakes("version: 1\n"), HasSubstr("there is no section \"rekey\""));
  EXPECT_THAT(Mistakes("version: 1\nrekey: {}\n"), HasSubstr("rekey needs \"targets\""));
}

TEST(Mapping, KeysWithoutACatalogue) {
  const std::string text =
      "rekey:\n"
      "  database: { dsn_env: DB }\n"
      "  keys:\n"
      "    inline:\n"
      "      - { name: v1, local: old.key }\n"
      "      - { name: v2, vault: { key: rows } }\n"
      "    from: { name: v1 }\n"
      "    to: { name: v2 }\n"
      "  targets:\n"
      "    - table: notes\n"
      "      primary_key: [tenant, id]\n"
      "      key_ref: { column: key_version, kind: name }\n"
      "      fields: [ { name: body, ciphertext: body, iv: 'prefix:12', dek: { wrapped: body_key } } ]\n"
      "  mode: reseal\n";
  const Mapping m = Read(text);
  EXPECT_EQ(m.from.provider, KeyProvider::kLocal);
  EXPECT_EQ(m.from.local_file, "old.key");
  EXPECT_EQ(m.to.provider, KeyProvider::kVault);
  EXPECT_EQ(m.to.vault_mount, "transit");
  EXPECT_EQ(m.targets.front().table.ToText(), "public.notes");
  EXPECT_EQ(m.targets.front().label, "notes");
  EXPECT_THAT(Mistakes(With(text, "to: { name: v2 }", "to: { name: v3 }")),
              HasSubstr("nothing says where the key \"v3\" is"));
}

std::string DirectExample() {
  return "rekey:\n"
         "  database: { dsn_env: DB }\n"
         "  keys:\n"
         "    inline: [ { name: v3 } ]\n"
         "    from: { name: v1, direct: { env: OLD_KEY } }\n"
         "    to: { name: v2, direct: { secret: app/key-v2, member: key, stage: AWSCURRENT, encoding: hex } }\n"
         "  targets:\n"
         "    - table: clients\n"
         "      primary_key: [id]\n"
         "      key_ref: { kind: version-prefix }\n"
         "      fields: [ { name: notes, format: version-prefix, ciphertext: notes } ]\n"
         "  mode: reseal\n";
}

TEST(Mapping, KeysThatSealValuesThemselves) {
  const Mapping m = Read(DirectExample());
  EXPECT_EQ(m.from.provider, KeyProvider::kDirect);
  EXPECT_EQ(m.from.direct.environment, "OLD_KEY");
  EXPECT_EQ(m.to.direct.secret, "app/key-v2");
  EXPECT_EQ(m.to.direct.member, "key");
  EXPECT_EQ(m.to.direct.encoding, "hex");
  EXPECT_THAT(OtherKeys(m), ElementsAre("v3"));
  EXPECT_NE(Read(With(DirectExample(), "app/key-v2", "app/key-v3")).digest, m.digest);
  EXPECT_NE(Read(With(DirectExample(), "inline: [ { name: v3 } ]", "inline: [ { name: v4 } ]")).digest, m.digest);
}

TEST(Mapping, WhatAKeyThatSealsValuesItselfCannotDoIsRefused) {
  const auto with = [](const std::string& from, const std::string& to) {
    return Mistakes(With(DirectExample(), from, to));
  };
  EXPECT_THAT(with("mode: reseal", "mode: rewrap"), HasSubstr("there is nothing to rewrap | mode: reseal"));
  EXPECT_THAT(with("mode: reseal", "mode: adopt"), HasSubstr("keys.to seals values itself | mode: reseal"));
  EXPECT_THAT(with("direct: { env: OLD_KEY }", "local: old.key"), HasSubstr("are not put under one key"));
  EXPECT_THAT(with("direct: { secret: app/key-v2, member: key, stage: AWSCURRENT, encoding: hex }", "local: new.key"),
              HasSubstr("| mode: adopt"));
  EXPECT_THAT(with("name: v1", "name: old"), HasSubstr("\"old\" is no version"));
  EXPECT_THAT(with("kind: version-prefix", "kind: name, column: k"), HasSubstr("the value itself names its key"));
  EXPECT_THAT(with("kind: version-prefix", "kind: version-prefix, column: k"), HasSubstr("names a column too"));
  EXPECT_THAT(with("format: version-prefix", "format: tfseal"), HasSubstr("holds a data key"));
  EXPECT_THAT(with("env: OLD_KEY", "env: OLD_KEY, file: old.key"), HasSubstr("one place where the key is kept"));
  EXPECT_THAT(with("{ env: OLD_KEY }", "{ env: OLD_KEY, member: key }"), HasSubstr("are of a secret"));
  EXPECT_THAT(with("env: OLD_KEY", "evn: OLD_KEY"), HasSubstr("unknown key \"evn\""));
}

TEST(Mapping, WhichValuesNameTheirKeyForAJob) {
  std::string text = With(DirectExample(), "kind: version-prefix", "kind: in-envelope");
  text = With(text, "direct: { env: OLD_KEY }", "local: old.key");
  text = With(text, "direct: { secret: app/key-v2, member: key, stage: AWSCURRENT, encoding: hex }", "local: new.key");
  const auto with = [&](const std::string& field) { return Mistakes(With(text, "format: version-prefix", field)); };
  EXPECT_EQ(with("format: tfseal"), "");
  EXPECT_EQ(with("format: rails"), "");
  EXPECT_EQ(with("format: lockbox, dek: { wrapped: notes_key }"), "");
  EXPECT_THAT(with("format: lockbox"), HasSubstr("write dek: { wrapped: COLUMN }"));
  EXPECT_THAT(with("format: tfseal, dek: { wrapped: notes_key }"), HasSubstr("keeps its data key in the value"));
  EXPECT_THAT(with("format: vault"), HasSubstr("cannot be verified by a job"));
  EXPECT_THAT(with("format: aws-encryption-sdk"), HasSubstr("cannot be verified by a job"));
  EXPECT_THAT(with("format: tink"), HasSubstr("do not name their key"));
  EXPECT_THAT(Mistakes(text), HasSubstr("values of the format version-prefix hold no data key"));
  text = With(text, "name: v1", "name: old");
  EXPECT_EQ(with("format: tfseal"), "");
  EXPECT_THAT(with("format: lockbox, dek: { wrapped: notes_key }"), HasSubstr("\"old\" is no version"));
}

TEST(Mapping, WhatTheApplicationSaysOfItself) {
  const auto with = [](const std::string& health) {
    return With(Example(), "  throttle: {", "  throttle: { health: " + health + ",");
  };
  const Mapping m = Read(with("{ statement: SELECT 1, slow_from: 2, hook: SELECT true }"));
  EXPECT_TRUE(m.throttle.health.enabled());
  EXPECT_EQ(m.throttle.health.slow_from, 2);
  EXPECT_EQ(m.throttle.health.hook, "SELECT true");
  EXPECT_EQ(m.digest, Read(Example()).digest) << "it may be changed while a job runs";
  EXPECT_FALSE(Read(Example()).throttle.health.enabled());
  EXPECT_THAT(Mistakes(with("{ slow_from: 2 }")), HasSubstr("needs a statement or a hook"));
  EXPECT_THAT(Mistakes(with("{ hook: SELECT 1; COMMIT }")), HasSubstr("one SELECT each"));
}

TEST(Mapping, AKeyInThePlaceOfItsPlaceIsNotRepeated) {
  const std::string hex(64, 'a');
  const std::string base64 = std::string(43, 'A') + "=";
  for (const std::string& key : {hex, base64}) {
    for (const char* place : {"env", "file", "secret"}) {
      const std::string mistakes =
          Mistakes(With(DirectExample(), "env: OLD_KEY", std::string(place) + ": '" + key + "'"));
      EXPECT_THAT(mistakes,
                  HasSubstr(place == std::string("env") ? "never the value itself" : "looks like a key itself"));
      EXPECT_THAT(mistakes, Not(HasSubstr(key)));
    }
  }
}

// A mapping with one target, whose fields are these lines of YAML.
std::string WithFields(const std::vector<std::string>& fields) {
  std::string text =
      "rekey:\n  database: { dsn_env: DATABASE_URL }\n  keys: { from: { name: a, local: a }, to: { name: b, local: b } "
      "}\n  targets:\n    - table: t\n      primary_key: [id]\n      key_ref: { column: sealed_by, kind: name }\n"
      "      fields:\n";
  for (const std::string& field : fields) text += "        - { " + field + " }\n";
  return text;
}

std::string At(const std::string& path, const std::string& column = "doc") {
  return "{ column: " + column + ", encoding: base64, path: [" + path + "] }";
}

TEST(Mapping, ValuesInADocumentHaveAPathForEachPart) {
  const std::string one = "name: one, format: jsonb, ciphertext: " + At("a, ct") + ", iv: " + At("a, iv") +
                          ", dek: { wrapped: " + At("key") + " }";
  const std::string two =
      "name: two, format: jsonb, ciphertext: " + At("b.c") + ", iv: 'prefix:12', dek: { wrapped: " + At("key") + " }";
  const Mapping mapping = Read(WithFields({one, two}));
  ASSERT_EQ(mapping.targets.size(), 1U);
  const FieldMapping& field = mapping.targets.front().fields.front();
  EXPECT_THAT(field.ciphertext.json_path, ElementsAre("a", "ct"));
  EXPECT_EQ(field.iv.ToText(), "doc.a.iv");
  EXPECT_NE(Read(WithFields({one})).digest, Read(WithFields({With(one, "a, ct", "a, cu")})).digest);
  // A member whose name has a dot is another one.
  EXPECT_EQ(Mistakes(WithFields({one, With(two, "b.c", "a.iv")})), "");

  const auto wrong = [&](const std::string& from, const std::string& to) {
    return Mistakes(WithFields({With(one, from, to)}));
  };
  EXPECT_THAT(wrong("format: jsonb", "format: columns"),
              HasSubstr("doc.a.ct has a path, which the format columns has no use for | write format: jsonb"));
  EXPECT_THAT(wrong(At("a, ct"), "doc"), HasSubstr("nothing says where in the document doc it is"));
  EXPECT_THAT(wrong("encoding: base64, ", ""), HasSubstr("doc.a.ct is a text, which holds no raw bytes"));
  EXPECT_THAT(wrong(At("a, iv"), At("iv", "other")), HasSubstr("other.iv is in another column than the ciphertext"));
  EXPECT_THAT(wrong(At("a, iv"), "iv_column"), HasSubstr("nothing says where in the document iv_column it is"));
  EXPECT_THAT(wrong("a, iv", "a, ct, iv"), HasSubstr("doc.a.ct and doc.a.ct.iv are at one place of the document"));
  EXPECT_THAT(wrong("a, iv", "a, ct"), HasSubstr("column doc.a.ct is mapped twice"));
  EXPECT_THAT(wrong("[key]", "[a, ct]"), HasSubstr("doc.a.ct and doc.a.ct are at one place of the document"));
  EXPECT_THAT(wrong("[key] }", "[key] }, iv: " + At("key")), HasSubstr("doc.key and doc.key are at one place"));
  EXPECT_THAT(wrong("format: jsonb", "format: jsonb, mirrors: [ { ciphertext: copy } ]"),
              HasSubstr("copies of what is in a document are not kept"));
  EXPECT_THAT(Mistakes(WithFields({one, With(two, "b.c", "a")})),
              HasSubstr("doc.a.ct and doc.a are at one place of the document"));
  EXPECT_THAT(Mistakes(WithFields({one, With(two, "b.c", "key, ct")})),
              HasSubstr("doc.key and doc.key.ct are at one place of the document"));
  EXPECT_THAT(Mistakes(WithFields({one,
                                   "name: two, ciphertext: { column: doc, encoding: base64 }, iv: 'prefix:12', dek: "
                                   "{ wrapped: dek }"})),
              HasSubstr("column doc is a document for one field and none for another"));
  // No document names its key in a way that a job goes by.
  EXPECT_THAT(Mistakes(With(WithFields({one}), "column: sealed_by, kind: name", "kind: in-envelope")),
              HasSubstr("values of the format jsonb do not name their key"));
}

}  // namespace
}  // namespace tfseal::rekey
