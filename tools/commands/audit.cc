// stockfold audit
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/files/scratch_directory.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/ask.h"
#include "tools/console/fault_text.h"
#include "tools/console/print.h"
#include "tools/console/stopwatch.h"
#include "tools/reports/audit_report.h"
#include "tools/transfer/store_audit.h"

namespace stockfold {
namespace {

struct Auditing {
  CallOptions call;
  std::string data;  ///< Empty: a checkpoint of the ledger that `call` names.
  std::vector<std::string> against;
  std::optional<std::string> key;
  std::string scratch;
  bool log_only = false;
};

ExitCode audit(const Auditing& auditing, const std::filesystem::path& data, StoreAudit what) {
  const auto scratch = ScratchDirectory::make(auditing.scratch);
  if (!scratch) return tell(scratch.error());
  what.scratch = scratch->path();

  const Stopwatch stopwatch;
  AuditReport report = audit_store(storage_engine(), data, std::move(what));
  report.seconds = stopwatch.seconds();
  // A record that was being written when the checkpoint was made is no torn tail.
  if (auditing.data.empty()) report.torn_tail.reset();
  const auto could_not = std::ranges::find_if(
      report.violations, [](const Fault& fault) { return fault.kind != FaultKind::corruption; });
  if (could_not != report.violations.end()) return tell(*could_not);
  print_line(auditing.call.json ? json_of(report) : text_of(report));
  return report.sound() ? kDone : kUntrusted;
}

/// The ledger keeps running. The audit reads its files as of the checkpoint, not its memory.
ExitCode audit_online(const Auditing& auditing, const StoreAudit& what) {
  return with_client(auditing.call, [&](Client& client) {
    ExitCode outcome = kFailed;
    const auto used = client.with_checkpoint([&](const CheckpointReply& checkpoint) {
      std::error_code error;
      if (!std::filesystem::is_directory(checkpoint.directory, error)) {
        complain("stockfold: the checkpoint is " + checkpoint.directory +
                 " on the ledger's machine and cannot be read here: run this there, as the ledger's user");
        return;
      }
      outcome = audit(auditing, checkpoint.directory, what);
    });
    return used ? outcome : tell(auditing.call, used.error());
  });
}

ExitCode run(const Auditing& auditing) {
  StoreAudit what{.witnesses = {}, .key = auditing.key, .scratch = {}, .log_only = auditing.log_only};
  for (const std::string& file : auditing.against) {
    auto witness = read_witness(file);
    if (!witness) {
      complain("stockfold: --against: " + witness.error());
      return kUsage;
    }
    what.witnesses.push_back(std::move(*witness));
  }
  if (auditing.data.empty()) return audit_online(auditing, what);
  return audit(auditing, auditing.data, std::move(what));
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("audit", "prove the log of a ledger and its views");
  auto auditing = std::make_shared<Auditing>();
  auditing->scratch = std::filesystem::temp_directory_path();
  command
      ->add_option(
          "--data", auditing->data,
          "directory of a store that is not being served; nothing in it changes (default: a checkpoint "
          "that the running ledger makes)")
      ->type_name("DIR");
  command
      ->add_option("--against", auditing->against,
                   "a signed head that the log must continue, as stockfold head prints it")
      ->type_name("FILE");
  command->add_option("--key", auditing->key, "the public key that those heads must be signed by")
      ->type_name("HEX");
  command->add_flag("--log-only", auditing->log_only, "check the log only");
  command
      ->add_option("--scratch", auditing->scratch,
                   "directory for temporary files, about as large as the views")
      ->type_name("DIR")
      ->capture_default_str();
  add_call_options(*command, auditing->call);
  command->callback([auditing, &exit_code] { exit_code = run(*auditing); });
}

}  // namespace stockfold
