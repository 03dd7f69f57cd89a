#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the client knows of AWS' APIs: aws/model, read once and kept for the life of the process.

namespace tfseal::aws {

enum class ShapeType : std::uint8_t { kStructure, kList, kMap, kString, kInteger, kFloat, kBoolean, kTimestamp, kBlob };

// Where a member travels. kBody is also where everything travels in the protocols that have nothing else.
enum class Location : std::uint8_t { kBody, kHeader, kHeaders, kUri, kQuery, kStatusCode };

enum class TimestampFormat : std::uint8_t { kProtocol, kEpochSeconds, kIso8601, kHttpDate };

struct Shape;

struct Member {
  std::string name;              // as the API model names it
  const Shape* shape = nullptr;  // never null
  std::string wire_name;         // locationName of the model; empty: the name
  std::string query_name;        // of the EC2 protocol; empty: derived
  std::string xml_namespace;
  std::string xml_namespace_prefix;
  Location location = Location::kBody;
  TimestampFormat timestamp = TimestampFormat::kProtocol;
  bool flattened = false;
  bool xml_attribute = false;
  bool token = false;  // makes a repeated change harmless; filled in where the caller gives none

  [[nodiscard]] const std::string& Wire() const { return wire_name.empty() ? name : wire_name; }
};

struct Shape {
  std::string name;
  ShapeType type = ShapeType::kString;
  std::vector<Member> members;  // of a structure, sorted by name
  std::vector<std::string> required;
  std::string payload;  // the member that is the whole body
  Member element;       // of a list
  Member key;           // of a map
  Member value;
  TimestampFormat timestamp = TimestampFormat::kProtocol;
  bool flattened = false;
  bool sensitive = false;
  bool url_encoded = false;  // a document that travels URL-encoded

  [[nodiscard]] const Member* Find(std::string_view member) const;
};

// How a read that comes in pages goes on: the outputs of an answer are the inputs of the next call.
struct Pages {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string> lists;  // joined over the pages
  std::string more;                // a boolean of the answer; empty: there is more where an output is
};

struct Operation {
  std::string name;
  std::string method;
  std::string uri;  // "/{Bucket}/{Key+}?x-id=GetObject"
  std::optional<Member> input;
  std::optional<Member> output;
  std::string result_wrapper;
  std::optional<Pages> pages;
  bool reads = false;
  bool repeatable = false;  // a change that may be sent again with the same token
  bool needs_checksum = false;
  bool unsigned_call = false;
};

enum class Protocol : std::uint8_t { kJson, kQuery, kEc2, kRestJson, kRestXml };

// The one host of a service that is not regional.
struct GlobalHost {
  std::string host;
  std::string fips_host;  // empty: there is none
  std::string signing_region;
};

class ServiceModel {
 public:
  std::string name;        // "rds"
  std::string service_id;  // "RDS", "Secrets Manager"
  Protocol protocol = Protocol::kJson;
  std::string version;  // "2014-10-31"
  std::string json_version;
  std::string target_prefix;
  std::string signing_name;
  std::string host_prefix;  // "api.ecr"
  std::string xml_namespace;
  bool query_errors = false;  // a JSON service that still answers with the error codes of its query API
  std::map<std::string, std::string, std::less<>> hosts;  // by region, where they are not as usual
  std::map<std::string, std::string, std::less<>> fips_hosts;
  std::map<std::string, GlobalHost, std::less<>> global_hosts;  // by partition
  std::map<std::string, Operation, std::less<>> operations;
  std::map<std::string, Shape, std::less<>> shapes;

  [[nodiscard]] const Operation* Find(std::string_view operation) const;
};

// nullptr: not one of the services that tfseal calls. May be called from any thread.
const ServiceModel* FindService(std::string_view name);

}  // namespace tfseal::aws
