// The files that TLS is spoken with, for either side.
#pragma once

#include <filesystem>
#include <string>

namespace stockfold {

struct TlsServerOptions {
  std::filesystem::path certificate;  ///< PEM: the server's own first, then those that lead to a root.
  std::filesystem::path key;          ///< PEM. Only its owner and group may read the file.
  std::string passphrase;             ///< Of the key; empty where it has none.
  std::filesystem::path client_ca;    ///< PEM: who signs the certificates of clients. Empty: they need none.
  std::filesystem::path client_crl;   ///< PEM: of these authorities, what they have revoked.
};

struct TlsClientOptions {
  std::filesystem::path ca;           ///< PEM: whom to trust. Empty: whom the system trusts.
  std::filesystem::path certificate;  ///< PEM: the client's own, where the server wants one.
  std::filesystem::path key;          ///< PEM.
  std::string name;                   ///< That the server's certificate must be for; empty: the host's.
};

}  // namespace stockfold
