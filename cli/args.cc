#include "cli/args.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <ctime>

#include "core/json.h"
#include "core/suggest.h"
#include "fleet/inputs.h"
#include "planner/action_plan.h"
#include "policy/schedule_text.h"

namespace tfseal::cli {
namespace {

// What the contract promises and later versions bring. Never listed as available.
constexpr const char* kLater[] = {"external", "runtask"};

Ending Usage(std::string error, std::string hint = "") {
  return {ExitCode::kUsage, "", std::move(error), std::move(hint)};
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  const std::string_view nearest = Nearest(word, views);
  return nearest.empty() ? std::string() : fmt::format("did you mean {}?", nearest);
}

const CommandHelp* Find(std::string_view name) {
  for (const CommandHelp& command : Commands()) {
    if (name == command.name) return &command;
  }
  return nullptr;
}

// What the library fills in before it is checked.
struct Raw {
  std::vector<std::string> outputs;
  std::string now;
  std::string color = "auto";
  bool help = false;
};

bool ChangesTheWorld(const std::string& name) {
  return name == "apply" || name == "resume" || name == "rollback";
}

// The flags of the commands that carry a plan out.
void DeclareRun(const std::string& name, Arguments& arguments, Raw& raw, CLI::App& app) {
  RunArguments& run = arguments.run;
  if (!ChangesTheWorld(name) && name != "status" && name != "approve") return;
  app.add_option("--journal", run.journal,
                 "FILE, s3://BUCKET/PREFIX or postgresql://... that remembers the run; default ACTIONS.journal");
  app.add_option("--config", arguments.config, "FILE of the policy that the plan must have been made by");
  app.add_option("--environment", arguments.environment,
                 name == "approve" ? "NAME of the environment that everything approved must belong to"
                                   : "NAME of the environment that everything in the plan must belong to");
  if (name == "approve") {
    app.add_option("--action", run.actions, "ID of an action that is approved; may be repeated")
        ->allow_extra_args(false);
    app.add_option("--wave", run.wave, "N: every action of the wave that needs an approval");
    app.add_option("--by", run.by, "NAME of the person who approves");
    app.add_option("--reason", run.reason, "TEXT: why, or the ticket");
    app.add_option("--plan-json", run.plan_json, "FILE: the empty Terraform plan that a reconciliation waits for");
    app.add_flag("--accept-loss", run.accept_loss, "approve going back beyond the point of no return");
  }
  if (!ChangesTheWorld(name)) return;
  app.add_option("--poll", run.poll_seconds, "SECONDS between looks, instead of the plan's");
  app.add_option("--now", raw.now, "TIME that the run believes it is; only with AWS_ENDPOINT_URL, for rehearsals");
  app.add_flag("--take-over", run.take_over,
               "take the lock of a run that gave no sign of life until its lease was over");
  app.add_option("--evidence-dir", run.evidence_dir, "DIR for the evidence; default ACTIONS.evidence");
  app.add_option("--terraform-dir", run.terraform_dir, "DIR of the configuration that must agree in the end");
  app.add_option("--terraform", run.terraform_program, "terraform or tofu; default the first on PATH");
  if (name == "rollback") {
    app.add_flag("--accept-loss", run.accept_loss, "go back beyond the point of no return, as was approved");
    return;
  }
  app.add_option("--terraform-out", run.terraform_out, "FILE for what has to be written into the configuration");
  app.add_option("--recipient", run.recipient, "FILE of the certificate that exposed values are sealed for");
  app.add_option("--sealed-dir", run.sealed_dir, "DIR for the sealed values");
  app.add_flag("--keep-going", run.keep_going, "after a failure, go on with what does not depend on it");
  app.add_flag("--no-rollback", run.no_rollback, "leave a database as it is when moving it fails, even cut off");
}

void DeclareRekey(const std::string& name, Arguments& arguments, CLI::App& app) {
  if (name != "rekey") return;
  RekeyArguments& rekey = arguments.rekey;
  app.add_option("--config", arguments.config, "FILE with the section rekey:; default ./tfseal.yaml");
  app.add_flag("--worker", rekey.worker, "run: only join a job that is live");
  app.add_option("--lease", rekey.lease_seconds, "run: SECONDS until others take over what a dead worker held");
  app.add_option("--rows-per-segment", rekey.rows_per_segment, "run: ROWS that a worker takes at a time");
  app.add_option("--isolation", rekey.isolation, "run: read-committed or repeatable-read");
  app.add_option("--rows-per-s", rekey.rows_per_s, "set-rate: ROWS per second of all workers; 0 is no limit");
  app.add_option("--wal-mb-per-s", rekey.wal_mb_per_s, "set-rate: MB of write-ahead log per second; 0 is no limit");
  app.add_option("--reason", arguments.run.reason, "pause, cancel: TEXT that status shows");
  app.add_option("--probe", rekey.probe, "plan: ROWS of each table to open for trial; uses the old key");
  app.add_option("--run-as", rekey.run_as, "plan: ROLE whose privileges are judged; default the one that plans");
  app.add_option("--free-space", rekey.free_space, "plan: SIZE that is free on the database's disk, as 200GiB");
  app.add_flag("--wait", rekey.wait, "retire: wait until it is due");
  app.add_option("--key-file", arguments.evidence.key_file, "retire: FILE of the Ed25519 key that signs the evidence");
}

void DeclareRows(const std::string& name, Arguments& arguments, CLI::App& app) {
  if (name == "rekey" || name == "verify") {
    app.add_option("--sample", arguments.rekey.sample,
                   "verify of rows: ROWS of each table, with the bound that they give");
    app.add_flag("--full", arguments.rekey.full, "verify of rows: every row, whatever the configuration says");
  }
  if (name == "verify") app.add_flag("--rows", arguments.rows, "open the rows that the section rekey: maps");
  if (name != "evidence") return;
  app.add_option("--jwks", arguments.evidence.jwks,
                 "list, verify: FILE of the public keys that are trusted, as a JWK Set");
  app.add_option("--key-file", arguments.evidence.key_file, "keys: FILE of an Ed25519 key in PEM");
  app.add_option("--out", arguments.out, "export: FILE for the bundle");
}

void Declare(const CommandHelp& command, Arguments& arguments, Raw& raw, CLI::App& app) {
  const std::string name = command.name;
  app.set_help_flag();  // ours starts with examples
  app.add_flag("-h,--help", raw.help, "show this help");
  app.add_option("operands", arguments.operands, command.operands);
  if (!command.formats.empty()) {
    app.add_option("-o,--output", raw.outputs,
                   fmt::format("FORMAT[=FILE], one of {}; may be repeated", fmt::join(command.formats, ", ")))
        ->allow_extra_args(false);
  }
  if (name == "gate" || name == "verify" || name == "plan" || name == "doctor" || name == "facts") {
    app.add_option("--config", arguments.config, "FILE with the policy; default ./tfseal.yaml if it is there");
    app.add_option("--environment", arguments.environment, "NAME of the environment that everything belongs to");
    app.add_option("--now", raw.now, "TIME that decides what has expired, as 2026-12-31T00:00:00Z");
    app.add_flag("--soft-fail", arguments.soft_fail, "end with 0 where the verdict alone would end with 3 or 4");
  }
  if (name == "explain") {
    app.add_option("--config", arguments.config,
                   "FILE with controls of one's own; default ./tfseal.yaml if it is there");
  }
  if (name == "gate" || name == "verify") {
    app.add_option("--source", arguments.source,
                   "DIR of the root module: file and line of what is found, and waivers in comments");
    app.add_option("--baseline", arguments.baseline,
                   "FILE of an earlier --output json or jsonl: what it lists is known and decides nothing");
  }
  if (name == "gate" || name == "verify" || name == "facts") {
    app.add_option("--shard", arguments.shard, "I/N: only this part of the files, by their paths; from 1/N to N/N");
    app.add_option("--jobs", arguments.jobs, "N files at a time; default as many as there are processors");
  }
  if (name == "verify") {
    app.add_option("--obligations", arguments.obligations, "FILE of gate --output json whose obligations are checked");
  }
  if (name == "verify") {
    app.add_flag("--live", arguments.live, "ask AWS: about the resources of FILES, or about everything without FILES");
    app.add_option("--region", arguments.regions, "REGION to look at, for --live without FILES; may be repeated")
        ->allow_extra_args(false);
    app.add_option("--actions", arguments.actions,
                   "FILE of an action plan whose promises are judged, with --live or --journal");
    app.add_option("--journal", arguments.run.journal, "check the journal of a run: FILE, s3:// or postgresql://");
    app.add_flag("!--managed-only", arguments.unmanaged, "with --live: nothing about what no FILE manages");
    app.add_option("--concurrency", arguments.concurrency, "1 sends one request at a time, with --live");
  }
  if (name == "doctor") {
    app.add_flag("--live", arguments.live, "also ask AWS who the credentials are for, and what its clock says");
    app.add_option("--iam", arguments.iam, "print the IAM policy that verify or apply needs");
  }
  if (name == "controls") {
    app.add_flag("--live", arguments.live, "list how live AWS is observed, type by type, and what is not");
    app.add_flag("--coverage", arguments.coverage, "list what of the provider's schema no control looks at");
    app.add_option("--schema", arguments.schema_file, "FILE of terraform providers schema -json, for --coverage");
  }
  if (name == "init") {
    app.add_option("--profile", arguments.profile, "NAME of a starting set: cis, hipaa, nist, pci or soc2");
  }
  if (name == "plan") {
    app.add_option("--out", arguments.out, "FILE for the action plan");
    app.add_option("--strategy", arguments.strategy,
                   "how databases are moved: snapshot, blue-green, logical-replication or dms");
    app.add_flag("--detailed-exitcode", arguments.detailed_exitcode, "end with 2 if there are actions to take");
  }
  DeclareRun(name, arguments, raw, app);
  DeclareRekey(name, arguments, app);
  DeclareRows(name, arguments, app);
  app.add_flag("-q,--quiet", arguments.quiet, "no notes and hints on standard error");
  app.add_flag("-v,--verbose", arguments.verbose, "more detail");
  app.add_option("--color", raw.color, "auto, always or never");
}

// "-q,--quiet": without what the library writes behind the name of a flag that switches something off.
std::string NamesOf(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ",-") + name;
  for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ",--") + name;
  return names;
}

