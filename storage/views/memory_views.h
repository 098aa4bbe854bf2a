// Views in memory: for tests.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "storage/views/view_store.h"

namespace stockfold {

class MemoryViewStore final : public ViewStore {
 public:
  explicit MemoryViewStore(const std::vector<std::string>& names);
  ~MemoryViewStore() override;

  [[nodiscard]] View& view(std::string_view name) override;
  Result<View*> make_shadow(std::string_view name) override;
  Result<void> replace_by_shadow(std::string_view name) override;
  Result<void> drop_shadow(std::string_view name) override;
  Result<void> flush() override;
  Result<void> begin_flush() override;

 private:
  class MemoryView;
  MemoryView& view_of(std::string_view name);

  std::map<std::string, std::unique_ptr<MemoryView>, std::less<>> views_;
  std::mutex mutex_;  ///< Of shadows_.
  std::map<std::string, std::unique_ptr<MemoryView>, std::less<>> shadows_;
};

}  // namespace stockfold
