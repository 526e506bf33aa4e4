import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire

/// A client's own connection upstream: for calls over the stream, and for the channels of its account.
///
/// It lives as long as the client. When it is lost the client is let go, as it would have been lost at the
/// venue: what was on its way is not known, and the client begins anew.
final class OwnLine {
    /// The client that it belongs to.
    let client: UInt64
    /// Its parts' names.
    let link: Link
    /// The session that holds it.
    var session: SessionID?
    /// It is up.
    var isUp = false
    /// What the client has said before it was up.
    var waiting: [[UInt8]] = []
    /// Its calls over the stream that are not answered.
    var sent: [SentCall] = []
    /// Bytes of ``waiting``; more than this, and the client is let go.
    var waitingBytes = 0
    static let mostWaiting = 64 << 10

    init(_ client: UInt64, stem: String) {
        self.client = client
        link = Link(venue: .mtgox, name: "\(stem).line.\(client)", instruments: [.btcusd])
    }
}

/// A venue whose messages are not read, only handed on.
struct HandedOnVenue: Venue {
    let client: UInt64
    let owner: SessionID
    let like: MtGoxVenue

    var id: VenueID { like.id }
    var rules: VenueRules { like.rules }
    func channels(for instrument: Instrument) -> [Channel] { like.channels(for: instrument) }
    func subscribeMessage(_ channel: Channel) -> [UInt8] { like.subscribeMessage(channel) }
    func unsubscribeMessage(_ channel: Channel) -> [UInt8]? { like.unsubscribeMessage(channel) }
    func makeFeed() -> any Feed { HandedOnFeed(client, owner) }
    func snapshotTarget(_ instrument: Instrument) -> String { like.snapshotTarget(instrument) }
    func snapshot(
        _ instrument: Instrument, from reply: HTTPReply
    ) throws -> BookSnapshot { try like.snapshot(instrument, from: reply) }
}

/// Hands on what is not for everybody.
final class HandedOnFeed: Feed {
    let pulse = Pulse([])
    private let client: UInt64
    private let owner: SessionID

    init(_ client: UInt64, _ owner: SessionID) {
        self.client = client
        self.owner = owner
    }

    func message(_ text: Span<UInt8>, _ my: Context) {
        pulse.noteOther()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for index in text.indices { bytes.append(text[index]) }
        guard !OwnLineFilter.isPublic(bytes) else { return }
        my.post(.netLineSaid, to: owner, LineText(client: client, bytes: bytes))
    }
}

/// What a client's own connection has said.
struct LineText: Sendable {
    let client: UInt64
    let bytes: [UInt8]
}

extension Event where Payload == LineText {
    static let netLineSaid = Self("safetyNet.lineSaid")
}

extension Event where Payload == LineChange {
    static let netLineChanged = Self("safetyNet.lineChanged")
}

/// A client's own connection is up, or is no more.
struct LineChange: Sendable {
    let client: UInt64
    /// Why it is no more; nil: it is up.
    let end: String?
}
