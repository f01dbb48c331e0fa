#include "data/corpus/xml.h"

#include <limits>

#include <libxml/xmlerror.h>

#include "reka/base/error.h"

namespace reka::data {
namespace {

std::string taken(xmlChar* text) {
  if (text == nullptr) return "";
  std::string copy = reinterpret_cast<const char*>(text);
  xmlFree(text);
  return copy;
}

}  // namespace

XmlDocument parse_xml(std::string_view bytes) {
  static const int initialised = [] { return xmlInitParser(), 0; }();  // before any thread parses
  static_cast<void>(initialised);
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    throw DataError("XML of more than 2 GB");
  }
  xmlResetLastError();  // an empty file has no error of its own
  XmlDocument document(xmlReadMemory(bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (document == nullptr || xmlDocGetRootElement(document.get()) == nullptr) {
    const auto* error = xmlGetLastError();
    if (error == nullptr || error->message == nullptr) throw DataError("not XML: empty");
    const std::string_view finding = error->message;  // its first line; then come the bytes there
    throw DataError("not XML: line {}: {}", error->line, finding.substr(0, finding.find('\n')));
  }
  return document;
}

std::string_view xml_name(const xmlNode* node) {
  return node->name == nullptr ? std::string_view() : reinterpret_cast<const char*>(node->name);
}

std::string xml_attribute(const xmlNode* node, const char* name) {
  return taken(xmlGetProp(node, reinterpret_cast<const xmlChar*>(name)));
}

std::string xml_text(const xmlNode* node) {
  return taken(xmlNodeGetContent(node));
}

}  // namespace reka::data
