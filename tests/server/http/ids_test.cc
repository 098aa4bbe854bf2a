// Ids as shops have them: with slashes, blanks, umlauts and signs, in paths, queries, bodies and answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "server/http/fixture.h"
#include "server/http/target.h"

namespace stockfold {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

const std::vector<std::string>& ids() {
  static const std::vector<std::string> ids = {"Schraube M8/40",
                                               "T-Shirt rot #3",
                                               "M\xC3\xBCtze",
                                               "A&B+C=D",
                                               "100 % Wolle",
                                               "a?b",
                                               "-",
                                               "\"5\" Rohr\\",
                                               "a@b@c",
                                               "../order/x",
                                               std::string(128, '/')};
  return ids;
}

class HttpIds : public Http {
 protected:
  void given(const std::string& id) {
    const auto made =
        wire_.ask("POST", "/product/", json::serialize(json::object{{"sku", id}, {"stock", 9}}));
    ASSERT_EQ(made.status, 201) << made.body;
    where_ = "/product/" + made.header("location");
    const auto placed =
        wire_.ask("POST", "/order/", "id=" + encoded_segment(id) + "&line=" + encoded_segment(id) + "%3D2");
    ASSERT_EQ(placed.status, 201) << placed.body;
  }
  json::object shown(const std::string& target) {
    const HttpReply reply = wire_.get(target);
    EXPECT_EQ(reply.status, 200) << target << " " << reply.body;
    return reply.status == 200 ? json::parse(reply.body).as_object() : json::object();
  }

  std::string where_;
};

TEST_F(HttpIds, ReachEveryRouteInThePath) {
  for (const std::string& id : ids()) {
    given(id);
    const std::string segment = encoded_segment(id);
    EXPECT_EQ(shown(where_)["sku"], json::value(id)) << where_;
    EXPECT_EQ(shown("/product/" + segment + "/")["stock"], 7);
    EXPECT_EQ(shown("/order/" + segment)["product"], json::value(id));
    EXPECT_EQ(wire_.ask("POST", "/product/" + segment + "/receive/", "quantity=1").status, 200);
    EXPECT_EQ(wire_.ask("POST", "/order/" + segment + "/abort/").status, 200);
    EXPECT_THAT(wire_.get("/product/" + segment + "/explain/").body,
                HasSubstr(json::serialize(json::value(id))));
    EXPECT_EQ(wire_.get("/order/" + segment + "/explain/").status, 200);
    EXPECT_EQ(wire_.get("/events/?stream=product/" + segment).status, 200);
    EXPECT_THAT(wire_.get("/order/?product=" + segment).body, HasSubstr(json::serialize(json::value(id))));
  }
}

TEST_F(HttpIds, ReachEveryRouteInTheQuery) {
  for (const std::string& id : ids()) {
    given(id);
    const std::string query = "?id=" + percent_encoded(id);
    EXPECT_EQ(shown("/product/-/" + query)["stock"], 7) << id;
    EXPECT_EQ(shown("/order/-/" + query)["id"], json::value(id));
    EXPECT_EQ(wire_.ask("POST", "/product/-/write-off/" + query, "quantity=1").status, 200);
    EXPECT_EQ(wire_.ask("POST", "/order/-/fulfill/" + query).status, 200);
    EXPECT_EQ(wire_.ask("PUT", "/order/-/fulfil/" + query).status, 409);
    EXPECT_EQ(wire_.get("/order/-/explain/" + query).status, 200);
    EXPECT_EQ(wire_.ask("POST", "/product/-/retire/" + query).status, 200);
  }
}

TEST_F(HttpIds, AreReadFromQueriesOfFormEncoders) {
  given("T-Shirt #3 + Hose");
  EXPECT_EQ(shown("/product/-/?id=T-Shirt+%233+%2B+Hose")["stock"], 7);
  EXPECT_THAT(wire_.get("/order/?product=T-Shirt+%233+%2B+Hose").body, HasSubstr("\"T-Shirt #3 + Hose\""));
  EXPECT_EQ(wire_.get("/product/T-Shirt+%233+%2B+Hose/").status, 404) << "a plus in a path is a plus";
}

TEST_F(HttpIds, AreRefusedByNameWhenTheyAreNotPrintable) {
  const HttpReply reply = wire_.ask("POST", "/product/", "sku=Mu%CC%88tze");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("sku must be in Unicode's normal form NFC"));
  EXPECT_THAT(wire_.ask("POST", "/order/", "product=a%E2%80%AEb").body,
              HasSubstr("U+202E is a format character"));
  EXPECT_THAT(wire_.ask("PUT", "/order/a%C2%A0/abort/").body, HasSubstr("order must not end with a blank"));
  EXPECT_EQ(wire_.get("/product/Mu%CC%88tze/").status, 404);
  EXPECT_EQ(wire_.get("/product/%FF/").status, 400);
}

TEST_F(HttpIds, LeadThroughThePagesOfLists) {
  for (const std::string& id : ids()) given(id);
  for (const std::string path : {"/product/", "/order/"}) {
    for (const std::string& past : {std::string(), "&at=" + std::to_string(2 * ids().size())}) {
      std::size_t rows = 0;
      for (std::string target = "?limit=1" + past; !target.empty(); ++rows) {
        const HttpReply page = wire_.get(path + target);
        ASSERT_EQ(page.status, 200) << target << page.body;
        const std::string link = page.header("link");
        target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
      }
      EXPECT_EQ(rows, ids().size()) << path << past;
    }
  }
}

}  // namespace
}  // namespace stockfold
