//! From where a request comes: the address of the connection, or, when that is a proxy which the operator has named, the address
//! that the proxy saw. Whoever is no named proxy may write what they like into `X-Forwarded-For`: it is not read.

use crate::http::{Problem, Shared};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// The proxies whose `X-Forwarded-For` is believed, as networks; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Reads addresses and networks (`10.0.0.7, 10.1.0.0/16, fd00::/8`), separated by commas.
    ///
    /// # Errors
    /// The first part that is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| network(part).ok_or_else(|| part.to_owned())).collect::<Result<_, _>>().map(Self)
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who sent the request to the first of the named proxies, seen from here.
    ///
    /// Each proxy appends the address it was called from, so the list is read from its end, for as long as a named proxy wrote
    /// it. What stands further ahead was written by the client. An entry that is no address ends the reading at the proxy that
    /// wrote it.
    pub fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut origin = peer.to_canonical();
        for hop in hops.into_iter().rev() {
            if !self.contain(origin) {
                break;
            }
            match hop_address(hop) {
                Some(address) => origin = address,
                None => break,
            }
        }
        origin
    }
}

/// An address, or a network in CIDR notation; an IPv4 address inside IPv6 counts as IPv4.
pub fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse::<IpNet>().ok().map(|network| network.trunc()),
    }
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn hop_address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(in_brackets).map(|address: IpAddr| address.to_canonical())
}

/// Where a request comes from. A server that was not told of its connections (only a test can make one) knows nobody's address:
/// then all of them come from `0.0.0.0`.
pub fn origin(extensions: &Extensions, headers: &HeaderMap, proxies: &Proxies) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| proxies.origin(peer, headers))
}

/// The address that a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Address(pub IpAddr);

impl FromRequestParts<Shared> for Address {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        Ok(Self(origin(&parts.extensions, &parts.headers, &shared.conduct.proxies)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin_of(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        Proxies::parse(proxies).unwrap().origin(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_cannot_say_that_they_are_somebody_else() {
        assert_eq!(origin_of("", "203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
        assert_eq!(origin_of("10.0.0.0/8", "203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
    }

    #[test]
    fn a_named_proxy_is_believed_for_the_one_hop_that_it_wrote() {
        assert_eq!(origin_of("10.0.0.7", "10.0.0.7", &["198.51.100.4"]), "198.51.100.4");
        assert_eq!(origin_of("10.0.0.7", "10.0.0.7", &["192.0.2.1, 198.51.100.4"]), "198.51.100.4");
        assert_eq!(origin_of("10.0.0.7", "10.0.0.7", &["192.0.2.1", "198.51.100.4"]), "198.51.100.4");
        assert_eq!(origin_of("10.0.0.7", "::ffff:10.0.0.7", &["198.51.100.4:4711"]), "198.51.100.4");
    }

    #[test]
    fn a_row_of_named_proxies_is_followed_to_its_beginning() {
        let (proxies, lines) = ("10.0.0.0/8, fd00::/8", ["192.0.2.1, 198.51.100.4, [fd00::3]", "10.2.0.2"]);
        assert_eq!(origin_of(proxies, "10.0.0.7", &lines), "198.51.100.4");
    }

    #[test]
    fn what_is_no_address_ends_the_reading() {
        assert_eq!(origin_of("10.0.0.7", "10.0.0.7", &["unknown"]), "10.0.0.7");
        assert_eq!(origin_of("10.0.0.7", "10.0.0.7", &["198.51.100.4, "]), "10.0.0.7");
        assert_eq!(origin_of("10.0.0.7", "10.0.0.7", &[]), "10.0.0.7");
    }

    #[test]
    fn a_bad_part_of_the_list_is_named() {
        assert_eq!(Proxies::parse("10.0.0.7, proxy.internal"), Err("proxy.internal".to_owned()));
        assert!(Proxies::parse("10.0.0.0/33").is_err());
    }
}
