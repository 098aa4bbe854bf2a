// `stockfold load`, and batches across kill -9.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stockfold/client.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/program.h"
#include "support/memory_directory.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

class Load : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const auto path = directory_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  /// `stockfold load …`; what it writes to stderr is in errors().
  ProgramResult load(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "load");
    arguments.insert(arguments.end(), {"--server", server_->address()});
    return run_program(arguments, directory_.path() / "errors");
  }
  [[nodiscard]] std::string errors() const {
    std::ifstream file(directory_.path() / "errors");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::string shown(const std::string& sku) const {
    return run_program({"product", "show", sku, "--json", "--server", server_->address()}).out;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<ServedLedger> server_ = std::make_unique<ServedLedger>(directory_.path() / "data");
};

TEST_F(Load, RegistersTheProductsOfACatalogue) {
  std::string text = "sku,name,stock\r\n";
  for (int i = 0; i < 2'500; ++i)
    text += "P" + std::to_string(i) + ",\"Part, " + std::to_string(i) + "\",7\r\n";
  const auto file = write("catalogue.csv", text);
  const auto first = load({file});
  EXPECT_EQ(first.exit_code, 0) << errors();
  EXPECT_EQ(first.out, "2500 commands: 2500 done now, 0 done by an earlier load, 0 refused\n");
  EXPECT_THAT(shown("P2499"), testing::AllOf(HasSubstr(R"("name":"Part, 2499")"), HasSubstr(R"("stock":7)")));

  const auto again = load({file, "--json"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.out, R"({"ok":true,"commands":2500,"done":0,"replayed":2500,"refused":0})"
                       "\n");
}

TEST_F(Load, SendsOnlyWhatWasEdited) {
  EXPECT_EQ(load({write("catalogue.csv", "sku,stock\nA,1\nB,1\n")}).exit_code, 0);
  const auto edited = load({write("catalogue.csv", "sku,stock\nC,1\nA,1\nB,2\n")});
  EXPECT_EQ(edited.exit_code, 3);
  EXPECT_EQ(edited.out,
            "line 4: refused: B was already registered at position 2\n"
            "3 commands: 1 done now, 1 done by an earlier load, 1 refused\n");
  const auto as_json = load({write("catalogue.csv", "sku,stock\nB,2\n"), "--json"});
  EXPECT_EQ(as_json.exit_code, 3);
  EXPECT_THAT(as_json.out, HasSubstr(R"({"ok":false,"line":2,"error":"product_exists","message":)"));
}

TEST_F(Load, SendsNothingOfAFileWithAFault) {
  const auto result = load({write("catalogue.csv", "sku,stock\nA,1\nB,many\n")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(errors(), HasSubstr("catalogue.csv: line 3, column stock: "));
  EXPECT_THAT(errors(), HasSubstr("nothing was sent"));
  EXPECT_THAT(shown("A"), HasSubstr("unknown_product"));
  EXPECT_EQ(load({write("catalogue.txt", "sku\nA\n")}).exit_code, 2);
  EXPECT_EQ(load({(directory_.path() / "none.csv").string()}).exit_code, 1);
}

TEST_F(Load, SendsJsonLinesInTheirOrder) {
  std::string text = R"({"command":"register_product","sku":"A","stock":5000})"
                     "\n";
  for (int i = 0; i < 2'500; ++i)
    text += R"({"command":"place_order","product":"A"})"
            "\n";
  for (int i = 1; i <= 2'500; ++i) {
    text += R"({"command":"abort_order","order":")" + std::to_string(i) + "\"}\n";
  }
  const auto file = write("day.jsonl", text);
  for (const char* done : {"5001 done now, 0 done", "0 done now, 5001 done"}) {
    const auto result = load({file});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.out, HasSubstr(done));
  }
  EXPECT_THAT(shown("A"), HasSubstr(R"("stock":5000)"));
  const auto labelled =
      load({write("more.jsonl", R"({"command":"place_order","product":"A"})"), "--label", "2"});
  EXPECT_THAT(labelled.out, HasSubstr("1 done now"));
}

TEST_F(Load, DoesAllOrNothingOfAnAtomicFile) {
  const auto file = write("some.jsonl", R"({"command":"register_product","sku":"A"})"
                                        "\n"
                                        R"({"command":"abort_order","order":"9"})"
                                        "\n");
  const auto refused = load({file, "--atomic"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_EQ(refused.out,
            "line 1: refused: nothing was done: command 2 of the batch was refused\n"
            "line 2: refused: order 9 is not a known order\n"
            "2 commands: 0 done now, 0 done by an earlier load, 2 refused\n");
  EXPECT_THAT(shown("A"), HasSubstr("unknown_product"));
  std::string many = "sku\n";
  for (int i = 0; i < 1'001; ++i) many += "P" + std::to_string(i) + "\n";
  EXPECT_EQ(load({write("many.csv", many), "--atomic"}).exit_code, 2);
  EXPECT_THAT(shown("P0"), HasSubstr("unknown_product"));
}

TEST_F(Load, GoesOnAfterTheLedgerWasKilled) {
  std::string text = "sku,stock\n";
  for (int i = 0; i < 40'000; ++i) text += "P" + std::to_string(i) + ",1\n";
  const auto file = write("catalogue.csv", text);
  const auto port = server_->port();
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    server_->kill();
    server_ = std::make_unique<ServedLedger>(directory_.path() / "data", port);
  });
  const auto killed = load({file});
  killer.join();
  EXPECT_TRUE(killed.exit_code == 0 || killed.exit_code == 1) << errors();
  const auto again = load({file, "--json"});
  EXPECT_EQ(again.exit_code, 0) << again.out.substr(0, 500);
  EXPECT_THAT(again.out, HasSubstr(R"("commands":40000)"));
  EXPECT_EQ(load({file, "--json"}).out,
            R"({"ok":true,"commands":40000,"done":0,"replayed":40000,"refused":0})"
            "\n");
  EXPECT_EQ(server_->terminate(), 0);
  EXPECT_EQ(run_program({"audit", "--data", (directory_.path() / "data").string()}).exit_code, 0);
}

// ---- atomic batches ---------------------------------------------------------------------------------------

TEST(AtomicBatches, AreWholeOrAbsentAfterEveryKill) {
  constexpr int kAtomicKills = 8;
  constexpr std::size_t kBatch = 20;
  MemoryDirectory directory;
  const auto data = directory.path() / "data";
  auto server = std::make_unique<ServedLedger>(data);
  std::size_t batches = 0;
  std::map<std::size_t, bool> acknowledged;
  const auto batch_of = [](std::size_t batch) {
    std::vector<Command> commands;
    for (std::size_t i = 0; i < kBatch; ++i) {
      Command command{.body = RegisterProduct{
                          Sku::parse(std::to_string(batch) + "-" + std::to_string(i)).value(), "", 1}};
      command.identity.emplace();
      command.identity->id.bytes[0] = 1;
      for (std::size_t byte = 0; byte < 4; ++byte) {
        command.identity->id.bytes[4 + byte] = static_cast<std::uint8_t>(batch >> (8 * byte));
      }
      command.identity->id.bytes[15] = static_cast<std::uint8_t>(i);
      commands.push_back(std::move(command));
    }
    return commands;
  };
  for (int kill = 0; kill < kAtomicKills; ++kill) {
    ClientOptions options;
    options.port = server->port();
    options.reconnects = 0;
    auto client = Client::connect(options).value();
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30 + 40 * kill));
      server->kill();
    });
    for (bool goes_on = true; goes_on;) {
      std::vector<std::future<ClientResult<std::vector<Answer>>>> sent;
      const std::size_t first = batches;
      for (int ahead = 0; ahead < 3; ++ahead) sent.push_back(client->submit_batch(batch_of(batches++), true));
      for (std::size_t i = 0; i < sent.size(); ++i) {
        const auto answers = sent[i].get();
        goes_on = goes_on && answers.has_value();
        acknowledged[first + i] = answers.has_value();
      }
    }
    killer.join();
    server = std::make_unique<ServedLedger>(data);
    options.port = server->port();
    client = Client::connect(options).value();
    std::map<std::string, std::size_t> products;
    std::optional<Sku> from;
    do {
      const auto page = client->products({.from = from}).value();
      for (const auto& [sku, product] : page.rows)
        ++products[std::string(sku.view().substr(0, sku.view().find('-')))];
      from = page.next;
    } while (from);
    for (std::size_t batch = 0; batch < batches; ++batch) {
      const std::size_t found = products[std::to_string(batch)];
      EXPECT_TRUE(found == 0 || found == kBatch) << "a part of batch " << batch << ": " << found;
      if (acknowledged[batch]) EXPECT_EQ(found, kBatch) << "batch " << batch << " was acknowledged";
    }
  }
  ClientOptions options;
  options.port = server->port();
  auto client = Client::connect(options).value();
  for (std::size_t batch = 0; batch < batches; ++batch) {
    const auto answers = client->execute_batch(batch_of(batch), true).value();
    for (const Answer& answer : answers) {
      EXPECT_TRUE(std::holds_alternative<Accepted>(answer.outcome)) << message_of(answer);
      if (acknowledged[batch]) EXPECT_TRUE(answer.replayed);
    }
  }
  EXPECT_EQ(server->terminate(), 0);
  EXPECT_EQ(run_program({"audit", "--data", data.string()}).exit_code, 0);
}

}  // namespace
}  // namespace stockfold
