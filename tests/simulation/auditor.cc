#include "simulation/auditor.h"

#include <sstream>
#include <utility>
#include <variant>

#include "core/overloaded.h"

namespace stockfold {

namespace {

std::map<std::string, std::int64_t> in_words(const Lines& lines) {
  std::map<std::string, std::int64_t> words;
  for (const Line& line : lines) words[line.sku.str()] += line.quantity;
  return words;
}

std::string in_words(const std::optional<OrderId>& order) { return order ? order->str() : ""; }

Ask in_words(const Command& command) {
  Ask ask = std::visit(
      Overloaded{
          [](const RegisterProduct& c) {
            return Ask{"register", c.sku.str(), static_cast<std::int64_t>(c.stock), {}, {}};
          },
          [](const ReceiveStock& c) { return Ask{"receive", c.sku.str(), c.quantity, {}, {}}; },
          [](const WriteOffStock& c) { return Ask{"write_off", c.sku.str(), c.quantity, {}, {}}; },
          [](const RetireProduct& c) { return Ask{"retire", c.sku.str(), 0, {}, {}}; },
          [](const DraftOrder& c) { return Ask{"draft", in_words(c.order), 0, in_words(c.lines), {}}; },
          [](const PlaceOrder& c) { return Ask{"place", in_words(c.order), 0, in_words(c.lines), {}}; },
          [](const AbortOrder& c) { return Ask{"abort", c.order.str(), 0, {}, {}}; },
          [](const FulfilOrder& c) { return Ask{"fulfil", c.order.str(), 0, {}, {}}; },
      },
      command.body);
  if (command.expected.version())
    ask.expected = static_cast<std::int64_t>(command.expected.version()->value());
  return ask;
}

std::map<std::string, std::int64_t> in_words(const StockedLines& lines) {
  std::map<std::string, std::int64_t> words;
  for (const StockedLine& line : lines) words[line.sku.str()] += line.quantity;
  return words;
}

/// The command that an event carried out; nothing for a refusal.
Ask in_words(const Event& event) {
  return std::visit(
      Overloaded{
          [](const ProductRegistered& e) {
            return Ask{"register", e.sku.str(), static_cast<std::int64_t>(e.stock), {}, {}};
          },
          [](const StockReceived& e) { return Ask{"receive", e.sku.str(), e.quantity, {}, {}}; },
          [](const StockWrittenOff& e) { return Ask{"write_off", e.sku.str(), e.quantity, {}, {}}; },
          [](const ProductRetired& e) { return Ask{"retire", e.sku.str(), 0, {}, {}}; },
          [](const OrderDrafted& e) { return Ask{"draft", e.order.str(), 0, in_words(e.lines), {}}; },
          [](const OrderPlaced& e) { return Ask{"place", e.order.str(), 0, in_words(e.lines), {}}; },
          [](const OrderAborted& e) { return Ask{"abort", e.order.str(), 0, {}, {}}; },
          [](const OrderFulfilled& e) { return Ask{"fulfil", e.order.str(), 0, {}, {}}; },
          [](const CommandRefused& /*nothing*/) { return Ask{}; },
      },
      event);
}

std::string text(const Ask& ask) {
  std::ostringstream out;
  out << ask;
  return out.str();
}

std::string at(GlobalPosition position) { return "position " + std::to_string(position.value()) + ": "; }

[[noreturn]] void violation(const std::string& what) { throw Violation(what); }

void require(bool holds, const std::string& what) {
  if (!holds) violation(what);
}

/// Stock after an event, of each product in it.
std::map<std::string, std::int64_t> stock_after(const Event& event) {
  std::map<std::string, std::int64_t> stock;
  std::visit(
      [&](const auto& e) {
        if constexpr (requires { e.stock_after; }) {
          stock[e.sku.str()] = static_cast<std::int64_t>(e.stock_after);
        }
        if constexpr (requires { e.lines.front().stock_after; }) {
          if constexpr (requires { e.was_draft; }) {
            if (e.was_draft) return;
          }
          for (const StockedLine& line : e.lines)
            stock[line.sku.str()] = static_cast<std::int64_t>(line.stock_after);
        }
      },
      event);
  return stock;
}

std::map<std::string, std::int64_t> stock_in(const Accepted& accepted) {
  std::map<std::string, std::int64_t> stock;
  for (const StockOf& of : accepted.stock) stock[of.sku.str()] = static_cast<std::int64_t>(of.stock);
  return stock;
}

const Model::Account* account(const Model& model, const std::string& sku) {
  const auto found = model.accounts().find(sku);
  return found == model.accounts().end() ? nullptr : &found->second;
}

const Model::Slip* slip(const Model& model, const std::string& order) {
  const auto found = model.slips().find(order);
  return found == model.slips().end() ? nullptr : &found->second;
}

void check_product(const std::string& where, const std::string& sku, const std::optional<Product>& product,
                   const Model& model) {
  const auto* expected = account(model, sku);
  require(product.has_value() == (expected != nullptr),
          where + sku + " is there, or is not, against the log");
  if (!product) return;
  require(static_cast<std::int64_t>(product->stock()) == expected->stock() &&
              product->version.value() == expected->moves.size() && product->retired != expected->open,
          where + sku + " has stock " + std::to_string(product->stock()) + " in version " +
              std::to_string(product->version.value()) + ", not " + std::to_string(expected->stock()) +
              " in " + std::to_string(expected->moves.size()));
}

void check_order(const std::string& where, const std::string& id, const std::optional<Order>& order,
                 const Model& model) {
  const auto* expected = slip(model, id);
  require(order.has_value() == (expected != nullptr),
          where + "order " + id + " is there, or is not, against the log");
  if (!order) return;
  require(name_of(order->status) == expected->statuses.back() &&
              order->version.value() == expected->statuses.size() &&
              in_words(order->lines) == expected->lines,
          where + "order " + id + " is " + std::string(name_of(order->status)) + ", not " +
              expected->statuses.back());
}

}  // namespace

/// What is learned on the way through the log.
struct Auditor::Pass {
  Model model;
  std::map<CommandId, RecordedEvent> outcomes;
  std::map<GlobalPosition, std::map<std::string, std::int64_t>> anonymous_stock;
  std::map<std::string, std::uint64_t> anonymous;
  std::map<std::string, std::vector<GlobalPosition>> streams;
  GlobalPosition position;
};

// ---- what clients know ------------------------------------------------------------------------------------

void Auditor::sent(const Command& command) {
  if (command.identity) {
    sent_.emplace(command.identity->id, command);
  } else {
    ++anonymous_[text(in_words(command))];
  }
}

void Auditor::answered(const Command& command, const Answer& answer) {
  if (!command.identity) {
    if (const auto* accepted = std::get_if<Accepted>(&answer.outcome))
      anonymous_answers_.push_back(*accepted);
    return;
  }
  const auto [earlier, is_first] = answers_.emplace(command.identity->id, answer);
  require(is_first || earlier->second.outcome == answer.outcome,
          "a command id had two outcomes: " + text(in_words(command)));
}

void Auditor::shown(const ProductReply& reply) { products_.emplace(reply.as_of, reply); }
void Auditor::shown(const OrderReply& reply) { orders_.emplace(reply.as_of, reply); }
void Auditor::acknowledged(const Head& head) { heads_.emplace(head.position, head.hash); }

// ---- what the log holds -----------------------------------------------------------------------------------

void Auditor::check(const EventLog& log, const Views& views) const {
  Pass pass;
  UnixMillis time;
  check_shown(pass.position, pass);
  const auto cursor = log.read(GlobalPosition(1));
  for (;;) {
    const auto commit = cursor->next();
    require(commit.has_value(), commit ? "" : "the log cannot be read: " + commit.error().what);
    if (*commit == nullptr) break;
    require(time <= (*commit)->time, at((*commit)->first()) + "time went back");
    time = (*commit)->time;
    for (const RecordedEvent& event : (*commit)->events) {
      require(event.position == pass.position.next(), at(event.position) + "a position is missing");
      pass.position = event.position;
      check_event(event, pass);
    }
    const auto head = heads_.find(pass.position);
    require(head == heads_.end() || head->second == (*commit)->hash,
            at(pass.position) + "the log holds something else than was acknowledged");
    check_shown(pass.position, pass);
  }
  const auto ends_before = [&](const auto& known) {
    return !known.empty() && known.rbegin()->first > pass.position;
  };
  require(!ends_before(heads_), at(pass.position) + "the log ends here, but more was acknowledged");
  require(!ends_before(products_) && !ends_before(orders_),
          at(pass.position) + "the log ends here, but more was shown");
  check_answers(pass);
  check_views(views, pass);
}

void Auditor::check_event(const RecordedEvent& event, Pass& pass) const {
  const std::string where = at(event.position);
  for (const StreamEntry& entry : streams_of(event)) {
    auto& stream = pass.streams[entry.stream.str()];
    stream.push_back(event.position);
    require(stream.size() == entry.version.value(), where + "a version is missing in " + entry.stream.str());
  }
  Ask done = in_words(event.event);
  if (!event.identity) {
    const std::string words = text(done);
    const auto asked = anonymous_.find(words);
    require(asked != anonymous_.end(), where + "no client sent this: " + words);
    require(++pass.anonymous[words] <= asked->second, where + "a command was done twice: " + words);
    const std::string rule = pass.model.handle(done);
    require(rule.empty(), where + "this could not happen, " + rule + ": " + words);
    pass.anonymous_stock[event.position] = stock_after(event.event);
    return;
  }
  const auto sent = sent_.find(event.identity->id);
  require(sent != sent_.end(), where + "no client sent this: " + text(done));
  require(pass.outcomes.emplace(event.identity->id, event).second, where + "a command was done twice");
  Ask asked = in_words(sent->second);
  const auto* refused = std::get_if<CommandRefused>(&event.event);
  if (asked.id.empty()) asked.id = done.id;  // the ledger assigned it
  const std::string rule = pass.model.handle(asked);
  const std::string said = refused == nullptr ? "" : std::string(name_of(refused->refusal.rule));
  require(rule == said, where + "\"" + said + "\" was decided, \"" + rule + "\" is right: " + text(asked));
  if (refused != nullptr) return;
  done.expected = asked.expected;
  if (asked.lines.empty() && asked.verb == "place")
    asked.lines = slip(pass.model, asked.id)->lines;  // the lines of its draft
  require(text(done) == text(asked),
          where + "this was asked: " + text(asked) + "this was done: " + text(done));
  for (const auto& [sku, stock] : stock_after(event.event)) {
    require(account(pass.model, sku)->stock() == stock, where + "the stock of " + sku + " is wrong");
  }
}

/// All that clients were shown as of `position`.
void Auditor::check_shown(GlobalPosition position, const Pass& pass) const {
  const auto [product, products_end] = products_.equal_range(position);
  for (auto one = product; one != products_end; ++one) {
    check_product(at(position) + "shown: ", one->second.sku.str(), one->second.product, pass.model);
  }
  const auto [order, orders_end] = orders_.equal_range(position);
  for (auto one = order; one != orders_end; ++one) {
    check_order(at(position) + "shown: ", one->second.order.str(), one->second.state, pass.model);
  }
}

void Auditor::check_answers(const Pass& pass) const {
  for (const auto& [id, answer] : answers_) {
    const auto found = pass.outcomes.find(id);
    require(found != pass.outcomes.end(),
            "lost, though it was acknowledged: " + text(in_words(sent_.at(id))));
    const RecordedEvent& event = found->second;
    const auto* refused = std::get_if<CommandRefused>(&event.event);
    if (const auto* refusal = std::get_if<Refusal>(&answer.outcome)) {
      require(refused != nullptr && refused->refusal == *refusal,
              at(event.position) + "another refusal was answered: " + text(in_words(sent_.at(id))));
      continue;
    }
    const auto& accepted = std::get<Accepted>(answer.outcome);
    const auto stock = stock_after(event.event);
    require(refused == nullptr && accepted.position == event.position && accepted.version == event.version &&
                accepted.time == event.time && (stock.empty() || stock_in(accepted) == stock),
            at(event.position) + "another outcome was answered: " + text(in_words(sent_.at(id))));
  }
  for (const Accepted& accepted : anonymous_answers_) {
    const auto found = pass.anonymous_stock.find(accepted.position);
    require(
        found != pass.anonymous_stock.end() && (found->second.empty() || stock_in(accepted) == found->second),
        at(accepted.position) + "lost, though it was acknowledged");
  }
}

void Auditor::check_views(const Views& views, const Pass& pass) const {
  const std::string where = "the views at " + at(pass.position);
  const auto products = views.products({}, kMaxPageRows);
  require(products.has_value() && products->as_of == pass.position, where + "stock cannot be read");
  require(products->rows.size() == pass.model.accounts().size(), where + "a product too many or too few");
  for (const ProductRow& row : products->rows) {
    check_product(where, row.sku.str(), row.product, pass.model);
  }
  std::size_t orders = 0;
  for (std::optional<OrderId> from;;) {
    const auto page = views.orders(from, kMaxPageRows, {});
    require(page.has_value() && page->as_of == pass.position, where + "orders cannot be read");
    for (const OrderRow& row : page->rows) check_order(where, row.order.str(), row.state, pass.model);
    orders += page->rows.size();
    from = page->next;
    if (!from) break;
  }
  require(orders == pass.model.slips().size(), where + "an order too many or too few");
  for (const auto& [id, event] : pass.outcomes) {
    const auto receipts = views.receipts(std::span(&id, 1));
    require(receipts.has_value() && receipts->front().size() == 1 &&
                receipts->front().front().position == event.position,
            where + "the receipt of position " + std::to_string(event.position.value()) + " is wrong");
  }
  for (const auto& [stream, positions] : pass.streams) {
    const auto found = views.stream(*StreamId::parse(stream), GlobalPosition(1), positions.size() + 1);
    require(found.has_value() && *found == positions, where + stream + " has other events");
  }
}

}  // namespace stockfold
