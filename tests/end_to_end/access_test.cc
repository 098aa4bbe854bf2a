// Access as an operator sets it up: the program's own output, real certificates, OpenSSL's own client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stockfold/client.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "end_to_end/program.h"
#include "support/certificates.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::string contents_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The output of a shell command, on both streams.
std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) return "cannot be run";
  std::string text;
  std::array<char, 4'096> bytes;
  for (std::size_t count = 0; (count = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) {
    text.append(bytes.data(), count);
  }
  ::pclose(pipe);
  return text;
}

std::filesystem::perms mode_of(const std::filesystem::path& path) {
  return std::filesystem::status(path).permissions() & std::filesystem::perms::mask;
}

class LedgerAccess : public testing::Test {
 protected:
  /// The token's text, without the line end.
  std::string create_token(const std::string& name, const std::string& scopes) {
    const auto made = run_program({"token", "create", name, "--scope", scopes, "--data", data_.string()});
    EXPECT_EQ(made.exit_code, 0);
    return made.out.substr(0, made.out.find('\n'));
  }
  std::filesystem::path token_file(const std::string& name, const std::string& scopes) {
    const std::filesystem::path path = directory_.path() / (name + ".token");
    std::ofstream(path) << create_token(name, scopes) << '\n';
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    return path;
  }
  [[nodiscard]] std::vector<std::string> tls_options(const CertificateFiles& files) const {
    return {"--tls-certificate", files.certificate.string(), "--tls-key", files.key.string()};
  }
  std::string refusal_of(std::vector<std::string> options) {
    const std::filesystem::path errors = directory_.path() / "errors";
    options.insert(options.begin(), {"serve", "--data", data_.string()});
    EXPECT_EQ(run_program(options, errors).exit_code, 2);
    return contents_of(errors);
  }

  TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path() / "data";
  const Authority authority_{directory_.path(), "authority"};
};

TEST_F(LedgerAccess, RequiresTlsAndTokenOffLoopbackNamingOptions) {
  const std::vector<std::string> open = {"--listen", "0.0.0.0:0", "--http", "127.0.0.1:0"};
  EXPECT_THAT(refusal_of(open), HasSubstr("add --tls-certificate FILE --tls-key FILE, and make a token: "
                                          "stockfold token create NAME --scope read,command --data DIR"));
  EXPECT_THAT(refusal_of({"--listen", "127.0.0.1:0", "--http", "[::]:0"}),
              HasSubstr("[::]:0 can be reached"));
  const CertificateFiles files = authority_.issue("server", {"IP:127.0.0.1"});
  std::vector<std::string> with_tls = tls_options(files);
  with_tls.insert(with_tls.end(), open.begin(), open.end());
  EXPECT_THAT(refusal_of(with_tls), HasSubstr("; make a token"));
  EXPECT_FALSE(std::filesystem::exists(data_ / "log")) << "nothing was made";
  const auto token = token_file("boss", "read,command,admin");
  EXPECT_THAT(refusal_of(open), HasSubstr("; add --tls-certificate FILE --tls-key FILE\n"));

  std::vector<std::string> check = {"config", "check", "--data", data_.string()};
  check.insert(check.end(), with_tls.begin(), with_tls.end());
  EXPECT_EQ(run_program(check).exit_code, 0);
}

TEST_F(LedgerAccess, RefusesMissingTokenFileAndInvalidCertificates) {
  const std::vector<std::string> tokens = {"--tokens", (directory_.path() / "tokns.json").string()};
  EXPECT_THAT(refusal_of(tokens), HasSubstr("tokns.json: there is no such file of tokens"));
  const CertificateFiles files = authority_.issue("server", {"IP:127.0.0.1"});
  std::ofstream(files.certificate) << "nothing";
  EXPECT_THAT(refusal_of(tls_options(files)), HasSubstr("server.pem: not a chain of certificates in PEM"));
  std::vector<std::string> check = {"config", "check", "--data", data_.string()};
  for (const std::string& option : tls_options(files)) check.push_back(option);
  EXPECT_EQ(run_program(check).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(data_)) << "nothing was made";
}

