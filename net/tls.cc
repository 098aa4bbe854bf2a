#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <system_error>
#include <utility>

namespace stockfold {
namespace {

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};
using SslContext = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

/// The most bytes of a client's first message, and of its certificates. First messages have at most 2 KiB
/// today.
constexpr int kMostGreeting = 16 << 10;
constexpr std::string_view kTooMuch = "a greeting that is too long, or in too small pieces";

constexpr const char* kCiphersOfTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// OpenSSL's last error, which is cleared.
std::string complaint() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason != nullptr ? reason : "the peer broke off";
}

std::unexpected<std::string> wrong(const std::filesystem::path& file, std::string_view what) {
  return std::unexpected(file.string() + ": " + std::string(what));
}

/// If the file cannot be read at all, the error is the system's; else that it is not `as`.
std::unexpected<std::string> unusable(const std::filesystem::path& file, std::string_view as) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return wrong(file, std::make_error_code(std::errc::no_such_file_or_directory).message());
  }
  return wrong(file, "not " + std::string(as) + ": " + complaint());
}

SslContext new_context(const SSL_METHOD* method) {
  SslContext context(SSL_CTX_new(method));
  const bool set = context && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                   SSL_CTX_set_cipher_list(context.get(), kCiphersOfTls12) == 1 &&
                   SSL_CTX_set_num_tickets(context.get(), 0) == 1;
  if (!set) std::abort();  // only for want of memory
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

int give_passphrase(char* out, int size, int /*for_writing*/, void* passphrase) {
  const auto& text = *static_cast<const std::string*>(passphrase);
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  text.copy(out, text.size());
  return static_cast<int>(text.size());
}

/// A key that every user may read is no secret.
std::expected<void, std::string> check_mode(const std::filesystem::path& key) {
  struct stat found{};
  if (::stat(key.c_str(), &found) != 0) return wrong(key, std::generic_category().message(errno));
  if ((found.st_mode & S_IRWXO) == 0) return {};
  return wrong(key, "every user may read this key; chmod o= " + key.string());
}

std::expected<void, std::string> use_certificate(SSL_CTX* context, const std::filesystem::path& certificate,
                                                 const std::filesystem::path& key, std::string passphrase) {
  if (auto kept = check_mode(key); !kept) return kept;
  SSL_CTX_set_default_passwd_cb(context, give_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &passphrase);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return unusable(certificate, "a chain of certificates in PEM");
  }
  const bool read = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (!read) return unusable(key, "the private key of " + certificate.string() + ", in PEM");
  if (SSL_CTX_check_private_key(context) == 1) return {};
  return wrong(key, "not the key of " + certificate.string());
}

std::expected<void, std::string> use_client_ca(SSL_CTX* context, const TlsServerOptions& options) {
  ERR_clear_error();
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(options.client_ca.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, options.client_ca.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return unusable(options.client_ca, "certificates in PEM");
  }
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (options.client_crl.empty()) return {};
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  const bool read = lookup != nullptr &&
                    X509_load_crl_file(lookup, options.client_crl.c_str(), X509_FILETYPE_PEM) > 0 &&
                    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1;
  if (!read) return unusable(options.client_crl, "a list of revoked certificates in PEM");
  return {};
}

/// `protocol` is the std::string_view of the protocol of this port. It has static storage, because
/// connections may outlive their context.
int select_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void* protocol) {
  const auto& spoken = *static_cast<const std::string_view*>(protocol);
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
    if (name != spoken) continue;
    *out = offered + at + 1;
    *size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool is_address(const std::string& host) {
  const std::unique_ptr<ASN1_OCTET_STRING, Freed<ASN1_OCTET_STRING_free>> bytes(a2i_IPADDRESS(host.c_str()));
  ERR_clear_error();
  return bytes != nullptr;
}

void abort_unless(bool done) {
  if (!done) std::abort();  // only for want of memory
}

/// Bounds the handshake messages that a client announces in the clear: OpenSSL allocates a whole message when
/// it has the first bytes.
class Announced {
 public:
  /// Takes all bytes of a client, before OpenSSL does. False: a message is too long.
  bool take(std::string_view bytes, const SSL* ssl) {
    while (!bytes.empty() && !is_over_) {
      if (in_record_ == 0) {
        record_ += bytes.front();
        bytes.remove_prefix(1);
        if (record_.size() == kRecordHeader) begin_record(ssl);
        continue;
      }
      const std::string_view part = bytes.substr(0, in_record_);
      in_record_ -= part.size();
      bytes.remove_prefix(part.size());
      if (is_handshake_ && !take_messages(part)) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kRecordHeader = 5;
  static constexpr std::size_t kMessageHeader = 4;

  static std::size_t number(std::string_view bytes, std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])) << 8U |
           static_cast<unsigned char>(bytes[at + 1]);
  }

  void begin_record(const SSL* ssl) {
    const auto type = static_cast<unsigned char>(record_[0]);
    in_record_ = number(record_, 3);
    record_.clear();
    is_handshake_ = type == SSL3_RT_HANDSHAKE;
    // What follows is encrypted; in TLS 1.3 that has a type of its own.
    is_over_ = type == SSL3_RT_CHANGE_CIPHER_SPEC && SSL_version(ssl) == TLS1_2_VERSION;
    if (type < SSL3_RT_CHANGE_CIPHER_SPEC || type > SSL3_RT_APPLICATION_DATA) is_over_ = true;  // no TLS
  }

  bool take_messages(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view skipped = bytes.substr(0, in_message_);
      in_message_ -= skipped.size();
      bytes.remove_prefix(skipped.size());
      if (bytes.empty()) break;
      message_ += bytes.front();
      bytes.remove_prefix(1);
      if (message_.size() < kMessageHeader) continue;
      if (message_[1] != 0 || number(message_, 2) > kMostGreeting) return false;
      in_message_ = number(message_, 2);
      message_.clear();
    }
    return true;
  }

  std::string record_;         ///< The received part of its header.
  std::size_t in_record_ = 0;  ///< Bytes of it that are still to come.
  std::string message_;        ///< Likewise.
  std::size_t in_message_ = 0;
  bool is_handshake_ = false;
  bool is_over_ = false;
};

}  // namespace

