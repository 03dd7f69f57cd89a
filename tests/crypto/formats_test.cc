// Values that an independent program made from the documented layouts (fixtures/row-formats/generate.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/crypto/format_vectors.h"

namespace tfseal {
namespace {

using testing::Bin;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::OptionsOf;
using testing::Pattern;
using testing::ValueReader;
using testing::ValuesOf;

const JsonValue& FormatVectors() {
  static const JsonValue& vectors = *new JsonValue(testing::Vectors("row-formats/vectors.json"));
  return vectors;
}

std::unique_ptr<RowFormat> FormatOf(const JsonValue& vector) {
  auto format = MakeRowFormat(OptionsOf(vector));
  EXPECT_TRUE(format.ok()) << format.error().message;
  return std::move(format).value();
}

bool Same(const Envelope& a, const Envelope& b) {
  return a.iv == b.iv && a.ciphertext == b.ciphertext && a.tag == b.tag && a.wrapped_key == b.wrapped_key &&
         a.wrapped_key_nonce == b.wrapped_key_nonce && a.commitment == b.commitment &&
         a.key_reference == b.key_reference && a.associated == b.associated;
}

TEST(Formats, EveryFormatHasAVector) {
  std::set<std::string> seen;
  for (const JsonValue& vector : FormatVectors()) seen.insert(vector["format"].asString());
  for (const std::string_view name : RowFormatNames()) EXPECT_TRUE(seen.contains(std::string(name))) << name;
}

TEST(Formats, OpenAndRebuildTheVectors) {
  for (const JsonValue& vector : FormatVectors()) {
    SCOPED_TRACE(vector["name"].asString());
    const auto format = FormatOf(vector);
    const ColumnValues values = ValuesOf(vector);
    EXPECT_EQ(format->name(), vector["format"].asString());
    EXPECT_EQ(format->columns().size(), values.size());
    EXPECT_EQ(ColumnRoles(OptionsOf(vector))->size(), values.size());
    const auto envelope = format->Parse(values);
    ASSERT_TRUE(envelope.ok()) << envelope.error().message;
    EXPECT_EQ(envelope->key_reference, vector["parts"]["key_reference"].asString());
    if (vector["opens"].asString() != "no") {
      ValueReader reader(vector);
      const auto opened = reader.Open(*format, *envelope, values);
      ASSERT_TRUE(opened.ok()) << opened.error().message;
      EXPECT_EQ(opened->Expose(), Bin(vector["plaintext"]));
    }
    const auto replaced = format->Replace(values, *envelope);
    ASSERT_TRUE(replaced.ok()) << replaced.error().message;
    EXPECT_EQ(*replaced, values) << "what is replaced by itself stays as it is, with all that is not ours";
    const auto built = format->Build(*envelope);
    ASSERT_TRUE(built.ok()) << built.error().message;
    const auto again = format->Parse(*built);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(Same(*again, *envelope));
    if (vector["format"].asString() != "jsonb" && vector.get("rebuilds", true).asBool()) {
      EXPECT_EQ(*built, values);
    }
  }
}

// Whether a changed value is noticed: it cannot be taken apart, does not open, or names another key. `foreign`: the
// change was in what the format keeps but does not own.
bool Noticed(const RowFormat& format, ValueReader& reader, const ColumnValues& changed, const Envelope& original,
             bool& foreign) {
  const auto envelope = format.Parse(changed);
  if (!envelope.ok()) return true;
  if (envelope->key_reference != original.key_reference) return true;
  foreign = Same(*envelope, original);
  return !reader.Open(format, *envelope, changed).ok();
}

TEST(Formats, EveryChangedBitIsNoticed) {
  for (const JsonValue& vector : FormatVectors()) {
    SCOPED_TRACE(vector["name"].asString());
    if (vector["opens"].asString() == "no") continue;
    const auto format = FormatOf(vector);
    const ColumnValues values = ValuesOf(vector);
    const Envelope original = *format->Parse(values);
    ValueReader reader(vector);
    const bool document = format->name() == "jsonb" || format->name() == "rails";
    int foreign_changes = 0;
    for (std::size_t column = 0; column < values.size(); ++column) {
      if (!values[column]) continue;
      // The signature of a signed message is its writer's; nothing here checks it.
      const std::size_t size = values[column]->size() - vector.get("signature", 0).asUInt();
      for (std::size_t bit = 0; bit < 8 * size; ++bit) {
        ColumnValues changed = values;
        char& byte = (*changed[column])[bit / 8];
        byte = static_cast<char>(byte ^ (1 << bit % 8));
        bool foreign = false;
        const bool noticed = Noticed(*format, reader, changed, original, foreign);
        if (document && foreign) {
          ++foreign_changes;
          continue;
        }
        ASSERT_TRUE(noticed) << "column " << column << " bit " << bit;
      }
    }
    EXPECT_LT(foreign_changes, document ? 1000 : 1);
  }
}

TEST(Formats, EveryShorterOrLongerValueIsRefused) {
  for (const JsonValue& vector : FormatVectors()) {
    SCOPED_TRACE(vector["name"].asString());
    const auto format = FormatOf(vector);
    const ColumnValues values = ValuesOf(vector);
    const Envelope original = *format->Parse(values);
    const bool opens = vector["opens"].asString() != "no";
    ValueReader reader(vector);
    for (std::size_t column = 0; column < values.size(); ++column) {
      if (!values[column]) continue;
      for (std::size_t size = 0; size < values[column]->size(); ++size) {
        ColumnValues changed = values;
        changed[column]->resize(size);
        bool foreign = false;
        if (opens) {
          ASSERT_TRUE(Noticed(*format, reader, changed, original, foreign)) << "column " << column << " size " << size;
        } else if (const auto parsed = format->Parse(changed); parsed.ok()) {
          // A token that is cut at a multiple of four characters is a shorter token; Vault refuses it.
          EXPECT_EQ((size - std::string("vault:v3:").size()) % 4, 0U);
        }
      }
      for (const std::string& more :
           {std::string(1, '\0'), std::string("x"), std::string("AAAA"), std::string("\n=")}) {
        ColumnValues changed = values;
        *changed[column] += more;
        bool foreign = false;
        if (opens) {
          EXPECT_TRUE(Noticed(*format, reader, changed, original, foreign) || foreign) << "column " << column;
        }
      }
      ColumnValues null = values;
      null[column] = std::nullopt;
      const auto parsed = format->Parse(null);
      if (parsed.ok()) {
        EXPECT_TRUE(parsed->wrapped_key.empty()) << "only that may be missing; column " << column;
      }
    }
    ColumnValues more = values;
    more.emplace_back("x");
    EXPECT_FALSE(format->Parse(more).ok());
    EXPECT_FALSE(format->Parse({}).ok());
  }
}

TEST(Formats, RandomBytesAreRefusedWithoutShowingThem) {
  for (const JsonValue& vector : FormatVectors()) {
    SCOPED_TRACE(vector["name"].asString());
    const auto format = FormatOf(vector);
    const ColumnValues values = ValuesOf(vector);
    for (std::size_t column = 0; column < values.size(); ++column) {
      ColumnValues changed = values;
      changed[column] = "CANARY-" + Pattern(100, static_cast<unsigned>(column));
      const auto parsed = format->Parse(changed);
      if (parsed.ok()) continue;  // a column of bytes takes any bytes
      EXPECT_THAT(parsed.error().message + parsed.error().hint, Not(HasSubstr("CANARY")));
    }
  }
}

// Sealing anew and moving to another wrapped key, in the formats that allow it.
TEST(Formats, SealedAnew) {
  SystemEntropy entropy;
  RowCipher cipher(entropy);
  int formats = 0;
  for (const JsonValue& vector : FormatVectors()) {
    SCOPED_TRACE(vector["name"].asString());
    const auto format = FormatOf(vector);
    if (!format->takes_new_data_keys() || vector["opens"].asString() != "kwp") continue;
    ++formats;
    const ColumnValues values = ValuesOf(vector);
    Envelope envelope = *format->Parse(values);
    const SecretBytes key(Pattern(32, 77));
    envelope.wrapped_key = AesKwp().Wrap(Bin(vector["kek"]), key.Expose());
    const bool committing = !envelope.commitment.empty();
    const std::string aad = Bin(vector["aad"]);
    ASSERT_TRUE(cipher.Seal(key, "a new value", aad, committing, envelope).ok());
    const auto written = format->Replace(values, envelope);
    ASSERT_TRUE(written.ok()) << written.error().message;
    EXPECT_NE(*written, values);
    ValueReader reader(vector);
    const auto read = format->Parse(*written);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(reader.Open(*format, *read, *written)->Expose(), "a new value");
  }
  EXPECT_GE(formats, 6);
}

TEST(Esdk, KeysAreReplacedWhereThatIsSafe) {
  SystemEntropy entropy;
  int replaced = 0;
  int refused = 0;
  for (const JsonValue& vector : FormatVectors()) {
    if (vector["format"].asString() != "aws-encryption-sdk") continue;
    SCOPED_TRACE(vector["name"].asString());
    const auto format = FormatOf(vector);
    EXPECT_FALSE(format->replaces_keys_unseen());
    const ColumnValues values = ValuesOf(vector);
    Envelope envelope = *format->Parse(values);
    ValueReader reader(vector);
    const SecretBytes key = reader.KeyOf(*format, envelope)->Clone();
    const Envelope old = envelope;
    envelope.wrapped_key = AesKwp().Wrap(Bin(vector["kek"]), key.Expose());
    envelope.key_reference = "arn:aws:kms:us-east-1:123456789012:key/mrk-new";
    EXPECT_FALSE(format->Replace(values, envelope).ok()) << "not without the data key";
    const auto moved = format->ReplaceKey(values, envelope, key, entropy);
    if (!moved.ok()) {
      EXPECT_THAT(moved.error().message, ::testing::AnyOf(HasSubstr("version 2"), HasSubstr("signed")));
      ++refused;
      continue;
    }
    ++replaced;
    const Envelope now = *format->Parse(*moved);
    EXPECT_EQ(now.key_reference, envelope.key_reference);
    EXPECT_EQ(now.ciphertext, old.ciphertext) << "the body stays";
    EXPECT_NE(now.iv, old.iv) << "a second tag under one iv would give the authentication away";
    EXPECT_EQ(reader.Open(*format, now, *moved)->Expose(), Bin(vector["plaintext"]));
    EXPECT_FALSE(format->ReplaceKey(values, envelope, SecretBytes(Pattern(32, 1)), entropy).ok())
        << "only with the data key that the message has";
  }
  EXPECT_EQ(replaced, 3);
  EXPECT_EQ(refused, 3);
}

TEST(Jsonb, KeepsWhatIsNotOurs) {
  FormatOptions options;
  options.name = "jsonb";
  options.iv = IvPlace::kPrefix;
  options.columns = {{ColumnRole::kCiphertext, ByteEncoding::kBase64, {"a", "ct"}}};
  const auto format = MakeRowFormat(options);
  ASSERT_TRUE(format.ok());
  const std::string old(40, 'A');
  const std::string before =
      "{ \"z\" : 1.10, \"big\": 123456789012345678901234567890, \"huge\": -1.5E+400,\n\"a\": {\"ct\": \"" + old +
      "\", \"ct2\": \"" + old + "\"}, \"\\u00fc\": \"\\\"" + old + "\\\"\" }";
  Envelope envelope = *(*format)->Parse(ColumnValues{before});
  envelope.ciphertext = "new";
  const auto after = (*format)->Replace(ColumnValues{before}, envelope);
  ASSERT_TRUE(after.ok()) << after.error().message;
  const std::string fresh = *(*(*format)->Build(envelope))[0];
  const std::size_t begin = fresh.find("\"ct\":\"") + 6;
  const std::string text = fresh.substr(begin, fresh.find('"', begin) - begin);
  std::string wanted = before;
  wanted.replace(wanted.find(old), old.size(), text);
  EXPECT_EQ((*after)[0], wanted);
}

TEST(Jsonb, PlacesThatAreNotClearAreRefused) {
  FormatOptions options;
  options.name = "jsonb";
  options.iv = IvPlace::kPrefix;
  options.columns = {{ColumnRole::kCiphertext, ByteEncoding::kBase64, {"ct"}},
                     {ColumnRole::kWrappedKey, ByteEncoding::kBase64, {"dek"}}};
  const auto format = MakeRowFormat(options);
  const std::string text(40, 'A');
  for (const std::string& bad : std::vector<std::string>{
           "{\"ct\": 5}", "{\"ct\": null}", "{}", "[]", "{\"ct\": [\"" + text + "\"]}", "\"" + text + "\"",
           "{\"ct\": \"" + text + "\", \"ct\": \"" + text + "\"}", "{\"ct\": \"" + text + "\"} x"}) {
    EXPECT_FALSE((*format)->Parse(ColumnValues{bad}).ok()) << bad;
  }
  // The same text, written with an escape: readable, but not to be replaced blindly.
  const ColumnValues escaped = {"{\"ct\": \"\\u0041" + text.substr(1) + "\"}"};
  const auto parsed = (*format)->Parse(escaped);
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE((*format)->Replace(escaped, *parsed).ok());
  options.columns[1].path = {"ct", "dek"};
  EXPECT_FALSE(MakeRowFormat(options).ok());
  options.columns[1].path = {};
  EXPECT_FALSE(MakeRowFormat(options).ok());
}

// Rows of before envelope encryption get a wrapped key, and a nonce goes where the new key has none.
TEST(Jsonb, PartsAreMadeWhereThereWereNone) {
  FormatOptions options;
  options.name = "jsonb";
  options.iv = IvPlace::kPrefix;
  options.columns = {{ColumnRole::kCiphertext, ByteEncoding::kBase64, {"ct"}},
                     {ColumnRole::kWrappedKey, ByteEncoding::kHex, {"keys", "a \"b\"", "dek"}},
                     {ColumnRole::kWrappedKeyNonce, ByteEncoding::kHex, {"keys", "a \"b\"", "iv"}}};
  const auto format = MakeRowFormat(options);
  ASSERT_TRUE(format.ok()) << format.error().message;
  const std::string text = "\"ct\": \"" + std::string(40, 'A') + "\"";
  Envelope envelope = *(*format)->Parse(ColumnValues{"{" + text + "}"});
  envelope.wrapped_key = "key";
  const auto replaced = [&](const std::string& before) {
    const auto after = (*format)->Replace(ColumnValues{before}, envelope);
    if (!after.ok()) return after.error().message;
    EXPECT_EQ((*format)->Parse(*after)->wrapped_key_nonce, envelope.wrapped_key_nonce) << before;
    return *(*after)[0];
  };
  const std::string names = R"("keys": {"a \"b\"": {"dek": "6b6579")";
  EXPECT_EQ(replaced("{" + text + "}"), "{" + text + ", " + names + "}}}");
  EXPECT_EQ(replaced("{\"keys\" : null , " + text + " }"),
            "{\"keys\" : {\"a \\\"b\\\"\": {\"dek\": \"6b6579\"}} , " + text + " }");
  EXPECT_EQ(replaced("{" + text + ", \"keys\": {}}"), "{" + text + ", " + names + "}}}");
  EXPECT_EQ(replaced("{" + text + R"(, "keys": {"x": 1.0, "a \"b\"": null}})"),
            "{" + text + R"(, "keys": {"x": 1.0, "a \"b\"": {"dek": "6b6579"}}})");
  EXPECT_EQ(replaced("{" + text + R"(, "keys": {"a \"b\"": {"dek": "00", "iv": "00"}}})"),
            "{" + text + R"(, "keys": {"a \"b\"": {"dek": "6b6579", "iv": null}}})");
  envelope.wrapped_key_nonce = "nonce";
  EXPECT_EQ(replaced("{" + text + "}"), "{" + text + ", " + names + R"(, "iv": "6e6f6e6365"}}})");
  EXPECT_EQ(replaced("{" + text + ", \"keys\": [1]}"), "keys.a \"b\".dek is not in an object");
  EXPECT_EQ(replaced("{" + text + R"(, "keys": {"a \"b\"": {"dek": 5}}})"), "keys.a \"b\".dek is not a text");
}

