#include "storage/body_hash.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "storage/bounded_archive.h"
#include "storage/domain_archive.h"
#include "storage/sha256.h"

namespace stockfold {
namespace {

// With its closing zero byte.
constexpr std::string_view kPrefix("stockfold body 1\0", 17);

struct FieldsOf {
  BoundedOutput& archive;

  void operator()(const RegisterProduct& body) const { archive(body.sku, body.name, body.stock); }
  void operator()(const ReceiveStock& body) const { archive(body.sku, body.quantity, body.reason); }
  void operator()(const WriteOffStock& body) const { archive(body.sku, body.quantity, body.reason); }
  void operator()(const RetireProduct& body) const { archive(body.sku); }
  void operator()(const DraftOrder& body) const { archive(body.order, body.lines); }
  void operator()(const PlaceOrder& body) const { archive(body.order, body.lines); }
  void operator()(const AbortOrder& body) const { archive(body.order, body.reason); }
  void operator()(const FulfilOrder& body) const { archive(body.order, body.reason); }
};

std::array<std::uint8_t, 16> draw_uuid() {
  std::array<std::uint8_t, 16> uuid{};
  draw_random(uuid);
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0FU) | 0x40U);  // version 4: random
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3FU) | 0x80U);  // the variant of RFC 4122
  return uuid;
}

}  // namespace

BodyHash body_hash(const CommandBody& body, const ExpectedVersion& expected) {
  std::string bytes(kPrefix);
  BoundedOutput archive(bytes);
  archive.put_number(static_cast<std::uint64_t>(kind_of(body)));
  archive(expected);
  std::visit(FieldsOf{archive}, body);

  BodyHash hash;
  std::ranges::copy_n(sha256(bytes).begin(), BodyHash::kSize, hash.bytes.begin());
  return hash;
}

CommandId draw_command_id() { return {draw_uuid()}; }
LedgerId draw_ledger_id() { return {draw_uuid()}; }

}  // namespace stockfold
