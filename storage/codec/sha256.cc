#include "storage/codec/sha256.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>

namespace stockfold {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// To look an algorithm up by name costs more than to hash a command, so the result is kept for ever.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

EVP_MD_CTX* context_of_thread() {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  return context.get();
}

/// Aborts on a failure, which only a lack of memory causes: a wrong hash must never be stored.
void must(bool done) {
  if (!done) std::abort();
}

void start(EVP_MD_CTX* context) {
  must(context != nullptr && EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1);
}
void update(EVP_MD_CTX* context, std::string_view bytes) {
  must(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}
Sha256Digest finish(EVP_MD_CTX* context) {
  Sha256Digest digest;
  must(EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace

Sha256Digest sha256(std::string_view bytes) {
  EVP_MD_CTX* const context = context_of_thread();
  start(context);
  update(context, bytes);
  return finish(context);
}

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, FreeContext> evp{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { start(context_->evp.get()); }
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) { update(context_->evp.get(), bytes); }

Sha256Digest Sha256::finish() { return stockfold::finish(context_->evp.get()); }

void draw_random(std::span<std::uint8_t> out) {
  // Without randomness two ids could be the same, which is worse than an aborted process.
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

}  // namespace stockfold
