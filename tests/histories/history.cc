#include "histories/history.h"

#include <map>
#include <string_view>
#include <utility>

#include "core/overloaded.h"
#include "histories/disjoint_sets.h"

namespace stockfold {
namespace {

std::string text_of(const Lines& lines) {
  std::string text;
  for (const Line& line : lines) text += " " + line.sku.str() + "=" + std::to_string(line.quantity);
  return text;
}

std::string text_of(const CommandBody& body) {
  const auto moved = [](std::string_view verb, const auto& c) {
    return std::string(verb) + " " + c.sku.str() + " " + std::to_string(c.quantity);
  };
  const auto ordered = [](std::string_view verb, const auto& c) {
    return std::string(verb) + " " + c.order->str() + text_of(c.lines);
  };
  return std::visit(Overloaded{
                        [](const RegisterProduct& c) {
                          return "register " + c.sku.str() + " with " + std::to_string(c.stock);
                        },
                        [&](const ReceiveStock& c) { return moved("receive", c); },
                        [&](const WriteOffStock& c) { return moved("write off", c); },
                        [](const RetireProduct& c) { return "retire " + c.sku.str(); },
                        [&](const DraftOrder& c) { return ordered("draft", c); },
                        [&](const PlaceOrder& c) { return ordered("place", c); },
                        [](const AbortOrder& c) { return "abort " + c.order.str(); },
                        [](const FulfilOrder& c) { return "fulfil " + c.order.str(); },
                    },
                    body);
}

std::string text_of(const CommandId& id) {
  constexpr std::size_t kShown = 6;  // the last digits, which differ
  const std::string uuid = to_uuid(id.bytes);
  return "id .." + uuid.substr(uuid.size() - kShown);
}

std::string text_of(const Product& product) {
  const std::uint64_t stock =
      product.received - product.written_off - product.in_progress - product.fulfilled;
  return "stock " + std::to_string(stock) + " (" + std::to_string(product.received) + " received, " +
         std::to_string(product.written_off) + " written off, " + std::to_string(product.in_progress) +
         " in progress, " + std::to_string(product.fulfilled) + " fulfilled) v" +
         std::to_string(product.version.value()) + (product.retired ? " retired" : "") + ", changed at " +
         std::to_string(product.changed_at.value());
}

std::string text_of(const Order& order) {
  return std::string(name_of(order.status)) + " v" + std::to_string(order.version.value()) +
         text_of(order.lines) + ", changed at " + std::to_string(order.changed_at.value()) + " by \"" +
         order.changed_by + "\"";
}

template <class State>
std::string text_of(const std::optional<State>& state) {
  return state ? text_of(*state) : "none";
}

std::string text_of(const Accepted& accepted) {
  std::string text = "accepted";
  if (accepted.status) text += " " + std::string(name_of(*accepted.status));
  text += " v" + std::to_string(accepted.version.value());
  for (const StockOf& stock : accepted.stock) {
    text += " " + stock.sku.str() + ":" + std::to_string(stock.stock);
  }
  return text + " at " + std::to_string(accepted.position.value());
}

std::string text_of(const Refusal& refusal) {
  std::string text = "refused " + std::string(name_of(refusal.rule));
  if (refusal.subject) text += ": " + refusal.subject->str() + " v" + std::to_string(refusal.actual.value());
  if (const auto* product = std::get_if<Product>(&refusal.state)) text += ", " + text_of(*product);
  if (const auto* order = std::get_if<Order>(&refusal.state)) text += ", " + text_of(*order);
  if (refusal.obstacle) text += ", by " + std::to_string(refusal.obstacle->value());
  return text;
}

/// Every product, order and command id that an operation names.
std::vector<std::string> names_in(const Asked& asked) {
  if (const auto* show = std::get_if<ShowProduct>(&asked)) return {"product/" + show->sku.str()};
  if (const auto* show = std::get_if<ShowOrder>(&asked)) return {"order/" + show->order.str()};
  const auto& command = std::get<Command>(asked);
  std::vector<std::string> names{"command/" + to_uuid(command.identity->id.bytes)};
  std::visit(Overloaded{
                 [&](const DraftOrder& c) { names.push_back("order/" + c.order->str()); },
                 [&](const PlaceOrder& c) { names.push_back("order/" + c.order->str()); },
                 [&](const AbortOrder& c) { names.push_back("order/" + c.order.str()); },
                 [&](const FulfilOrder& c) { names.push_back("order/" + c.order.str()); },
                 [&](const auto& c) { names.push_back("product/" + c.sku.str()); },
             },
             command.body);
  std::visit(
      [&](const auto& c) {
        if constexpr (requires { c.lines; }) {
          for (const Line& line : c.lines) names.push_back("product/" + line.sku.str());
        }
      },
      command.body);
  return names;
}

bool has_failed(const Operation& operation, ErrorCode code) {
  const Answer* answer = answer_in(operation);
  const auto* failure = answer == nullptr ? nullptr : std::get_if<Failure>(&answer->outcome);
  return failure != nullptr && failure->code == code;
}

}  // namespace

bool is_reuse(const Answer& answer) {
  const auto* refusal = std::get_if<Refusal>(&answer.outcome);
  return refusal != nullptr && refusal->rule == Rule::command_id_reused;
}

void receive(Operation& operation, Told told, Instant returned) {
  operation.told = std::move(told);
  operation.returned = returned;
  if (!has_failed(operation, ErrorCode::outcome_unknown)) return;
  operation.told = std::monostate();
  operation.returned = kNever;
}

bool was_first(const Operation& operation) {
  const Answer* answer = answer_in(operation);
  return answer != nullptr && !answer->replayed && !is_reuse(*answer);
}

History telling(const History& history) {
  History kept;
  kept.reserve(history.size());
  for (const Operation& operation : history) {
    const bool is_read = !std::holds_alternative<Command>(operation.asked);
    if (is_read && !is_told(operation)) continue;
    if (!has_failed(operation, ErrorCode::overloaded)) kept.push_back(operation);
  }
  return kept;
}

std::string describe(const Asked& asked) {
  if (const auto* show = std::get_if<ShowProduct>(&asked)) return "show " + show->sku.str();
  if (const auto* show = std::get_if<ShowOrder>(&asked)) return "show order " + show->order.str();
  const auto& command = std::get<Command>(asked);
  std::string text = text_of(command.body);
  if (command.expected.version()) text += " expecting " + std::to_string(command.expected.version()->value());
  return text + ", " + text_of(command.identity->id);
}

std::string describe(const Told& told) {
  return std::visit(Overloaded{
                        [](std::monostate) { return std::string("unknown"); },
                        [](const Answer& answer) {
                          const std::string outcome = std::visit(
                              Overloaded{[](const Accepted& accepted) { return text_of(accepted); },
                                         [](const Refusal& refusal) { return text_of(refusal); },
                                         [](const auto& not_done) { return message_of(not_done); }},
                              answer.outcome);
                          return (answer.replayed ? "again: " : "") + outcome;
                        },
                        [](const ProductReply& reply) { return text_of(reply.product); },
                        [](const OrderReply& reply) { return text_of(reply.state); },
                    },
                    told);
}

std::vector<History> components(const History& history) {
  std::map<std::string, std::size_t> first_with;
  DisjointSets sets(history.size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    for (std::string& name : names_in(history[i].asked)) {
      const auto [with, added] = first_with.try_emplace(std::move(name), i);
      if (!added) sets.join(i, with->second);
    }
  }
  std::map<std::size_t, History> parts;
  for (std::size_t i = 0; i < history.size(); ++i) parts[sets.find(i)].push_back(history[i]);
  std::vector<History> all;
  all.reserve(parts.size());
  for (auto& [root, part] : parts) all.push_back(std::move(part));
  return all;
}

}  // namespace stockfold
