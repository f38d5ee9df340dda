# SPDX-License-Identifier: Apache-2.0
"""The elements of our nftables tables: those in the kernel, and those that attachments must have."""
import ipaddress
import json
import subprocess

OURS = 0x80000000  # in map publishers: the mark of our interfaces


def key_text(value):
    """The text of an element's key or data in nft's JSON."""
    if isinstance(value, dict):
        if "concat" in value:
            return " . ".join(key_text(part) for part in value["concat"])
        if "prefix" in value:
            return f"{value['prefix']['addr']}/{value['prefix']['len']}"
    return str(value)


def read_element(item):
    """(key, data, comment)"""
    key, data = item if isinstance(item, list) else (item, None)
    comment = ""
    if isinstance(key, dict) and "elem" in key:
        comment = key["elem"].get("comment", "")
        key = key["elem"]["val"]
    return key_text(key), "" if data is None else key_text(data), comment


def observe():
    """(the elements as {(set, key, data, comment)}, the rest of the ruleset as a list of texts)"""
    ruleset = json.loads(subprocess.run(["nft", "-j", "list", "ruleset"], check=True, capture_output=True).stdout)
    elements, rest = set(), []
    for entry in ruleset["nftables"]:
        kind, content = next(iter(entry.items()))
        if kind == "metainfo":
            continue
        content.pop("handle", None)
        if kind in ("set", "map"):
            for item in content.pop("elem", []):
                elements.add((content["name"], *read_element(item)))
        rest.append(json.dumps({kind: content}, sort_keys=True))
    return elements, sorted(rest)


def families(attachment):
    """(4 or 6, address without prefix length) for each address."""
    for text in attachment.addresses:
        address = ipaddress.ip_interface(text)
        yield address.version, str(address.ip)


def masquerade(one, name, make):
    for family, address in families(one):
        make(f"masq{family}", address)
        make(f"owners{family}", f"{name} . 0", address)


def ports(one, name, make):
    count = 0
    for family, address in families(one):
        served = [port for port in one.ports if not port.host_ip or family == 4]
        for port in served:
            if port.host_ip:
                make(f"hostip{family}", f"{port.host_ip} . {port.protocol} . {port.number}", f"{address} . 80")
            else:
                make(f"hostport{family}", f"{port.protocol} . {port.number}", f"{address} . 80")
        if served:
            make(f"snat{family}", address)
        count += len(served)
    if count:
        make("publishers", name, str(OURS + count))
        if not one.network.bridge:
            make("localnet", name)


def firewall(one, name, make):
    for family, address in families(one):
        make(f"forward{family}", address)
        make(f"forwarded{family}", f"{name} . 0", address)


def source_checks(one, name, make):
    make("checked", name)
    make("macs", f"{name} . {one.mac}")
    make("macof", name, one.mac)


def expected_of(attachment):
    found = set()
    name = attachment.host_end[0]

    def make(into, key, data=""):
        found.add((into, key, data, attachment.owner))

    for plugin in attachment.network.plugins:
        if plugin.get("ipMasq"):
            masquerade(attachment, name, make)
        if plugin.get("macspoofchk"):
            source_checks(attachment, name, make)
        if plugin["type"] == "portmap":
            ports(attachment, name, make)
        if plugin["type"] == "firewall":
            firewall(attachment, name, make)
        if plugin.get("ingressPolicy"):
            bridge, network = attachment.network.bridge, attachment.network.name
            found |= {("policed", bridge, "", network), ("within", f"{bridge} . {bridge}", "", network)}
    return found


def standby(element, host_ends):
    """The standby element for a port that another attachment of the container serves."""
    name, key, data, owner = element
    host_ip = {"hostport4": "0.0.0.0 . ", "hostport6": ":: . "}.get(name, "")
    return f"standby{name[-1]}", f"{host_ip}{key} . 0 . {host_ends[owner]}", f"{data} . 0", owner


def with_standbys(expected, elements, present):
    """If several attachments of a container publish one port, any one of them serves it, and the others stand by."""
    host_ends = {one.owner: one.host_end[0] for one in present}
    by_port = {}
    for element in expected:
        if element[0].startswith(("hostport", "hostip")):
            by_port.setdefault(element[:2], set()).add(element)
    for sharing in by_port.values():
        if len(sharing) > 1 and len(sharing & elements) == 1:
            expected = expected - sharing | sharing & elements | {standby(one, host_ends) for one in sharing - elements}
    return expected


def is_of_network(element, networks):
    """Does the element stay after the last DEL? The pair of the subnet and the bridge in localnet do."""
    name, key, _, comment = element
    if name in ("local4", "local6"):
        return comment in [network.name for network in networks]
    return name == "localnet" and not comment and key in [network.bridge for network in networks]


def differences(present, networks, rest_before):
    elements, rest = observe()
    expected = with_standbys(set().union(*map(expected_of, present)), elements, present)
    found = [f"missing element {one}" for one in sorted(expected - elements)]
    found += [f"unexpected element {one}" for one in sorted(elements - expected) if not is_of_network(one, networks)]
    if rest != rest_before:
        found += [f"ruleset: unexpected {one}" for one in rest if one not in rest_before]
        found += [f"ruleset: missing {one}" for one in rest_before if one not in rest]
    return found
