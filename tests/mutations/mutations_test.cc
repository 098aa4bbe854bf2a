// The short form of the campaign: what scripts/mutations does in full, at random places.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mutations/byte_damage.h"
#include "mutations/campaign.h"
#include "mutations/forgeries.h"
#include "storage/files/scratch_directory.h"
#include "tools/load/random.h"

namespace stockfold {
namespace {

constexpr std::uint64_t kSeed = 20'261'123;
constexpr std::size_t kEvents = 200;

enum Which : std::size_t { kClosed, kKilled, kTables, kLarge };

class MutationTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(dir_);
    const auto made = make_sample_stores_apart(dir_->path() / "stores", kEvents, kSeed);
    ASSERT_TRUE(made) << made.error();
    stores_ = *made;
  }

  /// Each of them is found, or does no harm.
  void hold(const std::vector<Trial>& trials) {
    const auto judgements =
        run_campaign(stores_, trials, {.scratch = dir_->path(), .workers = 2, .progress = {}, .wrong = {}});
    std::size_t tried = 0;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      const auto& [verdict, why] = judgements[i];
      tried += verdict == Verdict::none ? 0U : 1U;
      EXPECT_NE(verdict, Verdict::missed) << trials[i].text << ": " << why;
      EXPECT_NE(verdict, Verdict::crashed) << trials[i].text << ": " << why;
    }
    EXPECT_GT(tried, trials.size() / 2);
  }

  /// About `count` of the damages, spread over all of them.
  void hold_some(Which which, const std::vector<ByteDamage>& damages, std::size_t count) {
    std::vector<Trial> trials;
    const Files now = read_files(stores_[which].dir);
    const Files older = read_files(stores_[which].older);
    const std::size_t step = std::max<std::size_t>(damages.size() / count, 1);
    for (std::size_t i = random_.below(static_cast<std::uint32_t>(step)); i < damages.size(); i += step) {
      trials.push_back(trial_of(which, stores_[which].name, damages[i], now, older));
    }
    hold(trials);
  }

  [[nodiscard]] std::vector<ByteDamage> damages_of(Which which, std::string_view prefix) {
    std::vector<ByteDamage> damages =
        every_damage(read_files(stores_[which].dir), read_files(stores_[which].older), {}, random_);
    std::erase_if(damages, [prefix](const ByteDamage& damage) { return !damage.file.starts_with(prefix); });
    return damages;
  }

  Result<ScratchDirectory> dir_ = ScratchDirectory::make(quick_directory());
  std::vector<SampleStore> stores_;
  Random random_{kSeed};
};

TEST_F(MutationTest, MissesNoDamageToClosedLog) { hold_some(kClosed, damages_of(kClosed, "log/"), 80); }
TEST_F(MutationTest, MissesNoDamageToLogOfKilledProcess) {
  hold_some(kKilled, damages_of(kKilled, "log/"), 80);
}
TEST_F(MutationTest, MissesNoDamageToLogInTables) { hold_some(kTables, damages_of(kTables, "log/"), 80); }
TEST_F(MutationTest, MissesNoDamageToViews) { hold_some(kTables, damages_of(kTables, "views/"), 60); }
TEST_F(MutationTest, MissesNoDamageToKey) { hold_some(kClosed, damages_of(kClosed, "head.key"), 20); }

TEST_F(MutationTest, MissesNoDamageAtRandomPlaces) {
  const Files now = read_files(stores_[kLarge].dir);
  hold_some(kLarge, any_damage(now, read_files(stores_[kLarge].older), 100, random_), 100);
}

TEST_F(MutationTest, MissesNoForgedLogRow) {
  for (const Which which : {kClosed, kKilled}) hold(forged_rows(which, stores_[which].name, 2));
}
TEST_F(MutationTest, MissesNoForgedLogRecord) {
  for (const Which which : {kClosed, kKilled}) hold(forged_records(which, stores_[which].name, 2));
}
TEST_F(MutationTest, MissesNoForgedEvent) { hold(forged_events(kClosed, stores_[kClosed].name, 1)); }
TEST_F(MutationTest, MissesNoForgedEventThatViewsLack) {
  hold(forged_events(kKilled, stores_[kKilled].name, 1));
}
TEST_F(MutationTest, MissesNoForgedViewRow) { hold(forged_views(kTables, stores_[kTables].name, 1)); }

}  // namespace
}  // namespace stockfold
