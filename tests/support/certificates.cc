#include "support/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace stockfold {
namespace {

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

constexpr long kDay = 24 * 60 * 60;

void require(bool done, std::string_view what) {
  if (done) return;
  std::fprintf(stderr, "a certificate cannot be made: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

File create(const std::filesystem::path& path) {
  std::filesystem::remove(path);
  File file(std::fopen(path.c_str(), "w"));
  require(file != nullptr && ::chmod(path.c_str(), 0600) == 0, path.native());
  return file;
}

Certificate begin(const std::string& name, EVP_PKEY* key, std::chrono::hours lasts) {
  Certificate certificate(X509_new());
  require(certificate != nullptr, "memory");
  std::uint64_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "a random number");
  const long end = std::chrono::duration_cast<std::chrono::seconds>(lasts).count();
  require(
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
          ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U) == 1 &&
          X509_gmtime_adj(X509_getm_notBefore(certificate.get()), std::min(end, 0L) - kDay) != nullptr &&
          X509_gmtime_adj(X509_getm_notAfter(certificate.get()), end) != nullptr &&
          X509_set_pubkey(certificate.get(), key) == 1 &&
          X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) == 1,
      name);
  return certificate;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      X509V3_EXT_nconf_nid(nullptr, &context, kind, value.c_str()));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

}  // namespace

struct Authority::Own {
  Key key;
  Certificate certificate;
};

Authority::Authority(std::filesystem::path dir, const std::string& name)
    : dir_(std::move(dir)), certificate_(dir_ / (name + ".pem")), own_(std::make_unique<Own>()) {
  own_->key.reset(EVP_EC_gen("P-256"));
  require(own_->key != nullptr, "a key");
  own_->certificate = begin(name, own_->key.get(), std::chrono::hours(48));
  X509* mine = own_->certificate.get();
  require(X509_set_issuer_name(mine, X509_get_subject_name(mine)) == 1, name);
  extend(mine, mine, NID_basic_constraints, "critical,CA:TRUE");
  extend(mine, mine, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(mine, mine, NID_subject_key_identifier, "hash");
  require(X509_sign(mine, own_->key.get(), EVP_sha256()) != 0, name);
  require(PEM_write_X509(create(certificate_).get(), mine) == 1, certificate_.native());
}
Authority::~Authority() = default;

CertificateFiles Authority::issue(const std::string& name, const std::vector<std::string>& names,
                                  std::chrono::hours lasts) const {
  const Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "a key");
  const Certificate certificate = begin(name, key.get(), lasts);
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(own_->certificate.get())) == 1, name);
  std::string hosts;
  for (const std::string& host : names) hosts.append(hosts.empty() ? "" : ",").append(host);
  if (!hosts.empty()) extend(certificate.get(), own_->certificate.get(), NID_subject_alt_name, hosts);
  require(X509_sign(certificate.get(), own_->key.get(), EVP_sha256()) != 0, name);
  CertificateFiles files{.certificate = dir_ / (name + ".pem"), .key = dir_ / (name + ".key")};
  require(PEM_write_X509(create(files.certificate).get(), certificate.get()) == 1, name);
  require(
      PEM_write_PrivateKey(create(files.key).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
      name);
  return files;
}

std::filesystem::path Authority::revoke(const std::vector<std::filesystem::path>& certificates,
                                        const std::string& name) const {
  const std::unique_ptr<X509_CRL, Freed<X509_CRL_free>> list(X509_CRL_new());
  const std::unique_ptr<ASN1_TIME, Freed<ASN1_TIME_free>> now(X509_gmtime_adj(nullptr, -60));
  const std::unique_ptr<ASN1_TIME, Freed<ASN1_TIME_free>> next(X509_gmtime_adj(nullptr, kDay));
  require(list && now && next && X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(own_->certificate.get())) == 1 &&
              X509_CRL_set1_lastUpdate(list.get(), now.get()) == 1 &&
              X509_CRL_set1_nextUpdate(list.get(), next.get()) == 1,
          name);
  for (const auto& path : certificates) {
    const File file(std::fopen(path.c_str(), "r"));
    require(file != nullptr, path.native());
    const Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
    X509_REVOKED* entry = X509_REVOKED_new();
    require(certificate && entry != nullptr &&
                X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.get())) == 1 &&
                X509_REVOKED_set_revocationDate(entry, now.get()) == 1 &&
                X509_CRL_add0_revoked(list.get(), entry) == 1,
            path.native());
  }
  require(X509_CRL_sort(list.get()) == 1 && X509_CRL_sign(list.get(), own_->key.get(), EVP_sha256()) != 0,
          name);
  const std::filesystem::path path = dir_ / (name + ".crl");
  require(PEM_write_X509_CRL(create(path).get(), list.get()) == 1, path.native());
  return path;
}

}  // namespace stockfold