// ---- one connection ---------------------------------------------------------------------------------------

struct TlsStream::State {
  std::unique_ptr<SSL, Freed<SSL_free>> ssl;
  BIO* in = nullptr;                   ///< From the peer; owned by ssl.
  BIO* out = nullptr;                  ///< To the peer; owned by ssl.
  bool greeted = true;                 ///< False: a server has still to check its client's first bytes.
  std::optional<Announced> announced;  ///< Of a server, until the handshake is done.

  explicit State(SSL_CTX* context)
      : ssl(SSL_new(context)), in(BIO_new(BIO_s_mem())), out(BIO_new(BIO_s_mem())) {
    abort_unless(ssl && in != nullptr && out != nullptr);
    BIO_set_mem_eof_return(in, -1);  // an empty buffer is not the end
    SSL_set_bio(ssl.get(), in, out);
  }

  /// Appends what is to be sent.
  void drain(std::string& text) const {
    const std::size_t before = text.size();
    const std::size_t size = BIO_ctrl_pending(out);
    text.resize(before + size);
    if (size > 0) abort_unless(BIO_read(out, text.data() + before, static_cast<int>(size)) > 0);
  }
};

TlsStream::TlsStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsStream::~TlsStream() = default;

bool TlsStream::open(ReceiveBuffer& received, std::span<const char> room, std::size_t count) {
  if (!what_.empty()) return false;
  if (!take({room.data(), count})) return what_.empty();
  SSL* ssl = state_->ssl.get();
  if (!established() && !shake_hands()) return what_.empty();
  for (bool any = false;;) {
    const auto free = received.room();
    ERR_clear_error();
    std::size_t size = 0;
    const int done = SSL_read_ex(ssl, free.data(), free.size(), &size);
    if (done == 1) {
      received.fill(size);
      any = true;
      continue;
    }
    const int error = SSL_get_error(ssl, done);
    if (error == SSL_ERROR_WANT_READ) return true;
    if (error == SSL_ERROR_ZERO_RETURN) return any;
    return fail();
  }
}

/// Gives the bytes to OpenSSL, which allocates as much as a client's first bytes announce. So the announced
/// length is checked before. False: the greeting is too short so far, or announces too much.
bool TlsStream::take(std::string_view bytes) {
  constexpr std::size_t kHeaders = 9;  // of a record, 5 bytes, and of the handshake message in it
  if (state_->greeted) {
    if (established()) state_->announced.reset();
    if (state_->announced && !state_->announced->take(bytes, state_->ssl.get())) {
      what_ = kTooMuch;
      return false;
    }
    abort_unless(BIO_write(state_->in, bytes.data(), static_cast<int>(bytes.size())) ==
                 static_cast<int>(bytes.size()));
    return true;
  }
  greeting_ += bytes;
  if (greeting_.size() < kHeaders) return false;
  const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(greeting_[at]); };
  const bool whole = byte(0) != SSL3_RT_HANDSHAKE || byte(3) * 256 + byte(4) >= 4;
  if (!whole || (byte(0) == SSL3_RT_HANDSHAKE && (byte(6) > 0 || byte(7) * 256 + byte(8) > kMostGreeting))) {
    what_ = kTooMuch;
    return false;
  }
  state_->greeted = true;
  const std::string greeting = std::exchange(greeting_, {});
  return take(greeting);
}

/// False: the handshake is not done. If what_ is empty, more input is needed.
bool TlsStream::shake_hands() {
  ERR_clear_error();
  const int done = SSL_do_handshake(state_->ssl.get());
  if (done == 1) return established_ = true;
  if (SSL_get_error(state_->ssl.get(), done) != SSL_ERROR_WANT_READ) fail();
  return false;
}

