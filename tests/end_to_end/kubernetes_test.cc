// Does to the program what Kubernetes does to volumes and Secrets: a volume with a group (fsGroup), a Secret
// behind links, a user other than root. A test that runs as root takes on such a user; otherwise the test's
// user acts through a group of its own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "end_to_end/program.h"
#include "support/certificates.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr uid_t kRandomUser = 1'000'650'000;
constexpr gid_t kGroupOfVolumes = 1'000'650'001;

std::string contents_at(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void demand(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(what);
}

/// Whether the test runs as root and other users may run the program, so that it takes on the container's
/// user.
bool is_two() {
  static const bool two = [] {
    if (::geteuid() != 0 || ::seteuid(kRandomUser) != 0) return false;
    const bool may_run = ::faccessat(AT_FDCWD, STOCKFOLD_PROGRAM, X_OK, AT_EACCESS) == 0;
    return ::seteuid(0) == 0 && may_run;
  }();
  return two;
}

/// While it lives, this program and the processes it starts have the container's user.
class InTheContainer {
 public:
  InTheContainer() {
    if (!is_two()) return;
    demand(::setgroups(1, &kGroupOfVolumes) == 0 && ::setresgid(kRandomUser, kRandomUser, 0) == 0 &&
               ::setresuid(kRandomUser, kRandomUser, 0) == 0,
           "cannot be another user");
  }
  ~InTheContainer() {
    if (!is_two()) return;
    const bool is_back =
        ::setresuid(0, 0, 0) == 0 && ::setresgid(0, 0, 0) == 0 && ::setgroups(0, nullptr) == 0;
    EXPECT_TRUE(is_back);
  }
  InTheContainer(const InTheContainer&) = delete;
  InTheContainer& operator=(const InTheContainer&) = delete;
};

class KubernetesContainer : public testing::Test {
 protected:
  KubernetesContainer() {
    fs::permissions(directory_.path(), fs::perms::others_exec, fs::perm_options::add);
    fs::create_directories(volume_ / "lost+found");
    if (is_two()) demand(::chown(work_.c_str(), kRandomUser, kRandomUser) == 0, "chown");
    mount_volume();
  }

  /// What the kubelet does each time it mounts a volume of a pod with an fsGroup.
  void mount_volume() const {
    give_group(volume_);
    for (const auto& entry : fs::recursive_directory_iterator(volume_)) give_group(entry.path());
  }

  void empty_volume() const {
    for (const auto& entry : fs::directory_iterator(volume_)) {
      if (entry.path().filename() != "lost+found") fs::remove_all(entry.path());
    }
  }

  /// Writes or changes a Secret as the kubelet does: a new directory, and a link that is switched to it.
  void write_secret(const fs::path& secret, const std::string& name, const std::string& text,
                    mode_t mode = 0440) {
    const std::string version = "..version" + std::to_string(++versions_);
    fs::create_directories(secret / version);
    std::ofstream(secret / version / name) << text;
    demand(::chmod((secret / version / name).c_str(), mode) == 0, "chmod");
    demand(::chown((secret / version / name).c_str(), static_cast<uid_t>(-1), group_of_volumes()) == 0,
           "chown");
    fs::create_symlink(version, secret / "..data_tmp");
    fs::rename(secret / "..data_tmp", secret / "..data");
    if (!fs::is_symlink(secret / name)) fs::create_symlink("..data/" + name, secret / name);
  }

  /// Adds a token to the token file, and returns the token.
  std::string create_token(const std::string& name) const {
    const auto made =
        run_program({"token", "create", name, "--scope", "read,command", "--tokens", made_tokens_.string()});
    EXPECT_EQ(made.exit_code, 0);
    return made.out;
  }

  [[nodiscard]] int list_products(const ServedLedger& ledger, const std::string& token) const {
    const fs::path file = directory_.path() / "token";
    std::ofstream(file) << token;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    return run_program({"product", "list", "--server", ledger.address(), "--token-file", file.string()})
        .exit_code;
  }

  [[nodiscard]] static gid_t group_of_volumes() { return is_two() ? kGroupOfVolumes : ::getegid(); }

  TemporaryDirectory directory_;
  const fs::path work_ = directory_.path() / "work";  ///< Owned by the user.
  const fs::path volume_ = work_ / "volume";          ///< Owned by root, as it is mounted.
  const fs::path tokens_ = directory_.path() / "tokens";
  const fs::path made_tokens_ = directory_.path() / "tokens.json";
  const fs::path errors_ = work_ / "errors";

 private:
  static void give_group(const fs::path& path) {
    struct stat found{};
    demand(::lstat(path.c_str(), &found) == 0, "lstat");
    if (S_ISLNK(found.st_mode)) return;
    const mode_t added = S_ISDIR(found.st_mode) ? 02770U : 0660U;
    demand(::chown(path.c_str(), static_cast<uid_t>(-1), group_of_volumes()) == 0 &&
               ::chmod(path.c_str(), (found.st_mode & 07770U) | added) == 0,
           "cannot give away " + path.string());
  }

  int versions_ = 0;
};

/// Options of a ledger whose log file is in a directory that it may write.
std::vector<std::string> options_for(const fs::path& work) {
  return {"--log-file", (work / "ledger.log").string()};
}

TEST_F(KubernetesContainer, RestartsOnRemountedVolume) {
  for (const fs::path& data : {volume_, volume_ / "data"}) {
    for (int start = 1; start <= 3; ++start) {
      {
        const InTheContainer user;
        ServedLedger ledger(data, 0, options_for(work_));
        EXPECT_EQ(
            run_program({"product", "register", "P" + std::to_string(start), "--server", ledger.address()})
                .exit_code,
            0);
        EXPECT_EQ(run_program({"head", "--server", ledger.address()}).exit_code, 0);
        EXPECT_EQ(ledger.terminate(), 0);
      }
      mount_volume();
    }
    const InTheContainer user;
    EXPECT_EQ(run_program({"audit", "--data", data.string(), "--scratch", work_.string()}, errors_).exit_code,
              0)
        << contents_at(errors_);
  }
}

TEST_F(KubernetesContainer, RefusesWorldReadableVolume) {
  fs::create_directory(volume_ / "data");
  std::ofstream(volume_ / "data" / "something").put('x');
  mount_volume();
  fs::permissions(volume_ / "data", fs::perms::others_read, fs::perm_options::add);
  const InTheContainer user;
  EXPECT_EQ(run_program({"serve", "--data", (volume_ / "data").string(), "--listen", "127.0.0.1:0", "--http",
                         "127.0.0.1:0"},
                        errors_)
                .exit_code,
            1);
}

TEST_F(KubernetesContainer, ReadsTokensFromSecretAndItsUpdates) {
  const std::string first = create_token("first");
  write_secret(tokens_, "tokens.json", contents_at(made_tokens_));
  std::vector<std::string> options = options_for(work_);
  options.insert(options.end(), {"--tokens", (tokens_ / "tokens.json").string()});
  const auto start = [&] {
    const InTheContainer user;
    return std::make_unique<ServedLedger>(volume_ / "data", 0, options);
  };
  const auto ledger = start();
  EXPECT_EQ(list_products(*ledger, first), 0);
  EXPECT_EQ(list_products(*ledger, "stockfold_0123456789abcdef_" + std::string(64, '0')), 1);
  const std::string second = create_token("second");
  write_secret(tokens_, "tokens.json", contents_at(made_tokens_));
  while (list_products(*ledger, second) != 0) {  // within a second
  }
}

TEST_F(KubernetesContainer, RefusesWorldReadableTokens) {
  create_token("first");
  write_secret(tokens_, "tokens.json", contents_at(made_tokens_), 0444);
  const InTheContainer user;
  EXPECT_EQ(run_program({"config", "check", "--data", (volume_ / "data").string(), "--tokens",
                         (tokens_ / "tokens.json").string()},
                        errors_)
                .exit_code,
            2);
  EXPECT_THAT(contents_at(errors_), HasSubstr("others than its owner may use this file"));
}

TEST_F(KubernetesContainer, ReadsCertificateAndKeyFromSecret) {
  const Authority authority(directory_.path(), "authority");
  const CertificateFiles made = authority.issue("server", {"DNS:localhost"});
  const fs::path tls = directory_.path() / "tls";
  write_secret(tls, "tls.key", contents_at(made.key));
  fs::copy_file(made.certificate, tls / "tls.crt");
  fs::permissions(tls / "tls.crt", fs::perms::others_read, fs::perm_options::add);
  const InTheContainer user;
  EXPECT_EQ(run_program({"config", "check", "--data", (volume_ / "data").string(), "--tls-certificate",
                         (tls / "tls.crt").string(), "--tls-key", (tls / "tls.key").string()},
                        errors_)
                .exit_code,
            0)
      << contents_at(errors_);
}

TEST_F(KubernetesContainer, RestoresAndImportsIntoEmptyVolume) {
  const fs::path data = volume_ / "data";
  const fs::path backups = work_ / "backups";
  const fs::path exported = work_ / "log.jsonl";
  {
    const InTheContainer user;
    ServedLedger ledger(data, 0, options_for(work_));
    ASSERT_EQ(run_program({"product", "register", "A", "--server", ledger.address()}).exit_code, 0);
    ASSERT_EQ(ledger.terminate(), 0);
    ASSERT_EQ(run_program(
                  {"backup", "--to", backups.string(), "--data", data.string(), "--scratch", work_.string()},
                  errors_)
                  .exit_code,
              0)
        << contents_at(errors_);
    ASSERT_EQ(run_program({"export", exported.string(), "--data", data.string()}, errors_).exit_code, 0);
  }
  empty_volume();
  const std::vector<std::vector<std::string>> ways = {{"restore", "--from", backups.string()},
                                                      {"import", exported.string()}};
  for (std::vector<std::string> words : ways) {
    mount_volume();
    const InTheContainer user;
    words.insert(words.end(), {"--data", volume_.string(), "--scratch", work_.string()});
    EXPECT_EQ(run_program(words, errors_).exit_code, 0) << contents_at(errors_);
    {
      ServedLedger ledger(volume_, 0, options_for(work_));
      EXPECT_EQ(run_program({"product", "show", "A", "--server", ledger.address()}).exit_code, 0);
      EXPECT_EQ(ledger.terminate(), 0);
    }
    empty_volume();
  }
}

}  // namespace
}  // namespace stockfold
