// The fastest thing that a general JSON library offers: simdjson On-Demand over a mapped file, visiting every key and
// every scalar of resource_changes. It judges nothing and checks nothing else.
#include <fcntl.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace {

namespace ondemand = simdjson::ondemand;

std::uint64_t g_hash = 1469598103934665603U;

// Eight bytes at a time: looking at the text must not cost more than finding it.
void Hash(std::string_view text) {
  std::uint64_t hash = g_hash ^ text.size();
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof(word));
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    text.remove_prefix(sizeof(word));
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data(), text.size());
  g_hash = (hash ^ rest ^ (hash >> 29U)) * 0x9E3779B97F4A7C15U;
}

// A number or a literal, without the blanks that follow it.
void HashToken(std::string_view token) {
  Hash(token.substr(0, token.find_first_of(" \n\r\t")));
}

void Walk(ondemand::value value) {
  switch (value.type()) {
    case ondemand::json_type::object:
      for (auto field : value.get_object()) {
        Hash(field.unescaped_key());
        Walk(field.value());
      }
      break;
    case ondemand::json_type::array:
      for (auto item : value.get_array()) Walk(item.value());
      break;
    case ondemand::json_type::string:
      Hash(value.get_string());
      break;
    default:
      HashToken(value.raw_json_token());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const int fd = open(argv[1], O_RDONLY);
  struct stat status {};
  if (fd < 0 || fstat(fd, &status) != 0) return 1;
  const auto size = static_cast<std::size_t>(status.st_size);
  // The file over the start of a larger anonymous mapping: simdjson reads a few bytes beyond the end.
  void* space = mmap(nullptr, size + 4096 + simdjson::SIMDJSON_PADDING, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (space == MAP_FAILED) return 1;
  if (mmap(space, size, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, fd, 0) == MAP_FAILED) return 1;
  ondemand::parser parser;
  ondemand::document document = parser.iterate(
      simdjson::padded_string_view(static_cast<const char*>(space), size, size + simdjson::SIMDJSON_PADDING));
  std::uint64_t changes = 0;
  for (auto change : document.get_object().find_field_unordered("resource_changes").get_array()) {
    Walk(change.value());
    ++changes;
  }
  std::printf("%llu changes, %016llx\n", static_cast<unsigned long long>(changes),
              static_cast<unsigned long long>(g_hash));
  return 0;
}
