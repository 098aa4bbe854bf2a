#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>

#include "support/certificates.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using namespace std::string_view_literals;
using testing::HasSubstr;

/// What one side receives, a few bytes at a time.
class Side {
 public:
  explicit Side(std::unique_ptr<TlsStream> stream) : stream_(std::move(stream)) {}

  std::string say(std::string text) {
    stream_->seal(text);
    return text;
  }
  /// False: it was the end.
  bool hear(std::string_view bytes, std::size_t at_once = 1'000'000) {
    while (!bytes.empty()) {
      const auto room = received_.room();
      const std::size_t count = std::min({bytes.size(), at_once, room.size()});
      std::copy_n(bytes.begin(), count, room.begin());
      bytes.remove_prefix(count);
      if (!stream_->open(received_, room, count)) return false;
    }
    return true;
  }
  std::string take() {
    std::string text(received_.bytes());
    received_.consume(text.size());
    return text;
  }
  TlsStream& operator*() { return *stream_; }
  TlsStream* operator->() { return stream_.get(); }

 private:
  std::unique_ptr<TlsStream> stream_;
  ReceiveBuffer received_;
};

/// Runs until neither side has anything to send. Returns what went wrong on either side, or nothing.
std::string shake_hands(Side& client, Side& server, std::size_t at_once = 1'000'000) {
  for (;;) {
    const std::string asked = client.say("");
    const bool heard = server.hear(asked, at_once);
    const std::string answered = server.say("");
    const bool understood = client.hear(answered, at_once);
    const std::string last = client.say("");
    if (heard && !understood) return client->what().empty() ? "closed" : client->what();
    if (!server.hear(last, at_once) || !heard) return server->what().empty() ? "closed" : server->what();
    const std::string alert = server.say("");
    if (!client.hear(alert)) return client->what().empty() ? "closed" : client->what();
    if (asked.empty() && answered.empty() && last.empty() && alert.empty()) return {};
  }
}

class Tls : public testing::Test {
 protected:
  [[nodiscard]] TlsServerOptions serving(const std::vector<std::string>& names = {"DNS:shop.example",
                                                                                  "IP:127.0.0.1"},
                                         std::chrono::hours lasts = std::chrono::hours(24)) const {
    const CertificateFiles files = authority_.issue("server", names, lasts);
    return {.certificate = files.certificate,
            .key = files.key,
            .passphrase = {},
            .client_ca = {},
            .client_crl = {}};
  }
  [[nodiscard]] TlsClientOptions trusting() const {
    return {.ca = authority_.certificate(), .certificate = {}, .key = {}, .name = {}};
  }
  static Side server(const TlsServerOptions& options, std::string_view protocol = kTcpProtocol) {
    auto context = TlsContext::of_server(options, protocol);
    EXPECT_TRUE(context.has_value()) << context.error();
    return Side((*context)->accept());
  }
  static Side client(const TlsClientOptions& options, const std::string& host) {
    auto context = TlsContext::of_client(options, kTcpProtocol);
    EXPECT_TRUE(context.has_value()) << context.error();
    return Side((*context)->connect(host));
  }
  std::string meet(const TlsServerOptions& serving, const TlsClientOptions& trusting,
                   const std::string& host = "shop.example") {
    Side one = client(trusting, host);
    Side other = server(serving);
    return shake_hands(one, other);
  }
  [[nodiscard]] const std::filesystem::path& dir() const { return directory_.path(); }

  TemporaryDirectory directory_;
  const Authority authority_{directory_.path(), "authority"};
};

TEST_F(Tls, CarriesDataInChunksOfAnySize) {
  const TlsServerOptions options = serving();
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, std::size_t{1'000'000}}) {
    Side one = client(trusting(), "shop.example");
    Side other = server(options);
    EXPECT_TRUE(other->unfinished());
    ASSERT_EQ(shake_hands(one, other, at_once), "");
    ASSERT_TRUE(one->established() && other->established());
    EXPECT_FALSE(other->unfinished());
    for (const std::size_t size : {std::size_t{1}, std::size_t{20'000}, std::size_t{100'000}}) {
      const std::string text(size, 'x');
      const std::string sealed = one.say(text);
      EXPECT_THAT(sealed, testing::Not(HasSubstr("xxxxxxxxxx")));
      EXPECT_TRUE(other.hear(std::string_view(sealed).substr(0, sealed.size() - 1), at_once));
      EXPECT_TRUE(other->unfinished());
      EXPECT_TRUE(other.hear(std::string_view(sealed).substr(sealed.size() - 1)));
      EXPECT_FALSE(other->unfinished());
      EXPECT_EQ(other.take(), text);
      EXPECT_TRUE(one.hear(other.say(text)));
      EXPECT_EQ(one.take(), text);
    }
    std::string last = one.say("the last word");
    one->say_goodbye();
    EXPECT_TRUE(other.hear(last + one.say("")));
    EXPECT_EQ(other.take(), "the last word");
    EXPECT_EQ(other->what(), "") << "a good end";
  }
}

