import OutcryComponents
package import OutcryMarket
import OutcryVenues

/// A public channel as the exchange serves it: one of the venue's (``MtGoxChannels``), with a place.
package struct PublicChannel: Hashable, Sendable {
    /// For instance `depth.BTCUSD`.
    package let name: String
    /// For instance `24e67e0d-1cad-4cc0-9e7a-f8523ef460fe`.
    package let guid: String
    /// Its place in ``all``.
    package let index: Int

    /// All of them, by name.
    package static let all: [PublicChannel] = MtGoxChannels.all.enumerated().map { index, channel in
        PublicChannel(
            name: channel.name, guid: MtGoxChannels.guid(of: channel) ?? "", index: index)
    }

    /// The channel with this name or GUID.
    package static func find(_ text: String) -> PublicChannel? {
        all.first { $0.name == text || $0.guid == text }
    }

    package static let trades = named("trade.BTC")
    package static let lag = named("trade.lag")

    /// The channel of a kind and a market.
    ///
    /// - Precondition: the venue had it.
    package static func of(_ kind: String, _ instrument: Instrument) -> PublicChannel {
        named("\(kind).\(instrument.name)")
    }

    private static func named(_ name: String) -> PublicChannel {
        guard let channel = find(name) else {
            preconditionFailure("the table has every channel that the code names")
        }
        return channel
    }
}
