#include "server/http/claims.h"

#include <boost/json.hpp>
#include <cstdint>
#include <string_view>
#include <utility>

#include "protocol/text/json_object.h"
#include "server/http/query.h"

namespace stockfold {
namespace {

/// Fields that describe the answer and not the state.
void ignore_answer_fields(HttpFields& fields) {
  for (const char* name : {"as_of", "position"}) {
    if (fields.has(name)) fields.number(name, 0, UINT64_MAX);
  }
  for (const char* name : {"ok", "replayed"}) fields.flag(name);
  fields.text("decided_at", kMaxReasonBytes);
}

/// When and by whom an order was placed and so on: its events never change.
void ignore_steps(HttpFields& fields) {
  for (const std::string_view name : {"drafted_at", "drafted_by", "placed_at", "placed_by", "aborted_at",
                                      "aborted_by", "fulfilled_at", "fulfilled_by"}) {
    fields.has(name);
  }
}

/// `in_path`: the id in the path. The field repeats it under its own name.
template <class Id>
void compare_with_path(HttpFields& fields, std::string_view name, const Id& in_path) {
  if (!fields.has(name)) return;
  const Id id = fields.id<Id>(name);
  if (!id.empty() && id != in_path) {
    fields.fail(name, "is " + id.str() + ", but the path names " + in_path.str());
  }
}

/// A status by its name or its code; empty where there is none.
std::optional<OrderStatus> status_in(HttpFields& fields, std::string_view name) {
  if (!fields.has(name)) return std::nullopt;
  const auto* text = fields.value(name).if_string();
  const auto status = text != nullptr ? parse_status_or_code({text->data(), text->size()})
                                      : Parsed<OrderStatus>(std::unexpected(""));
  if (!status) {
    fields.expected(name, "draft, in_progress, aborted or fulfilled");
    return std::nullopt;
  }
  return *status;
}

void claim_number(HttpFields& fields, StateField field, std::uint64_t max, std::vector<Claim>& claims) {
  const std::string_view name = name_of(field);
  if (fields.has(name)) claims.push_back({field, fields.number(name, 0, max)});
}

void compare(HttpFields& fields, std::string_view name, std::uint64_t with) {
  if (!fields.has(name)) return;
  const std::uint64_t sent = fields.number(name, 0, kMaxUnits);
  if (sent != with) fields.fail(name, "must be " + std::to_string(with) + " at creation");
}

}  // namespace

std::optional<Units> stock_in(HttpFields& fields, const Sku& of) {
  if (!fields.has("stock")) return std::nullopt;
  if (!fields.value("stock").is_object()) return fields.number("stock", 0, kMaxUnits);
  return fields.number_within("stock", of.view(), 0, kMaxUnits);
}

std::vector<Claim> claims_in(HttpFields& fields, const OrderId& of) {
  std::vector<Claim> claims;
  for (const char* name : {"id", "order"}) compare_with_path(fields, name, of);
  for (const StateField field : {StateField::status, StateField::status_code}) {
    if (const auto status = status_in(fields, name_of(field))) claims.push_back({field, *status});
  }
  if (fields.has("product")) claims.push_back({StateField::product, fields.id<Sku>("product").str()});
  auto lines = fields.lines();
  if (lines && !lines->empty()) claims.push_back({StateField::lines, std::move(*lines)});
  claim_number(fields, StateField::version, UINT64_MAX, claims);
  fields.has("stock");  // of its products, at the moment of that answer
  ignore_steps(fields);
  ignore_answer_fields(fields);
  return claims;
}

std::vector<Claim> claims_in(HttpFields& fields, const Sku& of) {
  std::vector<Claim> claims;
  for (const char* name : {"sku", "product"}) compare_with_path(fields, name, of);
  if (fields.has("name")) claims.push_back({StateField::name, fields.text("name", kMaxNameBytes)});
  if (const auto stock = stock_in(fields, of)) claims.push_back({StateField::stock, *stock});
  for (const StateField field :
       {StateField::received, StateField::written_off, StateField::in_progress, StateField::fulfilled}) {
    claim_number(fields, field, kMaxUnits, claims);
  }
  if (fields.has("retired")) claims.push_back({StateField::retired, fields.flag("retired")});
  claim_number(fields, StateField::version, UINT64_MAX, claims);
  ignore_answer_fields(fields);
  return claims;
}

void compare_with_new_order(HttpFields& fields, OrderStatus status) {
  for (const char* name : {"status", "status_code"}) {
    const auto sent = status_in(fields, name);
    if (sent && *sent != status) {
      fields.fail(name, "must be " + std::string(name_of(status)) + " at creation; with draft true, draft");
    }
  }
  compare(fields, "version", 1);
  fields.has("stock");  // as above
  ignore_steps(fields);
  ignore_answer_fields(fields);
}

void compare_with_new_product(HttpFields& fields, const RegisterProduct& product) {
  compare(fields, "received", product.stock);
  for (const char* name : {"written_off", "in_progress", "fulfilled"}) compare(fields, name, 0);
  if (fields.flag("retired")) fields.fail("retired", "must be false at creation");
  compare(fields, "version", 1);
  ignore_answer_fields(fields);
}

}  // namespace stockfold