TEST_F(LedgerAccess, RefusesDataDirectoryOpenToOtherUsers) {
  {
    const ServedLedger ledger(data_);
  }
  std::filesystem::permissions(data_, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  const std::filesystem::path errors = directory_.path() / "errors";
  for (std::vector<std::string> words :
       {std::vector<std::string>{"serve", "--listen", "127.0.0.1:0"}, {"rebuild", "stock"}, {"repair"}}) {
    words.insert(words.end(), {"--data", data_.string()});
    EXPECT_EQ(run_program(words, errors).exit_code, 1);
    EXPECT_THAT(contents_of(errors), HasSubstr("chmod 700 " + data_.string())) << words.front();
  }
  std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
  const ServedLedger ledger(data_);
}

/// Does what `sudo stockfold token` does in a directory of the ledger's user, who may be hostile. If the test
/// does not run as root, or other users may not pass through "/", the test's user takes that role.
TEST_F(LedgerAccess, KeepsFileOwnersWhenRootManagesTokens) {
  const auto root_mode = std::filesystem::status("/").permissions();
  const bool are_two =
      ::geteuid() == 0 && (root_mode & std::filesystem::perms::others_exec) != std::filesystem::perms::none;
  const uid_t ledger = are_two ? 65'534 : ::geteuid();
  const uid_t other = ::geteuid() == 0 ? 65'533 : ::geteuid();
  const std::filesystem::path victim = directory_.path() / "victim";
  const std::filesystem::path errors = directory_.path() / "errors";
  const auto make = [&](std::vector<std::string> where) {
    where.insert(where.begin(), {"token", "create", "boss", "--scope", "read"});
    return run_program(where, errors).exit_code;
  };
  const auto give = [](const std::filesystem::path& path, uid_t user) {
    return ::chown(path.c_str(), user, ::geteuid() == 0 ? user : ::getegid());
  };
  const auto owner_of = [](const std::filesystem::path& path) {
    struct stat found{};
    EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
    return found.st_uid;
  };
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::others_exec,
                               std::filesystem::perm_options::add);
  std::ofstream(victim) << "precious";
  std::filesystem::create_directory(data_);
  ASSERT_EQ(::chmod(data_.c_str(), 0700) | give(data_, ledger), 0);
  std::filesystem::create_symlink(victim, data_ / "tokens.json.part");
  EXPECT_EQ(make({"--data", data_.string()}), 1) << contents_of(errors);
  std::filesystem::remove(data_ / "tokens.json.part");
  std::filesystem::create_hard_link(victim, data_ / "tokens.json.part");
  EXPECT_EQ(make({"--data", data_.string()}), 1) << contents_of(errors);
  std::filesystem::remove(data_ / "tokens.json.part");
  EXPECT_EQ(contents_of(victim), "precious");
  EXPECT_EQ(owner_of(victim), ::geteuid());
  EXPECT_EQ(make({"--data", data_.string()}), 0) << contents_of(errors);
  EXPECT_EQ(owner_of(data_ / "tokens.json"), ledger);
  EXPECT_EQ(run_program({"token", "revoke", "boss", "--data", data_.string()}, errors).exit_code, 0);
  EXPECT_EQ(owner_of(data_ / "tokens.json"), ledger);

  // in a directory of root's the file keeps its owner, so that a revocation reaches the ledger
  const std::filesystem::path etc = directory_.path() / "etc";
  std::filesystem::create_directory(etc);
  const std::string tokens = (etc / "tokens.json").string();
  EXPECT_EQ(make({"--tokens", tokens, "--data", data_.string()}), 0) << contents_of(errors);
  EXPECT_EQ(owner_of(tokens), ledger) << "the store's owner";
  ASSERT_EQ(give(tokens, other), 0);
  EXPECT_EQ(run_program({"token", "revoke", "boss", "--tokens", tokens}, errors).exit_code, 0);
  EXPECT_EQ(owner_of(tokens), other);
}

TEST_F(LedgerAccess, RefusesTokenNameThatLooksLikeTokenId) {
  const auto made =
      run_program({"token", "create", "0123456789abcdef", "--scope", "read", "--data", data_.string()});
  EXPECT_EQ(made.exit_code, 2);
}

TEST_F(LedgerAccess, MakesSecretsReadableByOwnerOnly) {
  create_token("boss", "read");
  const ServedLedger ledger(data_);
  using std::filesystem::perms;
  EXPECT_EQ(mode_of(data_), perms::owner_all);
  for (const char* name : {"tokens.json", "head.key"}) {
    EXPECT_EQ(mode_of(data_ / name), perms::owner_read | perms::owner_write) << name;
  }
}

