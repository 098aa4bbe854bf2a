// The page's files, and how they are served. tests/browser checks what the page does.
#include "server/http/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "server/http/wire.h"
#include "server/running_server.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// The files that `text` names: every first group of `pattern`.
std::set<std::string> named_in(std::string_view text, const std::string& pattern) {
  const std::regex name(pattern);
  std::set<std::string> names;
  for (std::cregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match) {
    names.insert((*match)[1].str());
  }
  return names;
}

/// The page's own files: the page, and all that it names, directly or indirectly.
std::set<std::string> files_of_the_page() {
  const PageFile* index = page_file("index.html");
  EXPECT_NE(index, nullptr);
  std::set<std::string> names = named_in(index->bytes, R"re("assets/([^"]+)")re");
  std::set<std::string> unread = names;
  while (!unread.empty()) {
    const std::string name = *unread.begin();
    unread.erase(unread.begin());
    const PageFile* file = page_file(name);
    EXPECT_NE(file, nullptr) << name;
    if (file == nullptr || name == "chart.js") continue;  // the library's, one file
    for (const std::string& imported : named_in(file->bytes, R"re((?:from |URL\()"\./([^"]+)")re")) {
      if (names.insert(imported).second) unread.insert(imported);
    }
  }
  names.insert("index.html");
  return names;
}

TEST(WebPage, IncludesEveryFileItNames) {
  EXPECT_THAT(files_of_the_page(), testing::IsSupersetOf({"page.css", "page.js", "api.js", "chart.js"}));
  EXPECT_EQ(page_file("none.js"), nullptr);
  EXPECT_EQ(page_file(""), nullptr);
}

TEST(WebPage, GivesEveryFileItsOwnEntityTag) {
  std::set<std::string> tags;
  for (const std::string& name : files_of_the_page()) {
    const PageFile& file = *page_file(name);
    EXPECT_THAT(file.bytes, Not(IsEmpty())) << name;
    EXPECT_THAT(file.etag, testing::MatchesRegex("\"[0-9a-f]{16}\""));
    EXPECT_TRUE(tags.insert(file.etag).second) << name;
  }
}

TEST(WebPage, CreatesNoMarkupFromText) {
  for (const std::string& name : files_of_the_page()) {
    if (name == "chart.js") continue;
    for (const std::string markup :
         {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("}) {
      EXPECT_THAT(page_file(name)->bytes, Not(HasSubstr(markup))) << name;
    }
  }
}

class ServedPage : public testing::Test {
 protected:
  RunningServer server_;
  HttpWire wire_{(*server_).http_endpoint().port()};
};

TEST_F(ServedPage, IsServedAtRoot) {
  const HttpReply page = wire_.get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, StartsWith("<!doctype html>"));
  EXPECT_EQ(wire_.get("/assets/page.css").header("content-type"), "text/css; charset=utf-8");
  EXPECT_EQ(wire_.get("/assets/page.js").header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_THAT(wire_.get("/assets/chart.js").body, HasSubstr("Chart.js v3"));
}

TEST_F(ServedPage, LimitsWhatBrowserMayLoad) {
  for (const std::string path : {"/", "/assets/page.js"}) {
    const HttpReply page = wire_.get(path);
    EXPECT_EQ(page.header("content-security-policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
              "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(page.header("referrer-policy"), "no-referrer");
  }
}

TEST_F(ServedPage, IsNotSentAgainWhenUnchanged) {
  const std::string tag = wire_.get("/assets/page.js").header("etag");
  const HttpReply again = wire_.ask("GET", "/assets/page.js", "", "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.header("etag"), tag);
  EXPECT_THAT(again.body, IsEmpty());
  EXPECT_EQ(wire_.ask("GET", "/assets/page.js", "", "If-None-Match: \"0\"\r\n").status, 200);
}

TEST_F(ServedPage, IsReadOnly) {
  const HttpReply head = wire_.ask("HEAD", "/");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), std::to_string(page_file("index.html")->bytes.size()));
  EXPECT_EQ(wire_.ask("OPTIONS", "/").header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(wire_.ask("POST", "/", "a=b").status, 405);
  EXPECT_EQ(wire_.get("/assets/none.js").status, 404);
  EXPECT_EQ(wire_.get("/assets/").status, 404);
  EXPECT_EQ(wire_.get("/assets/..%2Fpage.js").status, 404);
}

}  // namespace
}  // namespace stockfold
