#include "tools/load/actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <utility>
#include <variant>

#include "storage/codec/wall_clock.h"

namespace stockfold {
namespace {

std::uint64_t draw_salt() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

std::string reason_of(const Reply& reply) {
  if (const auto* error = std::get_if<ErrorReply>(&reply)) {
    return fmt::format("{}: {}", name_of(error->code), error->detail);
  }
  if (const auto* command = std::get_if<CommandReply>(&reply)) {
    if (!std::holds_alternative<Accepted>(command->answer.outcome)) return message_of(command->answer);
  }
  return "a reply of another kind";
}

std::optional<ErrorCode> error_code_of(const Reply& reply) {
  if (const auto* error = std::get_if<ErrorReply>(&reply)) return error->code;
  if (const auto* command = std::get_if<CommandReply>(&reply)) {
    const auto* failure = std::get_if<Failure>(&command->answer.outcome);
    if (failure != nullptr) return failure->code;
  }
  return std::nullopt;
}

std::optional<OrderStatus> status_after(Action action) {
  switch (action) {
    case Action::place:
      return OrderStatus::in_progress;
    case Action::abort:
      return OrderStatus::aborted;
    case Action::fulfil:
      return OrderStatus::fulfilled;
    case Action::receive:
    case Action::show:
      break;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Trader::Trader(const LoadPlan& plan)
    : plan_(plan),
      writer_(plan.run, plan.assigned_ids ? RequestWriter::OrderIds::assigned : RequestWriter::OrderIds::own,
              plan.stale),
      random_(plan.seed),
      book_(plan.lines, plan.products),
      open_(plan.placed),
      show_order_(plan.shown == Shown::order),
      id_back_(draw_salt() >> 2U | 0x8000'0000'0000'0000) {
  id_front_ = static_cast<std::uint64_t>(wall_clock().value()) << 16U | 0x7000U | (draw_salt() & 0x0FFFU);
  for (const OpenOrder& order : open_) book_.place(order);
  // a new order is numbered above all orders that were there
  for (const OpenOrder& order : open_) orders_ = std::max(orders_, order.number);
}

Task Trader::next(std::vector<OpenOrder>& own) {
  if (plan_.mix) return act(plan_.mix->at(random_.below(plan_.mix->total())));
  return own.empty() ? place() : end_order(Action::abort, own, own.size() - 1);
}

Task Trader::act(Action action) {
  switch (action) {
    case Action::place:
      if (open_.size() < plan_.max_open) return place();
      action = plan_.mix->weight(Action::fulfil) > plan_.mix->weight(Action::abort) ? Action::fulfil
                                                                                    : Action::abort;
      return end_order(action, open_, any_open());
    case Action::abort:
    case Action::fulfil:
      return open_.empty() ? place() : end_order(action, open_, any_open());
    case Action::receive: {
      Task task{.action = action, .of_order = false, .number = random_.below(plan_.products)};
      task.command = ++commands_;
      return task;
    }
    case Action::show:
      break;
  }
  return show();
}

Task Trader::place() {
  Task task{.action = Action::place, .draw = random_.next(), .command = ++commands_};
  if (!plan_.assigned_ids) task.number = ++orders_;
  return task;
}

Task Trader::end_order(Action action, std::vector<OpenOrder>& orders, std::size_t index) {
  std::swap(orders[index], orders.back());
  const OpenOrder order = orders.back();
  orders.pop_back();
  return {.action = action, .number = order.number, .draw = order.draw, .command = ++commands_};
}

Task Trader::show() {
  const bool of_order = show_order_;
  if (plan_.shown == Shown::both) show_order_ = !show_order_;
  if (!of_order) {
    return {.action = Action::show, .of_order = false, .number = random_.below(plan_.products)};
  }
  if (open_.empty()) return place();
  return {.action = Action::show, .number = open_[any_open()].number};
}

const CommandId* Trader::id_of(const Task& task) {
  if (!plan_.command_ids) return nullptr;
  std::array<std::uint64_t, 2> words{id_front_, id_back_ + task.command};
  if (plan_.scattered_ids) words = {Random(words[0] ^ words[1]).next(), Random(words[1]).next()};
  for (std::size_t i = 0; i < CommandId::kSize; ++i) {
    id_.bytes[i] = static_cast<std::uint8_t>(words[i / 8] >> (56 - 8 * (i % 8)));
  }
  return &id_;
}

void Trader::write(const Task& task, std::uint64_t id, std::string& out) {
  switch (task.action) {
    case Action::place:
      return writer_.place(id, task.number, book_.lines_of(task.draw), id_of(task), out);
    case Action::abort:
      return writer_.abort(id, task.number, id_of(task), out);
    case Action::fulfil:
      return writer_.fulfil(id, task.number, id_of(task), out);
    case Action::receive:
      return writer_.receive(id, task.number, id_of(task), out);
    case Action::show:
      if (task.of_order) return writer_.show_order(id, task.number, out);
      return writer_.show_product(id, task.number, out);
  }
}

Judgement Trader::judge(const Task& task, const ReplyGlance& glance, std::string_view payload,
                        std::vector<OpenOrder>& own) {
  using Kind = ReplyGlance::Kind;
  const Kind wanted = task.action != Action::show ? Kind::accepted
                      : task.of_order             ? Kind::order
                                                  : Kind::product;
  if (glance.kind != wanted) return judge_other(payload);
  return wanted == Kind::accepted ? judge_accepted(task, glance, own) : judge_shown(task, glance);
}

Judgement Trader::judge_accepted(const Task& task, const ReplyGlance& glance, std::vector<OpenOrder>& own) {
  OpenOrder order = task.order();
  if (task.action == Action::place && plan_.assigned_ids) {
    const auto number = number_in(glance.subject);
    if (!number) return refuse(fmt::format("the ledger assigned \"{}\", which is no number", glance.subject));
    order.number = *number;
  }
  const bool same = task.of_order ? writer_.is_order(glance.subject, order.number)
                                  : writer_.is_product(glance.subject, order.number);
  const bool matches = same && glance.status == status_after(task.action);

  // accepted, so it was done, even if the answer is wrong
  Judgement judgement;
  switch (task.action) {
    case Action::place:
      judgement.lines = book_.place(order);
      (plan_.mix ? open_ : own).push_back(order);
      break;
    case Action::abort:
      judgement.lines = book_.abort(order);
      break;
    case Action::fulfil:
      judgement.lines = book_.fulfil(order);
      break;
    case Action::receive:
      book_.receive(static_cast<std::uint32_t>(task.number));
      break;
    case Action::show:
      break;
  }
  if (!matches) return refuse(fmt::format("the answer is about another order or status: {}", glance.subject));
  if (glance.replayed) return refuse("a new command was answered as a replay");
  return judgement;
}

Judgement Trader::judge_shown(const Task& task, const ReplyGlance& glance) {
  const bool same = task.of_order ? writer_.is_order(glance.subject, task.number)
                                  : writer_.is_product(glance.subject, task.number);
  if (!same) return refuse(fmt::format("the answer shows another one: {}", glance.subject));
  // a stale read may not have seen it yet
  if (!glance.found && !plan_.stale) return refuse(fmt::format("{} was not found", glance.subject));
  return {};
}

Judgement Trader::judge_other(std::string_view payload) {
  const auto message = decode_reply(payload, kFirstProtocolVersion);
  if (!message) return refuse("bad reply: " + message.error().what);
  const auto code = error_code_of(message->reply);
  if (code == ErrorCode::overloaded) return {Verdict::overloaded};
  reason_ = reason_of(message->reply);
  return {code == ErrorCode::outcome_unknown ? Verdict::unknown : Verdict::refused};
}

Judgement Trader::refuse(std::string reason) {
  reason_ = std::move(reason);
  return {Verdict::refused};
}

}  // namespace stockfold
