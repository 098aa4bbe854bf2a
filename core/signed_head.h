// A head that its ledger signed. An auditor keeps it elsewhere.
#pragma once

#include "core/commit.h"
#include "core/ids.h"

namespace stockfold {

using PublicKey = Bytes<struct PublicKeyTag, 32>;  ///< Ed25519 (RFC 8032).
using Signature = Bytes<struct SignatureTag, 64>;  ///< Ed25519 (RFC 8032).

/// A head and its ledger's signature. An auditor that trusts the key, and finds the commit of that hash in a
/// log, knows that nothing up to that commit has changed.
struct SignedHead {
  Head head;
  PublicKey key;
  Signature signature;
  friend bool operator==(const SignedHead&, const SignedHead&) = default;
};

}  // namespace stockfold
