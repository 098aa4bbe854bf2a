#include "storage/sha256.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>

namespace stockfold {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Looking an algorithm up by name costs more than hashing a command, so it is done once and kept for good.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

EVP_MD_CTX* context_of_thread() {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  return context.get();
}

}  // namespace

Sha256Digest sha256(std::string_view bytes) {
  EVP_MD_CTX* const context = context_of_thread();
  Sha256Digest digest;
  const bool done = context != nullptr && EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1 &&
                    EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  if (!done) std::abort();  // Only for want of memory; a wrong hash must never be stored.
  return digest;
}

void draw_random(std::span<std::uint8_t> out) {
  // Without randomness an id could be another's: worse than no process.
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

}  // namespace stockfold
