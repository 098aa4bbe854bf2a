#include "tools/console/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ranges>
#include <variant>

#include "core/statement.h"
#include "protocol/text/time_text.h"

namespace stockfold {
namespace {

constexpr std::size_t kLinesShown = 4;  // of an order, where it has one row

std::string_view done(CommandKind command) {
  switch (command) {
    case CommandKind::register_product:
      return "registered";
    case CommandKind::receive_stock:
      return "received stock of";
    case CommandKind::write_off_stock:
      return "wrote off stock of";
    case CommandKind::retire_product:
      return "retired";
    case CommandKind::draft_order:
      return "drafted";
    case CommandKind::place_order:
      return "placed";
    case CommandKind::abort_order:
      return "aborted";
    case CommandKind::fulfil_order:
      return "fulfilled";
  }
  return "did";
}

std::string_view name_of(AggregateKind kind) { return kind == AggregateKind::order ? "order" : "product"; }

std::string quoted(std::string_view lead, std::string_view text) {
  return text.empty() ? std::string() : fmt::format("{}\"{}\"", lead, text);
}

/// "A 2, B 1, and 3 more lines".
template <class SomeLines, class Show>
std::string brief(const SomeLines& lines, Show show) {
  std::string text;
  for (const auto& line : lines | std::views::take(kLinesShown)) {
    if (!text.empty()) text += ", ";
    text += show(line);
  }
  if (lines.size() > kLinesShown) text += fmt::format(", and {} more lines", lines.size() - kLinesShown);
  return text;
}

std::string brief(const Lines& lines) {
  return brief(lines, [](const Line& line) { return fmt::format("{} {}", line.sku.view(), line.quantity); });
}

std::string brief(char sign, const StockedLines& lines) {
  return brief(lines, [sign](const StockedLine& line) {
    return fmt::format("{} {}{} = {}", line.sku.view(), sign, line.quantity, line.stock_after);
  });
}

/// The effect of an event, printed after its name and stream.
struct EffectText {
  std::string operator()(const ProductRegistered& event) const {
    return fmt::format("stock {}{}", event.stock, quoted("  ", event.name));
  }
  std::string operator()(const StockReceived& event) const { return moved('+', event); }
  std::string operator()(const StockWrittenOff& event) const { return moved('-', event); }
  std::string operator()(const ProductRetired& event) const {
    return fmt::format("stock {}", event.stock_after);
  }
  std::string operator()(const OrderDrafted& event) const { return brief(event.lines); }
  std::string operator()(const OrderPlaced& event) const { return brief('-', event.lines); }
  std::string operator()(const OrderAborted& event) const {
    if (event.was_draft) return "a draft" + quoted("  ", event.reason);
    return brief('+', event.lines) + quoted("  ", event.reason);
  }
  std::string operator()(const OrderFulfilled& event) const {
    const auto show = [](const StockedLine& line) {
      return fmt::format("{} {}", line.sku.view(), line.quantity);
    };
    return brief(event.lines, show) + quoted("  ", event.reason);
  }
  std::string operator()(const CommandRefused& event) const {
    return fmt::format("{}: {}", stockfold::name_of(event.command), message_of(event.refusal));
  }

 private:
  template <class StockMoved>
  static std::string moved(char sign, const StockMoved& event) {
    return fmt::format("{}{} = {}{}", sign, event.quantity, event.stock_after, quoted("  ", event.reason));
  }
};

/// The stream that an event is about: the first of those it is in.
std::string subject_of(const RecordedEvent& event) {
  const auto streams = streams_of(event);
  return streams.empty() ? "-" : streams.front().stream.str();
}

bool write(std::FILE* file, std::string_view text) {
  std::string safe(text);
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  };
  std::ranges::replace_if(safe, is_control, '?');
  return std::fwrite(safe.data(), 1, safe.size(), file) == safe.size();
}

}  // namespace

std::string text_of(CommandKind command, const Accepted& accepted, bool replayed) {
  std::string text =
      fmt::format("{} {} {} (version {}, position {}{})", done(command), name_of(accepted.subject.kind),
                  accepted.subject.id, accepted.version.value(), accepted.position.value(),
                  replayed ? ", done before under this command id, at " + rfc3339(accepted.time) : "");
  const char* lead = "; stock: ";
  for (const StockOf& of : accepted.stock) {
    text += fmt::format("{}{} {}", lead, of.sku.view(), of.stock);
    lead = ", ";
  }
  return text;
}

std::string text_of(const RecordedEvent& event) {
  std::string text = fmt::format("{:>8}  {}  {:<17}  {:<16}  {}", event.position.value(), rfc3339(event.time),
                                 stockfold::name_of(type_of(event.event)), subject_of(event),
                                 std::visit(EffectText{}, event.event));
  if (!event.actor.empty()) text += "  by " + event.actor;
  return text;
}

