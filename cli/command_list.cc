#include "cli/args.h"
#include "cli/commands.h"

namespace tfseal::cli {

const std::vector<CommandHelp>& Commands() {
  static const auto* const commands = new std::vector<CommandHelp>{
      {"facts",
       "FILE...",
       "prints what a plan or state says about encryption, keys and backups",
       "  tfseal facts plan.json\n"
       "  tfseal facts --output jsonl terraform.tfstate | jq -r 'select(.encryption==\"none\").address'\n"
       "  tfseal facts --output jsonl 'states/**/*.tfstate' > facts.jsonl\n"
       "  terraform show -json | tfseal facts -",
       {"text", "json", "jsonl"},
       RunFacts},
      {"gate",
       "PLAN...",
       "says what a plan would destroy or weaken, and ends with the verdict",
       "  tfseal gate plan.json\n"
       "  tfseal gate plan.json --config tfseal.yaml --output json=gate.json --output markdown\n"
       "  tfseal gate plan.tfplan --output sarif=gate.sarif --output html=gate.html\n"
       "  tfseal gate plan.json --baseline main.json    # fails only on what is new\n"
       "  tfseal gate 'plans/**/*.json'                 # many at a time, one report; a folder does too\n"
       "  tfseal gate plans --shard 2/8 --output jsonl=2.jsonl\n"
       "  terraform show -json plan.tfplan | tfseal gate -",
       {"text", "json", "jsonl", "markdown", "markdown:comment", "html", "sarif", "junit", "junit:gitlab",
        "github-annotations", "gitlab-codequality", "gitlab-terraform", "asff", "ocsf", "oscal", "csv"},
       RunGate},
      {"plan",
       "FILE...",
       "computes the changes that are required, in an order that loses nothing",
       "  tfseal plan terraform.tfstate --out actions.json\n"
       "  tfseal plan staging.json beta.json --output markdown=plan.md\n"
       "  tfseal plan 'states/*.json' --out actions.json     # folders and patterns stand for their files\n"
       "  terraform show -json plan.tfplan | tfseal plan - --detailed-exitcode",
       {"text", "json", "markdown", "mermaid", "html"},
       RunPlan},
      {"apply",
       "ACTIONS",
       "carries an action plan out: looks, writes down what it is about to do, does it, looks again",
       "  tfseal apply actions.json\n"
       "  tfseal apply actions.json --terraform-dir infra --keep-going\n"
       "  tfseal apply actions.json --journal s3://audit-bucket/runs/orders",
       {"text", "json"},
       RunApply},
      {"resume",
       "ACTIONS",
       "goes on from where the journal and AWS say that a run stands",
       "  tfseal resume actions.json\n"
       "  tfseal resume actions.json --take-over       # after a run that was killed far away",
       {"text", "json"},
       RunResume},
      {"status",
       "ACTIONS",
       "says where each database stands, what runs, what waits for what, and what failed",
       "  tfseal status actions.json\n"
       "  tfseal status actions.json --output json | jq .waiting",
       {"text", "json"},
       RunStatus},
      {"approve",
       "ACTIONS",
       "records that a person agrees to an action, or did what only a person can do",
       "  tfseal approve actions.json --wave 1 --by alice --reason CHG-1042\n"
       "  tfseal approve actions.json --action 0b6f... --by alice --reason 'merged in #88' --plan-json empty.json",
       {},
       RunApprove},
      {"rollback",
       "ACTIONS",
       "takes back what was done, as far as no point of no return was passed",
       "  tfseal rollback actions.json",
       {"text", "json"},
       RunRollback},
      {"rekey",
       "SUBCOMMAND",
       "re-encrypts database rows under a new key while the application writes",
       "  tfseal rekey plan --output markdown=plan.md  # what it would do; touches nothing\n"
       "  tfseal rekey setup                           # tables of tfseal's own, once\n"
       "  tfseal rekey run                             # on as many machines as you like\n"
       "  tfseal rekey run --worker                    # joins a live job, never starts one\n"
       "  tfseal rekey status --output json\n"
       "  tfseal rekey set-rate --wal-mb-per-s 10      # of the live job, from any machine\n"
       "  tfseal rekey pause --reason CHG-1042\n"
       "  tfseal rekey resume                          # or: cancel\n"
       "  tfseal rekey verify                          # opens every row under the new key\n"
       "  tfseal rekey retire                          # fence, verify again, signed evidence\n"
       "  tfseal rekey prune-tokens                    # expired and used scoped tokens",
       {"text", "json", "markdown"},
       RunRekey},
      {"evidence",
       "SUBCOMMAND...",
       "shows and checks the sealed record of what was done",
       "  tfseal evidence list rekey-evidence\n"
       "  tfseal evidence keys --key-file signing-key.pem > trusted.json\n"
       "  tfseal evidence verify rekey-evidence --jwks trusted.json\n"
       "  tfseal evidence export rekey-evidence --out evidence.json",
       {"text", "json"},
       RunEvidence},
      {"verify",
       "[FILE...]",
       "judges a state or live AWS, and closes the obligations a gate left open",
       "  tfseal verify terraform.tfstate\n"
       "  tfseal verify terraform.tfstate --obligations gate.json\n"
       "  tfseal verify states --output jsonl=states.jsonl --output html=states.html\n"
       "  tfseal verify terraform.tfstate --live      # the same resources, as AWS has them\n"
       "  tfseal verify --live --region us-east-1     # everything in the account and region\n"
       "  tfseal verify --rows                        # every row that the section rekey: maps",
       {"text", "json", "jsonl", "markdown", "markdown:comment", "html", "sarif", "junit", "junit:gitlab",
        "github-annotations", "gitlab-codequality", "asff", "ocsf", "oscal", "csv"},
       RunVerify},
      {"report",
       "SUBCOMMAND...",
       "joins what shards of a run wrote into one report, in every format",
       "  tfseal report merge 1.jsonl 2.jsonl 3.jsonl 4.jsonl\n"
       "  tfseal report merge 'shards/*.jsonl' --output html=all.html --output sarif=all.sarif",
       {"text", "json", "jsonl", "markdown", "markdown:comment", "html", "sarif", "junit", "junit:gitlab",
        "github-annotations", "gitlab-codequality", "gitlab-terraform", "asff", "ocsf", "oscal", "csv"},
       RunReport},
      {"export",
       "FORMAT PLAN",
       "writes an action plan as markdown, mermaid or text",
       "  tfseal export markdown actions.json > actions.md\n"
       "  tfseal export mermaid actions.json",
       {},
       RunExport},
      {"explain",
       "ID",
       "explains a control, a topic, a change class or an exit code",
       "  tfseal explain TFS-RDS-001\n"
       "  tfseal explain customer_key\n"
       "  tfseal explain 4\n"
       "  tfseal explain TFS-RDS-001 --output markdown # its page in docs/controls",
       {"text", "markdown"},
       RunExplain},
      {"controls",
       "[test] [FILE]",
       "lists the controls, and what they do not cover; tries those of a tfseal.yaml",
       "  tfseal controls\n"
       "  tfseal controls test tfseal.yaml             # the examples of its own controls\n"
       "  tfseal controls --coverage\n"
       "  terraform providers schema -json > schema.json; tfseal controls --coverage --schema schema.json",
       {"text", "json", "markdown"},
       RunControls},
      {"schema",
       "[NAME]",
       "prints the JSON Schema of an output, or the names of all",
       "  tfseal schema\n"
       "  tfseal schema gate > gate.schema.json",
       {},
       RunSchema},
      {"init",
       "[FILE]",
       "writes a commented tfseal.yaml, never over one that is there",
       "  tfseal init\n"
       "  tfseal init --profile hipaa                  # every number with what it rests on",
       {},
       RunInit},
      {"doctor",
       "[FILE]",
       "checks the installation and tfseal.yaml; prints the IAM policies that are needed",
       "  tfseal doctor\n"
       "  tfseal doctor --live                         # who AWS takes the credentials for\n"
       "  tfseal doctor --iam verify > policy.json\n"
       "  tfseal doctor --iam apply actions.json > policy.json",
       {},
       RunDoctor},
      {"demo",
       "",
       "takes an example through facts, gate, plan and verify, in ./tfseal-demo",
       "  tfseal demo",
       {},
       RunDemo},
      {"completion",
       "SHELL",
       "prints the completion script for bash, zsh or fish",
       "  source <(tfseal completion bash)",
       {},
       RunCompletion},
  };
  return *commands;
}

}  // namespace tfseal::cli
