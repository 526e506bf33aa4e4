public import OutcryComponents
public import OutcryMarket
import OutcryWire

/// What one can subscribe to. A channel's name is a list of feeds, which are asked for in one message:
/// `book.BTCUSD`, `trade.BTCUSD`, `book.*` (all pairs), `book.BTCUSD,trade.BTCUSD`.
public enum MidChainsChannels {
    /// The book of an instrument.
    public static func book(_ instrument: Instrument) -> Channel { Channel("book.\(instrument)") }
    /// The trades of an instrument.
    public static func trades(_ instrument: Instrument) -> Channel {
        Channel("trade.\(instrument)")
    }
    /// The books of all pairs; a feed reads those that it was told of.
    public static let allBooks = Channel("book.*")

    /// Both of an instrument, for which a link asks in one message: the venue confirms nothing, and a pair in
    /// which nobody trades would never be heard of.
    static func market(_ instrument: Instrument) -> Channel {
        Channel("\(book(instrument)),\(trades(instrument))")
    }

    /// A message that asks for a channel, or gives it up, as `type` says.
    static func request(_ type: String, _ channel: Channel) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { message in
            message.field("type", type)
            message.array("request") { request in
                for feed in channel.name.split(separator: ",") {
                    let parts = feed.split(separator: ".", maxSplits: 1)
                    request.object { line in
                        line.field("msg", String(parts[0]))
                        line.field("security", parts.count > 1 ? String(parts[1]) : "*")
                        line.field("dest", "CROX")
                    }
                }
            }
        }
        return writer.bytes
    }
}