std::string text_of(const Sku& sku, const Product& product, GlobalPosition as_of) {
  std::string text = fmt::format("product      {}\n", sku.view());
  if (!product.name.empty()) text += fmt::format("name         {}\n", product.name);
  text += fmt::format("stock        {}\n", product.stock());
  text += fmt::format("received     {}\n", product.received);
  text += fmt::format("written off  {}\n", product.written_off);
  text += fmt::format("in progress  {}\n", product.in_progress);
  text += fmt::format("fulfilled    {}\n", product.fulfilled);
  text += fmt::format("retired      {}\n", product.retired ? "yes" : "no");
  text += fmt::format("version      {}\n", product.version.value());
  text += fmt::format("as of        {}", as_of.value());
  return text;
}

std::string text_of(const OrderId& id, const Order& order, const std::vector<OrderStep>& steps,
                    GlobalPosition as_of) {
  std::string text = fmt::format("order      {}\n", id.view());
  text += fmt::format("status     {}\n", stockfold::name_of(order.status));
  text += fmt::format("version    {}\n", order.version.value());
  for (const OrderStep& step : steps) {
    text += fmt::format("{:<9}  {}", done_to_order(step.type), rfc3339(step.time));
    if (!step.actor.empty()) text += " by " + step.actor;
    text += '\n';
  }
  text += fmt::format("as of      {}", as_of.value());

  std::size_t width = 0;
  for (const Line& line : order.lines) width = std::max(width, line.sku.view().size());
  const char* label = "lines";
  for (const Line& line : order.lines) {
    text += fmt::format("\n{:<9}  {:<{}}  {:>10}", label, line.sku.view(), width, line.quantity);
    label = "";
  }
  return text;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)), widths_(columns_.size()) {
  std::vector<std::string> names;
  names.reserve(columns_.size());
  for (const Column& column : columns_) names.push_back(column.name);
  add(std::move(names));
}

void Table::add(std::vector<std::string> row) {
  for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], row[i].size());
  rows_.push_back(std::move(row));
}

std::string Table::take() {
  std::string text;
  for (const auto& row : rows_) text += line(row);
  rows_.clear();
  return text;
}

std::string Table::line(const std::vector<std::string>& row) const {
  std::string text;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) {
    const bool right = columns_[i].align == Align::right;
    text += right ? fmt::format("{:>{}}  ", row[i], widths_[i]) : fmt::format("{:<{}}  ", row[i], widths_[i]);
  }
  const bool right = columns_[row.size() - 1].align == Align::right;
  text += right ? fmt::format("{:>{}}", row.back(), widths_[row.size() - 1]) : row.back();
  text.resize(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

Table product_table() {
  constexpr auto kRight = Table::Align::right;
  return Table({{"SKU"},
                {"STOCK", kRight},
                {"RECEIVED", kRight},
                {"WRITTEN OFF", kRight},
                {"IN PROGRESS", kRight},
                {"FULFILLED", kRight},
                {"VERSION", kRight},
                {"RETIRED"},
                {"NAME"}});
}

void add_row(Table& table, const Sku& sku, const Product& product) {
  table.add({sku.str(), fmt::to_string(product.stock()), fmt::to_string(product.received),
             fmt::to_string(product.written_off), fmt::to_string(product.in_progress),
             fmt::to_string(product.fulfilled), fmt::to_string(product.version.value()),
             product.retired ? "yes" : "no", product.name});
}

Table movement_table() {
  constexpr auto kRight = Table::Align::right;
  return Table({{"DAY"},
                {"PLACED", kRight},
                {"ABORTED", kRight},
                {"FULFILLED", kRight},
                {"RECEIVED", kRight},
                {"WRITTEN OFF", kRight},
                {"RETURNED", kRight},
                {"COUNTED", kRight},
                {"TRANSFERRED", kRight},
                {"EVENTS", kRight}});
}

void add_row(Table& table, std::string day, const MovementSums& sums) {
  const auto net = [](Units in, Units out) { return fmt::to_string(static_cast<std::int64_t>(in - out)); };
  table.add({std::move(day), fmt::to_string(sums.placed), fmt::to_string(sums.aborted),
             fmt::to_string(sums.fulfilled), fmt::to_string(sums.received), fmt::to_string(sums.written_off),
             fmt::to_string(sums.returned), net(sums.counted_up, sums.counted_down),
             net(sums.transferred_in, sums.transferred_out), fmt::to_string(sums.events)});
}

Table order_table() { return Table({{"ORDER"}, {"STATUS"}, {"VERSION", Table::Align::right}, {"LINES"}}); }

void add_row(Table& table, const OrderId& id, const Order& order) {
  table.add({id.str(), std::string(stockfold::name_of(order.status)), fmt::to_string(order.version.value()),
             brief(order.lines)});
}

bool print(std::string_view text) { return write(stdout, text); }

bool print_data(std::string_view data) {
  return std::fwrite(data.data(), 1, data.size(), stdout) == data.size();
}

bool print_line(std::string_view text) { return print(fmt::format("{}\n", text)); }

void complain(std::string_view text) { write(stderr, fmt::format("{}\n", text)); }

}  // namespace stockfold
