#include "core/refusal.h"

#include <utility>

namespace stockfold {
namespace {

std::string_view id_of(const Refusal& refusal) {
  return refusal.subject ? std::string_view(refusal.subject->id) : "?";
}

std::string order_of(const Refusal& refusal) { return "order " + std::string(id_of(refusal)); }

std::string product_of(const Refusal& refusal) { return std::string(id_of(refusal)); }

std::string at_obstacle(const Refusal& refusal) {
  return refusal.obstacle ? " at position " + std::to_string(refusal.obstacle->value()) : "";
}

std::string by_actor(const Refusal& refusal) {
  const auto* order = std::get_if<Order>(&refusal.state);
  return order != nullptr && !order->changed_by.empty() ? " by " + order->changed_by : "";
}

std::string done_to_order(const Refusal& refusal, std::string_view done) {
  return order_of(refusal) + " was already " + std::string(done) + by_actor(refusal) + at_obstacle(refusal);
}

std::string_view in_words(OrderStatus status) {
  switch (status) {
    case OrderStatus::draft:
      return "a draft";
    case OrderStatus::in_progress:
      return "in progress";
    case OrderStatus::aborted:
      return "aborted";
    case OrderStatus::fulfilled:
      return "fulfilled";
  }
  return "?";
}

/// " is aborted", with `before` before the status; empty where the state is missing.
std::string is_status(const Refusal& refusal, std::string_view before) {
  const auto* order = std::get_if<Order>(&refusal.state);
  return order != nullptr ? std::string(before).append(in_words(order->status)) : "";
}

std::string is_not(const Refusal& refusal, std::string_view wanted) {
  const std::string status = is_status(refusal, " is ");
  return order_of(refusal) + (status.empty() ? " is not " : status + ", not ") + std::string(wanted);
}

// A state may be missing: callers without the scope `read` do not get it.

std::string shortage(const Refusal& refusal) {
  const std::string requested = std::to_string(refusal.requested);
  const auto* product = std::get_if<Product>(&refusal.state);
  const std::string available =
      product != nullptr ? std::to_string(product->stock()) + " available, " : std::string();
  return "insufficient stock of " + product_of(refusal) + ": " + available + requested + " requested";
}

std::string overflow(const Refusal& refusal) {
  const std::string more = std::to_string(refusal.requested) + " more";
  const std::string beyond = " would exceed " + std::to_string(kMaxUnits);
  const auto* product = std::get_if<Product>(&refusal.state);
  if (product == nullptr) return more + " of " + product_of(refusal) + beyond;
  return product_of(refusal) + " has received " + std::to_string(product->received) + " units, " + more +
         beyond;
}

std::string conflict(const Refusal& refusal) {
  const std::string actual = refusal.actual == StreamVersion()
                                 ? " does not exist"
                                 : " is at version " + std::to_string(refusal.actual.value());
  const StreamVersion expected = refusal.expected.version().value_or(StreamVersion());
  const std::string wanted = expected == StreamVersion()
                                 ? ", it was expected not to exist"
                                 : ", version " + std::to_string(expected.value()) + " was expected";
  return (refusal.subject ? refusal.subject->str() : "the stream") + actual + wanted;
}

std::string detail_or(const Refusal& refusal, std::string_view sentence) {
  return refusal.detail.empty() ? std::string(sentence) : refusal.detail;
}

}  // namespace

std::string_view name_of(Rule rule) {
  switch (rule) {
    case Rule::unknown_product:
      return "unknown_product";
    case Rule::product_retired:
      return "product_retired";
    case Rule::product_exists:
      return "product_exists";
    case Rule::insufficient_stock:
      return "insufficient_stock";
    case Rule::stock_overflow:
      return "stock_overflow";
    case Rule::unknown_order:
      return "unknown_order";
    case Rule::order_exists:
      return "order_exists";
    case Rule::order_not_draft:
      return "order_not_draft";
    case Rule::order_already_aborted:
      return "order_already_aborted";
    case Rule::order_already_fulfilled:
      return "order_already_fulfilled";
    case Rule::order_not_in_progress:
      return "order_not_in_progress";
    case Rule::version_conflict:
      return "version_conflict";
    case Rule::command_id_reused:
      return "command_id_reused";
  }
  return "?";
}

Refusal refuse(Rule rule, std::string detail) {
  Refusal refusal;
  refusal.rule = rule;
  refusal.detail = std::move(detail);
  if (refusal.detail.size() > kMaxDetailBytes) refusal.detail.resize(kMaxDetailBytes);
  return refusal;
}

std::string message_of(const Refusal& refusal) {
  switch (refusal.rule) {
    case Rule::unknown_product:
      return product_of(refusal) + " is not a known product";
    case Rule::product_retired:
      return product_of(refusal) + " was retired" + at_obstacle(refusal);
    case Rule::product_exists:
      return product_of(refusal) + " was already registered" + at_obstacle(refusal);
    case Rule::insufficient_stock:
      return shortage(refusal);
    case Rule::stock_overflow:
      return overflow(refusal);
    case Rule::unknown_order:
      return order_of(refusal) + " is not a known order";
    case Rule::order_exists:
      return order_of(refusal) + " already exists" + is_status(refusal, " and is ");
    case Rule::order_not_draft:
      return is_not(refusal, "a draft");
    case Rule::order_already_aborted:
      return done_to_order(refusal, "aborted");
    case Rule::order_already_fulfilled:
      return done_to_order(refusal, "fulfilled");
    case Rule::order_not_in_progress:
      return is_not(refusal, "in progress");
    case Rule::version_conflict:
      return conflict(refusal);
    case Rule::command_id_reused:
      return detail_or(refusal, "the command id was used for another command");
  }
  return detail_or(refusal, "the command was refused");
}

std::string message_of(const Contradiction& contradiction) {
  return contradiction.subject.str() + " is not as the request says";
}

}  // namespace stockfold
