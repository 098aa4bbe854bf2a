#include "tools/load/frames.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "protocol/frame.h"
#include "protocol/messages.h"

namespace stockfold {
namespace {

constexpr std::uint8_t kCommand = CommandRequest::kNumber;
constexpr std::uint8_t kShowProduct = ShowProduct::kNumber;
constexpr std::uint8_t kShowOrder = ShowOrder::kNumber;
constexpr auto kReceiveStock = static_cast<std::uint8_t>(ReceiveStock::kKind);
constexpr auto kPlaceOrder = static_cast<std::uint8_t>(PlaceOrder::kKind);
constexpr auto kAbortOrder = static_cast<std::uint8_t>(AbortOrder::kKind);
constexpr auto kFulfilOrder = static_cast<std::uint8_t>(FulfilOrder::kKind);
constexpr std::uint8_t kCommandReply = CommandReply::kNumber;
constexpr std::uint8_t kProductReply = ProductReply::kNumber;
constexpr std::uint8_t kOrderReply = OrderReply::kNumber;
constexpr char kGiven = 0;
constexpr char kLeftOut = 1;

constexpr std::size_t kMaxNumberBytes = 10;
constexpr std::size_t kMaxDigits = 20;
/// The most bytes of a request without its lines.
constexpr std::size_t kMaxRequestBytes = 192;
constexpr std::size_t kMaxLineBytes = 1 + Sku::kMaxBytes + 1;

/// Writes one frame at the end of a buffer that has room for it.
class Frame {
 public:
  Frame(std::string& out, std::size_t most_bytes) : out_(out), start_(begin_frame(out)) {
    const std::size_t payload = out.size();
    out.resize(payload + most_bytes);
    at_ = out.data() + payload;
  }

  void byte(std::uint8_t byte) { *at_++ = static_cast<char>(byte); }

  void number(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7U) byte(static_cast<std::uint8_t>(number | 0x80U));
    byte(static_cast<std::uint8_t>(number));
  }

  void name(std::string_view prefix, std::uint64_t number) {
    char* const length = at_++;
    at_ = std::ranges::copy(prefix, at_).out;
    at_ = std::to_chars(at_, at_ + kMaxDigits, number).ptr;
    *length = static_cast<char>(at_ - length - 1);
  }

  void command_id(const CommandId* id) {
    byte(id == nullptr ? kLeftOut : kGiven);
    if (id != nullptr) at_ = std::ranges::copy(id->bytes, at_).out;
  }

  /// The end of every command: any version, the id, no actor.
  void end_command(const CommandId* id) {
    byte(0);
    command_id(id);
    byte(0);
    end();
  }

  void end() {
    out_.resize(static_cast<std::size_t>(at_ - out_.data()));
    end_frame(out_, start_);
  }

 private:
  std::string& out_;
  std::size_t start_;
  char* at_;
};

bool is_name(std::string_view name, std::string_view prefix, std::uint64_t number) {
  if (!name.starts_with(prefix)) return false;
  std::array<char, kMaxDigits> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return name.substr(prefix.size()) == std::string_view(digits.data(), end);
}

/// Reads fields from the front of a payload. After a missing field, all others are missing.
class ReplyFields {
 public:
  explicit ReplyFields(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool ok() const { return ok_; }

  std::uint8_t byte() {
    if (at_ == end_) ok_ = false;
    return ok_ ? static_cast<std::uint8_t>(*at_++) : 0;
  }

  std::uint64_t number() {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < kMaxNumberBytes; ++i) {
      const std::uint8_t next = byte();
      number |= std::uint64_t{next & 0x7fU} << (7 * i);
      if (next < 0x80) return number;
    }
    ok_ = false;
    return 0;
  }

  std::string_view text() {
    const std::uint64_t size = number();
    if (size > static_cast<std::uint64_t>(end_ - at_)) ok_ = false;
    if (!ok_) return {};
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }

