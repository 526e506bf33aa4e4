package import OutcryWire

/// One of the venue's hosts, as a request names it: each served a part of what the venue had.
///
/// - Source: the protocol reference, section 1.
package enum VenueHost: Hashable, Sendable {
    /// `mtgox.com`, `www.`, `data.`: HTTP calls, signed ones too.
    case calls
    /// `socketio.`: Socket.IO.
    case socketIO
    /// `websocket.`: plain WebSockets.
    case webSocket
    /// Any other, for instance an address or `localhost`: everything on one port.
    case other

    /// The hosts by their names; the `-beta` names were those of the servers of March 2013.
    package static let named: [(name: String, host: VenueHost)] = [
        ("mtgox.com", .calls), ("www.mtgox.com", .calls), ("data.mtgox.com", .calls),
        ("socketio.mtgox.com", .socketIO), ("websocket.mtgox.com", .webSocket),
        ("data-beta.mtgox.com", .calls), ("socketio-beta.mtgox.com", .socketIO),
        ("websocket-beta.mtgox.com", .webSocket),
    ]

    /// The host of a request, without its port, a dot at its end, and capitals.
    package init(of head: HTTPRequestHead) {
        var name = (head.fields["Host"] ?? "").prefix { $0 != ":" }
        if name.last == "." { name.removeLast() }
        let lowered = name.lowercased()
        self = Self.named.first { $0.name == lowered }?.host ?? .other
    }

    /// Whether this service is at this host.
    package func serves(_ service: VenueHost) -> Bool { self == .other || self == service }
}
