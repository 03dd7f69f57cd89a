// The plain way: read the whole plan into jsoncpp's tree and count the unencrypted clusters.
#include <json/reader.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  std::ifstream file(argv[1], std::ios::binary | std::ios::ate);
  if (!file) return 1;
  std::string text(static_cast<std::size_t>(file.tellg()), '\0');
  file.seekg(0);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
  Json::Value plan;
  if (!reader->parse(text.data(), text.data() + text.size(), &plan, nullptr)) return 1;
  unsigned count = 0;
  for (const Json::Value& change : plan["resource_changes"]) {
    const Json::Value& encrypted = change["change"]["after"]["storage_encrypted"];
    if (change["type"].asString() == "aws_rds_cluster" && !(encrypted.isBool() && encrypted.asBool())) ++count;
  }
  std::printf("%u unencrypted clusters\n", count);
  return 0;
}
