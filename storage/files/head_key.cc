#include "storage/files/head_key.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/codec/big_endian.h"
#include "storage/codec/checksum.h"
#include "storage/codec/sha256.h"
#include "storage/files/durable_directory.h"

namespace stockfold {
namespace {

constexpr std::string_view kName = "head.key";
constexpr std::string_view kNameInTheMaking = "head.key.new";
constexpr std::string_view kMagic("stockfold head key 2\n", 21);
constexpr std::string_view kMagicWithoutChecksum("stockfold head key 1\n", 21);
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kMostKeyFileBytes = kMagic.size() + kSeedBytes + kChecksumSize;
using Seed = std::array<std::uint8_t, kSeedBytes>;

struct FreeEvp {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeEvp>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeEvp>;

/// The bytes that are signed.
std::string message_of(const Head& head) {
  std::string message("stockfold head 1\0", 17);
  append_raw(message, head.ledger);
  append_big_endian(message, head.epoch.value());
  append_big_endian(message, head.position.value());
  append_raw(message, head.hash);
  append_big_endian(message, static_cast<std::uint64_t>(head.time.value()));
  return message;
}

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

/// Writes the file and returns when it is on disk.
Result<void> write_durably(const std::filesystem::path& path, std::string_view bytes) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  const int file = ::open(path.c_str(), kFlags, 0600);  // NOLINT(*-vararg)
  if (file < 0) return std::unexpected(io_fault("making", path));
  const bool written =
      ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  errno = error;
  if (!written) return std::unexpected(io_fault("writing", path));
  return {};
}

/// Empty if there is no such file. A fault if others can access it: then it is no secret any more.
Result<std::optional<std::string>> read_secret(const std::filesystem::path& path) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const int file = ::open(path.c_str(), kFlags);  // NOLINT(*-vararg)
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) return std::unexpected(io_fault("reading", path));
  std::string bytes(kMostKeyFileBytes + 1, '\0');  // one more shows that it is larger
  const ssize_t count = ::read(file, bytes.data(), bytes.size());
  const int error = errno;
  const bool is_secret = keeps_secret(file, path, SharedBy::directory);
  ::close(file);
  errno = error;
  if (count < 0) return std::unexpected(io_fault("reading", path));
  if (!is_secret) {
    return std::unexpected(
        Fault{FaultKind::io,
              path.string() + ": others than its owner can get at it; chmod 600 " + path.string(),
              {}});
  }
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

/// The private key in the bytes of a file; empty if they hold none.
std::string_view seed_in(std::string_view file) {
  constexpr std::size_t kSize = kMagic.size() + kSeedBytes;
  const std::string_view front = file.substr(0, kSize);
  if (front.size() != kSize) return {};
  std::string expected(front);
  if (!front.starts_with(kMagicWithoutChecksum)) append_checksum(expected);
  const bool is_key = front.starts_with(kMagic) || front.starts_with(kMagicWithoutChecksum);
  return is_key && file == expected ? front.substr(kMagic.size()) : std::string_view();
}

Result<void> make_key(const std::filesystem::path& dir) {
  Seed seed;
  draw_random(seed);
  std::string bytes(kMagic);
  bytes.append(reinterpret_cast<const char*>(seed.data()), seed.size());
  append_checksum(bytes);
  if (auto written = write_durably(dir / kNameInTheMaking, bytes); !written) return written;
  std::error_code error;
  std::filesystem::rename(dir / kNameInTheMaking, dir / kName, error);
  if (error) return std::unexpected(io_fault("making", dir / kName, error));
  return sync_directory(dir);
}

}  // namespace

struct HeadKey::Private {
  Key key;
};

HeadKey::HeadKey(std::unique_ptr<const Private> key) : key_(std::move(key)) {
  std::size_t size = PublicKey::kSize;
  const int done = EVP_PKEY_get_raw_public_key(key_->key.get(), public_key_.bytes.data(), &size);
  if (done != 1 || size != PublicKey::kSize) std::abort();  // only a lack of memory causes this
}
HeadKey::HeadKey(HeadKey&&) noexcept = default;
HeadKey& HeadKey::operator=(HeadKey&&) noexcept = default;
HeadKey::~HeadKey() = default;

Result<std::optional<HeadKey>> HeadKey::open(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / kName;
  auto bytes = read_secret(path);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (!*bytes) return std::nullopt;
  const std::string_view seed = seed_in(**bytes);
  if (seed.empty()) {
    return std::unexpected(corruption({}, path.string() + " does not hold the ledger's key"));
  }
  auto key = std::make_unique<Private>();
  key->key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), kSeedBytes));
  if (!key->key) std::abort();  // any 32 bytes are a key
  return HeadKey(std::move(key));
}

Result<HeadKey> HeadKey::open_or_make(const std::filesystem::path& dir) {
  auto key = open(dir);
  if (!key) return std::unexpected(std::move(key.error()));
  if (*key) return std::move(**key);
  if (auto made = make_key(dir); !made) return std::unexpected(std::move(made.error()));
  key = open(dir);
  if (!key) return std::unexpected(std::move(key.error()));
  if (!*key)
    return std::unexpected(
        Fault{FaultKind::io, "the ledger's key was made, but its file is missing now", {}});
  return std::move(**key);
}

SignedHead HeadKey::sign(const Head& head) const {
  SignedHead signed_head{.head = head, .key = public_key_, .signature = {}};
  const std::string message = message_of(head);
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = Signature::kSize;
  const bool done = context &&
                    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->key.get()) == 1 &&
                    EVP_DigestSign(context.get(), signed_head.signature.bytes.data(), &size,
                                   bytes_of(message), message.size()) == 1;
  if (!done) std::abort();  // only a lack of memory causes this
  return signed_head;
}

bool is_genuine(const SignedHead& signed_head) {
  const std::string message = message_of(signed_head.head);
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, signed_head.key.bytes.data(), PublicKey::kSize));
  const DigestContext context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signed_head.signature.bytes.data(), Signature::kSize,
                          bytes_of(message), message.size()) == 1;
}

}  // namespace stockfold