TEST_F(Tls, ClosesCleanly) {
  Side one = client(trusting(), "shop.example");
  Side other = server(serving());
  ASSERT_EQ(shake_hands(one, other), "");
  one->say_goodbye();
  EXPECT_FALSE(other.hear(one.say("")));
  EXPECT_EQ(other->what(), "") << "a good end";
}

TEST_F(Tls, FailsWhenAByteIsChanged) {
  Side one = client(trusting(), "shop.example");
  Side other = server(serving());
  ASSERT_EQ(shake_hands(one, other), "");
  std::string sealed = one.say("place an order");
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  EXPECT_FALSE(other.hear(sealed));
  EXPECT_NE(other->what(), "");
  EXPECT_EQ(other.take(), "");
  EXPECT_FALSE(other.say("").empty()) << "an alert";
  EXPECT_FALSE(other.hear(one.say("again")));
}

TEST_F(Tls, VerifiesNameExpiryAndIssuerOfServer) {
  EXPECT_EQ(meet(serving(), trusting()), "");
  EXPECT_EQ(meet(serving(), trusting(), "127.0.0.1"), "");
  EXPECT_THAT(meet(serving(), trusting(), "127.0.0.2"), HasSubstr("IP address mismatch"));
  EXPECT_THAT(meet(serving(), trusting(), "other.example"), HasSubstr("hostname mismatch"));
  TlsClientOptions named = trusting();
  named.name = "shop.example";
  EXPECT_EQ(meet(serving(), named, "127.0.0.2"), "");
  EXPECT_THAT(meet(serving({"DNS:shop.example"}, std::chrono::hours(-1)), trusting()),
              HasSubstr("certificate has expired"));
  const Authority stranger(dir(), "stranger");
  TlsClientOptions elsewhere = trusting();
  elsewhere.ca = stranger.certificate();
  EXPECT_THAT(meet(serving(), elsewhere), HasSubstr("unable to get local issuer certificate"));
  elsewhere.ca.clear();
  EXPECT_THAT(meet(serving(), elsewhere), HasSubstr("the certificate: "))
      << "the system does not know it either";
}

TEST_F(Tls, RequiresClientCertificateWhenConfigured) {
  TlsServerOptions strict = serving();
  strict.client_ca = authority_.certificate();
  EXPECT_NE(meet(strict, trusting()), "");
  TlsClientOptions known = trusting();
  const CertificateFiles mine = authority_.issue("buyer", {});
  known.certificate = mine.certificate;
  known.key = mine.key;
  EXPECT_EQ(meet(strict, known), "");

  const CertificateFiles bad = authority_.issue("thief", {});
  strict.client_crl = authority_.revoke({bad.certificate}, "revoked");
  EXPECT_EQ(meet(strict, known), "");
  known.certificate = bad.certificate;
  known.key = bad.key;
  EXPECT_THAT(meet(strict, known), HasSubstr("revoked"));
  const CertificateFiles old = authority_.issue("old", {}, std::chrono::hours(-1));
  known.certificate = old.certificate;
  known.key = old.key;
  EXPECT_THAT(meet(strict, known), HasSubstr("expired"));
  const CertificateFiles strange = Authority(dir(), "stranger").issue("strange", {});
  known.certificate = strange.certificate;
  known.key = strange.key;
  EXPECT_NE(meet(strict, known), "");
}

TEST_F(Tls, RefusesProtocolOfAnotherPort) {
  Side one = client(trusting(), "shop.example");
  Side other = server(serving(), kHttpProtocol);
  EXPECT_THAT(shake_hands(one, other), HasSubstr("protocol"));
}

TEST_F(Tls, RefusesBytesThatAreNotTls) {
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\n\r\n"sv, "\x16\x03\x01\x00\x05hello"sv, "\xff\xff\xff\xff\xff and more"sv}) {
    Side other = server(serving());
    EXPECT_FALSE(other.hear(bytes)) << bytes;
    EXPECT_NE(other->what(), "");
    EXPECT_FALSE(other->established());
  }
}

TEST_F(Tls, RefusesAnnouncementOfOversizedGreeting) {
  for (const std::string_view bytes :
       {"\x16\x03\x01\x40\x00\x01\x02\x01\x44"sv, "\x16\x03\x01\x40\x00\x01\x00\x40\x01"sv,
        "\x16\x03\x01\x00\x03\x01\x00\x00\x16"sv}) {
    Side other = server(serving());
    EXPECT_TRUE(other.hear(bytes.substr(0, 8), 1));
    EXPECT_FALSE(other.hear(bytes.substr(8)));
    EXPECT_THAT(other->what(), HasSubstr("greeting"));
  }
}

