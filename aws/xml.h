#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace tfseal::aws {

// An element of an XML document, without namespaces: AWS' documents use one each, and it says nothing.
struct XmlElement {
  std::string name;                                             // without prefix
  std::string text;                                             // of the element itself, all pieces joined
  std::vector<std::pair<std::string, std::string>> attributes;  // names as written: "xsi:type"
  std::vector<XmlElement> children;

  [[nodiscard]] const XmlElement* Find(std::string_view child) const;
};

// Refuses what AWS never sends: a document type declaration, more than 64 levels, more than a million elements, text
// that is not XML. The error never shows the text.
Result<XmlElement> ParseXml(std::string_view text);

// Text with the characters escaped that mean something in XML, in elements and in attributes.
std::string EscapeXml(std::string_view text);

}  // namespace tfseal::aws