// `text` beside `label`, broken at blanks so that it fits into a terminal of 80 columns.
void AppendBeside(const std::string& label, std::string_view text, std::string& out) {
  constexpr std::size_t kColumns = 80;
  const std::string margin(label.size(), ' ');
  out += label;
  std::size_t used = label.size();
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (used > margin.size() && used + 1 + word.size() > kColumns) {
      out += "\n" + margin;
      used = margin.size();
    }
    out += fmt::format(" {}", word);
    used += 1 + word.size();
  }
  out += '\n';
}

std::string HelpOf(const CommandHelp& command) {
  std::string text = fmt::format("{}\n\nUsage: tfseal {}{}{} [flags]\n\nFlags:\n", command.examples, command.name,
                                 command.operands[0] == '\0' ? "" : " ", command.operands);
  text = fmt::format("tfseal {}: {}\n\nExamples:\n", command.name, command.summary) + text;
  Arguments arguments;
  Raw raw;
  CLI::App app;
  Declare(command, arguments, raw, app);
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) continue;
    AppendBeside(fmt::format("  {:<22}", NamesOf(*option)), option->get_description(), text);
  }
  return text;
}

std::string Overview() {
  std::string text =
      "tfseal judges what a Terraform plan does to encryption, keys and backups, plans\nthe way that keeps the data, "
      "and carries it out.\n\n"
      "Examples:\n"
      "  terraform show -json plan.tfplan > plan.json\n"
      "  tfseal gate plan.json                 # what would it destroy or weaken?\n"
      "  tfseal facts plan.json                # what is there, as read\n"
      "  tfseal verify terraform.tfstate       # does what is there comply?\n"
      "  tfseal plan terraform.tfstate --out actions.json\n"
      "  tfseal apply actions.json             # carries it out; any run can be killed and resumed\n\n"
      "Usage: tfseal COMMAND [flags] [FILES]\n\nCommands:\n";
  for (const CommandHelp& command : Commands()) {
    AppendBeside(fmt::format("  {:<12}", command.name), command.summary, text);
  }
  text +=
      "\n`tfseal COMMAND --help` has its flags, `tfseal explain N` explains an exit code:\n"
      "  0 done, allow, compliant             5 stopped with work left\n"
      "  1 could not do it                    6 waiting: says until when\n"
      "  2 there are actions to take          7 journal or evidence damaged\n"
      "    (plan --detailed-exitcode)         8 another run holds the lock\n"
      "  3 deny, not compliant                64 wrong use or configuration\n"
      "  4 a person must decide               130, 143 interrupted\n";
  return text;
}

