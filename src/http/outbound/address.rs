//! Where messages may go: to public addresses by https, so that nobody makes this server ask what only it can reach.

use super::Receivers;
use crate::refusals;
use axum::http::Uri;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};

refusals! {
    /// Why nothing is sent to an address.
    ReceiverRefusal {
        /// The address is none that messages are sent to.
        BadAddress {} => Refused "API_BAD_ADDRESS" at "url": "须为不含用户名和片段的 https 地址，且不超过 500 个字符", "must be an https address without a user name and a fragment, of at most 500 characters";
        /// The address leads into a private network, or to this machine.
        PrivateAddress {} => Refused "API_PRIVATE_ADDRESS" at "url": "该地址指向内网或本机，不予投递", "the address leads into a private network or to this machine";
    }
}

/// Longest address, in characters.
const LONGEST: usize = 500;

/// Networks that are no public ones (IANA special-purpose registries of IPv4 and IPv6).
const NOT_PUBLIC: [&str; 25] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// Whether an address is one of the public network. One of IPv6 that stands for one of IPv4 is judged as that.
pub fn is_public(address: IpAddr) -> bool {
    let address = match address {
        IpAddr::V6(address) => match (address.to_ipv4_mapped(), address.segments()) {
            (Some(inner), _) => IpAddr::V4(inner),
            // NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an address of IPv4.
            (None, [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..]) => {
                IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
            }
            // Once meant for "compatible" addresses, and never public.
            (None, [0, 0, 0, 0, 0, 0, ..]) => return false,
            _ => IpAddr::V6(address),
        },
        IpAddr::V4(_) => address,
    };
    let holds = |network: &&str| network.parse::<IpNet>().is_ok_and(|network| network.contains(&address));
    !NOT_PUBLIC.iter().any(holds)
}

/// The address of a host that is written as one, and not as a name.
pub fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Reads the address of a receiver; the name in it is not looked up yet.
///
/// # Errors
/// [`ReceiverRefusal::BadAddress`], [`ReceiverRefusal::PrivateAddress`].
pub fn read(text: &str, receivers: Receivers) -> Result<Uri, ReceiverRefusal> {
    let bad = || ReceiverRefusal::BadAddress {};
    let uri: Uri = text.parse().map_err(|_| bad())?;
    let is_known = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => receivers == Receivers::Anywhere,
        _ => false,
    };
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(bad)?;
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if !is_known || has_user || text.contains('#') || text.chars().count() > LONGEST {
        return Err(bad());
    }
    if receivers == Receivers::Public && literal(host).is_some_and(|address| !is_public(address)) {
        return Err(ReceiverRefusal::PrivateAddress {});
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_this_server_can_reach_is_not_public() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn every_network_of_the_list_is_one() {
        assert!(NOT_PUBLIC.iter().all(|network| network.parse::<IpNet>().is_ok()));
    }

    #[test]
    fn a_receiver_is_an_https_address_without_secrets_in_it() {
        for good in ["https://bank.example/hooks?of=ganhe", "https://bank.example:8443/", "https://[2606:4700::1111]/"]
        {
            assert!(read(good, Receivers::Public).is_ok(), "{good}");
        }
        for bad in [
            "",
            "bank.example",
            "/hooks",
            "http://bank.example/",
            "ftp://bank.example/",
            "https://user:pass@bank.example/",
            "https:///x",
            "https://bank.example/#x",
        ] {
            assert!(matches!(read(bad, Receivers::Public), Err(ReceiverRefusal::BadAddress {})), "{bad}");
        }
        for private in
            ["https://127.0.0.1/", "https://[::1]:8443/", "https://192.168.1.1/", "https://[::ffff:10.0.0.1]/"]
        {
            assert!(matches!(read(private, Receivers::Public), Err(ReceiverRefusal::PrivateAddress {})), "{private}");
        }
        assert!(read("http://127.0.0.1:9000/hooks", Receivers::Anywhere).is_ok());
        assert!(read(&format!("https://bank.example/{}", "x".repeat(500)), Receivers::Anywhere).is_err());
    }
}
