// Decisions on products: every cell of the domain's table.
#include <gtest/gtest.h>

#include "core/given.h"

namespace stockfold {
namespace {

TEST(RegisterProduct, RegistersProductWithInitialStock) {
  given({}).when(registered("A", 5)).then(ProductRegistered{sku("A"), "the product A", 5}, 1);
}

TEST(RegisterProduct, AcceptsMaximumStock) {
  given({}).when(registered("A", kMaxUnits)).then(ProductRegistered{sku("A"), "the product A", kMaxUnits}, 1);
}

TEST(RegisterProduct, IsRefusedWhenProductExists) {
  given({registered("B", 0), registered("A", 5), received("A", 1)})
      .when(registered("A", 5))
      .then_refused({.rule = Rule::product_exists, .subject = "product/A", .obstacle = 2});
}

TEST(RegisterProduct, IsRefusedWhenProductIsRetired) {
  given({registered("A", 5), retired("A")})
      .when(registered("A", 5))
      .then_refused({.rule = Rule::product_exists, .subject = "product/A", .obstacle = 1});
}

TEST(ReceiveStock, AddsToTheStock) {
  given({registered("A", 5)}).when(received("A", 3)).then(StockReceived{sku("A"), 3, 8, "delivery"}, 2);
}

TEST(ReceiveStock, IsRefusedForAnUnknownProduct) {
  given({registered("B", 5)})
      .when(received("A", 3))
      .then_refused({.rule = Rule::unknown_product, .subject = "product/A"});
}

TEST(ReceiveStock, IsRefusedForARetiredProduct) {
  given({registered("A", 5), retired("A"), written_off("A", 1)})
      .when(received("A", 3))
      .then_refused({.rule = Rule::product_retired, .subject = "product/A", .obstacle = 2});
}

TEST(ReceiveStock, AcceptsUnitsUpToTheMaximum) {
  given({registered("A", kMaxUnits - 1)})
      .when(received("A", 1))
      .then(StockReceived{sku("A"), 1, kMaxUnits, "delivery"}, 2);
}

TEST(ReceiveStock, IsRefusedWhenTotalReceivedExceedsMaximum) {
  given({registered("A", kMaxUnits - 1)})
      .when(received("A", 2))
      .then_refused({.rule = Rule::stock_overflow, .subject = "product/A", .obstacle = 1, .requested = 2});
}

TEST(ReceiveStock, CountsUnitsReceivedNotUnitsLeft) {
  given({registered("A", kMaxUnits), written_off("A", kMaxQuantity)})
      .when(received("A", 1))
      .then_refused({.rule = Rule::stock_overflow, .subject = "product/A", .obstacle = 2, .requested = 1});
}

TEST(WriteOffStock, TakesFromTheStock) {
  given({registered("A", 5)}).when(written_off("A", 5)).then(StockWrittenOff{sku("A"), 5, 0, "broken"}, 2);
}

TEST(WriteOffStock, IsAllowedOnARetiredProduct) {
  given({registered("A", 5), retired("A")})
      .when(written_off("A", 1))
      .then(StockWrittenOff{sku("A"), 1, 4, "broken"}, 3);
}

TEST(WriteOffStock, IsRefusedForAnUnknownProduct) {
  given({}).when(written_off("A", 1)).then_refused({.rule = Rule::unknown_product, .subject = "product/A"});
}

TEST(WriteOffStock, IsRefusedBeyondTheStock) {
  given({registered("A", 5)})
      .when(written_off("A", 6))
      .then_refused(
          {.rule = Rule::insufficient_stock, .subject = "product/A", .obstacle = 1, .requested = 6});
}

TEST(WriteOffStock, IsRefusedForStockHeldByOrders) {
  given({registered("A", 5), placed("1", {line("A", 3)})})
      .when(written_off("A", 3))
      .then_refused(
          {.rule = Rule::insufficient_stock, .subject = "product/A", .obstacle = 2, .requested = 3});
}

TEST(RetireProduct, KeepsTheStock) {
  given({registered("A", 5)}).when(retired("A")).then(ProductRetired{sku("A"), 5}, 2);
}

TEST(RetireProduct, IsRefusedForAnUnknownProduct) {
  given({}).when(retired("A")).then_refused({.rule = Rule::unknown_product, .subject = "product/A"});
}

TEST(RetireProduct, IsRefusedTheSecondTime) {
  given({registered("A", 5), retired("A")})
      .when(retired("A"))
      .then_refused({.rule = Rule::product_retired, .subject = "product/A", .obstacle = 2});
}

}  // namespace
}  // namespace stockfold