Ending Version(bool json) {
  if (!json) return {ExitCode::kDone, fmt::format("tfseal {}\n", TFSEAL_VERSION), "", ""};
  JsonValue version(Json::objectValue);
  version["name"] = "tfseal";
  version["version"] = TFSEAL_VERSION;
  version["schemas"]["gate"] = "tfseal/gate/v1";
  version["schemas"]["verify"] = "tfseal/verify/v1";
  version["schemas"]["facts"] = "tfseal/facts/v1";
  version["schemas"]["fleet"] = "tfseal/fleet/v1";
  version["schemas"]["actions"] = std::string(kActionPlanSchema);
  version["schemas"]["status"] = "tfseal/status/v1";
  return {ExitCode::kDone, WriteJsonLine(version) + "\n", "", ""};
}

Ending UnknownCommand(const std::string& word) {
  for (const char* later : kLater) {
    if (word == later) {
      return Usage(fmt::format("{} is not in this version of tfseal", word), "tfseal --help lists what is");
    }
  }
  if (word.starts_with("-")) {
    return Usage(fmt::format("{}: a command comes first", word), "tfseal gate plan.json; tfseal --help lists all");
  }
  std::vector<std::string> names;
  for (const CommandHelp& command : Commands()) names.emplace_back(command.name);
  std::string hint = DidYouMean(word, names);
  return Usage(fmt::format("unknown command {}", word), hint.empty() ? "tfseal --help lists them" : std::move(hint));
}