bool TlsStream::fail() {
  const long verified = SSL_get_verify_result(state_->ssl.get());
  if (verified == X509_V_OK) {
    what_ = complaint();
  } else {
    ERR_clear_error();
    what_ = std::string("the certificate: ") + X509_verify_cert_error_string(verified);
  }
  return false;
}

void TlsStream::seal(std::string& text) {
  if (!what_.empty() || !established()) text.clear();
  if (text.empty() && !established() && what_.empty()) shake_hands();  // a client begins
  std::string sealed;
  state_->drain(sealed);
  for (std::string_view rest = text; !rest.empty() && what_.empty();) {
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(state_->ssl.get(), rest.data(), std::min(rest.size(), kBytesAtOnce), &written) != 1)
      fail();
    rest.remove_prefix(written);
    state_->drain(sealed);
  }
  text = std::move(sealed);
}

void TlsStream::say_goodbye() {
  if (established() && what_.empty()) SSL_shutdown(state_->ssl.get());
  ERR_clear_error();
}

bool TlsStream::unfinished() const { return !established() || SSL_has_pending(state_->ssl.get()) == 1; }

// ---- contexts ---------------------------------------------------------------------------------------------

struct TlsContext::State {
  SslContext context;
  std::string name;  ///< Of a client: the name that the server must have.
};

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

std::expected<std::shared_ptr<const TlsContext>, std::string> TlsContext::of_server(
    const TlsServerOptions& options, std::string_view protocol) {
  auto state = std::make_unique<State>();
  state->context = new_context(TLS_server_method());
  SSL_CTX* context = state->context.get();
  SSL_CTX_set_max_cert_list(context, kMostGreeting);
  const std::string_view& spoken = protocol == kHttpProtocol ? kHttpProtocol : kTcpProtocol;
  SSL_CTX_set_alpn_select_cb(context, select_protocol, const_cast<std::string_view*>(&spoken));
  auto used = use_certificate(context, options.certificate, options.key, options.passphrase);
  if (used && !options.client_ca.empty()) used = use_client_ca(context, options);
  if (!used) return std::unexpected(std::move(used.error()));
  return std::make_shared<const TlsContext>(std::move(state));
}

std::expected<std::shared_ptr<const TlsContext>, std::string> TlsContext::of_client(
    const TlsClientOptions& options, std::string_view protocol) {
  if (options.name.size() > TLSEXT_MAXLEN_host_name) {
    return std::unexpected(std::string("the name that the certificate must be for is too long for a host's"));
  }
  auto state = std::make_unique<State>();
  state->context = new_context(TLS_client_method());
  state->name = options.name;
  SSL_CTX* context = state->context.get();
  std::string protocols(1, static_cast<char>(protocol.size()));
  protocols += protocol;
  abort_unless(SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(protocols.data()),
                                       static_cast<unsigned int>(protocols.size())) == 0);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  ERR_clear_error();
  const bool trusts = options.ca.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                         : SSL_CTX_load_verify_file(context, options.ca.c_str()) == 1;
  if (!trusts) return unusable(options.ca, "certificates in PEM");
  if (!options.certificate.empty()) {
    auto used = use_certificate(context, options.certificate, options.key, {});
    if (!used) return std::unexpected(std::move(used.error()));
  }
  return std::make_shared<const TlsContext>(std::move(state));
}

std::unique_ptr<TlsStream> TlsContext::accept() const {
  auto state = std::make_unique<TlsStream::State>(state_->context.get());
  SSL_set_accept_state(state->ssl.get());
  state->greeted = false;
  state->announced.emplace();
  return std::make_unique<TlsStream>(std::move(state));
}

std::unique_ptr<TlsStream> TlsContext::connect(const std::string& host) const {
  auto state = std::make_unique<TlsStream::State>(state_->context.get());
  SSL* ssl = state->ssl.get();
  SSL_set_connect_state(ssl);
  const std::string& name = state_->name.empty() ? host : state_->name;
  if (is_address(name)) {
    abort_unless(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1);
  } else {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    abort_unless(SSL_set1_host(ssl, name.c_str()) == 1);
    // The macro SSL_set_tlsext_host_name(), with a C++ cast. A name that is too long to be sent is in no
    // certificate either.
    static_cast<void>(SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                               const_cast<char*>(name.c_str())));
    ERR_clear_error();
  }
  return std::make_unique<TlsStream>(std::move(state));
}

bool TlsContext::is_for(const std::string& host) const {
  X509* certificate = SSL_CTX_get0_certificate(state_->context.get());
  const bool is = X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1 ||
                  X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
  ERR_clear_error();
  return is;
}

UnixMillis TlsContext::expires() const {
  std::tm time{};
  const X509* certificate = SSL_CTX_get0_certificate(state_->context.get());
  abort_unless(ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1);
  return UnixMillis(std::int64_t{::timegm(&time)} * 1'000);
}

}  // namespace stockfold