/// If the server wants another key of the client, a second greeting follows, also unencrypted.
TEST_F(Tls, RefusesOversizedSecondGreeting) {
  Side one = client(trusting(), "shop.example");
  std::string greeting = one.say("");
  constexpr std::string_view kKey = "\x00\x33\x00\x26\x00\x24\x00\x1d\x00\x20"sv;  // a share of X25519
  const std::size_t at = greeting.find(kKey);
  ASSERT_NE(at, std::string::npos);
  // no key share at all; the old one becomes an unknown extension
  greeting.replace(at, kKey.size(), "\x00\x33\x00\x02\x00\x00\xfe\x00\x00\x20"sv);
  for (const std::string_view more : {"\x16\x03\x03\x40\x00\x01\x02\x01\x00"sv,
                                      "\x14\x03\x03\x00\x01\x01\x16\x03\x03\x00\x02\x01\x01"
                                      "\x16\x03\x03\x00\x02\x00\x00"sv}) {
    Side other = server(serving());
    ASSERT_TRUE(other.hear(greeting));
    ASSERT_FALSE(other.say("").empty()) << "it asks for another key";
    EXPECT_FALSE(other.hear(more, 1));
    EXPECT_THAT(other->what(), HasSubstr("greeting"));
  }
}

TEST_F(Tls, RefusesOversizedCertificateChain) {
  TlsServerOptions strict = serving();
  strict.client_ca = authority_.certificate();
  std::vector<std::string> names;
  for (int i = 0; i < 400; ++i) names.push_back("DNS:" + std::string(40, 'a') + std::to_string(i));
  const CertificateFiles long_one = authority_.issue("long", names);
  TlsClientOptions known = trusting();
  known.certificate = long_one.certificate;
  known.key = long_one.key;
  EXPECT_THAT(meet(strict, known), HasSubstr("excessive message size"));
}

TEST_F(Tls, RefusesNameTooLongForAHost) {
  TlsClientOptions named = trusting();
  named.name = std::string(256, 'a');
  EXPECT_FALSE(TlsContext::of_client(named, kTcpProtocol).has_value());
  named.name.pop_back();
  EXPECT_THAT(meet(serving(), named), HasSubstr("hostname mismatch"));
}

TEST_F(Tls, ReportsNamesAndExpiryOfItsCertificate) {
  const auto context = TlsContext::of_server(serving(), kHttpProtocol).value();
  EXPECT_TRUE(context->is_for("shop.example"));
  EXPECT_TRUE(context->is_for("SHOP.example"));
  EXPECT_TRUE(context->is_for("127.0.0.1"));
  EXPECT_FALSE(context->is_for("evil.example"));
  EXPECT_FALSE(context->is_for(""));
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  EXPECT_NEAR(static_cast<double>(context->expires().value()),
              static_cast<double>((now + std::chrono::hours(24)).count()), 60'000);
}

TEST_F(Tls, NamesUnusableFile) {
  const TlsServerOptions good = serving();
  const auto wrong = [](const TlsServerOptions& options) {
    const auto context = TlsContext::of_server(options, kTcpProtocol);
    return context ? "" : context.error();
  };
  EXPECT_EQ(wrong(good), "");
  TlsServerOptions bad = good;
  bad.certificate = dir() / "nowhere.pem";
  EXPECT_THAT(wrong(bad), HasSubstr("nowhere.pem: No such file"));
  bad.certificate = good.key;
  EXPECT_THAT(wrong(bad), HasSubstr("server.key: not a chain of certificates in PEM"));
  bad = good;
  bad.key = authority_.issue("another", {}).key;
  EXPECT_THAT(wrong(bad), HasSubstr("another.key: not the "));
  bad = good;
  std::filesystem::permissions(bad.key, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(wrong(bad), HasSubstr("every user may read this key"));
  bad = serving();
  bad.client_ca = bad.key;
  EXPECT_THAT(wrong(bad), HasSubstr("server.key: not certificates in PEM"));
  bad.client_ca = authority_.certificate();
  bad.client_crl = bad.key;
  EXPECT_THAT(wrong(bad), HasSubstr("server.key: not a list of revoked certificates"));
}

RC_GTEST_FIXTURE_PROP(Tls, SurvivesArbitraryBytes, (const std::string& noise)) {
  Side one = client(trusting(), "shop.example");
  Side other = server(serving());
  std::string said = one.say("");
  const auto at = *rc::gen::inRange<std::size_t>(0, said.size());
  said.replace(at, std::min(noise.size(), said.size() - at), noise);
  (void)other.hear(said);
  (void)other.hear(noise);
  (void)other.say("");
}

}  // namespace
}  // namespace stockfold
