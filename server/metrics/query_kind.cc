#include "server/metrics/query_kind.h"

#include <variant>

namespace stockfold {

std::string_view name_of(QueryKind kind) {
  switch (kind) {
    case QueryKind::show_product:
      return "show_product";
    case QueryKind::show_order:
      return "show_order";
    case QueryKind::list_products:
      return "list_products";
    case QueryKind::list_orders:
      return "list_orders";
    case QueryKind::read_events:
      return "read_events";
    case QueryKind::follow_events:
      return "follow_events";
    case QueryKind::show_head:
      return "show_head";
    case QueryKind::at:
      return "at";
    case QueryKind::find_position:
      return "find_position";
    case QueryKind::read_commits:
      return "read_commits";
    case QueryKind::rebuild:
      return "rebuild";
    case QueryKind::sign_head:
      return "sign_head";
    case QueryKind::read_movements:
      return "read_movements";
    case QueryKind::make_checkpoint:
      return "make_checkpoint";
    case QueryKind::follow_types:
      return "follow_types";
    case QueryKind::read_zone_movements:
      return "read_zone_movements";
    case QueryKind::show_order_history:
      return "show_order_history";
  }
  return "?";
}

std::optional<QueryKind> query_kind_of(const Request& request) {
  using Kind = std::optional<QueryKind>;
  struct KindOf {
    Kind operator()(const ClientHello& /*hello*/) const { return std::nullopt; }
    Kind operator()(const CommandRequest& /*command*/) const { return std::nullopt; }
    Kind operator()(const CommandBatch& /*its commands are counted*/) const { return std::nullopt; }
    Kind operator()(const LogIn& /*log_in*/) const { return std::nullopt; }
    Kind operator()(const ShowProduct& /*show*/) const { return QueryKind::show_product; }
    Kind operator()(const ShowOrder& /*show*/) const { return QueryKind::show_order; }
    Kind operator()(const ListProducts& /*list*/) const { return QueryKind::list_products; }
    Kind operator()(const ListOrders& /*list*/) const { return QueryKind::list_orders; }
    Kind operator()(const ReadEvents& /*read*/) const { return QueryKind::read_events; }
    Kind operator()(const FollowEvents& /*follow*/) const { return QueryKind::follow_events; }
    Kind operator()(const ShowHead& /*show*/) const { return QueryKind::show_head; }
    Kind operator()(const At& /*at*/) const { return QueryKind::at; }
    Kind operator()(const FindPosition& /*find*/) const { return QueryKind::find_position; }
    Kind operator()(const ReadCommits& /*read*/) const { return QueryKind::read_commits; }
    Kind operator()(const Rebuild& /*rebuild*/) const { return QueryKind::rebuild; }
    Kind operator()(const SignHead& /*sign*/) const { return QueryKind::sign_head; }
    Kind operator()(const ReadMovements& /*read*/) const { return QueryKind::read_movements; }
    Kind operator()(const ReadZoneMovements& /*read*/) const { return QueryKind::read_zone_movements; }
    Kind operator()(const ShowOrderHistory& /*show*/) const { return QueryKind::show_order_history; }
    Kind operator()(const MakeCheckpoint& /*make*/) const { return QueryKind::make_checkpoint; }
    Kind operator()(const FollowTypes& /*follow*/) const { return QueryKind::follow_types; }
  };
  return std::visit(KindOf{}, request);
}

}  // namespace stockfold