Ending UnknownFlag(const CommandHelp& command, const std::string& flag) {
  const std::string name = flag.substr(0, flag.find('='));
  std::string hint = DidYouMean(name, FlagsOf(command.name));
  // Those of the judging commands that people try everywhere.
  if (name == "--soft-fail") hint = fmt::format("{} gives no verdict that could be softened", command.name);
  if (hint.empty()) hint = fmt::format("tfseal {} --help lists the flags", command.name);
  return Usage(fmt::format("unknown flag {} of {}", name, command.name), std::move(hint));
}

std::optional<Ending> CheckOutputs(const CommandHelp& command, const Raw& raw, Arguments& arguments) {
  const std::vector<std::string> formats(command.formats.begin(), command.formats.end());
  int printed = 0;
  for (const std::string& text : raw.outputs) {
    const std::size_t equals = text.find('=');
    OutputRequest request{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
    if (std::find(formats.begin(), formats.end(), request.format) == formats.end()) {
      std::string hint = DidYouMean(request.format, formats);
      if (hint.empty()) hint = fmt::format("one of {}", fmt::join(formats, ", "));
      return Usage(fmt::format("--output: {} has no format {}", command.name, request.format), std::move(hint));
    }
    if (equals != std::string::npos && request.file.empty()) return Usage("--output: the file has no name");
    if (request.file.empty() && ++printed > 1) {
      return Usage("--output: two formats for standard output", "give all but one a file: --output json=report.json");
    }
    arguments.outputs.push_back(std::move(request));
  }
  return std::nullopt;
}

std::optional<Ending> CheckOperands(const CommandHelp& command, const Arguments& arguments) {
  const std::string_view wanted = command.operands;
  const bool many = wanted.find("...") != std::string_view::npos;
  const bool optional = wanted.starts_with("[");
  if (wanted.empty() && !arguments.operands.empty()) {
    return Usage(fmt::format("{} takes no operand", command.name));
  }
  if (!wanted.empty() && !optional && arguments.operands.empty()) {
    const std::string_view one = many ? wanted.substr(0, wanted.size() - 3) : wanted;
    const bool vowel = std::string_view("AEIOU").find(one.front()) != std::string_view::npos;
    return Usage(fmt::format("{} needs {} {}", command.name, vowel ? "an" : "a", one),
                 fmt::format("tfseal {} --help has examples", command.name));
  }
  if (std::string_view(command.name) == "report" && arguments.operands.front() != "merge") {
    return Usage(fmt::format("report: {} is not merge", arguments.operands.front()),
                 "tfseal report merge a.jsonl b.jsonl");
  }
  if (std::string_view(command.name) == "report" && arguments.operands.size() < 2) {
    return Usage("report merge needs a FILE", "tfseal report --help has examples");
  }
  const auto most = static_cast<std::size_t>(std::count(wanted.begin(), wanted.end(), ' ') + 1);
  if (!many && arguments.operands.size() > most) return Usage(fmt::format("{} takes one {}", command.name, wanted));
  if (most > 1 && !optional && arguments.operands.size() < most)
    return Usage(fmt::format("{} needs {}", command.name, wanted),
                 fmt::format("tfseal {} --help has examples", command.name));
  for (const std::string& operand : arguments.operands) {
    if (operand.empty()) return Usage(fmt::format("{}: an operand is empty", command.name));
  }
  if (std::count(arguments.operands.begin(), arguments.operands.end(), "-") > 1) {
    return Usage("standard input can be read only once");
  }
  return std::nullopt;
}

std::optional<Ending> CheckFleet(const Arguments& arguments) {
  if (arguments.jobs < 0 || arguments.jobs > 1024) return Usage("--jobs: not between 1 and 1024");
  if (!arguments.shard.empty() && !fleet::ParseShard(arguments.shard)) {
    return Usage(fmt::format("--shard: {} is no part of a whole", arguments.shard), "write 1/4, 2/4, 3/4 and 4/4");
  }
  const bool no_files = arguments.live || arguments.rows || !arguments.run.journal.empty();
  if (no_files && (!arguments.shard.empty() || arguments.jobs != 0)) {
    return Usage("verify: --shard and --jobs go with FILES only, without --live, --rows and --journal");
  }
  return std::nullopt;
}

// What goes only with --live, and what goes only without.
std::optional<Ending> CheckLive(const CommandHelp& command, const Arguments& arguments) {
  const std::string_view name = command.name;
  if (name == "doctor") {
    if (!arguments.iam.empty() && arguments.iam != "verify" && arguments.iam != "apply") {
      return Usage(fmt::format("--iam: {} is not verify or apply", arguments.iam));
    }
    if (arguments.iam != "apply" && !arguments.operands.empty())
      return Usage("doctor takes a FILE only with --iam apply");
    if (!arguments.iam.empty() && arguments.live) return Usage("doctor: --iam and --live exclude each other");
    return std::nullopt;
  }
  if (name != "verify") return std::nullopt;
  if (!arguments.baseline.empty() && (arguments.live || arguments.rows || !arguments.run.journal.empty())) {
    return Usage("verify: --baseline goes with FILES only, without --live, --rows and --journal");
  }
  if (!arguments.run.journal.empty() && !arguments.live) {
    if (!arguments.operands.empty()) return Usage("verify: --journal goes with FILES only where --live does");
    return std::nullopt;
  }
  if (arguments.rows) {
    if (arguments.live || !arguments.operands.empty()) return Usage("verify: --rows goes without FILES and --live");
    for (const OutputRequest& output : arguments.outputs) {
      if (output.format != "text" && output.format != "json")
        return Usage("verify --rows has the formats text and json");
    }
    return std::nullopt;
  }
  if (!arguments.live) {
    if (arguments.operands.empty()) {
      return Usage("verify needs a FILE, or --live, --rows or --journal", "tfseal verify --help has examples");
    }
    const bool only_live =
        !arguments.regions.empty() || !arguments.actions.empty() || arguments.concurrency != 0 || !arguments.unmanaged;
    if (only_live) return Usage("--region, --actions, --concurrency and --managed-only only go with --live");
  }
  if (arguments.concurrency < 0) return Usage("--concurrency: not a number of requests");
  return std::nullopt;
}

std::optional<Ending> CheckRun(const CommandHelp& command, const Arguments& arguments) {
  const RunArguments& run = arguments.run;
  const std::string& program = run.terraform_program;
  if (run.poll_seconds < 0 || run.poll_seconds > 3600) return Usage("--poll: not between 0 and 3600 seconds");
  if (!program.empty() && program != "terraform" && program != "tofu") {
    return Usage(fmt::format("--terraform: {} is not terraform or tofu", program));
  }
  if (std::string_view(command.name) != "approve") return std::nullopt;
  if (run.by.empty()) return Usage("approve needs --by NAME", "the person who approves, not the machine");
  if (run.reason.empty()) return Usage("approve needs --reason TEXT", "why, or the ticket");
  if (run.actions.empty() && run.wave < 0 && !run.accept_loss) {
    return Usage("approve needs --action ID or --wave N", "tfseal status ACTIONS shows what waits");
  }
  if (!run.plan_json.empty() && run.actions.size() != 1) return Usage("--plan-json goes with one --action");
  return std::nullopt;
}

// "200GiB", "500MiB" or bytes; -1 if it is neither.
std::int64_t BytesOf(const std::string& text) {
  std::int64_t number = 0;
  const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(last, static_cast<std::size_t>(text.data() + text.size() - last));
  if (error != std::errc() || number < 0 || number > (std::int64_t{1} << 33)) {
    return unit.empty() && error == std::errc() ? number : -1;
  }
  if (unit == "MiB") return number << 20;
  if (unit == "GiB") return number << 30;
  return unit.empty() ? number : -1;
}

std::optional<Ending> CheckRekey(const CommandHelp& command, Arguments& arguments) {
  RekeyArguments& rekey = arguments.rekey;
  if (rekey.sample < 0) return Usage("--sample: not a number of rows");
  if (rekey.sample > 0 && rekey.full) return Usage("--sample and --full exclude each other");
  if (std::string_view(command.name) == "verify" && !arguments.rows && (rekey.sample > 0 || rekey.full)) {
    return Usage("verify: --sample and --full only go with --rows");
  }
  if (std::string_view(command.name) != "rekey") return std::nullopt;
  if (rekey.probe < 0 || rekey.probe > 100'000) return Usage("--probe: not between 0 and 100000 rows");
  if (!rekey.free_space.empty()) {
    rekey.free_bytes = BytesOf(rekey.free_space);
    if (rekey.free_bytes < 0) return Usage("--free-space: not a size", "write 200GiB, 500MiB or bytes");
  }
  if (rekey.lease_seconds < 1 || rekey.lease_seconds > 3600) return Usage("--lease: not between 1 and 3600 seconds");
  if (rekey.rows_per_segment < 100) return Usage("--rows-per-segment: at least 100");
  if (rekey.isolation != "read-committed" && rekey.isolation != "repeatable-read") {
    return Usage("--isolation: read-committed or repeatable-read");
  }
  return std::nullopt;
}

std::optional<Ending> Check(const CommandHelp& command, const Raw& raw, Arguments& arguments) {
  if (auto wrong = CheckOperands(command, arguments)) return wrong;
  if (auto wrong = CheckOutputs(command, raw, arguments)) return wrong;
  arguments.now = static_cast<std::int64_t>(std::time(nullptr));
  if (!raw.now.empty()) {
    const auto now = ParseTimestamp(raw.now);
    if (!now) return Usage("--now: not a time", "write it as 2026-12-31T00:00:00Z");
    arguments.now = *now;
    arguments.now_given = true;
  }
  if (raw.color == "always") {
    arguments.color = ColorMode::kAlways;
  } else if (raw.color == "never") {
    arguments.color = ColorMode::kNever;
  } else if (raw.color != "auto") {
    return Usage(fmt::format("--color: {} is not auto, always or never", raw.color));
  }
  if (auto wrong = CheckLive(command, arguments)) return wrong;
  if (auto wrong = CheckRun(command, arguments)) return wrong;
  if (auto wrong = CheckFleet(arguments)) return wrong;
  if (auto wrong = CheckRekey(command, arguments)) return wrong;
  if (!arguments.schema_file.empty() && !arguments.coverage) return Usage("--schema only goes with --coverage");
  if (arguments.coverage && arguments.live) return Usage("controls: --coverage and --live exclude each other");
  return std::nullopt;
}

// A flag of some subcommands only. Given to another one it would be passed over in silence.
struct OfSubcommands {
  const char* command;
  const char* flag;
  std::vector<std::string_view> subcommands;
};

std::optional<Ending> CheckSubcommand(const Arguments& arguments, const CLI::App& app) {
  static const auto* const kFlags = new std::vector<OfSubcommands>{
      {"rekey", "--worker", {"run"}},
      {"rekey", "--lease", {"run"}},
      {"rekey", "--rows-per-segment", {"run"}},
      {"rekey", "--isolation", {"run"}},
      {"rekey", "--rows-per-s", {"set-rate"}},
      {"rekey", "--wal-mb-per-s", {"set-rate"}},
      {"rekey", "--reason", {"pause", "cancel"}},
      {"rekey", "--probe", {"plan"}},
      {"rekey", "--run-as", {"plan"}},
      {"rekey", "--free-space", {"plan"}},
      {"rekey", "--wait", {"retire"}},
      {"rekey", "--key-file", {"retire"}},
      {"rekey", "--sample", {"verify"}},
      {"rekey", "--full", {"verify"}},
      {"evidence", "--jwks", {"list", "verify"}},
      {"evidence", "--key-file", {"keys"}},
      {"evidence", "--out", {"export"}},
  };
  for (const OfSubcommands& each : *kFlags) {
    if (arguments.command != each.command || app.count(each.flag) == 0) continue;
    const std::string& word = arguments.operands.front();
    if (std::find(each.subcommands.begin(), each.subcommands.end(), word) != each.subcommands.end()) continue;
    return Usage(fmt::format("{}: {} goes with {} only", each.command, each.flag, fmt::join(each.subcommands, " and ")),
                 fmt::format("tfseal {} --help", each.command));
  }
  return std::nullopt;
}

// What the library says of a value, in words of ours.
std::string InWords(std::string text) {
  constexpr std::string_view kConversion = "Could not convert: ";
  if (text.starts_with(kConversion)) {
    text.erase(0, kConversion.size());
    const std::size_t equals = text.find(" = ");
    if (equals != std::string::npos) text.replace(equals, 3, ": ");
    return text + " is not a number";
  }
  if (text.ends_with(" missing")) {
    if (const std::size_t colon = text.find(": "); colon != std::string::npos)
      return text.substr(0, colon) + " needs a value";
  }
  return text;
}

}  // namespace

std::vector<std::string> FlagsOf(const std::string& name) {
  std::vector<std::string> flags;
  const CommandHelp* command = Find(name);
  if (command == nullptr) return flags;
  Arguments arguments;
  Raw raw;
  CLI::App app;
  Declare(*command, arguments, raw, app);
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& flag : option->get_lnames()) flags.push_back("--" + flag);
  }
  return flags;
}