 private:
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

void read_accepted(ReplyFields& fields, std::string_view payload, ReplyGlance& glance) {
  glance.kind = ReplyGlance::Kind::accepted;
  fields.byte();  // order or product: the caller knows which it asked for
  glance.subject = fields.text();
  if (fields.byte() == 1) {
    const std::uint8_t status = fields.byte();
    if (status >= 1 && status <= 4) glance.status = static_cast<OrderStatus>(status);
  }
  glance.replayed = payload.back() != 0;
}

void read_shown(ReplyFields& fields, ReplyGlance::Kind kind, ReplyGlance& glance) {
  glance.kind = kind;
  glance.subject = fields.text();
  glance.found = fields.byte() == kGiven;
}

}  // namespace

RequestWriter::RequestWriter(std::string_view run, OrderIds order_ids, bool stale)
    : prefix_(run), order_ids_(order_ids), stale_(stale) {
  prefix_ += '-';
  assert(prefix_.size() + kMaxDigits <= Sku::kMaxBytes);
}

std::string_view RequestWriter::order_prefix() const {
  return order_ids_ == OrderIds::own ? std::string_view(prefix_) : std::string_view();
}

std::string RequestWriter::product_name(std::uint64_t product) const {
  return prefix_ + std::to_string(product);
}

std::string RequestWriter::order_name(std::uint64_t order) const {
  return std::string(order_prefix()) + std::to_string(order);
}

bool RequestWriter::is_order(std::string_view name, std::uint64_t order) const {
  return is_name(name, order_prefix(), order);
}

bool RequestWriter::is_product(std::string_view name, std::uint64_t product) const {
  return is_name(name, prefix_, product);
}

void RequestWriter::place(std::uint64_t id, std::uint64_t order, std::span<const std::uint32_t> products,
                          const CommandId* command_id, std::string& out) const {
  Frame frame(out, kMaxRequestBytes + products.size() * kMaxLineBytes);
  frame.byte(kCommand);
  frame.number(id);
  frame.byte(kPlaceOrder);
  if (order_ids_ == OrderIds::own) {
    frame.byte(kGiven);
    frame.name(prefix_, order);
  } else {
    frame.byte(kLeftOut);
  }
  frame.number(products.size());
  for (const std::uint32_t product : products) {
    frame.name(prefix_, product);
    frame.byte(1);
  }
  frame.end_command(command_id);
}

void RequestWriter::end_order(std::uint64_t id, std::uint8_t kind, std::uint64_t order,
                              const CommandId* command_id, std::string& out) const {
  Frame frame(out, kMaxRequestBytes);
  frame.byte(kCommand);
  frame.number(id);
  frame.byte(kind);
  frame.name(order_prefix(), order);
  frame.byte(0);  // no reason
  frame.end_command(command_id);
}

void RequestWriter::abort(std::uint64_t id, std::uint64_t order, const CommandId* command_id,
                          std::string& out) const {
  end_order(id, kAbortOrder, order, command_id, out);
}

void RequestWriter::fulfil(std::uint64_t id, std::uint64_t order, const CommandId* command_id,
                           std::string& out) const {
  end_order(id, kFulfilOrder, order, command_id, out);
}

void RequestWriter::receive(std::uint64_t id, std::uint64_t product, const CommandId* command_id,
                            std::string& out) const {
  Frame frame(out, kMaxRequestBytes);
  frame.byte(kCommand);
  frame.number(id);
  frame.byte(kReceiveStock);
  frame.name(prefix_, product);
  frame.byte(1);
  frame.byte(0);  // no reason
  frame.end_command(command_id);
}

void RequestWriter::show(std::uint64_t id, std::uint8_t message, std::string_view prefix,
                         std::uint64_t number, std::string& out) const {
  Frame frame(out, kMaxRequestBytes);
  frame.byte(message);
  frame.number(id);
  frame.name(prefix, number);
  frame.byte(kLeftOut);  // no position
  frame.byte(stale_ ? 1 : 0);
  frame.end();
}

void RequestWriter::show_product(std::uint64_t id, std::uint64_t product, std::string& out) const {
  show(id, kShowProduct, prefix_, product, out);
}

void RequestWriter::show_order(std::uint64_t id, std::uint64_t order, std::string& out) const {
  show(id, kShowOrder, order_prefix(), order, out);
}

std::optional<ReplyGlance> glance_at(std::string_view payload) {
  using Kind = ReplyGlance::Kind;
  ReplyFields fields(payload);
  const std::uint8_t message = fields.byte();
  ReplyGlance glance;
  glance.id = fields.number();
  if (message == kCommandReply && fields.byte() == kAcceptedNumber) {
    read_accepted(fields, payload, glance);
  } else if (message == kProductReply) {
    read_shown(fields, Kind::product, glance);
  } else if (message == kOrderReply) {
    read_shown(fields, Kind::order, glance);
  }
  if (!fields.ok()) return std::nullopt;
  return glance;
}

}  // namespace stockfold
