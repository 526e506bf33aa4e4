public import OutcryComponents
public import OutcryMarket
import OutcryWire

/// The smallest venue that there can be: copy this folder, give the files the new venue's name, and change what the
/// venue does otherwise. ARCHITECTURE.md says what comes next.
///
/// It speaks a made-up protocol: one WebSocket, a line of JSON a message.
///
/// | message | meaning |
/// |---|---|
/// | `{"subscribe":"BTCUSD"}` | to the venue: tell the levels of a market |
/// | `{"subscribed":"BTCUSD"}` | it will, from here on: first all that there are |
/// | `{"market":"BTCUSD","side":"bid","price":"17.5","total":"2"}` | what stands at a price now; 0: nothing |
/// | `{"market":"BTCUSD","trade":7,"price":"17.5","amount":"0.1"}` | somebody traded |
public struct TemplateVenue: Venue {
    /// `template`: at most eight letters.
    public var id: VenueID { .template }
    /// The venue's numbers: where whole books come from, what is silence, how fast one may ask.
    public var rules = VenueRules(snapshotSource: .stream)
    /// The markets that its feeds read.
    public let instruments: [Instrument]

    /// Makes the venue for `instruments`.
    public init(_ instruments: [Instrument]) { self.instruments = instruments }

    /// What has to be subscribed for a market; the first is the channel of its depth.
    public func channels(for instrument: Instrument) -> [Channel] { [Channel(instrument.name)] }

    /// The message that asks for a channel.
    public func subscribeMessage(_ channel: Channel) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.field("subscribe", channel.name) }
        return writer.bytes
    }

    /// The message that gives a channel up: this venue knows none.
    public func unsubscribeMessage(_ channel: Channel) -> [UInt8]? { nil }

    /// Makes the parser of one connection's messages.
    public func makeFeed() -> any Feed { TemplateFeed(instruments) }

    /// The HTTP call that brings a whole book; not made, since the stream brings it.
    public func snapshotTarget(_ instrument: Instrument) -> String { "/\(instrument)" }

    /// Reads the reply to that call.
    public func snapshot(_ instrument: Instrument, from reply: HTTPReply) throws -> BookSnapshot {
        throw TemplateFault(expected: "no call over HTTP", found: "one for \(instrument)")
    }
}

extension VenueID {
    /// The venue that others are made of.
    public static let template: Self = "template"
}

/// Why something of the venue's could not be read.
public struct TemplateFault: Error, CustomStringConvertible {
    /// What should have been there.
    public let expected: String
    /// What was there.
    public let found: String

    /// In one line.
    public var description: String { "expected \(expected), found \(found)" }
}
