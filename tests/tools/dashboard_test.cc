// The Grafana dashboard queries only metrics that exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "server/metrics/example_metrics.h"
#include "server/metrics/metrics_text.h"

namespace stockfold {
namespace {

namespace json = boost::json;

json::value dashboard() {
  const auto path =
      std::filesystem::path(STOCKFOLD_GOLDEN_DIR).parent_path().parent_path() / "docs/grafana/stockfold.json";
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  json::error_code error;
  json::value parsed = json::parse(text, error);
  EXPECT_FALSE(error) << path << ": " << error.message();
  return parsed;
}

/// The names that samples have, those of histograms included.
std::set<std::string> names_in_text() {
  const std::string text = render(example_metrics(), example_readings());
  static const std::regex sample("(?:^|\n)([a-z_]+)(?=[{ ])");
  std::set<std::string> names;
  for (std::sregex_iterator found(text.begin(), text.end(), sample), end; found != end; ++found) {
    names.insert((*found)[1]);
  }
  return names;
}

/// The metrics in the expressions of a dashboard, and the labels used with them.
std::set<std::string> names_in(const json::value& dashboard) {
  static const std::regex name("(?:stockfold|process)_[a-z_]+");
  std::set<std::string> names;
  for (const json::value& panel : dashboard.at("panels").as_array()) {
    const json::value* targets = panel.as_object().if_contains("targets");
    if (targets == nullptr) continue;
    for (const json::value& target : targets->as_array()) {
      const std::string expression(target.at("expr").as_string());
      EXPECT_TRUE(std::regex_search(expression, name)) << expression;
      for (std::sregex_iterator found(expression.begin(), expression.end(), name), end; found != end; ++found)
        names.insert(found->str());
    }
  }
  return names;
}

TEST(Dashboard, QueriesOnlyExistingMetrics) {
  const auto asked = names_in(dashboard());
  const auto there = names_in_text();
  EXPECT_GT(asked.size(), 30U);
  for (const std::string& name : asked) EXPECT_TRUE(there.contains(name)) << name;
}

TEST(Dashboard, HasPanelsThatDoNotOverlap) {
  const json::value parsed = dashboard();
  std::set<std::pair<std::int64_t, std::int64_t>> taken;
  std::set<std::int64_t> ids;
  for (const json::value& panel : parsed.at("panels").as_array()) {
    EXPECT_TRUE(ids.insert(panel.at("id").as_int64()).second);
    const json::value& at = panel.at("gridPos");
    const auto x = at.at("x").as_int64();
    const auto y = at.at("y").as_int64();
    EXPECT_LE(x + at.at("w").as_int64(), 24);
    for (auto column = x; column < x + at.at("w").as_int64(); ++column) {
      for (auto line = y; line < y + at.at("h").as_int64(); ++line) {
        EXPECT_TRUE(taken.emplace(column, line).second) << panel.at("title");
      }
    }
  }
}

}  // namespace
}  // namespace stockfold
