#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reka::data {

/// What was found in a text, and replaced where that is asked for.
struct PersonalData {
  int64_t emails = 0;
  int64_t ips = 0;
};

/// E-mail addresses as of RFC 5322 without quotes and comments, with letters of alphabets of Europe
/// as of RFC 6531, public IPv4 addresses, and IPv6
/// addresses of 2000::/3, the only ones that were ever given out. Left alone: addresses at
/// example.com, .org and .net; private, reserved and multicast networks and those for examples;
/// four numbers that are part of a longer number or word (1.2.3.4.5, v1.2.3.4) or stand behind a
/// word for a version or section ("version 1.2.3.4"): software texts are full of them.
PersonalData find_personal_data(std::string_view text);

/// The same, with each address replaced by one that belongs to nobody, the one address always by
/// the same: email@example.com, firstname.lastname@example.org, FineWeb's six IPv4 addresses, and
/// two IPv6 addresses for examples (RFC 3849).
/// Replacing twice changes nothing more.
PersonalData replace_personal_data(std::string& text);

}  // namespace reka::data