std::variant<Arguments, Ending> ParseArguments(int argc, const char* const* argv) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    if (words.size() > 1) {
      const CommandHelp* about = Find(words[1]);
      return about == nullptr ? UnknownCommand(words[1]) : Ending{ExitCode::kDone, HelpOf(*about), "", ""};
    }
    if (words.empty()) return Usage("a command is missing", "tfseal --help lists them");
    return Ending{ExitCode::kDone, Overview(), "", ""};
  }
  if (words[0] == "--version") return Version(std::find(words.begin(), words.end(), "--json") != words.end());
  const CommandHelp* command = Find(words[0]);
  if (command == nullptr) return UnknownCommand(words[0]);

  Arguments arguments;
  arguments.command = command->name;
  Raw raw;
  CLI::App app;
  Declare(*command, arguments, raw, app);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend() - 1);
    app.parse(std::move(reversed));
  } catch (const CLI::ExtrasError&) {
    for (const std::string& extra : app.remaining()) return UnknownFlag(*command, extra);
  } catch (const CLI::ParseError& error) {
    return Usage(InWords(error.what()), fmt::format("tfseal {} --help has examples", command->name));
  }
  if (raw.help) return Ending{ExitCode::kDone, HelpOf(*command), "", ""};
  if (auto wrong = Check(*command, raw, arguments)) return *wrong;
  if (auto wrong = CheckSubcommand(arguments, app)) return *wrong;
  return arguments;
}

}  // namespace tfseal::cli
