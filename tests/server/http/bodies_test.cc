// The bodies of commands over HTTP: how they may be written, and how all errors in one are reported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/http/requests.h"
#include "server/http/route.h"
#include "server/world.h"

namespace stockfold {
namespace {

namespace http = boost::beast::http;
using testing::HasSubstr;

TEST(HttpBody, ReportsInvalidFieldOfCommand) {
  const struct {
    std::string target;
    std::string body;
    std::string named;
  } kCases[] = {
      {"/order/", "", "a product, or lines"},
      {"/order/", "{}", "a product, or lines"},
      {"/order/", "product=A&quantity=0", "field quantity: expected a whole number from 1 to 2147483647"},
      {"/order/", R"({"product":"A","quantity":1.5})", "field quantity"},
      {"/order/", R"({"product":"A","quantity":"1.5"})", "field quantity"},
      {"/order/", R"({"product":"A","quantity":1e400})", "field quantity"},
      {"/order/", R"({"product":"A","quantity":true})", "field quantity"},
      {"/order/", R"({"product":"A","quantity":"NaN"})", "field quantity"},
      {"/order/", R"({"product":"A","quantity":NaN})", "not valid JSON"},
      {"/order/", R"({"product":"A","quantity":1.00000000000000000001})", "field quantity"},
      {"/product/", R"({"sku":"A","stock":9007199254740993.0})", "field stock"},
      {"/product/", R"({"sku":"A","stock":9007199254740993})", "field stock"},
      {"/order/", R"({"product":1.5})", "field product: expected an id: 1 to 128 bytes"},
      {"/order/", R"({"product":-5})", "field product"},
      {"/order/", R"({"product":true})", "field product"},
      {"/order/", R"({"product":"A","id":".."})", "field id: must not be made of dots alone"},
      {"/product/", "sku=.", "field sku: must not be made of dots alone"},
      {"/order/", R"({"product":"A","draft":1})", "field draft"},
      {"/order/", R"({"lines":[{"sku":"A","product":"B"}]})", "field lines/0/product"},
      {"/order/", R"({"lines":[{"quantity":1}]})", "field lines/0/sku: expected an id, found none"},
      {"/order/", R"({"product":"A","id":"7","order":"8"})", "field order"},
      {"/order/", "lines={", "field lines: as the text of a form: not valid JSON"},
      {"/order/", "lines[0][sku]=A&lines[0][sku]=B", "repeated"},
      {"/order/", "stock=1&stock[A]=1&product=A", "repeated"},
      {"/order/", "product=A&lines[[0]]=1", "field lines[[0]]: unknown field"},
      {"/order/", "product=A&actor=%FF", "field actor: must be UTF-8"},
      {"/order/?format=xml", "product=A", "format"},
      {"/order/7/abort/", R"({"id":"8"})", "field id: is 8, but the path names 7"},
      {"/order/7/abort/", R"({"status":"lost"})", "field status"},
      {"/order/7/abort/", R"({"lines":[{"sku":"A","quantity":2147483647},{"sku":"A"}]})",
       "field lines: the quantity of A must be"},
      {"/product/A/receive/", R"({"quantity":1,"stock":{"A":"x"}})", "field stock/A"},
      {"/order/", R"({"product":"A "})", "field product"},
      {"/order/", R"({"product":"A","colour":"red"})", "field colour: unknown field"},
      {"/order/", "product=A&colour=red", "field colour: unknown field"},
      {"/order/", R"({"product":"A","product":"B"})", "repeated"},
      {"/order/", "product=A&product=B", "field product is repeated"},
      {"/order/", R"({"product":"A","lines":[{"sku":"B"}]})", "not together with lines"},
      {"/order/", R"({"lines":[{"sku":"B","colour":1}]})", "field lines"},
      {"/order/", R"({"lines":[5]})", "field lines"},
      {"/order/", R"({"lines":"A"})", "field lines"},
      {"/order/", "line=A=x", "field line"},
      {"/order/", R"({"product":"A","draft":"yes"})", "field draft"},
      {"/order/", R"({"product":"A")", "not valid JSON"},
      {"/order/", R"({"a":[[[[[[[[[1]]]]]]]]]})", "nested too deeply"},
      {"/order/", "product=%zz", "two hexadecimal digits"},
      {"/order/?limit=1", "product=A", "limit: unknown parameter"},
      {"/order/7/place/", "lines=1", "field lines"},
      {"/product/", "name=x", "sku"},
      {"/product/", R"({"sku":"A","stock":-1})", "field stock"},
      {"/product/A/receive/", "", "field quantity"},
      {"/product/A%0AB/receive/", "quantity=1", "the id in the path"},
      {"/order/7/abort/?_method=DELETE", "", "_method"},
      {"/order/7/abort/?_method=PUT", "_method=PATCH", "_method"},
  };
  for (const auto& [target, body, named] : kCases) {
    const HttpProblem problem = problem_of(http_request("POST", target, body));
    EXPECT_EQ(problem.status, http::status::bad_request) << target << " " << body;
    EXPECT_EQ(problem.type, "invalid_argument");
    EXPECT_THAT(problem.detail, HasSubstr(named)) << target << " " << body;
  }
}

TEST(HttpBody, ReportsEveryFaultWithItsPlace) {
  const auto problem = problem_of(http_request("POST", "/order/?limit=1",
                                               R"({"product":"A ","quantity":"x","foo":1,"a/b~":2,)"
                                               R"("lines":[{"sku":"A"},{"quantity":0,"sku":"B"},5,{"x":1}]})",
                                               {{"If-Match", "3"}}));
  EXPECT_EQ(problem.status, http::status::bad_request);
  EXPECT_EQ(places_of(problem),
            (std::vector<std::string>{"/lines/1/quantity", "/lines/2", "/lines/3/x", "/lines/3/sku",
                                      "/product", "/quantity", "/foo", "/a~1b~0", "If-Match:", "?limit"}));
  EXPECT_THAT(problem.detail, testing::StartsWith("field lines/1/quantity: expected a whole number"));
  EXPECT_THAT(problem.detail, testing::EndsWith("(and 9 more: see errors)"));
}

TEST(HttpBody, ReportsSamePlacesForForms) {
  const auto problem =
      problem_of(http_request("POST", "/order/", "lines[0][sku]=A+&lines[0][quantity]=0&line=C+&foo=1"));
  EXPECT_EQ(places_of(problem),
            (std::vector<std::string>{"/lines/0/sku", "/lines/0/quantity", "/line", "/foo"}));
}

TEST(HttpBody, BoundsReportedFaults) {
  std::string body = "product=A";
  for (int i = 0; i < 1'000; ++i) body += "&x" + std::to_string(i) + "=1";
  EXPECT_EQ(problem_of(http_request("POST", "/order/", body)).faults.size(), kMaxFaults);
}

TEST(HttpBody, AcceptsEmptyArrayAsEmptyObject) {
  const auto request = [](std::string_view target) {
    return http_request("POST", target, "[]", {{"Content-Type", "application/json"}});
  };
  EXPECT_EQ(command_of(request("/order/7/abort/")).body, (CommandBody{AbortOrder{order_id("7"), ""}}));
  EXPECT_EQ(places_of(problem_of(request("/product/A/receive/"))), (std::vector<std::string>{"/quantity"}));
}

TEST(HttpBody, ReadsMultipartAsForm) {
  const std::string type = "multipart/form-data; boundary=xYz";
  const std::string body =
      "--xYz\r\nContent-Disposition: form-data; name=\"line\"\r\n\r\nA=2\r\n"
      "--xYz\r\ncontent-disposition: form-data; name=line\r\nContent-Type: "
      "text/plain\r\n\r\nB\r\n--xYz--\r\n";
  EXPECT_EQ(command_of(http_request("POST", "/order/", body, {{"Content-Type", type}})).body,
            (CommandBody{PlaceOrder{std::nullopt, {{sku("A"), 2}, {sku("B"), 1}}}}));
  const auto problem =
      problem_of(http_request("POST", "/order/", body, {{"Content-Type", "multipart/form-data"}}));
  EXPECT_EQ(problem.status, http::status::bad_request);
  EXPECT_EQ(places_of(problem), (std::vector<std::string>{""}));
}

TEST(HttpBody, TurnsFieldsOfOrderIntoClaims) {
  const auto command = command_of(http_request(
      "PUT", "/order/7/abort/",
      R"({"id":"7","order":7,"product":"A","status":"PR","status_code":"PR","lines":[{"sku":"A","quantity":1}],)"
      R"("version":"1","as_of":9,"ok":true,"stock":{"A":1},"position":3,"replayed":false})"));
  const std::vector<Claim> expected{{StateField::status, OrderStatus::in_progress},
                                    {StateField::status_code, OrderStatus::in_progress},
                                    {StateField::product, std::string("A")},
                                    {StateField::lines, Lines{{sku("A"), 1}}},
                                    {StateField::version, std::uint64_t{1}}};
  EXPECT_EQ(command.claims, expected);
}

TEST(HttpBody, RequiresSupportedContentType) {
  for (const std::string type : {"", "text/plain", "application/jsonx"}) {
    const auto request = http_request("POST", "/order/", "product=A", {{"Content-Type", type}});
    EXPECT_EQ(problem_of(request).status, http::status::unsupported_media_type) << type;
  }
  const auto request = http_request("POST", "/order/", R"({"product":"A"})",
                                    {{"Content-Type", "Application/JSON ; charset=utf-8"}});
  EXPECT_TRUE(std::holds_alternative<HttpCommand>(route(request).ask));
}

}  // namespace
}  // namespace stockfold
