// The table of routes: by itself, and against the description of the REST interface.
#include "server/http/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/described_operation.h"
#include "server/http/page/page.h"

namespace stockfold {
namespace {

namespace json = boost::json;

/// "GET /order/*", and whether the operation needs a token.
using Operations = std::map<std::string, bool>;

std::string path_of(const Route& route) {
  std::string path;
  for (const std::string_view segment : route.path) {
    if (!segment.empty()) path.append("/").append(segment);
  }
  return path.empty() ? "/" : path;
}

Operations declared() {
  Operations all;
  for (const Route& route : all_routes()) {
    for (const std::string_view method : route.methods) {
      if (method.empty()) continue;
      all.emplace(std::string(method) + " " + path_of(route), route.scope.has_value());
    }
  }
  return all;
}

Operations described() {
  Operations all;
  const json::value document = json::parse(page_file("openapi.json")->bytes);
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      const Operation one{path, std::string(method)};
      const auto* security = operation.as_object().if_contains("security");
      const bool needs_token = security == nullptr || !security->as_array().empty();
      all.emplace(one.method_sent() + " " + one.target("*"), needs_token);
    }
  }
  return all;
}

TEST(Routes, AreThoseOfTheDescription) {
  Operations routes = declared();
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    EXPECT_EQ(routes.erase(std::string(method) + " /order/*/fulfill"), 1U) << "a second spelling of fulfil";
  }
  EXPECT_THAT(routes, testing::ContainerEq(described()));
}

TEST(Routes, TakeTheIdInTheQueryAsDescribed) {
  const json::value document = json::parse(page_file("openapi.json")->bytes);
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    const bool has_id = path.contains('{') && !path.starts_with("/assets/");
    for (const auto& [method, operation] : methods.as_object()) {
      const auto* parameters = operation.as_object().if_contains("parameters");
      const std::string text = parameters == nullptr ? "" : json::serialize(*parameters);
      EXPECT_EQ(text.contains("#/components/parameters/id-in-query\""), has_id) << method << " " << path;
    }
  }
}

TEST(Routes, TakeEachMethodOfAPathOnce) {
  for (const Route& route : all_routes()) {
    std::vector<std::string> path;
    for (const std::string_view segment : route.path) {
      if (!segment.empty()) path.emplace_back(segment == "*" ? "A" : segment);
    }
    for (const std::string_view method : route.methods) {
      if (method.empty()) continue;
      EXPECT_EQ(
          std::ranges::count_if(all_routes(),
                                [&](const Route& other) { return other.leads(path) && other.takes(method); }),
          1)
          << method << " " << path_of(route);
    }
  }
}

TEST(Routes, LeadWithoutEmptySegmentsOrMoreThanTheirOwn) {
  const auto& routes = all_routes();
  const auto leads = [&](const std::vector<std::string>& path) {
    return std::ranges::any_of(routes, [&](const Route& route) { return route.leads(path); });
  };
  EXPECT_TRUE(leads({}));
  EXPECT_TRUE(leads({"order", "7", "abort"}));
  EXPECT_FALSE(leads({"order", ""}));
  EXPECT_FALSE(leads({"order", "7", "abort", "twice"}));
  EXPECT_FALSE(leads({"order", "7", "nothing"}));
}

}  // namespace
}  // namespace stockfold