TEST(Jsonb, ADocumentWithoutTheValueIsToldFromADamagedOne) {
  FormatOptions options;
  options.name = "jsonb";
  options.columns = {{ColumnRole::kCiphertext, ByteEncoding::kBase64, {"a", "ct"}},
                     {ColumnRole::kIv, ByteEncoding::kBase64, {"a", "iv"}}};
  const auto format = MakeRowFormat(options);
  const auto code = [&](const std::string& text) { return (*format)->Parse(ColumnValues{text}).error().code; };
  for (const char* none :
       {"{}", "null", R"({"a": null})", R"({"a": {}})", R"({"a": {"ct": null, "iv": null}, "ct": "x"})"}) {
    EXPECT_EQ(code(none), ErrorCode::kNotFound) << none;
  }
  for (const char* damaged : {"[]", "5", R"({"a": []})", R"({"a": ""})", R"({"a": {"ct": 0}})", R"({"a": {"ct": ""}})",
                              R"({"a": {"iv": "AAAA"}})", "{\"a\"", ""}) {
    EXPECT_EQ(code(damaged), ErrorCode::kInvalidInput) << damaged;
  }
}

// A commitment that can be taken away binds nothing.
TEST(Columns, ACommitmentIsThereUnlessItMayBeMissing) {
  FormatOptions options;
  options.iv = IvPlace::kPrefix;
  options.columns = {{ColumnRole::kCiphertext}, {ColumnRole::kCommitment}};
  const ColumnValues without = {Pattern(40, 1), std::nullopt};
  const ColumnValues empty = {Pattern(40, 1), ""};
  EXPECT_EQ((*MakeRowFormat(options))->Parse(without).error().message, "key commitment is null");
  EXPECT_EQ((*MakeRowFormat(options))->Parse(empty).error().message, "key commitment is missing");
  options.commitment_may_be_missing = true;
  const auto format = MakeRowFormat(options);
  ASSERT_TRUE((*format)->Parse(without).ok());
  EXPECT_EQ(*(*format)->Build(*(*format)->Parse(without)), without);
}

TEST(Formats, VersionsAreCanonical) {
  FormatOptions options;
  options.name = "version-prefix";
  const auto format = MakeRowFormat(options);
  const std::string rest(28, 'x');
  EXPECT_TRUE((*format)->Parse(ColumnValues{"v1:" + rest}).ok());
  EXPECT_TRUE((*format)->Parse(ColumnValues{"v999999999:" + rest}).ok());
  for (const char* prefix :
       {"", "v:", "v0:", "v01:", "V1:", "v1", ":", "1:", "v1x:", "v-1:", "v1234567890:", "vault:v1:"}) {
    EXPECT_FALSE((*format)->Parse(ColumnValues{prefix + rest}).ok()) << prefix;
  }
}

}  // namespace
}  // namespace tfseal
