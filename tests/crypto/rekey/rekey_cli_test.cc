// The binary from the plan to the retired key, and what it must never print.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "core/json.h"
#include "crypto/rekey/job_store.h"
#include "tests/crypto/rekey/sealed_rows.h"
#include "tests/support/emulator.h"

namespace tfseal::rekey {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProgramRun;

class RekeyCli : public SealedRows {
 protected:
  void SetUp() override {
    SealedRows::SetUp();
    if (IsSkipped()) return;
    WriteConfig(LocalMappingText());
    environment_["DATABASE_URL"] = server_->Url();
  }
  void WriteConfig(const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(Directory() + "/tfseal.yaml", text).ok());
  }
  ProgramRun Tfseal(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), testing::TfsealBinary());
    testing::ProgramOptions options;
    options.directory = Directory();
    options.environment = environment_;
    ProgramRun run = testing::RunProgram(arguments, options);
    const std::string all = run.out + run.err;
    EXPECT_THAT(all, Not(HasSubstr("canary")));
    EXPECT_THAT(all, Not(HasSubstr(std::string(8, '\x22'))));
    EXPECT_THAT(all,
                Not(HasSubstr(Sql("SELECT encode(substr(payload_ciphertext, 1, 8), 'hex') FROM connections LIMIT 1"))));
    return run;
  }
  static std::string Sql(const std::string& text) { return server_->Sql(text); }
  // As workers leave it.
  void CompleteJob() {
    const Mapping mapping = ReadText(LocalMappingText());
    postgres::Connection session = Open();
    JobStore store(session, mapping);
    ASSERT_TRUE(store.Setup().ok());
    Job job;
    job.mapping_digest = mapping.digest;
    job.mode = mapping.mode;
    job.key_from = mapping.from.name;
    job.key_to = mapping.to.name;
    job.pin_from = old_key_->id();
    job.pin_to = new_key_->id();
    job.ref_from = "1";
    job.ref_to = "2";
    ASSERT_TRUE(store.Create(job).ok());
    Sql("UPDATE tfseal.job SET phase = 'completed', finished_at = now()");
  }
  std::string EvidenceFile(const std::string& end) const {
    const std::string directory = Directory() + "/rekey-evidence";
    for (const auto& each : std::filesystem::directory_iterator(directory)) {
      if (each.path().string().ends_with(end)) return each.path().string();
    }
    return "";
  }

  std::map<std::string, std::string> environment_;
};

