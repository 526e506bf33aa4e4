import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire

/// A dialect of four words: `ok c`, `end c`, `d b 100 5 17` (side, price, total, stamp), `n text`.
struct FakeVenue: Venue {
    var id: VenueID { .fake }
    var rules = VenueRules(silence: .seconds(12))
    var extraChannels: [Channel] = []

    func channels(for instrument: Instrument) -> [Channel] {
        [Channel("depth.\(instrument)")] + extraChannels
    }
    func subscribeMessage(_ channel: Channel) -> [UInt8] { Array("sub \(channel)".utf8) }
    func unsubscribeMessage(_ channel: Channel) -> [UInt8]? { Array("unsub \(channel)".utf8) }
    func makeFeed() -> any Feed { FakeFeed() }
    func snapshotTarget(_ instrument: Instrument) -> String { "/book/\(instrument)" }

    /// `newest`, then `b 100 5 17` a line, then `.`.
    func snapshot(_ instrument: Instrument, from reply: HTTPReply) throws -> BookSnapshot {
        guard reply.head.status == 200 else {
            throw FakeError(text: "expected status 200, found \(reply.head.status)")
        }
        let lines = String(decoding: reply.body, as: UTF8.self).split(separator: "\n")
        guard let first = lines.first, let newest = Int64(first), lines.last == "." else {
            throw FakeError(text: "expected a book, found \(lines.first ?? "nothing")")
        }
        var bids: [Row] = []
        var asks: [Row] = []
        for line in lines.dropFirst().dropLast() {
            let words = line.split(separator: " ")
            let numbers = words.dropFirst().compactMap { Int64($0) }
            guard numbers.count == 3 else { throw FakeError(text: "not a level: \(line)") }
            let row = (numbers[0], numbers[1], numbers[2])
            if words[0] == "b" { bids.append(row) } else { asks.append(row) }
        }
        return OutcryComponentsTests.snapshot(
            bids: bids, asks: asks, newest: newest, of: instrument)
    }
}

struct FakeError: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

final class FakeFeed: Feed {
    let pulse = Pulse([Channel("depth.BTCUSD")])

    func message(_ text: Span<UInt8>, _ my: Context) {
        var bytes: [UInt8] = []
        for i in text.indices { bytes.append(text[i]) }
        let line = String(decoding: bytes, as: UTF8.self)
        let words = line.split(separator: " ")
        let numbers = words.dropFirst(2).compactMap { Int64($0) }
        switch words.first {
        case "ok" where words.count == 2:
            pulse.noteOther()
            my.publish(.subscribed, Channel(String(words[1])))
        case "end" where words.count == 2:
            pulse.noteOther()
            my.publish(.unsubscribed, Channel(String(words[1])))
        case "d" where numbers.count == 3:
            pulse.note(0)
            let side: Side = words[1] == "b" ? .bid : .ask
            my.publish(.depth, depth(side, numbers[0], numbers[1], numbers[2]))
        case "D" where numbers.count == 3:
            pulse.noteOther()
            my.publish(
                .depth, depth(.bid, numbers[0], numbers[1], numbers[2], of: .btceur))
        default:
            pulse.noteOther()
            my.publish(.malformed, Malformed(problem: "expected a word", excerpt: line))
        }
    }
}
