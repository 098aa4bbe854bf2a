#include "net/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <string>
#include <tuple>

#include "net/connection_fixture.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::IsEmpty;

INSTANTIATE_TEST_SUITE_P(With, AConnection, testing::Values(Security::none, Security::tls),
                         [](const auto& parameter) {
                           return parameter.param == Security::tls ? "Tls" : "PlainTcp";
                         });

// ---- what comes and goes ----------------------------------------------------------------------------------

TEST_P(AConnection, CarriesBytesBothWays) {
  given_a_connection();
  receive(ConnectionPhase::idle);
  client_->send("a question");
  run_until([this] { return received_.has_value(); });
  EXPECT_EQ(received_, true);
  EXPECT_TRUE(connection_->has_begun());
  EXPECT_EQ(take(), "a question");
  EXPECT_FALSE(connection_->has_begun());
  connection_->out() += "an answer";
  connection_->flush();
  run_until([this] { return client_->text() == "an answer"; });
  EXPECT_GE(counts_.received_bytes, 10U);
  EXPECT_GE(counts_.sent_bytes, 9U);
  EXPECT_EQ(closed_for_any_reason(), 0U);
}

TEST_P(AConnection, SendsMoreThanTheSocketTakesAsTheClientReads) {
  given_a_connection();
  client_->stop_reading();
  const std::string text(8U << 20, 'x');
  connection_->out() = text;
  connection_->flush();
  EXPECT_TRUE(connection_->pending());
  client_->go_on_reading();
  run([this] { return connection_->sent(); });
  EXPECT_FALSE(connection_->pending());
  run_until([&] { return client_->text().size() == text.size(); });
  EXPECT_EQ(client_->text(), text);
}

TEST_P(AConnection, ReceivesNothingMoreOnceTheClientEndedIt) {
  given_a_connection();
  receive(ConnectionPhase::idle);
  client_->finish();
  run_until([this] { return received_.has_value(); });
  EXPECT_EQ(received_, false);
  EXPECT_THAT(connection_->tls_fault(), IsEmpty());
  EXPECT_EQ(closed_for_any_reason(), 0U);
}

TEST_P(AConnection, WaitsUntilTheClientHasSpoken) {
  given_a_connection();
  EXPECT_FALSE(connection_->has_spoken());
  client_->send("more");
  run([this] { return connection_->until_spoken(); });
  EXPECT_TRUE(connection_->has_spoken());
  EXPECT_EQ(take(), "more");
  EXPECT_FALSE(connection_->has_spoken());
}

TEST_P(AConnection, TakesAnOrderlyEndForNothingSaid) {
  given_a_connection();
  client_->finish();
  run([this] { return connection_->until_spoken(); });
  EXPECT_FALSE(connection_->has_spoken());
  EXPECT_EQ(closed_for_any_reason(), 0U);
}

TEST_P(AConnection, StopsReceivingWhenAskedTo) {
  given_a_connection();
  receive(ConnectionPhase::idle);
  run_what_is_ready();
  connection_->stop_receiving();
  run_until([this] { return received_.has_value(); });
  EXPECT_EQ(received_, false);
  EXPECT_FALSE(connection_->closed());
}

// ---- memory -----------------------------------------------------------------------------------------------

TEST_P(AConnection, IsClosedWhenItHoldsTooMuchOfWhatCame) {
  given_a_connection(ConnectionPhase::idle, 0);
  client_->send(std::string(4 * ConnectionMemory::kOfEach, 'x'));
  run([this]() -> asio::awaitable<void> {
    for (bool more = true; more;) more = co_await connection_->receive(ConnectionPhase::request);
  });
  EXPECT_TRUE(connection_->closed());
  EXPECT_EQ(closed_for(CloseReason::memory), 1U);
  EXPECT_EQ(memory_->take_closed(), 1U);
}

TEST_P(AConnection, IsClosedWhenItHoldsTooMuchOfWhatGoes) {
  given_a_connection(ConnectionPhase::idle, 0);
  client_->stop_reading();
  connection_->out() = std::string(8U << 20, 'x');
  connection_->flush();
  EXPECT_EQ(closed_for(CloseReason::memory), 1U);
}

