#include "aws/service_model.h"

#include <mutex>

#include "aws/model_files.h"
#include "core/check.h"
#include "core/json.h"

// The files are part of the binary and written by aws/model/generate.py: what is wrong with them is our bug.

namespace tfseal::aws {
namespace {

std::string Text(const JsonValue& json, const char* key) {
  return json.isMember(key) ? json[key].asString() : std::string();
}
bool Flag(const JsonValue& json, const char* key) {
  return json.isMember(key);
}

std::vector<std::string> Texts(const JsonValue& json) {
  std::vector<std::string> texts;
  for (const JsonValue& text : json) texts.push_back(text.asString());
  return texts;
}

ShapeType TypeOf(const std::string& name) {
  static const auto& types = *new std::map<std::string, ShapeType>{{"structure", ShapeType::kStructure},
                                                                   {"list", ShapeType::kList},
                                                                   {"map", ShapeType::kMap},
                                                                   {"string", ShapeType::kString},
                                                                   {"character", ShapeType::kString},
                                                                   {"integer", ShapeType::kInteger},
                                                                   {"long", ShapeType::kInteger},
                                                                   {"float", ShapeType::kFloat},
                                                                   {"double", ShapeType::kFloat},
                                                                   {"bigdecimal", ShapeType::kFloat},
                                                                   {"boolean", ShapeType::kBoolean},
                                                                   {"timestamp", ShapeType::kTimestamp},
                                                                   {"blob", ShapeType::kBlob}};
  const auto found = types.find(name);
  TFSEAL_CHECK(found != types.end());
  return found->second;
}

Location LocationOf(const std::string& name) {
  if (name.empty()) return Location::kBody;
  if (name == "header") return Location::kHeader;
  if (name == "headers") return Location::kHeaders;
  if (name == "uri") return Location::kUri;
  if (name == "querystring") return Location::kQuery;
  TFSEAL_CHECK(name == "statusCode");
  return Location::kStatusCode;
}

TimestampFormat FormatOf(const std::string& name) {
  if (name.empty()) return TimestampFormat::kProtocol;
  if (name == "unixTimestamp") return TimestampFormat::kEpochSeconds;
  if (name == "iso8601") return TimestampFormat::kIso8601;
  TFSEAL_CHECK(name == "rfc822");
  return TimestampFormat::kHttpDate;
}

Protocol ProtocolOf(const std::string& name) {
  if (name == "json") return Protocol::kJson;
  if (name == "query") return Protocol::kQuery;
  if (name == "ec2") return Protocol::kEc2;
  if (name == "rest-json") return Protocol::kRestJson;
  TFSEAL_CHECK(name == "rest-xml");
  return Protocol::kRestXml;
}

Member ReadMember(const ServiceModel& model, const std::string& name, const JsonValue& json) {
  Member member;
  member.name = name;
  const auto shape = model.shapes.find(json["s"].asString());
  TFSEAL_CHECK(shape != model.shapes.end());
  member.shape = &shape->second;
  member.wire_name = Text(json, "n");
  member.query_name = Text(json, "q");
  member.location = LocationOf(Text(json, "l"));
  member.timestamp = FormatOf(Text(json, "ts"));
  member.flattened = Flag(json, "f");
  member.xml_attribute = Flag(json, "x");
  member.token = Flag(json, "i");
  if (json.isMember("ns")) {
    member.xml_namespace = Text(json["ns"], "uri");
    member.xml_namespace_prefix = Text(json["ns"], "prefix");
  }
  return member;
}

void ReadShape(const ServiceModel& model, const JsonValue& json, Shape& shape) {
  shape.type = TypeOf(json["t"].asString());
  shape.timestamp = FormatOf(Text(json, "s"));
  shape.flattened = Flag(json, "f");
  shape.sensitive = Flag(json, "z");
  shape.url_encoded = Flag(json, "d");
  shape.payload = Text(json, "p");
  if (json.isMember("r")) shape.required = Texts(json["r"]);
  if (json.isMember("m")) {
    for (const std::string& name : json["m"].getMemberNames()) {
      shape.members.push_back(ReadMember(model, name, json["m"][name]));
    }
  }
  if (json.isMember("e")) shape.element = ReadMember(model, "", json["e"]);
  if (json.isMember("k")) shape.key = ReadMember(model, "", json["k"]);
  if (json.isMember("v")) shape.value = ReadMember(model, "", json["v"]);
}

Operation ReadOperation(const ServiceModel& model, const std::string& name, const JsonValue& json) {
  Operation operation;
  operation.name = name;
  operation.method = Text(json, "m");
  operation.uri = Text(json, "u");
  operation.result_wrapper = Text(json, "w");
  operation.reads = Flag(json, "r");
  operation.repeatable = Flag(json, "t");
  operation.needs_checksum = Flag(json, "c");
  operation.unsigned_call = Flag(json, "a");
  if (json.isMember("i")) operation.input = ReadMember(model, "", json["i"]);
  if (json.isMember("o")) operation.output = ReadMember(model, "", json["o"]);
  if (json.isMember("p")) {
    const JsonValue& pages = json["p"];
    operation.pages = Pages{.inputs = Texts(pages["i"]),
                            .outputs = Texts(pages["o"]),
                            .lists = Texts(pages["l"]),
                            .more = Text(pages, "m")};
  }
  return operation;
}

ServiceModel ReadService(const JsonValue& json) {
  ServiceModel model;
  model.name = Text(json, "service");
  model.service_id = Text(json, "service_id");
  model.protocol = ProtocolOf(Text(json, "protocol"));
  model.version = Text(json, "version");
  model.json_version = Text(json, "json_version");
  model.target_prefix = Text(json, "target");
  model.signing_name = Text(json, "signing");
  model.host_prefix = Text(json, "prefix");
  model.xml_namespace = Text(json, "namespace");
  model.query_errors = Flag(json, "query_errors");
  for (const std::string& region : json["hosts"].getMemberNames()) {
    model.hosts[region] = json["hosts"][region].asString();
  }
  for (const std::string& region : json["fips"].getMemberNames()) {
    model.fips_hosts[region] = json["fips"][region].asString();
  }
  for (const std::string& partition : json["global"].getMemberNames()) {
    const JsonValue& entry = json["global"][partition];
    model.global_hosts[partition] = {
        .host = Text(entry, "host"), .fips_host = Text(entry, "fips"), .signing_region = Text(entry, "region")};
  }
  return model;
}

// Shapes point at each other: they are all there, at their final places, before the first is read.
void ReadShapesAndOperations(const JsonValue& json, ServiceModel& model) {
  const JsonValue& shapes = json["shapes"];
  for (const std::string& name : shapes.getMemberNames()) model.shapes[name].name = name;
  for (const std::string& name : shapes.getMemberNames()) ReadShape(model, shapes[name], model.shapes[name]);
  const JsonValue& operations = json["operations"];
  for (const std::string& name : operations.getMemberNames()) {
    model.operations[name] = ReadOperation(model, name, operations[name]);
  }
}

}  // namespace

const Member* Shape::Find(std::string_view member) const {
  for (const Member& candidate : members) {
    if (candidate.name == member) return &candidate;
  }
  return nullptr;
}

const Operation* ServiceModel::Find(std::string_view operation) const {
  const auto found = operations.find(operation);
  return found == operations.end() ? nullptr : &found->second;
}

const ServiceModel* FindService(std::string_view name) {
  static auto& mutex = *new std::mutex;
  static auto& read = *new std::map<std::string, ServiceModel, std::less<>>;
  const std::lock_guard lock(mutex);
  if (const auto found = read.find(name); found != read.end()) return &found->second;
  for (const EmbeddedFile& file : ModelFiles()) {
    if (file.name != name) continue;
    const Result<JsonValue> json = ParseJson(file.text);
    TFSEAL_CHECK(json.ok());
    ServiceModel& model = read[std::string(name)] = ReadService(*json);
    ReadShapesAndOperations(*json, model);
    return &model;
  }
  return nullptr;
}

}  // namespace tfseal::aws
