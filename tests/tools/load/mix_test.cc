#include "tools/load/mix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "tools/load/book.h"
#include "tools/load/random.h"

namespace stockfold {
namespace {

TEST(Mix, ParsesItsShares) {
  const auto mix = parse_mix("place=45,abort=45,fulfil=5,receive=3,show=2");
  ASSERT_TRUE(mix) << mix.error();
  EXPECT_EQ(mix->weights, (ByAction<std::uint32_t>{45, 45, 5, 3, 2}));
  EXPECT_EQ(text_of(*mix), "place=45,abort=45,fulfil=5,receive=3,show=2");
  EXPECT_EQ(parse_mix("show")->weights, (ByAction<std::uint32_t>{0, 0, 0, 0, 1}));
}

TEST(Mix, ReportsWhatIsWrong) {
  EXPECT_EQ(parse_mix("").error(), "\"\" is not place, abort, fulfil, receive or show");
  EXPECT_EQ(parse_mix("place=1,").error(), "\"\" is not place, abort, fulfil, receive or show");
  EXPECT_EQ(parse_mix("buy=1").error(), "\"buy\" is not place, abort, fulfil, receive or show");
  EXPECT_EQ(parse_mix("place=x").error(), "place: \"x\" is not a whole number from 0 to 1000000");
  EXPECT_EQ(parse_mix("place=1,place=2").error(), "place is given twice");
  EXPECT_EQ(parse_mix("place=0").error(), "every weight is 0");
}

TEST(Mix, GivesEachActionItsShare) {
  const Mix mix = parse_mix("place=2,fulfil=1,show=1").value();
  ASSERT_EQ(mix.total(), 4U);
  EXPECT_EQ(mix.at(0), Action::place);
  EXPECT_EQ(mix.at(1), Action::place);
  EXPECT_EQ(mix.at(2), Action::fulfil);
  EXPECT_EQ(mix.at(3), Action::show);
}

TEST(LineRange, ParsesOneNumberOrTwo) {
  EXPECT_EQ(parse_line_range("3"), (LineRange{3, 3}));
  EXPECT_EQ(parse_line_range("1-10"), (LineRange{1, 10}));
  EXPECT_EQ(parse_line_range("0").error(), "\"0\" is not a whole number from 1 to 1000");
  EXPECT_EQ(parse_line_range("3-2").error(), "\"3-2\": the first number is larger than the second");
  EXPECT_EQ(parse_line_range("1-").error(), "\"\" is not a whole number from 1 to 1000");
}

TEST(ShownChoice, IsOneOfThreeWords) {
  EXPECT_EQ(parse_shown("both"), Shown::both);
  EXPECT_EQ(parse_shown("event").error(), "\"event\" is not product, order or both");
}

TEST(LineDraw, DrawsDistinctProductsRepeatably) {
  for (const std::uint32_t products : {10U, 12U, 1'000U}) {
    LineDraw lines({1, 10}, products);
    std::vector<bool> seen(products);
    std::array<bool, 11> counts{};
    for (std::uint64_t draw = 0; draw < 20'000; ++draw) {
      const auto span = lines.of(draw);
      std::vector<std::uint32_t> drawn(span.begin(), span.end());
      counts.at(drawn.size()) = true;
      for (const std::uint32_t product : drawn) seen.at(product) = true;
      const auto again = lines.of(draw);
      ASSERT_EQ(drawn, std::vector<std::uint32_t>(again.begin(), again.end()));
      std::ranges::sort(drawn);
      ASSERT_EQ(std::ranges::adjacent_find(drawn), drawn.end()) << draw << " of " << products;
    }
    EXPECT_EQ(std::ranges::count(seen, false), 0) << products;
    EXPECT_EQ(std::ranges::count(counts, true), 10) << products;
  }
}

TEST(Book, SamplesOrdersWithTheirLastStatus) {
  Book book({1, 1}, 5);
  Random random(1);
  std::vector<OpenOrder> orders;
  for (std::uint64_t number = 1; number <= 50'000; ++number) {
    orders.push_back({number, random.next()});
    book.place(orders.back());
  }
  for (const OpenOrder& order : orders) {
    if (order.number % 2 == 0) book.abort(order);
  }
  const auto sample = book.sample();
  EXPECT_EQ(sample.size(), 1'000U);
  for (const SampledOrder& order : sample) {
    const bool aborted = order.number % 2 == 0;
    EXPECT_EQ(order.status, aborted ? OrderStatus::aborted : OrderStatus::in_progress) << order.number;
  }
  std::int64_t in_progress = 0;
  for (const ProductCount& product : book.products()) in_progress += product.in_progress;
  EXPECT_EQ(in_progress, 25'000);
}

}  // namespace
}  // namespace stockfold