TEST_F(LedgerAccess, RequiresTokenAndScopeOnceATokenExists) {
  const ServedLedger ledger(data_);
  const auto ask = [&](const std::vector<std::string>& words, const std::string& file = "") {
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.end(), {"--server", ledger.address(), "--json"});
    if (!file.empty()) arguments.insert(arguments.end(), {"--token-file", file});
    return run_program(arguments);
  };
  EXPECT_EQ(ask({"product", "register", "A", "--stock", "5", "--actor", "founder"}).exit_code, 0);
  const std::string reader = token_file("reader", "read");
  const std::string shop = token_file("shop", "read,command");
  for (int i = 0; i < 500 && ask({"product", "list"}).exit_code == 0; ++i) std::this_thread::sleep_for(10ms);

  const auto nobody = ask({"product", "list"});
  EXPECT_EQ(nobody.exit_code, 1);
  EXPECT_THAT(nobody.out, HasSubstr("\"error\":\"unauthorised\""));
  EXPECT_EQ(ask({"product", "show", "A"}, reader).exit_code, 0);
  const auto refused = ask({"order", "place", "1", "--line", "A"}, reader);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out, HasSubstr("the token of reader does not have the scope command"));
  EXPECT_EQ(ask({"order", "place", "1", "--line", "A"}, shop).exit_code, 0);
  EXPECT_EQ(ask({"order", "abort", "1", "--actor", "founder"}, shop).exit_code, 1);
  EXPECT_EQ(ask({"rebuild", "stock"}, shop).exit_code, 1);
  EXPECT_THAT(ask({"events", "--from", "2"}, reader).out, HasSubstr("\"actor\":\"shop\""));
  EXPECT_EQ(ask({"bench", "--seconds", "0.2", "--warm-up", "0.1", "--connections", "2"}, shop).exit_code, 0);

  const auto list = run_program({"token", "list", "--data", data_.string()});
  EXPECT_THAT(list.out, HasSubstr("shop    "));
  EXPECT_THAT(list.out, Not(HasSubstr(contents_of(shop).substr(40))));
  EXPECT_EQ(run_program({"token", "revoke", "shop", "--data", data_.string()}).exit_code, 0);
  EXPECT_EQ(run_program({"token", "revoke", "shop", "--data", data_.string()}).exit_code, 1);
  for (int i = 0; i < 500 && ask({"product", "list"}, shop).exit_code == 0; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(ask({"product", "list"}, shop).exit_code, 1);
  EXPECT_EQ(ask({"product", "list"}, reader).exit_code, 0);
  const auto log = [&] { return contents_of(directory_.path() / "serve.log"); };
  for (int i = 0; i < 500 && log().find(" log-ins failed, the last from 127.0.0.1: ") == std::string::npos;
       ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_THAT(log(), HasSubstr(" log-ins failed, the last from 127.0.0.1: there is no token "));
  EXPECT_THAT(log(), Not(HasSubstr(contents_of(reader).substr(40))));

  std::filesystem::permissions(reader, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(ask({"product", "list"}, reader).exit_code, 1) << "everybody could use it";
}

TEST_F(LedgerAccess, AcceptsOnlyStrongTlsFromProgramAndOpenssl) {
  const CertificateFiles files = authority_.issue("server", {"IP:127.0.0.1"});
  const std::string token = token_file("boss", "read,command,admin");
  const ServedLedger ledger(data_, 0, tls_options(files));
  const auto ask = [&](std::vector<std::string> words, const std::vector<std::string>& tls) {
    const std::filesystem::path errors = directory_.path() / "errors";
    words.insert(words.end(), {"--server", ledger.address(), "--token-file", token});
    words.insert(words.end(), tls.begin(), tls.end());
    const auto result = run_program(words, errors);
    return std::pair(result.exit_code, result.out + contents_of(errors));
  };
  const std::string ca = authority_.certificate();
  EXPECT_EQ(ask({"product", "register", "A", "--stock", "100000"}, {"--tls-ca", ca}).first, 0);
  EXPECT_EQ(ask({"bench", "--seconds", "0.3", "--warm-up", "0.1", "--depth", "8"}, {"--tls-ca", ca}).first,
            0);
  EXPECT_EQ(ask({"rebuild", "stock"}, {"--tls-ca", ca}).first, 0);
  EXPECT_EQ(ask({"events", "--limit", "3"}, {"--tls-ca", ca}).first, 0);
  EXPECT_EQ(ask({"audit"}, {"--tls-ca", ca}).first, 0);
  const auto [untrusting, why] = ask({"product", "list"}, {"--tls"});
  EXPECT_EQ(untrusting, 1);
  EXPECT_THAT(why, HasSubstr("TLS: the certificate: "));
  EXPECT_THAT(ask({"product", "list"}, {"--tls-ca", ca, "--tls-name", "shop.example"}).second,
              HasSubstr("hostname mismatch"));
  EXPECT_THAT(ask({"product", "list"}, {}).second, HasSubstr("may require TLS"));
  std::filesystem::permissions(token, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  std::ofstream(token) << "nonsense\n";
  EXPECT_THAT(ask({"product", "list"}, {"--tls-ca", ca}).second,
              HasSubstr("the token is not valid for this ledger"));

  // What a scanner sees: it tries every version and every kind of cipher, and only the good ones are
  // accepted.
  const std::string http = ledger.ready_line().substr(ledger.ready_line().find("http=") + 5);
  for (const std::string& address : {ledger.address(), http.substr(0, http.find(' '))}) {
    const auto probe = [&](const std::string& options) {
      return output_of("openssl s_client -connect " + address + " -CAfile " + ca + " -verify_return_error " +
                       options);
    };
    EXPECT_THAT(probe("-tls1_3"), HasSubstr("Verify return code: 0 (ok)"));
    EXPECT_THAT(probe("-tls1_2"), HasSubstr("Verify return code: 0 (ok)"));
    EXPECT_THAT(probe("-tls1_2"), HasSubstr("Secure Renegotiation IS supported"));
    EXPECT_THAT(probe("-tls1_2"), HasSubstr("Compression: NONE"));
    for (const char* old : {"-tls1 -cipher DEFAULT@SECLEVEL=0", "-tls1_1 -cipher DEFAULT@SECLEVEL=0"}) {
      EXPECT_THAT(probe(old), HasSubstr("Cipher is (NONE)")) << old;
    }
    for (const char* weak :
         {"AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES256-GCM-SHA384",
          "NULL-SHA256", "ADH-AES128-SHA256", "DHE-RSA-AES256-GCM-SHA384"}) {
      EXPECT_THAT(probe(std::string("-tls1_2 -cipher ") + weak + ":@SECLEVEL=0"),
                  HasSubstr("Cipher is (NONE)"))
          << weak;
    }
    for (const char* good : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                             "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
      EXPECT_THAT(probe(std::string("-tls1_2 -cipher ") + good), HasSubstr("Verify return code: 0 (ok)"))
          << good;
    }
    EXPECT_THAT(probe("-alpn h2"), HasSubstr("no application protocol"));
  }
}

TEST_F(LedgerAccess, UsesNewCertificatesAfterReload) {
  const CertificateFiles first = authority_.issue("server", {"IP:127.0.0.1"});
  const std::string token = create_token("boss", "read,command,admin");
  std::vector<std::string> options = tls_options(first);
  const std::filesystem::path revoked = authority_.revoke({}, "revoked");
  options.insert(options.end(), {"--tls-client-ca", authority_.certificate().string(), "--tls-client-crl",
                                 revoked.string()});
  const ServedLedger ledger(data_, 0, options);
  const CertificateFiles ours = authority_.issue("client", {});
  const auto connect = [&](const CertificateFiles& mine) {
    ClientOptions client{.port = ledger.port(), .reconnects = 0};
    client.token = token;
    client.tls = TlsClientOptions{
        .ca = authority_.certificate(), .certificate = mine.certificate, .key = mine.key, .name = {}};
    return Client::connect(client);
  };
  const auto open = connect(ours);
  ASSERT_TRUE(open.has_value()) << open.error().what;
  ASSERT_FALSE(connect({}).has_value()) << "none was shown";

  // another certificate in the same files (an expired one), then one of another authority, then a file that
  // is no certificate
  const auto reload = [&] {
    ::kill(ledger.pid(), SIGHUP);
    const auto said = [&] { return contents_of(directory_.path() / "serve.log").size(); };
    const auto before = said();
    for (int i = 0; i < 500 && said() == before; ++i) std::this_thread::sleep_for(10ms);
  };
  (void)authority_.issue("server", {"IP:127.0.0.1"}, std::chrono::hours(-1));
  reload();
  EXPECT_THAT(connect(ours).error().what, HasSubstr("certificate has expired"));
  (void)authority_.issue("server", {"IP:127.0.0.2"});
  reload();
  EXPECT_THAT(connect(ours).error().what, HasSubstr("IP address mismatch"));
  std::ofstream(first.certificate) << "nothing";
  reload();
  EXPECT_THAT(connect(ours).error().what, HasSubstr("IP address mismatch")) << "it stays as it was";
  EXPECT_THAT(contents_of(directory_.path() / "serve.log"), HasSubstr("certificates stay as they were: "));
  (void)authority_.issue("server", {"IP:127.0.0.1"});
  (void)authority_.revoke({ours.certificate}, "revoked");
  reload();
  EXPECT_FALSE(connect(ours).has_value()) << "its own is revoked now";
  EXPECT_TRUE(connect(authority_.issue("other", {})).has_value());
  EXPECT_TRUE((*open)->head().has_value()) << "who is connected stays";
}

}  // namespace
}  // namespace stockfold
