#include "server/access/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "storage/files/durable_directory.h"

namespace stockfold {
namespace {

constexpr off_t kMostBytes = 16 << 20;

std::unexpected<std::string> wrong(const std::filesystem::path& path, const std::string& what) {
  return std::unexpected(path.string() + ": " + what);
}

std::unexpected<std::string> failed(const std::filesystem::path& path) {
  return wrong(path, std::generic_category().message(errno));
}

class OpenFile {
 public:
  /// O_NONBLOCK: a pipe is not waited for, since its writer might never come.
  explicit OpenFile(const std::filesystem::path& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}  // NOLINT(*-vararg)
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

}  // namespace

FileStamp stamp_of(const std::filesystem::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {.inode = found.st_ino,
          .changed_ns = std::int64_t{found.st_ctim.tv_sec} * 1'000'000'000 + found.st_ctim.tv_nsec,
          .size = found.st_size};
}

std::expected<std::optional<std::vector<Token>>, std::string> read_token_file(
    const std::filesystem::path& path) {
  const OpenFile file(path);
  if (file.number() < 0) {
    if (errno == ENOENT) return std::nullopt;
    return failed(path);
  }
  struct stat found{};
  if (::fstat(file.number(), &found) != 0) return failed(path);
  if (!keeps_secret(file.number(), path, SharedBy::reading)) {
    return wrong(path, "others than its owner may use this file; chmod 600 " + path.string());
  }
  if (!S_ISREG(found.st_mode) || found.st_size > kMostBytes) return wrong(path, "not a file of tokens");
  std::string text(static_cast<std::size_t>(found.st_size), '\0');
  const ssize_t count = ::read(file.number(), text.data(), text.size());
  if (count < 0) return failed(path);
  text.resize(static_cast<std::size_t>(count));
  auto tokens = decode_tokens(text);
  if (!tokens) return wrong(path, tokens.error());
  return std::move(*tokens);
}

}  // namespace stockfold
