#include "data/corpus/personal_data.h"

#include "tests/support/catch.h"

namespace reka::data {
namespace {

std::string replaced(std::string text) {
  replace_personal_data(text);
  return text;
}

bool is_replaced(const std::string& text) {
  return replaced(text) != text;
}

}  // namespace

TEST_CASE("personal data: addresses are replaced, the same by the same", "[data][personal]") {
  std::string text =
      "Write to jane.doe+x@mail.example.co.uk, or (joe@site.io). jane.doe+x@mail."
      "example.co.uk!";
  const auto found = replace_personal_data(text);
  CHECK(found.emails == 3);
  CHECK(found.ips == 0);
  CHECK(text.find("jane") == std::string::npos);
  CHECK(text.find("joe") == std::string::npos);
  CHECK(text.find("(") != std::string::npos);
  const auto first = text.substr(9, text.find(',') - 9);
  CHECK(text.ends_with(" " + first + "!"));
  const auto once = text;
  CHECK(replace_personal_data(text).emails == 0);
  CHECK(text == once);
}

TEST_CASE("personal data: what looks like an e-mail address and is none stays",
          "[data][personal]") {
  for (const auto* text :
       {"a@b", "@handle", "user@", "x @ y.z", "me@example.com", "me@mail.example.org", "a@-b.c",
        "5 pounds @ 3.50", "@Override", "git@", "..@a.b", "foo@bar..baz"}) {
    INFO(text);
    CHECK_FALSE(is_replaced(text));
  }
  for (const auto* text :
       {"a@b.c", "<x_1@y-z.org>", "mailto:a.b@c.de.", "é-x@y.org", "A@B.ORG", "x@1.2.3.4"}) {
    INFO(text);
    CHECK(is_replaced(text));
  }
  CHECK(replaced("a..b@c.de").starts_with("a.."));
  const auto german = replaced("an jörg.klein@müller.de, und");
  CHECK(german.starts_with("an "));
  CHECK(german.ends_with(", und"));
  CHECK(german.find("klein") == german.npos);
  CHECK(german.find("jörg") == german.npos);
  CHECK(german.find("müller") == german.npos);
  CHECK(is_replaced("почта@почта.рф"));
  CHECK(replaced("邮箱a@b.cn的").starts_with("邮箱"));
  CHECK(replaced("邮箱a@b.cn的").ends_with("的"));
}

TEST_CASE("personal data: public IP addresses are replaced", "[data][personal]") {
  std::string text = "from 8.8.8.8 to 93.184.216.34:80 (1.1.1.1), 8.8.8.8.";
  CHECK(replace_personal_data(text).ips == 4);
  CHECK(text.find("8.8.8.8") == std::string::npos);
  CHECK(text.find(":80 (") != std::string::npos);
  CHECK(text.ends_with("."));
  CHECK(find_personal_data(text).ips == 0);
}

TEST_CASE("personal data: addresses beside scripts without spaces, in ranges and in URLs",
          "[data][personal]") {
  const auto chinese = replaced("请联系joe.miller@firma.de谢谢");
  CHECK(chinese.starts_with("请联系"));
  CHECK(chinese.ends_with("谢谢"));
  CHECK(chinese.find("joe") == chinese.npos);
  CHECK(is_replaced("メールはjoe@firma.co.jpまで"));
  CHECK(is_replaced("地址是84.22.3.7，"));
  CHECK(is_replaced("84.22.3.7年"));
  const auto range = replaced("84.22.3.0-84.22.3.255");
  CHECK(range.find("84.22") == range.npos);
  const auto range6 = replaced("2a02:8109::1-2a02:8109::9");
  CHECK(range6.find("8109") == range6.npos);
  CHECK(is_replaced("[IPv6:2a02:8109:abcd:12::7f]"));
  for (const auto* text :
       {"lodash@4.17.21", "react@18.2.0", "icon@2x.png", "joe@firma.123", "3.1.2.1 Scope",
        "a line\n3.1.2.1 Scope", "Figure 5.1.2.3", "clause 7.4.1.2", "OID 1.3.6.1", "TLS 1.2.3.4",
        "https://user:pass@host.firma.de/", "2024:12:30:45:10:11:12:13"}) {
    INFO(text);
    CHECK_FALSE(is_replaced(text));
  }
  CHECK(is_replaced("84.22.3.7 Port"));
}

TEST_CASE("personal data: public IPv6 addresses are replaced", "[data][personal]") {
  std::string text = "2001:4860:4860::8888, [2606:2800:220:1:248:1893:25c8:1946]:443, 2A00:1450::";
  CHECK(replace_personal_data(text).ips == 3);
  CHECK(text.find("]:443, ") != std::string::npos);
  CHECK(text.find("8888") == std::string::npos);
  CHECK(text.find("1450") == std::string::npos);
  CHECK(find_personal_data(text).ips == 0);
  CHECK(replaced("at 2001:4860:4860::8844.").ends_with("."));
  CHECK(replaced("2001:4860:4860::8844: down").ends_with(": down"));
  CHECK(is_replaced("2001:4860:4860::8.8.8.8/48"));
  for (const auto* left :
       {"2001:db8::5", "3fff:1::2", "fe80::1", "::1", "fd00::7", "2024:01:02", "2024:10:11:12:13",
        "20:15", "3000::x", "2::3", "std::2001:4860::1", "12001:4860::1", "2001:4860:::1",
        "2001:4860::12345", "ff02::1", "fd12:3456:2001:4860::1"}) {
    INFO(left);
    CHECK_FALSE(is_replaced(left));
  }
}

TEST_CASE("personal data: private networks, versions and longer numbers stay", "[data][personal]") {
  for (const auto* text : {"10.0.0.1",
                           "127.0.0.1",
                           "192.168.1.1",
                           "172.20.3.4",
                           "169.254.1.1",
                           "100.64.0.1",
                           "0.1.2.3",
                           "224.0.0.1",
                           "255.255.255.255",
                           "192.0.2.7",
                           "198.51.100.2",
                           "203.0.113.9",
                           "1.2.3",
                           "1.2.3.4.5",
                           "v1.2.3.4",
                           "11.2.3.4567",
                           "256.1.1.1",
                           "01.2.3.4",
                           "1.2.3.4-rc1",
                           "foo-1.2.3.4",
                           "version 1.2.3.4",
                           "Version: 4.15.0.1",
                           "libfoo v. 1.2.3.4",
                           "see section 3.1.2.4",
                           "firmware 5.6.7.8",
                           "1.2.3.4a",
                           "22.214.171.124"}) {
    INFO(text);
    CHECK_FALSE(is_replaced(text));
  }
}

}  // namespace reka::data
