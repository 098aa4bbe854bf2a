#include "tools/load/bench_ledger.h"

#include <charconv>
#include <deque>
#include <functional>
#include <future>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "tools/load/frames.h"
#include "tools/load/random.h"

namespace stockfold {
namespace {

constexpr std::size_t kSubmittedAtOnce = 1'000;

RequestWriter names_of(const LoadPlan& plan) {
  const auto order_ids = plan.assigned_ids ? RequestWriter::OrderIds::assigned : RequestWriter::OrderIds::own;
  return {plan.run, order_ids, plan.stale};
}

Sku sku_of(const RequestWriter& names, std::size_t product) {
  return Sku::parse(names.product_name(product)).value();
}

/// Sends commands, many at once. All must be accepted. `each` is called in their order.
ClientResult<void> submit_all(Client& client, std::size_t count,
                              const std::function<CommandBody(std::size_t)>& body,
                              const std::function<void(std::size_t, const Accepted&)>& each) {
  std::deque<std::future<ClientResult<Answer>>> sent;
  for (std::size_t answered = 0; answered < count; ++answered) {
    while (sent.size() < kSubmittedAtOnce && answered + sent.size() < count) {
      sent.push_back(client.submit(Command{body(answered + sent.size()), {}, {}, {}}));
    }
    auto answer = sent.front().get();
    sent.pop_front();
    if (!answer) return std::unexpected(std::move(answer.error()));
    const auto* accepted = std::get_if<Accepted>(&answer->outcome);
    if (accepted == nullptr) {
      return std::unexpected(ClientError{ClientErrorKind::rejected, message_of(*answer), std::nullopt});
    }
    each(answered, *accepted);
  }
  return {};
}

bool is_as_counted(const Product& product, const ProductCount& count) {
  return product.received == kFirstStock + count.received && product.written_off == 0 &&
         static_cast<std::int64_t>(product.in_progress) == count.in_progress &&
         static_cast<std::int64_t>(product.fulfilled) == count.fulfilled &&
         static_cast<std::int64_t>(product.stock()) ==
             static_cast<std::int64_t>(kFirstStock + count.received) - count.in_progress - count.fulfilled;
}

ClientResult<void> verify_products(Client& client, const LoadPlan& plan, const LoadResult& load,
                                   Verification& verified) {
  const RequestWriter names = names_of(plan);
  std::unordered_map<std::string, const ProductCount*> missing;
  for (std::size_t i = 0; i < load.products.size(); ++i) {
    missing.emplace(names.product_name(i), &load.products[i]);
  }
  verified.products = missing.size();

  ListProducts page;
  page.from = Sku::parse(plan.run + "-");
  while (page.from && !missing.empty()) {
    auto reply = client.products(page);
    if (!reply) return std::unexpected(std::move(reply.error()));
    for (const auto& [sku, product] : reply->rows) {
      const auto counted = missing.find(sku.str());
      if (counted == missing.end()) continue;
      if (!is_as_counted(product, *counted->second)) ++verified.stock_mismatches;
      missing.erase(counted);
    }
    page.from = reply->next;
  }
  verified.stock_mismatches += missing.size();
  return {};
}

ClientResult<void> verify_orders(Client& client, const LoadPlan& plan, const LoadResult& load,
                                 Verification& verified) {
  const RequestWriter names = names_of(plan);
  for (const SampledOrder& order : load.orders) {
    auto reply = client.order(OrderId::parse(names.order_name(order.number)).value());
    if (!reply) return std::unexpected(std::move(reply.error()));
    ++verified.orders;
    const bool same = reply->state && reply->state->status == order.status;
    verified.order_mismatches += same ? 0 : 1;
  }
  return {};
}

}  // namespace

ClientResult<void> register_products(Client& client, const LoadPlan& plan) {
  const RequestWriter names = names_of(plan);
  const auto body = [&names](std::size_t i) { return RegisterProduct{sku_of(names, i), {}, kFirstStock}; };
  return submit_all(client, plan.products, body, [](std::size_t, const Accepted&) {});
}

ClientResult<std::vector<OpenOrder>> place_orders(Client& client, const LoadPlan& plan, std::size_t count) {
  const RequestWriter names = names_of(plan);
  LineDraw draw(plan.lines, plan.products);
  Random random(plan.seed);
  std::vector<OpenOrder> orders(count);
  for (std::size_t i = 0; i < count; ++i) orders[i] = {i + 1, random.next()};

  const auto body = [&](std::size_t i) {
    PlaceOrder place;
    if (!plan.assigned_ids) place.order = OrderId::parse(names.order_name(orders[i].number));
    for (const std::uint32_t product : draw.of(orders[i].draw)) {
      place.lines.push_back({sku_of(names, product), 1});
    }
    place.lines = normalise(std::move(place.lines)).value();
    return place;
  };
  const auto note_id = [&](std::size_t i, const Accepted& accepted) {
    if (!plan.assigned_ids) return;
    const std::string& id = accepted.subject.id;
    orders[i].number = 0;  // stands for no order, if the ledger's id is not a number
    std::from_chars(id.data(), id.data() + id.size(), orders[i].number);
  };
  if (auto placed = submit_all(client, count, body, note_id); !placed) {
    return std::unexpected(std::move(placed.error()));
  }
  return orders;
}

ClientResult<Verification> verify(Client& client, const LoadPlan& plan, const LoadResult& load) {
  Verification verified;
  if (auto read = verify_products(client, plan, load, verified); !read) {
    return std::unexpected(std::move(read.error()));
  }
  if (auto read = verify_orders(client, plan, load, verified); !read)
    return std::unexpected(std::move(read.error()));
  return verified;
}

}  // namespace stockfold
