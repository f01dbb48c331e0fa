#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <libxml/parser.h>
#include <libxml/tree.h>

namespace reka::data {

struct XmlFree {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using XmlDocument = std::unique_ptr<xmlDoc, XmlFree>;

/// Parses without network, external entities or output of its own; libxml2 bounds the depth.
/// Throws DataError with its first complaint.
XmlDocument parse_xml(std::string_view bytes);

std::string_view xml_name(const xmlNode* node);
/// "" when there is none.
std::string xml_attribute(const xmlNode* node, const char* name);
/// All text inside.
std::string xml_text(const xmlNode* node);

}  // namespace reka::data
