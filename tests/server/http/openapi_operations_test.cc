// What the description of the REST interface says of each operation, without asking a ledger.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/http/described_operation.h"
#include "server/http/page/page.h"
#include "server/metrics/exposition_rules.h"
#include "server/metrics/metrics_text.h"

namespace stockfold {
namespace {

namespace json = boost::json;

class OpenApiOperations : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::pair<Operation, json::object>> operations() const {
    std::vector<std::pair<Operation, json::object>> all;
    for (const auto& [path, methods] : document_.at("paths").as_object()) {
      for (const auto& [method, described] : methods.as_object()) {
        all.push_back({{std::string(path), std::string(method)}, described.as_object()});
      }
    }
    return all;
  }

 private:
  json::value document_ = json::parse(page_file("openapi.json")->bytes);
};

TEST_F(OpenApiOperations, ListOnlyStatusesThatMetricsCount) {
  const ReadMetrics metrics(render(Metrics(), Readings()));
  for (const auto& [operation, described] : operations()) {
    for (const auto& [status, response] : described.at("responses").as_object()) {
      const std::string series = "stockfold_http_answers_total{status=\"" + std::string(status) + "\"}";
      EXPECT_TRUE(metrics.has(series))
          << operation.str() << ": " << status << " is no status of metrics_text.cc";
    }
  }
}

/// Generators make functions of these names: a verb with an object is easy to find, and hides no `describe`
/// or `test`.
TEST_F(OpenApiOperations, AreNamedByVerbAndObject) {
  static const std::regex form(
      "(place|abort|fulfil|list|show|explain|register|receive|writeOff|retire|read|check|execute)[A-Z][A-Za-"
      "z]+");
  std::set<std::string> names;
  for (const auto& [operation, described] : operations()) {
    const std::string name(described.at("operationId").as_string());
    EXPECT_TRUE(std::regex_match(name, form)) << name;
    EXPECT_TRUE(names.insert(name).second) << "a second " << name;
  }
  for (const char* name : {"placeOrder", "abortOrder", "fulfilOrder"})
    EXPECT_TRUE(names.contains(name)) << name;
}

}  // namespace
}  // namespace stockfold