TEST_F(RekeyCli, APlanNamesWhatIsWrongAndProbesOnlyWhenAsked) {
  AddRows(1, 50, 1);
  const ProgramRun plan = Tfseal({"rekey", "plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.out << plan.err;
  EXPECT_THAT(plan.out, HasSubstr("rekey plan: ready"));
  EXPECT_THAT(plan.out, HasSubstr("50 rows, 50 under the old key"));
  EXPECT_THAT(plan.out, Not(HasSubstr("probed")));
  const ProgramRun probed = Tfseal({"rekey", "plan", "--probe", "20", "--output", "json"});
  EXPECT_EQ(probed.exit_code, 0) << probed.out << probed.err;
  const JsonValue json = ParseJson(probed.out).value();
  EXPECT_EQ(json["probed"].asInt(), 20);
  EXPECT_EQ(json["probe_failures"].asInt(), 0);
  Sql("UPDATE connections SET payload_iv = '\\x000000000000000000000000', iv = '\\x000000000000000000000000'");
  EXPECT_EQ(Tfseal({"rekey", "plan", "--probe", "20"}).exit_code, 3);
}

TEST_F(RekeyCli, VerifyIsOneCommandUnderTwoNames) {
  AddRows(1, 200, 2);
  const ProgramRun verified = Tfseal({"verify", "--rows", "--output", "json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_EQ(verified.out, Tfseal({"rekey", "verify", "--output", "json"}).out);
  EXPECT_EQ(ParseJson(verified.out).value()["tables"][0U]["opened"].asInt(), 200);
  const ProgramRun sample = Tfseal({"rekey", "verify", "--sample", "50"});
  EXPECT_EQ(sample.exit_code, 0) << sample.err;
  EXPECT_THAT(sample.out, HasSubstr("a sample, which does not allow retiring the old key"));
  AddRows(900, 901, 1);
  EXPECT_EQ(Tfseal({"verify", "--rows"}).exit_code, 3);
}

TEST_F(RekeyCli, ADatabaseThatWasRestoredFromBeforeIsRetiredAgain) {
  AddRows(1, 300, 2);
  CompleteJob();
  ASSERT_EQ(Tfseal({"rekey", "retire", "--wait"}).exit_code, 0);
  Sql("UPDATE tfseal.job SET phase = 'completed'");
  Sql("UPDATE encryption_keys SET status = 'rotating' WHERE status = 'retired'");
  Sql("ALTER TABLE connections DROP CONSTRAINT tfseal_fence_1");
  const ProgramRun again = Tfseal({"rekey", "retire", "--wait"});
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_EQ(Sql("SELECT status FROM encryption_keys ORDER BY id"), "retired\nactive");
  EXPECT_EQ(Tfseal({"evidence", "verify", "rekey-evidence"}).exit_code, 4) << "whole, and signed by nobody";
  const std::string text = ReadFileBounded(EvidenceFile(".jsonl"), 1 << 24).value();
  const auto count = [&](std::string_view part) {
    int times = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
    return times;
  };
  for (const char* kind : {"fence", "self-test", "job", "verification", "retired"}) {
    EXPECT_EQ(count(fmt::format("\"kind\":\"{}\"", kind)), 2) << kind;
  }
  EXPECT_EQ(Tfseal({"rekey", "retire"}).exit_code, 0);
  EXPECT_EQ(ReadFileBounded(EvidenceFile(".jsonl"), 1 << 24).value(), text) << "nothing to add";
}

TEST_F(RekeyCli, TheKeyIsRetiredWithEvidenceThatShowsEveryChange) {
  AddRows(1, 300, 2);
  CompleteJob();
  const ProgramRun made = testing::RunProgram(
      {"/usr/bin/env", "openssl", "genpkey", "-algorithm", "ed25519", "-out", Directory() + "/signing.pem"});
  ASSERT_EQ(made.exit_code, 0);
  const ProgramRun early = Tfseal({"rekey", "retire", "--key-file", "signing.pem"});
  EXPECT_EQ(early.exit_code, 6) << early.out << early.err;
  const ProgramRun retired = Tfseal({"rekey", "retire", "--key-file", "signing.pem", "--wait"});
  EXPECT_EQ(retired.exit_code, 0) << retired.out << retired.err;
  EXPECT_EQ(Sql("SELECT status FROM encryption_keys ORDER BY id"), "retired\nactive");

  const ProgramRun keys = Tfseal({"evidence", "keys", "--key-file", "signing.pem"});
  ASSERT_EQ(keys.exit_code, 0) << keys.err;
  ASSERT_TRUE(WriteFileAtomically(Directory() + "/trusted.json", keys.out).ok());
  const auto verify = [&] {
    return Tfseal({"evidence", "verify", "rekey-evidence", "--jwks", "trusted.json"}).exit_code;
  };
  EXPECT_EQ(verify(), 0);
  EXPECT_EQ(Tfseal({"evidence", "verify", "rekey-evidence"}).exit_code, 4) << "nobody who is trusted signed it";
  EXPECT_EQ(Tfseal({"rekey", "retire"}).exit_code, 0) << "once more, by somebody without the signing key";
  EXPECT_EQ(verify(), 0) << "the signature was taken away";
  EXPECT_EQ(Tfseal({"evidence", "list", "rekey-evidence"}).exit_code, 0);
  EXPECT_EQ(Tfseal({"evidence", "export", "rekey-evidence", "--out", "bundle.json"}).exit_code, 0);

  const std::string path = EvidenceFile(".jsonl");
  const std::string text = ReadFileBounded(path, 1 << 24).value();
  EXPECT_THAT(text, Not(HasSubstr("canary")));
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  ASSERT_GT(lines.size(), 4U);
  std::string flipped = text;
  flipped[text.size() / 2] = static_cast<char>(flipped[text.size() / 2] ^ 1);
  const std::string dropped = text.substr(0, text.size() - lines.back().size());
  const std::string swapped = lines[1] + lines[0] + text.substr(lines[0].size() + lines[1].size());
  for (const std::string& changed : {flipped, dropped, swapped}) {
    ASSERT_TRUE(WriteFileAtomically(path, changed).ok());
    EXPECT_EQ(verify(), 7);
  }
  ASSERT_TRUE(WriteFileAtomically(path, text).ok());
  EXPECT_EQ(verify(), 0);
}

// Incomplete is not damaged, and damage does not pass for incomplete.
TEST_F(RekeyCli, EvidenceOfARetirementThatWasStopped) {
  AddRows(1, 40, 2);
  CompleteJob();
  const auto verify = [&] { return Tfseal({"evidence", "verify", "rekey-evidence"}); };
  const auto read = [&](const std::string& end) { return ReadFileBounded(EvidenceFile(end), 1 << 24).value(); };
  const auto write = [&](const std::string& end, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(EvidenceFile(end), text).ok());
  };
  Sql("CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT status FROM "
      "public.encryption_keys WHERE id = 1) = 'retired' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$; CREATE "
      "TRIGGER late BEFORE INSERT ON key_rotation_audit FOR EACH ROW EXECUTE FUNCTION late()");
  EXPECT_EQ(Tfseal({"rekey", "retire"}).exit_code, 6);
  EXPECT_EQ(verify().exit_code, 4) << "whole, and not signed";
  const std::string early = read(".seal.json");
  EXPECT_EQ(Tfseal({"rekey", "retire", "--wait"}).exit_code, 1) << "stopped by an error";
  const ProgramRun stopped = verify();
  EXPECT_EQ(stopped.exit_code, 5) << stopped.out << stopped.err;
  EXPECT_THAT(stopped.out, HasSubstr("INCOMPLETE"));
  EXPECT_THAT(stopped.out, HasSubstr("the run was stopped after 6 records"));
  EXPECT_THAT(stopped.err, HasSubstr("tfseal rekey retire, run again"));
  EXPECT_EQ(Tfseal({"evidence", "export", "rekey-evidence", "--out", "bundle.json"}).exit_code, 1);

  // As a process leaves it that is killed: the seal is that of the beginning.
  const std::string seal = read(".seal.json");
  const std::string chain = read(".jsonl");
  write(".seal.json", early);
  const ProgramRun killed = verify();
  EXPECT_EQ(killed.exit_code, 5) << killed.out << killed.err;
  EXPECT_THAT(killed.out, HasSubstr("1 of 6 records are sealed"));
  const std::size_t line = chain.find('\n') + 1;
  std::string changed = chain;
  changed[line / 2] = changed[line / 2] == '1' ? '2' : '1';
  const std::size_t next = chain.find('\n', line) + 1;
  const std::string swapped = chain.substr(line, next - line) + chain.substr(0, line) + chain.substr(next);
  const std::string without = chain.substr(0, line) + chain.substr(next);
  for (const std::string& damaged : {changed, chain.substr(line), without, swapped, std::string()}) {
    write(".jsonl", damaged);
    EXPECT_EQ(verify().exit_code, 7);
    EXPECT_THAT(verify().out, HasSubstr("DAMAGED"));
    EXPECT_EQ(Tfseal({"rekey", "retire"}).exit_code, 7) << "what was changed is not sealed anew";
    EXPECT_EQ(read(".jsonl"), damaged);
    EXPECT_EQ(read(".seal.json"), early);
  }
  const std::string path = EvidenceFile(".jsonl");
  std::filesystem::remove(path);
  EXPECT_EQ(verify().exit_code, 7) << "a seal without its chain";
  ASSERT_TRUE(WriteFileAtomically(path, chain).ok());
  std::filesystem::remove(EvidenceFile(".seal.json"));
  EXPECT_EQ(verify().exit_code, 7) << "a chain without its seal";
  ASSERT_TRUE(WriteFileAtomically(path.substr(0, path.size() - 6) + ".seal.json", early).ok());

  Sql("DROP TRIGGER late ON key_rotation_audit");
  const ProgramRun retired = Tfseal({"rekey", "retire"});
  EXPECT_EQ(retired.exit_code, 0) << retired.out << retired.err;
  EXPECT_EQ(verify().exit_code, 4) << "whole, and not signed";
  EXPECT_EQ(Sql("SELECT count(*) FROM key_rotation_audit"), "1");
  write(".seal.json", seal);
  EXPECT_EQ(verify().exit_code, 5) << "one record behind the seal of the run that stopped";
}

TEST_F(RekeyCli, EveryStepSaysTheNext) {
  AddRows(1, 10, 1);
  const ProgramRun before = Tfseal({"rekey", "status"});
  EXPECT_EQ(before.exit_code, 0) << "that nothing has begun is an answer";
  EXPECT_THAT(before.out, HasSubstr("there was no job yet: reseal from 2024-09-kms to 2025-03-kms"));
  EXPECT_THAT(before.err, HasSubstr("next: tfseal rekey plan, then tfseal rekey setup"));
  const ProgramRun plan = Tfseal({"rekey", "plan", "--output", "markdown=plan.md", "--output", "json=plan.json"});
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_EQ(plan.out, "");
  EXPECT_THAT(plan.err, HasSubstr("rekey plan: ready, written to plan.md, plan.json"));
  EXPECT_THAT(plan.err, HasSubstr("next: tfseal rekey setup, once, then tfseal rekey run"));
  Sql("DROP TABLE key_rotation_audit");
  const ProgramRun refused = Tfseal({"rekey", "plan", "--output", "json=plan.json"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("correct what it lists, then tfseal rekey plan"));
  ASSERT_EQ(Tfseal({"rekey", "setup"}).exit_code, 0);
  const ProgramRun ready = Tfseal({"rekey", "status", "--output", "json"});
  EXPECT_EQ(ready.exit_code, 0);
  EXPECT_EQ(ParseJson(ready.out).value()["phase"].asString(), "none");
  EXPECT_EQ(ParseJson(ready.out).value()["job"].asInt(), 0);
  EXPECT_THAT(ready.err, HasSubstr("next: tfseal rekey run"));
  const ProgramRun misspelt = Tfseal({"rekey", "retrie"});
  EXPECT_EQ(misspelt.exit_code, 64);
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean retire?"));
}

TEST_F(RekeyCli, AWholeRotation) {
  AddRows(1, 1500, 1);
  ASSERT_EQ(Tfseal({"rekey", "plan"}).exit_code, 0);
  EXPECT_EQ(Tfseal({"rekey", "verify"}).exit_code, 3) << "nothing was moved yet";
  const ProgramRun setup = Tfseal({"rekey", "setup"});
  ASSERT_EQ(setup.exit_code, 0) << setup.err;
  const ProgramRun run = Tfseal({"rekey", "run"});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const ProgramRun verified = Tfseal({"rekey", "verify", "--output", "json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const JsonValue table = ParseJson(verified.out).value()["tables"][0U];
  EXPECT_EQ(table["opened"].asInt(), 1500);
  EXPECT_EQ(table["old_at_end"].asInt(), 0);
  const ProgramRun retired = Tfseal({"rekey", "retire", "--wait"});
  EXPECT_EQ(retired.exit_code, 0) << retired.out << retired.err;
  EXPECT_EQ(Sql("SELECT status FROM encryption_keys ORDER BY id"), "retired\nactive");
  EXPECT_EQ(Sql("SELECT count(*) FROM key_rotation_audit WHERE old_key_version = '2024-09-kms'"), "1");
  EXPECT_EQ(Tfseal({"evidence", "verify", "rekey-evidence"}).exit_code, 4) << "whole, and not signed";
}

TEST_F(RekeyCli, ARunDoesNotBeginWhereItsEndCannotBeWritten) {
  AddRows(1, 20, 1);
  ASSERT_EQ(Tfseal({"rekey", "setup"}).exit_code, 0);
  Sql("ALTER TABLE key_rotation_audit ALTER initiated_by TYPE integer USING 1");
  EXPECT_EQ(Tfseal({"rekey", "plan"}).exit_code, 3);
  const ProgramRun run = Tfseal({"rekey", "run"});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_THAT(run.err, HasSubstr("public.key_rotation_audit.initiated_by: the column is integer"));
  EXPECT_THAT(run.err, HasSubstr("TYPE text"));
  EXPECT_EQ(Sql("SELECT count(*) FROM tfseal.job"), "0");
  Sql("ALTER TABLE key_rotation_audit ALTER initiated_by TYPE text");
  EXPECT_EQ(Tfseal({"rekey", "run"}).exit_code, 0);
}

// A role that can only read, and a key service that writes down every call.
TEST_F(RekeyCli, APlanLeavesNoTraceInDatabaseOrKms) {
  const auto emulator = testing::Emulator::Start();
  if (emulator == nullptr) GTEST_SKIP() << "SKIP: moto is not installed";
  environment_["AWS_ENDPOINT_URL"] = emulator->url();
  environment_["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE";
  environment_["AWS_SECRET_ACCESS_KEY"] = "canary-secret";
  environment_["AWS_REGION"] = "us-east-1";
  testing::ProgramOptions options;
  options.environment = environment_;
  const ProgramRun keys =
      testing::RunProgram({"/usr/bin/env", "python3", "-c",
                           "import boto3, os\nkms = boto3.client('kms', endpoint_url=os.environ['AWS_ENDPOINT_URL'], "
                           "region_name='us-east-1')\nprint(kms.create_key()['KeyMetadata']['Arn'], "
                           "kms.create_key()['KeyMetadata']['Arn'])"},
                          options);
  ASSERT_EQ(keys.exit_code, 0) << keys.err;
  const std::size_t blank = keys.out.find(' ');
  const std::string from = keys.out.substr(0, blank);
  const std::string to = keys.out.substr(blank + 1, keys.out.size() - blank - 2);
  AddRows(1, 40, 1);
  Sql("UPDATE encryption_keys SET kms_key_arn = '" + from +
      "' WHERE id = 1; DELETE FROM encryption_keys WHERE id = 2; "
      "DROP ROLE IF EXISTS looker; CREATE ROLE looker LOGIN PASSWORD 'canary-looker'; "
      "ALTER ROLE looker SET default_transaction_read_only = on; GRANT USAGE ON SCHEMA public TO looker; "
      "GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker; VACUUM ANALYZE");
  std::string text = Fixture("tfseal.yaml");
  const std::string alias = "arn:aws:kms:us-east-1:123456789012:alias/app/master";
  text.replace(text.find(alias), alias.size(), to);
  WriteConfig(text);
  environment_["DATABASE_URL"] = server_->TcpUrl("looker", "canary-looker", "postgres");
  const std::string trace =
      "SELECT pg_snapshot_xmax(pg_current_snapshot()); SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM "
      "connections t;"
      "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM encryption_keys t; SELECT count(*) FROM pg_class;"
      "SELECT count(*) FROM pg_namespace WHERE nspname = 'tfseal'";
  const std::string before = Sql(trace);
  const JsonValue calls_before = ParseJson(emulator->Get("/faults/calls")).value();
  const ProgramRun plan = Tfseal({"rekey", "plan", "--run-as", "postgres", "--output", "json"});
  EXPECT_EQ(plan.exit_code, 0) << plan.out << plan.err;
  EXPECT_EQ(Sql(trace), before);
  const JsonValue calls = ParseJson(emulator->Get("/faults/calls")).value();
  EXPECT_GT(calls["calls"].size(), calls_before["calls"].size());
  for (Json::ArrayIndex i = calls_before["calls"].size(); i < calls["calls"].size(); ++i) {
    EXPECT_EQ(calls["calls"][i]["action"].asString(), "DescribeKey");
  }
  const JsonValue json = ParseJson(plan.out).value();
  EXPECT_EQ(json["keys"][1U]["id"].asString(), to);
  EXPECT_EQ(json["forecast"]["kms_calls"].asInt(), 120);
}

}  // namespace
}  // namespace tfseal::rekey
