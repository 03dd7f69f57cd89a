#include "policy/secret_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace tfseal {
namespace {

struct Setting {
  std::string_view name;
  std::string_view value;
};

// What estates in order really have in their settings: names that talk about secrets, and values that look like some.
constexpr Setting kHarmless[] = {
    {"API_KEY_HEADER", "X-Api-Key"},
    {"AUTH_TOKEN_TTL_SECONDS", "3600"},
    {"DATABASE_SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:210987654321:secret:lumen/db/primary"},
    {"DB_PASSWORD", "arn:aws:secretsmanager:eu-central-1:210987654321:secret:lumen/db/primary"},
    {"DATABASE_URL", "postgresql://lumen_app@core.lumen.internal:5432/core?sslmode=verify-full"},
    {"GIT_SHA", "9fceb02d0ae598e95dc970b74767f19372d61af8"},
    {"REVISION", "9fceb02d0ae598e95dc970b74767f19372d61af8"},
    {"IMAGE_DIGEST", "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"},
    {"BUILD", "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"},
    {"JWT_PUBLIC_KEY",
     "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYD54V/vp+54P9DXarYqx4MPcm+HK\n-----END PUBLIC "
     "KEY-----\n"},
    {"SIGNING_KEY", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----"},
    {"WIREGUARD_PUBLIC_KEY", "4Fp1kzDN5BCQSDhPTIXfOPjdJGmvAkIVaYQLFo4hVQ0="},
    {"VAPID_PUBLIC_KEY", "BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U"},
    {"STRIPE_PUBLISHABLE_KEY", "pk_live_51H8xyzABCDEFGHIJKLMNOPQRSTUVWX"},
    {"KMS_KEY_ID", "alias/lumen/secrets"},
    {"KMS_KEY_ID", "5fa7ea01-28e9-4114-b3a0-d8ea55003725"},
    {"MasterUserPassword", "!Ref DbPassword"},
    {"PASSWORD_FILE", "/run/secrets/db_password"},
    {"DB_PASSWORD", "/run/secrets/db_password"},
    {"PASSWORD_MIN_LENGTH", "14"},
    {"PASSWORD_RESET_URL", "https://lumen.example/reset?source=mail"},
    {"PASSWORD_HASHER", "argon2id"},
    {"SECRET_ROTATION_ENABLED", "true"},
    {"SECRETS_MANAGER_KEY_NAME", "pazpaz/encryption-key-v1"},
    {"DB_SECRET", "prod/db/credentials"},
    {"SECRET_NAME", "lumen-db-Credentials-2025"},
    {"AUTH_TOKEN", "disabled"},
    {"REQUIRE_TOKEN", "yes"},
    {"MAX_TOKENS", "4096"},
    {"TOKEN_ISSUER", "https://login.example/"},
    {"OIDC_CLIENT_ID", "3MVG9lKcPoNINVBIPJjdw1J9LLM82HnFVVX19KY1uA5mu0QqEWhqKpoW3svG3XHrXDiCQjK1mdgAvhCscA9GE"},
    {"COGNITO_POOL_ID", "eu-central-1_AbCdEfGhI"},
    {"TENANT", "5fa7ea01-28e9-4114-b3a0-d8ea55003725"},
    {"PARTITION_KEY", "tenant_id"},
    {"CACHE_KEY", "v3"},
    {"OBJECT_KEY", "exports/2025/10/report-0042.parquet"},
    {"CONFIG_CHECKSUM", "LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564="},
    {"SCRIPT_INTEGRITY", "sha256-LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564="},
    {"SENTRY_DSN", "https://9f0c7e6d5b4a39281706f5e4d3c2b1a0@o4505.ingest.sentry.example/45"},
    {"QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/210987654321/lumen-invoices-due"},
    {"REDIS_URL", "rediss://cache.lumen.internal:6379/0"},
    {"DB_PASSWORD", "{{resolve:secretsmanager:lumen/db:SecretString:password}}"},
    {"DB_PASSWORD", "${DB_PASSWORD}"},
    {"DB_PASSWORD", "$DB_PASSWORD"},
    {"DB_PASSWORD", "********"},
    {"DB_PASSWORD", "<password>"},
    {"DB_PASSWORD", ""},
    {"API_TOKEN", "vault:secret/data/api#token"},
    {"DATABASE_URL", "postgresql://app:${DB_PASSWORD}@core.lumen.internal/core"},
    {"ENVIRONMENT", "production"},
    {"AWS_REGION", "eu-central-1"},
    {"JAVA_OPTS", "-Xmx512m -Djavax.net.ssl.trustStorePassword"},
    {"awslogs-stream-prefix", "api"},
    {"LOG_LEVEL", "debug"},
    {"COMPASS", "north"},
    {"ENCRYPTION_KEY", "5fa7ea01-28e9-4114-b3a0-d8ea55003725"},
    {"ENCRYPTION_KEY", "mrk-1234abcd12ab34cd56ef1234567890ab"},
    {"NEXT_PUBLIC_API_KEY", "b7f3c1d29e804a65"},
    {"REVERB_APP_KEY", "q7w3e5r2t8y1u4i6o9p0"},
    {"DB_PASSWORD", "placeholder"},
    {"PASSWORD_POLICY", "min-14"},
    {"HASH_SALT_ROUNDS", "12"},
    {"DB_PASSWORD_PARAMETER", "/lumen/db/password"},
    {"MASTER_KEY_ALIAS", "alias/lumen/master"},
    {"ENCRYPTION_KEY_VERSION", "3"},
    {"SESSION_COOKIE_NAME", "lumen_session"},
    {"TOKEN_BUCKET_RATE", "100"},
    {"SORT_KEY", "CreatedAt20251012T0000Z"},
    {"SETTINGS", R"({"password":{"length":14,"rotate":true},"token":{"issuer":"https://login.example/"}})"},
    {"SETTINGS", R"({"secrets":{"arn":"arn:aws:secretsmanager:eu-central-1:210987654321:secret:db"},"port":8080})"},
    {"UPSTREAM", "https://api.example/v1?region=eu&token={token}&max_tokens=4096"},
    {"RESET", "https://lumen.example/reset?token=new"},
    {"ARGS", "--password-file=/run/secrets/db --token-ttl=3600"},
    {"SLACK_URL", "https://hooks.slack.com/services/"},
    {"QUERY", "SELECT name FROM users WHERE password = ?"},
};

TEST(SecretScan, LeavesHarmlessSettingsAlone) {
  for (const Setting& setting : kHarmless) {
    const auto reason = WhySecret(setting.name, setting.value);
    EXPECT_FALSE(reason.has_value()) << setting.name << " = " << setting.value << ": " << reason.value_or("");
  }
}

constexpr Setting kSecrets[] = {
    {"ENCRYPTION_MASTER_KEY", "Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE="},
    {"APP_CRYPTO_SEED", "Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE="},
    {"COLOUR", "Q0FOQVJZLXBhenBhei1tYXN0ZXIta2V5LTAwMDAwMDE="},  // 32 bytes
    {"SETTING_A", "3q2+7wABAgMEBQYHCAkKCw=="},                   // 16 bytes
    {"BLOB", "k7Jh2mQ9xV0pL4sT8wYbN3cR6fZaGdUe"},                // 24 bytes, never padded
    {"THING", "Xq3zT0mWc5nB8vK1yJ6hR2dF9gS4aPuLeNiOwQxYkZs"},    // 32 bytes without padding
    {"DB_PASSWORD", "CANARY-everything-db-0001"},
    {"PGPASSWORD", "hunter2x"},
    {"spring.datasource.password", "s3cr3t"},
    {"keystorePassword", "changeit"},
    {"MYSQL_ROOT_PASSWORD", "12345678"},
    {"DB_PASS", "correcthorse"},
    {"SMTP_PASSWORD_PROD", "CANARY-smtp-1"},
    {"JWT_SECRET", "CANARY-jwt"},
    {"SECRET_KEY_BASE", "CANARY-rails-base-0001"},
    {"APP_KEY", "base64:Q0FOQVJZLWxhcmF2ZWwtYXBwLWtleS0wMDAwMDAwMDE="},
    {"STRIPE_API_KEY", "CANARY-stripe"},
    {"/everything/db_password", "CANARY-everything-db-0001"},
    {"/everything/token", "CANARY-everything-token-0002"},
    {"WEBHOOK_TOKEN", "5fa7ea01-28e9-4114-b3a0-d8ea55003725"},
    {"API_TOKEN", "9fceb02d0ae598e95dc970b74767f19372d61af8"},
    {"DATABASE_URL", "postgresql://lumen:CANARY-db-0002@core.lumen.internal:5432/core"},
    {"BROKER", "amqps://app:CANARY@mq.lumen.internal:5671"},
    {"REDIS", "redis://:CANARY-redis@cache:6379"},
    {"JDBC", "jdbc:postgresql://core.lumen.internal/core?user=app&password=CANARY-db"},
    {"CONNECTION", "Server=db;Database=core;User Id=app;Password=CANARY-db;"},
    {"AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"},
    {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
    {"TLS", "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIExample\n-----END EC PRIVATE KEY-----"},
    {"X", "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"},
    {"X", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.c2lnbmF0dXJlLXdpdGgtbGVuZ3Ro"},
    {"CREDENTIALS", R"({"user": "app", "password": "CANARY-db-0002"})"},
    // As jsonencode() writes it, without blanks.
    {"SPRING_APPLICATION_JSON", R"({"spring":{"datasource":{"password":"CANARY-db-0002","user":"app"}}})"},
    {"CONFIG", R"({"port":8080,"databases":[{"password":"CANARY-db-0002"}]})"},
    {"CONFIG", "database:\n  user: app\n  password: CANARY-db-0002\n"},
    {"JAVA_OPTS", "-Xmx512m -Dspring.datasource.password=CANARY-db-0002"},
    {"ARGS", "--db-password=CANARY-db-0002"},
    {"ODBC", "DRIVER={PostgreSQL};UID=app;PWD=CANARY-db-0002;"},
    {"UPSTREAM", "https://api.example/v1?region=eu&api_key=hK93jfLs0dPq2xZmWv81"},
    {"NPMRC", "//packages.example.com/:_authToken=npm_abcdefghijklmnopqrstuvwxyz0123456789"},
    {"ALERTS", "https://hooks.slack.com/services/T00000000/B00000000/CANARYCANARYCANARYCANARY"},
    {"MASTERKEY", "hK93jfLs0dPq2xZmWv81"},
};

TEST(SecretScan, FindsSecrets) {
  for (const Setting& setting : kSecrets) {
    EXPECT_TRUE(WhySecret(setting.name, setting.value).has_value()) << setting.name << " = " << setting.value;
  }
}

struct TextCase {
  std::string_view text;
  std::string_view found;  // the first name; empty for none
};

constexpr TextCase kTexts[] = {
    {"node server.js --port 8080", ""},
    {"psql --host=db --username=app", ""},
    {"exec app --password-file /run/secrets/db", ""},
    {"export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)", ""},
    {"#cloud-config\npackages:\n  - postgresql\nwrite_files:\n  - path: /etc/app.env\n", ""},
    {"curl https://example.com/health || exit 1", ""},
    {"export DB_PASSWORD=CANARY-userdata-0001\n", "DB_PASSWORD"},
    {"#!/bin/bash\nDB_PASSWORD='CANARY userdata' ./run", "DB_PASSWORD"},
    {"app\n--password\nCANARY-arg-1\n", "password"},
    {"app --api-key=CANARY-arg-2", "api-key"},
    {"password: CANARY-yaml-1", "password"},
    {R"({"database": {"password": "CANARY-json-1"}})", "password"},
    {"sh -c \"DB_PASSWORD=CANARY-sh-1 exec app\"", "DB_PASSWORD"},
    {"pg_dump postgresql://app:CANARY-url@db/core", "text"},
    {"cat <<EOF\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nEOF", "private key"},
};

TEST(SecretScan, ReadsCommandsAndFiles) {
  for (const TextCase& row : kTexts) {
    const auto found = SecretsInText(row.text);
    if (row.found.empty()) {
      EXPECT_TRUE(found.empty()) << row.text << " -> " << (found.empty() ? "" : found[0].name);
    } else {
      ASSERT_FALSE(found.empty()) << row.text;
      EXPECT_EQ(found[0].name, row.found) << row.text;
    }
  }
}

TEST(SecretScan, NeverTellsAValue) {
  for (const TextCase& row : kTexts) {
    for (const SecretInText& secret : SecretsInText(row.text)) {
      EXPECT_EQ(secret.name.find("CANARY"), std::string::npos) << row.text;
      EXPECT_EQ(secret.reason.find("CANARY"), std::string_view::npos) << row.text;
    }
  }
}

TEST(SecretScan, DecodesBothAlphabetsOfBase64) {
  EXPECT_EQ(DecodeBase64("aGk="), "hi");
  EXPECT_EQ(DecodeBase64("aGk"), "hi");
  EXPECT_EQ(DecodeBase64("-_8="), "\xFB\xFF");
  EXPECT_EQ(DecodeBase64("+/8="), "\xFB\xFF");
  EXPECT_FALSE(DecodeBase64("a").has_value());
  EXPECT_FALSE(DecodeBase64("a b=").has_value());
  EXPECT_FALSE(DecodeBase64("").has_value());
}

}  // namespace
}  // namespace tfseal
