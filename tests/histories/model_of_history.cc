// How a model learns a history: names become numbers, and answers show which outcome and which versions they
// are about.
#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "histories/model.h"

namespace stockfold {
namespace {

template <class Key>
std::size_t number_of(const Key& key, auto& numbers) {
  return numbers.try_emplace(key, numbers.size()).first->second;
}

bool of_an_order(CommandKind kind) { return kind >= CommandKind::draft_order; }

}  // namespace

Model::Model(const History& history) : history_(history), plain_(history.size()) {
  for (std::size_t i = 0; i < history.size(); ++i) read(history[i], plain_[i]);
  skus_.resize(product_numbers_.size());
  for (const auto& [sku, number] : product_numbers_) skus_[number] = sku;
  order_ids_.resize(order_numbers_.size());
  for (const auto& [order, number] : order_numbers_) order_ids_[number] = order;
  accounts_.resize(skus_.size());
  slips_.resize(order_ids_.size());
  decided_.resize(command_numbers_.size(), kNone);
  products_of_.resize(order_ids_.size());
  for (const Plain& plain : plain_) {
    for (const auto& [product, units] : plain.lines) products_of_[plain.subject].push_back(product);
  }
  learn_outcomes();
  learn_versions();
}

void Model::read(const Operation& operation, Plain& plain) {
  if (const auto* show = std::get_if<ShowProduct>(&operation.asked)) {
    plain.subject = number_of(show->sku.str(), product_numbers_);
  } else if (const auto* show_order = std::get_if<ShowOrder>(&operation.asked)) {
    plain.of_order = true;
    plain.subject = number_of(show_order->order.str(), order_numbers_);
  } else {
    read(std::get<Command>(operation.asked), plain);
  }
}

void Model::read(const Command& command, Plain& plain) {
  plain.is_command = true;
  plain.kind = static_cast<CommandKind>(command.body.index() + 1);
  plain.of_order = of_an_order(plain.kind);
  plain.command = number_of(command.identity->id, command_numbers_);
  if (command.expected.version()) plain.expected = command.expected.version()->value();
  std::visit(
      [&](const auto& c) {
        using Body = std::decay_t<decltype(c)>;
        if constexpr (requires { c.sku; }) plain.subject = number_of(c.sku.str(), product_numbers_);
        if constexpr (requires { c.quantity; }) plain.units = c.quantity;
        if constexpr (requires { c.stock; }) plain.units = static_cast<std::int64_t>(c.stock);
        if constexpr (requires { c.lines; }) {
          plain.subject = number_of(c.order->str(), order_numbers_);
          for (const Line& line : c.lines) {
            plain.lines.emplace_back(number_of(line.sku.str(), product_numbers_), line.quantity);
          }
        } else if constexpr (std::is_same_v<Body, AbortOrder> || std::is_same_v<Body, FulfilOrder>) {
          plain.subject = number_of(c.order.str(), order_numbers_);
        }
      },
      command.body);
}

/// Which operation is told the outcome of which, and the position of that outcome.
void Model::learn_outcomes() {
  std::vector<std::vector<std::size_t>> told_again(decided_.size());
  for (std::size_t i = 0; i < plain_.size(); ++i) {
    const Answer* answer = answer_in(history_[i]);
    if (answer == nullptr || is_reuse(*answer)) continue;
    plain_[i].outcome_of = i;
    if (answer->replayed) told_again[plain_[i].command].push_back(i);
  }
  for (std::size_t i = 0; i < plain_.size(); ++i) {
    Plain& plain = plain_[i];
    if (plain.is_command && !is_told(history_[i])) {
      for (const std::size_t again : told_again[plain.command]) {
        if (plain.outcome_of == kNone && same_body(command(again), command(i))) plain.outcome_of = again;
      }
    }
    if (plain.outcome_of == kNone) continue;
    const auto* accepted = std::get_if<Accepted>(&answer_in(history_[plain.outcome_of])->outcome);
    if (accepted == nullptr) continue;
    plain.position = accepted->position.value();
    positions_.insert(*plain.position);
  }
}

std::vector<std::size_t> Model::slots_of(std::size_t operation) const {
  const Plain& plain = plain_[operation];
  std::vector<std::size_t> slots{slot_of(plain.of_order, plain.subject)};
  if (!plain.is_command) return slots;
  slots.push_back(skus_.size() + order_ids_.size() + plain.command);
  if (!plain.of_order) return slots;
  const std::vector<std::size_t>& products = products_of_[plain.subject];
  slots.insert(slots.end(), products.begin(), products.end());
  return slots;
}

/// The versions at which reads, and commands with a known outcome, must take effect.
void Model::learn_versions() {
  outcomes_due_.resize(decided_.size());
  awaited_.resize(skus_.size() + order_ids_.size());
  const auto await = [this](std::optional<Due>& due) {
    if (due && due->version > plain_.size()) due.reset();  // more versions than operations
    if (!due) return;
    auto& by_version = awaited_[due->slot];
    if (by_version.size() <= due->version) by_version.resize(due->version + 1);
    ++by_version[due->version];
  };
  for (std::size_t i = 0; i < plain_.size(); ++i) {
    Plain& plain = plain_[i];
    const std::size_t slot = slot_of(plain.of_order, plain.subject);
    if (const auto* product = std::get_if<ProductReply>(&history_[i].told)) {
      plain.due = {slot, product->product ? product->product->version.value() : 0};
    } else if (const auto* order = std::get_if<OrderReply>(&history_[i].told)) {
      plain.due = {slot, order->state ? order->state->version.value() : 0};
    } else if (plain.outcome_of == i && !outcomes_due_[plain.command]) {
      outcomes_due_[plain.command] = due_of(std::get<Answer>(history_[i].told), plain);
    }
    await(plain.due);
  }
  std::ranges::for_each(outcomes_due_, await);
}

std::optional<Model::Due> Model::due_of(const Answer& answer, const Plain& plain) const {
  if (const auto* accepted = std::get_if<Accepted>(&answer.outcome)) {
    if (accepted->version == StreamVersion()) return std::nullopt;  // a version that never exists
    return Due{slot_of(plain.of_order, plain.subject), accepted->version.value() - 1};
  }
  const auto* refusal = std::get_if<Refusal>(&answer.outcome);
  if (refusal == nullptr || !refusal->subject) return std::nullopt;
  const bool of_order = refusal->subject->kind == AggregateKind::order;
  const auto& numbers = of_order ? order_numbers_ : product_numbers_;
  const auto number = numbers.find(refusal->subject->id);
  if (number == numbers.end()) return std::nullopt;
  return Due{slot_of(of_order, number->second), refusal->actual.value()};
}

}  // namespace stockfold
