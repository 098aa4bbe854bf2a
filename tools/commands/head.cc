// stockfold head
#include <memory>
#include <string>

#include "storage/engine/store.h"
#include "storage/files/head_key.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/ask.h"
#include "tools/console/fault_text.h"
#include "tools/console/print.h"
#include "tools/reports/head_text.h"

namespace stockfold {
namespace {

struct Heading {
  CallOptions call;
  std::string data;  ///< Empty: ask the ledger that `call` names.
};

ExitCode sign_offline(const std::string& data) {
  const auto store = storage_engine().open_read_only(data);
  if (!store) return tell(store.error());
  const auto key = HeadKey::open(data);
  if (!key) return tell(key.error());
  if (!*key) {
    complain("stockfold: " + data + " has no key yet: the first start of the ledger creates it");
    return kFailed;
  }
  print_line(json_of((*key)->sign((*store)->log().head())));
  return kDone;
}

ExitCode sign_online(const CallOptions& call) {
  return with_client(call, [&call](Client& client) {
    const auto signed_head = client.sign_head();
    if (!signed_head) return tell(call, signed_head.error());
    print_line(json_of(*signed_head));
    return kDone;
  });
}

}  // namespace

void add_head(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("head", "print the signed head of the log; keep it elsewhere, for an audit");
  auto heading = std::make_shared<Heading>();
  command
      ->add_option("--data", heading->data,
                   "directory of a store that is not being served (default: the running ledger)")
      ->type_name("DIR");
  add_call_options(*command, heading->call);
  command->callback([heading, &exit_code] {
    exit_code = heading->data.empty() ? sign_online(heading->call) : sign_offline(heading->data);
  });
}

}  // namespace stockfold
