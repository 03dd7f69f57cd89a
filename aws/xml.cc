#include "aws/xml.h"

#include <fmt/format.h>
#include <pugixml.hpp>

namespace tfseal::aws {
namespace {

constexpr int kLevelsMax = 64;
constexpr std::size_t kElementsMax = 1'000'000;

Error Damaged(std::string message) {
  return Error{.code = ErrorCode::kInvalidInput, .message = std::move(message), .hint = ""};
}

std::string_view WithoutPrefix(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

class Copier {
 public:
  Status Copy(const pugi::xml_node& node, int level, XmlElement& element) {
    if (level > kLevelsMax) return Damaged(fmt::format("xml has more than {} levels", kLevelsMax));
    if (++elements_ > kElementsMax) return Damaged(fmt::format("xml has more than {} elements", kElementsMax));
    element.name = WithoutPrefix(node.name());
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      element.attributes.emplace_back(attribute.name(), attribute.value());
    }
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        element.text += child.value();
      } else if (child.type() == pugi::node_element) {
        TFSEAL_TRY(Copy(child, level + 1, element.children.emplace_back()));
      }
    }
    return {};
  }

 private:
  std::size_t elements_ = 0;
};

}  // namespace

const XmlElement* XmlElement::Find(std::string_view child) const {
  for (const XmlElement& candidate : children) {
    if (candidate.name == child) return &candidate;
  }
  return nullptr;
}

Result<XmlElement> ParseXml(std::string_view text) {
  pugi::xml_document document;
  constexpr unsigned int kOptions = pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size(), kOptions, pugi::encoding_utf8);
  if (!parsed) return Damaged(fmt::format("not xml: {} at byte {}", parsed.description(), parsed.offset));
  const XmlElement* root = nullptr;
  XmlElement element;
  for (const pugi::xml_node& child : document.children()) {
    if (child.type() == pugi::node_doctype) return Damaged("xml declares a document type");
    if (child.type() != pugi::node_element) continue;
    if (root != nullptr) return Damaged("xml has more than one root");
    root = &element;
    TFSEAL_TRY(Copier().Copy(child, 1, element));
  }
  if (root == nullptr) return Damaged("xml has no root");
  return element;
}

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\r':
        escaped += "&#xD;";
        break;
      case '\n':
        escaped += "&#xA;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace tfseal::aws
