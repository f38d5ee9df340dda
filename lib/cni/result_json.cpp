// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/result_json.h"

#include <algorithm>
#include <limits>
#include <map>

namespace cni {
namespace {

using Ordered = nlohmann::ordered_json;

constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

void put_text(Ordered& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

void put_number(Ordered& object, const char* key, std::int64_t value) {
  if (value != 0) object[key] = value;
}

Ordered json_of(const Dns& dns) {
  Ordered object = Ordered::object();
  if (!dns.nameservers.empty()) object["nameservers"] = dns.nameservers;
  put_text(object, "domain", dns.domain);
  if (!dns.search.empty()) object["search"] = dns.search;
  if (!dns.options.empty()) object["options"] = dns.options;
  return object;
}

Ordered json_of(const Route& route) {
  Ordered object{{"dst", route.dst.text()}};
  if (route.gw) object["gw"] = route.gw->text();
  put_number(object, "mtu", route.mtu);
  put_number(object, "advmss", route.advmss);
  put_number(object, "priority", route.priority);
  if (route.table) object["table"] = *route.table;
  if (route.scope) object["scope"] = *route.scope;
  return object;
}

Ordered json_of(const Interface& interface, Shape shape) {
  Ordered object{{"name", interface.name}};
  put_text(object, "mac", interface.mac);
  if (shape == Shape::lists) put_number(object, "mtu", interface.mtu);
  put_text(object, "sandbox", interface.sandbox);
  if (shape == Shape::lists) put_text(object, "socketPath", interface.socket_path);
  if (shape == Shape::lists) put_text(object, "pciID", interface.pci_id);
  return object;
}

Ordered json_of(const Ip& ip, Shape shape) {
  Ordered object = Ordered::object();
  if (shape == Shape::lists_with_version) object["version"] = ip.address.address.is_v4() ? "4" : "6";
  if (ip.interface) object["interface"] = *ip.interface;
  object["address"] = ip.address.text();
  if (ip.gateway) object["gateway"] = ip.gateway->text();
  return object;
}

Ordered lists(const Result& result, Version version) {
  Ordered object{{"cniVersion", text(version)}};
  for (const Interface& interface : result.interfaces) {
    object["interfaces"].push_back(json_of(interface, shape(version)));
  }
  for (const Ip& ip : result.ips) object["ips"].push_back(json_of(ip, shape(version)));
  for (const Route& route : result.routes) object["routes"].push_back(json_of(route));
  if (shape(version) == Shape::lists_with_version || !result.dns.empty()) object["dns"] = json_of(result.dns);
  return object;
}

Ordered in_alphabetical_order(Ordered json) {
  if (json.is_array()) {
    for (Ordered& element : json) element = in_alphabetical_order(std::move(element));
  }
  if (!json.is_object()) return json;
  std::map<std::string_view, Ordered*> sorted;
  for (auto& [key, value] : json.get_ref<Ordered::object_t&>()) sorted.emplace(key, &value);
  Ordered object = Ordered::object();
  for (const auto& [key, value] : sorted) {
    object.get_ref<Ordered::object_t&>().push_back({std::string(key), in_alphabetical_order(std::move(*value))});
  }
  return object;
}

Ordered of_family(const Result& result, const Ip& ip) {
  Ordered object{{"ip", ip.address.text()}};
  if (ip.gateway) object["gateway"] = ip.gateway->text();
  for (const Route& route : result.routes) {
    if (route.dst.family() != ip.address.family()) continue;
    Ordered old{{"dst", route.dst.text()}};
    if (route.gw) old["gw"] = route.gw->text();
    object["routes"].push_back(old);
  }
  return object;
}

Ordered ip4_ip6(const Result& result, Version version) {
  Ordered object{{"cniVersion", text(version)}};
  for (const auto& [key, family] : {std::pair{"ip4", net::Family::v4}, std::pair{"ip6", net::Family::v6}}) {
    const auto first = std::find_if(result.ips.begin(), result.ips.end(),
                                    [family = family](const Ip& ip) { return ip.address.family() == family; });
    if (first != result.ips.end()) object[key] = of_family(result, *first);
  }
  if (object.size() == 1) throw Error(kInternal, "cannot convert: no valid IP addresses");
  object["dns"] = json_of(result.dns);
  return object;
}

// --- reading ---

net::Prefix parse_prefix(const Fields& fields, std::string_view key,
                         std::string_view allowed = "an address with a prefix length, like 10.1.0.2/24") {
  const auto prefix = net::Prefix::parse(fields.text_or(key, ""));
  if (!prefix) throw fields.error(key, allowed);
  return *prefix;
}

Route parse_route(const Fields& fields) {
  Route route;
  route.dst = parse_prefix(fields, "dst", "a network like 10.2.0.0/16; 0.0.0.0/0 or ::/0 for the default route");
  route.gw = parse_address(fields, "gw");
  route.mtu = fields.number("mtu", 0, kLargest).value_or(0);
  route.advmss = fields.number("advmss", 0, kLargest).value_or(0);
  route.priority = fields.number("priority", 0, std::numeric_limits<std::uint32_t>::max()).value_or(0);
  route.table = fields.number("table", 0, std::numeric_limits<std::uint32_t>::max());
  route.scope = fields.number("scope", 0, 255);
  return route;
}

Interface parse_interface(const Fields& fields) {
  return {fields.text_or("name", ""),       fields.text_or("mac", ""),
          fields.text_or("sandbox", ""),    fields.number("mtu", 0, kLargest).value_or(0),
          fields.text_or("socketPath", ""), fields.text_or("pciID", "")};
}

Result parse_lists(const Fields& fields) {
  Result result;
  for (const Fields& interface : fields.objects("interfaces")) result.interfaces.push_back(parse_interface(interface));
  for (const Fields& ip : fields.objects("ips")) {
    result.ips.push_back(
        {parse_prefix(ip, "address"), parse_address(ip, "gateway"),
         ip.number("interface", std::numeric_limits<std::int32_t>::min(), kLargest, "an index of interfaces")});
  }
  result.routes = parse_routes(fields.objects("routes"));
  return result;
}

Result parse_ip4_ip6(const Fields& fields) {
  Result result;
  for (const char* key : {"ip4", "ip6"}) {
    const auto family = fields.object(key);
    if (!family) continue;
    const Ip ip{parse_prefix(*family, "ip"), parse_address(*family, "gateway"), std::nullopt};
    result.ips.push_back(ip);
    for (Route& route : parse_routes(family->objects("routes"))) result.routes.push_back(route);
  }
  return result;
}

std::span<const Version> group(Shape shape) {
  const std::span<const Version> all(kAllVersions);
  if (shape == Shape::ip4_ip6) return all.subspan(0, 2);
  return shape == Shape::lists_with_version ? all.subspan(2, 3) : all.subspan(5, 2);
}

}  // namespace

std::optional<net::Address> parse_address(const Fields& fields, std::string_view key) {
  const std::string text = fields.text_or(key, "");
  if (text.empty()) return std::nullopt;
  const auto address = net::Address::parse(text);
  if (!address) throw fields.error(key, "an IPv4 or IPv6 address");
  return address;
}

std::string print_json(const nlohmann::ordered_json& json) {
  constexpr int kIndent = 4;
  const std::string plain = json.dump(kIndent, ' ', false, Ordered::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(plain.size());
  std::size_t begin = 0;
  for (;;) {
    const std::size_t mark = plain.find_first_of("<>&", begin);
    escaped.append(plain, begin, mark - begin);
    if (mark == std::string::npos) return escaped;
    escaped += plain[mark] == '<' ? "\\u003c" : plain[mark] == '>' ? "\\u003e" : "\\u0026";
    begin = mark + 1;
  }
}

std::string print_result(const Result& result, Version version) {
  if (shape(version) == Shape::ip4_ip6) return print_json(ip4_ip6(result, version));
  Ordered object = lists(result, version);
  if (shape(version) == Shape::lists_with_version) return print_json(object);
  return print_json(in_alphabetical_order(std::move(object)));
}

bool is_kept_by_text(const Result& result, Version version) {
  return shape(version) != Shape::ip4_ip6 && result.interfaces.empty() && result.dns.empty();
}

Result parse_result(const Json& json, Version config, const std::string& what) {
  const Fields fields(json, what);
  const std::string own = fields.text_or("cniVersion", text(config));
  const auto version = parse_version(own);
  if (!version || shape(*version) != shape(config)) {
    throw Error(kIncompatibleVersion, what + ": result type supports [" + list(group(shape(config)), " ", false) +
                                          "] but unmarshalled CNIVersion is \"" + own + "\"");
  }
  Result result = shape(config) == Shape::ip4_ip6 ? parse_ip4_ip6(fields) : parse_lists(fields);
  if (const auto dns = fields.object("dns")) result.dns = parse_dns(*dns);
  return result;
}

Dns parse_dns(const Fields& dns) {
  return {dns.texts("nameservers"), dns.text_or("domain", ""), dns.texts("search"), dns.texts("options")};
}

std::vector<Route> parse_routes(const std::vector<Fields>& routes) {
  std::vector<Route> result;
  result.reserve(routes.size());
  for (const Fields& route : routes) result.push_back(parse_route(route));
  return result;
}

}  // namespace cni
