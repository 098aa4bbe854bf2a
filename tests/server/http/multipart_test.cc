// Bodies of multipart/form-data as clients send them, and malformed ones.
#include "server/http/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stockfold {
namespace {

using testing::HasSubstr;

const std::string kType = "multipart/form-data; boundary=b";

std::string part(const std::string& headers, const std::string& value) {
  return "--b\r\n" + headers + "\r\n\r\n" + value + "\r\n";
}
std::string named(const std::string& name, const std::string& value) {
  return part("Content-Disposition: form-data; name=\"" + name + "\"", value);
}
std::string multipart_error(const std::string& body, const std::string& type = kType) {
  const auto fields = parse_multipart(type, body);
  EXPECT_FALSE(fields) << body;
  return fields ? "" : fields.error();
}

TEST(Multipart, IsReadAsForm) {
  const std::string body =
      named("sku", "A") + named("name", "über\r\n--bx") + named("empty", "") + "--b--\r\n";
  // A boundary within a value counts as one, whatever follows it.
  EXPECT_THAT(multipart_error(body), HasSubstr("a boundary has no end of its line"));
  EXPECT_EQ(
      parse_multipart(kType, named("sku", "A") + named("name", "über\r\n-bx") + named("empty", "") + "--b--"),
      (std::vector<HttpParameter>{{"sku", "A"}, {"name", "über\r\n-bx"}, {"empty", ""}}));
}

/// Framed as by curl 7.88, Python's urllib3, Node's FormData and a browser.
TEST(Multipart, AcceptsFramingOfCommonClients) {
  const std::vector<HttpParameter> expected{{"sku", "A"}};
  for (const std::string type :
       {"multipart/form-data; boundary=b", "Multipart/Form-Data; charset=utf-8; Boundary=\"b\"",
        "multipart/form-data;boundary=b"}) {
    EXPECT_EQ(parse_multipart(type, named("sku", "A") + "--b--\r\n"), expected) << type;
  }
  for (const std::string headers :
       {"content-disposition: form-data; name=sku", "Content-Disposition: form-data ; name = \"sku\"",
        "Content-Disposition: form-data; name=\"sku\"\r\nContent-Type: text/plain; charset=UTF-8",
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: form-data; "
        "name=\"sku\""}) {
    EXPECT_EQ(parse_multipart(kType, part(headers, "A") + "--b--"), expected) << headers;
  }
  EXPECT_EQ(parse_multipart(kType, "\r\n" + named("sku", "A") + "--b-- "), expected);
  EXPECT_EQ(parse_multipart(kType, "--b--\r\n"), std::vector<HttpParameter>());
}

TEST(Multipart, UnescapesQuotedNames) {
  const std::string body = part(R"(Content-Disposition: form-data; name="a\"b;c\\d")", "1") + "--b--";
  EXPECT_EQ(parse_multipart(kType, body), (std::vector<HttpParameter>{{R"(a"b;c\d)", "1"}}));
}

TEST(Multipart, RefusesFile) {
  for (const std::string name : {"filename=\"a.txt\"", "filename=a", "filename*=UTF-8''a"}) {
    EXPECT_THAT(multipart_error(part("Content-Disposition: form-data; name=\"doc\"; " + name, "x") + "--b--"),
                HasSubstr("field doc is a file"))
        << name;
  }
}

TEST(Multipart, ReportsWhyBodyIsMalformed) {
  const struct {
    std::string body;
    std::string why;
  } kCases[] = {
      {"", "does not begin"},
      {"x" + named("a", "1") + "--b--", "does not begin"},
      {named("a", "1"), "the last boundary is missing"},
      {named("a", "1") + "--b", "the last boundary is missing"},
      {"--b\r\n\r\nvalue\r\n--b--", "no name"},
      {part("Content-Type: text/plain", "1") + "--b--", "no name"},
      {part("Content-Disposition: attachment; name=a", "1") + "--b--", "no name"},
      {part("Content-Disposition: form-data", "1") + "--b--", "no name"},
      {part("Content-Disposition: form-data; name=\"a", "1") + "--b--", "lacks a quote"},
      {part("Content-Disposition: form-data; name=\"a\"x", "1") + "--b--", "lacks a quote"},
      {part("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b", "1") +
           "--b--",
       "no name"},
      {part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64", "1") + "--b--",
       "Content-Transfer-Encoding"},
      {"--b\r\nContent-Disposition: form-data; name=a\r\n--b--", "no end of its headers"},
  };
  for (const auto& [body, why] : kCases) EXPECT_THAT(multipart_error(body), HasSubstr(why)) << body;
  for (const std::string type :
       {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"b",
        "multipart/form-data; boundary="
        "123456789012345678901234567890123456789012345678901234567890123456789012"}) {
    EXPECT_THAT(multipart_error(named("a", "1") + "--b--", type), HasSubstr("no boundary")) << type;
  }
}

TEST(Multipart, BoundsNumberOfParts) {
  std::string body;
  for (std::size_t i = 0; i < kMaxParameters; ++i) body += named("a", "1");
  EXPECT_TRUE(parse_multipart(kType, body + "--b--"));
  EXPECT_THAT(multipart_error(body + named("a", "1") + "--b--"), HasSubstr("more than 2048 parts"));
}

TEST(Multipart, SurvivesDamagedAndTruncatedBodies) {
  const std::string whole = named("sku", "A") + named("stock", "5") + "--b--\r\n";
  for (std::size_t i = 0; i <= whole.size(); ++i) {
    (void)parse_multipart(kType, std::string_view(whole).substr(0, i));
    for (const char c : {'\r', '\n', '-', '"', ';', '\\', '\0'}) {
      std::string changed = whole;
      changed.insert(i, 1, c);
      (void)parse_multipart(kType, changed);
      if (i < whole.size()) changed.erase(i + 1, 1);
      const auto fields = parse_multipart(kType, changed);
      EXPECT_LE(fields ? fields->size() : 0, 2U);
    }
  }
}

}  // namespace
}  // namespace stockfold
