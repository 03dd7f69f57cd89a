#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/exit_code.h"

namespace tfseal::cli {

enum class ColorMode : std::uint8_t { kAuto, kAlways, kNever };

// One --output FORMAT[=FILE].
struct OutputRequest {
  std::string format;
  std::string file;  // empty: standard output
};

// Of the commands that carry a plan out.
struct RunArguments {
  std::string journal;  // path or URL; empty: beside the plan
  double poll_seconds = 0;
  bool keep_going = false;
  bool no_rollback = false;
  bool take_over = false;
  bool accept_loss = false;
  std::string terraform_dir;
  std::string terraform_program;
  std::string terraform_out;
  std::string recipient;
  std::string sealed_dir;
  std::string evidence_dir;          // empty: beside the plan
  std::vector<std::string> actions;  // approve
  int wave = -1;
  std::string by;
  std::string reason;
  std::string plan_json;
};

// Of rekey.
struct RekeyArguments {
  bool worker = false;
  std::int64_t lease_seconds = 30;
  std::int64_t rows_per_segment = 20'000;
  std::string isolation = "read-committed";
  double rows_per_s = -1;  // set-rate; negative: not given
  double wal_mb_per_s = -1;
  int probe = 0;           // plan: rows of each table that are opened for trial
  std::string run_as;      // plan: role whose privileges are judged
  std::string free_space;  // plan: "200GiB"
  std::int64_t free_bytes = -1;
  std::int64_t sample = 0;  // verify: rows of each table; 0: as the mapping says
  bool full = false;        // verify
  bool wait = false;        // retire: waits until it is due
};

// Of evidence.
struct EvidenceArguments {
  std::string jwks;      // file of the keys that are trusted
  std::string key_file;  // a key in PEM
};

// A command line that is well-formed. Fields that the command does not have keep their defaults.
struct Arguments {
  std::string command;
  std::vector<std::string> operands;  // files, or the name that explain, schema, export and completion take
  std::string config;                 // empty: ./tfseal.yaml if it is there
  std::string environment;
  std::vector<OutputRequest> outputs;
  std::int64_t now = 0;  // seconds since the epoch; --now, or the clock
  ColorMode color = ColorMode::kAuto;
  bool quiet = false;
  bool verbose = false;
  bool soft_fail = false;
  bool coverage = false;             // controls
  std::string schema_file;           // controls --coverage --schema
  std::string profile;               // init
  std::string obligations;           // verify
  std::string source;                // gate, verify: directory of the root module
  std::string baseline;              // gate, verify: a report of before
  std::string shard;                 // gate, verify, facts: "2/8"
  int jobs = 0;                      // gate, verify, facts: documents at a time; 0: as many as there are processors
  bool live = false;                 // verify, doctor, controls
  std::vector<std::string> regions;  // verify --live
  std::string actions;               // verify --live: an action plan
  int concurrency = 0;               // verify --live: 1 sends one request at a time; 0: as many as the services take
  bool unmanaged = true;             // verify --live with files: also tell about what none of them manages
  std::string iam;                   // doctor: verify or apply
  std::string out;                   // plan
  std::string strategy;              // plan
  bool detailed_exitcode = false;    // plan
  bool now_given = false;
  RunArguments run;  // apply, resume, rollback, approve, status
  RekeyArguments rekey;
  bool rows = false;  // verify: the rows that the configuration maps
  EvidenceArguments evidence;
  std::string name;  // version: the text after --version
};

// What to print and how to end when there is no command to run: help, the version, or a usage error.
struct Ending {
  ExitCode code = ExitCode::kUsage;
  std::string out;    // standard output
  std::string error;  // empty unless code is kUsage
  std::string hint;
};

std::variant<Arguments, Ending> ParseArguments(int argc, const char* const* argv);

class Ui;

// The commands of this version, in the order of the help.
struct CommandHelp {
  const char* name;
  const char* operands;  // "PLAN", "FILE...", ""
  const char* summary;
  const char* examples;              // lines
  std::vector<const char*> formats;  // of --output, the default first; empty: the command has no --output
  ExitCode (*run)(const Arguments& arguments, const Ui& ui);
};
const std::vector<CommandHelp>& Commands();

// The long flags of a command, for completion.
std::vector<std::string> FlagsOf(const std::string& command);

}  // namespace tfseal::cli
