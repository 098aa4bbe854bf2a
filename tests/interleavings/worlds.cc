#include "interleavings/worlds.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stockfold {
namespace {

using Words = std::vector<std::string>;

/// Adds words to `chosen`, starting with `first`, until there are enough.
void choose(const Words& words, std::size_t first, std::size_t clients, Words& chosen,
            std::vector<Words>& choices) {
  if (chosen.size() == clients) {
    choices.push_back(chosen);
    return;
  }
  for (std::size_t i = first; i < words.size(); ++i) {
    chosen.push_back(words[i]);
    choose(words, i, clients, chosen, choices);
    chosen.pop_back();
  }
}

std::uint8_t id_of(std::size_t client, Ids ids) {
  if (ids == Ids::none) return 0;
  return ids == Ids::same ? 1 : static_cast<std::uint8_t>(client + 1);
}

}  // namespace

std::vector<World> worlds_of(const Words& given, const Words& words, std::size_t clients, Ids ids) {
  std::vector<Words> choices;
  Words chosen;
  choose(words, 0, clients, chosen, choices);

  std::vector<World> worlds;
  for (Words& choice : choices) {
    World world{.given = given, .requests = {}};
    for (std::string& asked : choice) {
      const std::uint8_t id = id_of(world.requests.size(), ids);
      world.requests.push_back({std::move(asked), id});
    }
    worlds.push_back(std::move(world));
  }
  return worlds;
}

std::vector<World> one_in(std::size_t share, const std::vector<World>& worlds) {
  std::vector<World> some;
  for (std::size_t i = 0; i < worlds.size(); i += share) some.push_back(worlds[i]);
  return some;
}

const Words& shop() {
  static const Words given{"register A 2", "register B 1", "place 1 A=1", "draft 2 A=1 B=1"};
  return given;
}

const Words& shop_words() {
  static const Words words{
      "place 3 A=1",
      "place 3 B=1",
      "place 4 A=1 B=1",
      "place A=1",
      "place 2",
      "draft 3 A=1",
      "abort 1",
      "abort 2",
      "fulfil 1",
      "receive A 1",
      "write_off A 1",
      "retire A",
      "register C 1",
      "abort 1 expecting 1",
      "place 3 A=1 expecting 0",
      "write_off A 1 expecting 2",
  };
  return words;
}

const std::vector<Words>& small_shops() {
  static const std::vector<Words> shops{
      {"register A 0"},
      {"register A 1"},
      {"register A 2"},
      {"register A 0", "draft 1 A=1"},
      {"register A 1", "draft 1 A=1"},
      {"register A 2", "draft 1 A=1"},
      {"register A 1", "place 1 A=1"},
      {"register A 2", "place 1 A=1"},
      {"register A 3", "place 1 A=1"},
  };
  return shops;
}

const Words& small_words() {
  static const Words words{"place 1 A=1", "place 2 A=1",         "place A=1", "place 1",     "abort 1",
                           "fulfil 1",    "abort 1 expecting 1", "retire A",  "receive A 1", "write_off A 1"};
  return words;
}

std::vector<World> small_worlds(std::size_t clients, Ids ids) {
  std::vector<World> worlds;
  for (const Words& shop : small_shops()) {
    std::ranges::move(worlds_of(shop, small_words(), clients, ids), std::back_inserter(worlds));
  }
  return worlds;
}

}  // namespace stockfold