TEST_P(AConnection, CountsWhatItsOwnerHolds) {
  given_a_connection(ConnectionPhase::idle, 0);
  connection_->also_holds(ConnectionMemory::kOfEach + 1);
  run([this] { return connection_->sent(); });
  EXPECT_TRUE(connection_->closed());
}

TEST_P(AConnection, MayHoldItsShareWhateverTheOthersHold) {
  given_a_connection(ConnectionPhase::idle, 0);
  client_->send(std::string(1'000, 'x'));
  receive(ConnectionPhase::request);
  run_until([this] { return received_.has_value(); });
  EXPECT_EQ(take(), std::string(1'000, 'x'));
  EXPECT_GT(memory_->held(), 0U);
  end();
  EXPECT_EQ(memory_->held(), 0U);
}

// ---- deadlines --------------------------------------------------------------------------------------------

TEST_P(AConnection, ClosesAfterItsIdleTime) {
  given_a_connection();
  connection_->enter(ConnectionPhase::answer);
  receive(ConnectionPhase::idle);
  run_what_is_ready();
  pass(kTimes.idle);
  EXPECT_FALSE(connection_->closed());
  pass(1ms);
  EXPECT_TRUE(connection_->closed());
  EXPECT_EQ(closed_for(CloseReason::silent), 1U);
  run_until([this] { return received_.has_value(); });
  EXPECT_EQ(received_, false);
}

TEST_P(AConnection, GivesARequestItsTimeFromItsFirstByteOn) {
  given_a_connection();
  connection_->enter(ConnectionPhase::answer);
  connection_->enter(ConnectionPhase::idle);
  connection_->enter(ConnectionPhase::request);
  pass(kTimes.request);
  connection_->enter(ConnectionPhase::request);  // more came, and not all
  EXPECT_FALSE(connection_->is_late(now_));
  EXPECT_TRUE(connection_->is_late(now_ + 1ms));
  pass(1ms);
  EXPECT_EQ(closed_for(CloseReason::silent), 1U);
}

TEST_P(AConnection, GivesTheGreetingOneTimeHoweverManyReadsItTakes) {
  given_a_connection(ConnectionPhase::greeting);
  pass(kTimes.first - 1ms);
  connection_->enter(ConnectionPhase::greeting);
  pass(1ms);
  EXPECT_FALSE(connection_->closed());
  pass(1ms);
  EXPECT_EQ(closed_for(CloseReason::silent), 1U);
}

TEST_P(AConnection, HasNoDeadlineWhileItsClientWaits) {
  for (const ConnectionPhase phase : {ConnectionPhase::answer, ConnectionPhase::stream}) {
    given_a_connection();
    connection_->enter(phase);
    pass(10'000h);
    EXPECT_FALSE(connection_->closed());
    connection_->close();
  }
  EXPECT_EQ(closed_for_any_reason(), 0U);
}

TEST_P(AConnection, ClosesWhenItsClientReadsNothing) {
  given_a_connection();
  connection_->enter(ConnectionPhase::answer);
  client_->stop_reading();
  connection_->out() = std::string(8U << 20, 'x');
  connection_->flush();
  pass(kTimes.write);
  EXPECT_FALSE(connection_->closed());
  pass(1ms);
  EXPECT_EQ(closed_for(CloseReason::not_reading), 1U);
}

TEST_P(AConnection, HasLongerWhenItIsGivenLonger) {
  given_a_connection();
  connection_->enter(ConnectionPhase::request);
  pass(kTimes.request);
  connection_->extend_deadline(2s);
  pass(2s);
  EXPECT_FALSE(connection_->closed());
  pass(1ms);
  EXPECT_TRUE(connection_->closed());
}

// ---- waiting ----------------------------------------------------------------------------------------------

TEST_P(AConnection, WakesWhatWaitsForIt) {
  given_a_connection();
  int woken = 0;
  const auto waits = [&]() -> asio::awaitable<void> {
    co_await connection_->wait();
    ++woken;
    co_await connection_->wait();
    ++woken;
    co_await connection_->wait();
    ++woken;
  };
  asio::co_spawn(io_, waits, asio::detached);
  const auto run_to = [&](int times) { run_until([&woken, times] { return woken == times; }); };
  run_what_is_ready();
  connection_->wake();
  run_to(1);
  connection_->finish(now_, false, 0ms);
  run_to(2);
  connection_->close();
  run_to(3);
}

TEST_P(AConnection, PausesNoLongerThanItLives) {
  given_a_connection();
  run([this] { return connection_->pause(1ms); });
  bool over = false;
  const auto pauses = [&]() -> asio::awaitable<void> {
    co_await connection_->pause(1h);
    over = true;
  };
  asio::co_spawn(io_, pauses, asio::detached);
  run_what_is_ready();
  EXPECT_FALSE(over);
  connection_->finish(now_, false, 0ms);
  run_until([&] { return over; });
  run([this] { return connection_->pause(1h); });
}

// ---- the end ----------------------------------------------------------------------------------------------

TEST_P(AConnection, EndsWithoutTheLossOfWhatWasSent) {
  given_a_connection();
  const std::string answer(1U << 20, 'x');
  client_->stop_reading();
  client_->send(std::string(1U << 20, 'y'));  // which nothing receives
  connection_->out() = answer;
  client_->go_on_reading();
  run([this]() -> asio::awaitable<void> {
    co_await connection_->send_end();
    asio::co_spawn(io_, connection_->drain_input(1s), asio::detached);
  });
  run_until([&] { return client_->over() && client_->all_sent(); });
  EXPECT_EQ(client_->text().size(), answer.size());
  EXPECT_FALSE(client_->reset());
  EXPECT_EQ(client_->told(), GetParam() == Security::tls);
  EXPECT_FALSE(connection_->closed());
  pass(1s + 1ms);
  EXPECT_TRUE(connection_->closed());
  EXPECT_EQ(closed_for_any_reason(), 0U) << "that was its end";
}

TEST_P(AConnection, LetsAClientReadItsRepliesUntilTheLastCall) {
  for (const auto& [phase, is_owed, lasts] :
       {std::tuple(ConnectionPhase::idle, true, 9'000ms), std::tuple(ConnectionPhase::answer, false, 9'000ms),
        std::tuple(ConnectionPhase::request, false, 9'000ms),
        std::tuple(ConnectionPhase::stream, false, 500ms), std::tuple(ConnectionPhase::idle, false, 500ms)}) {
    given_a_connection();
    connection_->enter(phase);
    connection_->finish(now_ + 9s, is_owed, 500ms);
    EXPECT_TRUE(connection_->finishing());
    now_ += lasts - 1ms;
    EXPECT_FALSE(connection_->is_past_last_call());
    now_ += 1ms;
    EXPECT_TRUE(connection_->is_past_last_call());
    connection_->close();
  }
}

TEST_P(AConnection, ReceivesNothingMoreOnceItFinishes) {
  given_a_connection();
  receive(ConnectionPhase::idle);
  run_what_is_ready();
  client_->send("too late");
  connection_->finish(now_ + 1s, false, 0ms);
  run_until([this] { return received_.has_value(); });
  receive(ConnectionPhase::idle);
  run_until([this] { return received_.has_value(); });
  EXPECT_EQ(received_, false);
}

TEST_P(AConnection, CountsItsCloseOnce) {
  given_a_connection();
  connection_->close(CloseReason::malformed);
  connection_->close(CloseReason::silent);
  connection_->close();
  EXPECT_EQ(closed_for(CloseReason::malformed), 1U);
  EXPECT_EQ(closed_for_any_reason(), 1U);
  run_until([this] { return client_->over(); });
}

class ASecuredConnection : public AConnection {};
INSTANTIATE_TEST_SUITE_P(With, ASecuredConnection, testing::Values(Security::tls),
                         [](const auto&) { return "Tls"; });

TEST_P(ASecuredConnection, SaysWhyTlsBroke) {
  given_a_connection();
  receive(ConnectionPhase::idle);
  client_->send_raw("this is no record");
  run_until([this] { return received_.has_value(); });
  EXPECT_EQ(received_, false);
  EXPECT_FALSE(connection_->tls_fault().empty());
  EXPECT_EQ(closed_for(CloseReason::tls), 1U);
}

}  // namespace
}  // namespace stockfold
