import OutcryMarket
import OutcryWire

@testable import OutcryVenues

/// The documented messages of MidChains, see `Recordings/PROVENANCE.md`.
enum MidChainsSamples {
    /// One message of a file, in the order of its keys, without what the envelope added.
    struct Sample: Sendable, CustomStringConvertible {
        let file: String
        let place: Int
        let isFromServer: Bool
        let tree: Tree

        var bytes: [UInt8] { tree.bytes }
        var description: String { "\(file) \(place)" }
    }

    static let files = [
        "adddeviceaccess_symbridge", "addorder", "addorder_fi_vendor", "book_remove_constructed",
        "book_snapshot_fi_rest", "book_update", "book_update_fi_vendor", "cancelorder", "challenge",
        "login", "logout", "push_order_and_sale_constructed", "push_position_fi_vendor",
        "querymultiorders", "queryorder", "querypos", "querytrade", "seed_subscribe_book",
        "subscribe", "systemstatus_fi_vendor", "trade",
    ]

    static func file(_ name: String) throws -> [Sample] {
        let tree = try Tree(try Recording.bytes("midchains/\(name).json"))
        guard case .array(let messages)? = tree["messages"] else {
            throw Recording.Missing(path: name)
        }
        let direction = tree["direction"]?.text() ?? ""
        return messages.enumerated().map { place, message in
            let said = message["dir"]?.text() ?? direction
            return Sample(
                file: name, place: place, isFromServer: said.hasPrefix("\"s"),
                tree: message.replacing(["dir"][...], nil))
        }
    }

    static func all() throws -> [Sample] { try files.flatMap { try file($0) } }

    static let ltc = Instrument(base: .ltc, quote: .usd)
    /// The markets of the samples.
    static var markets: MidChainsMarkets {
        MidChainsMarkets([
            .btcusd, ltc, Instrument(base: Currency("BCH", decimals: 8), quote: .usd),
        ])
    }
}

extension Tree {
    /// A field of an object; of one that comes twice the last.
    subscript(_ key: String) -> Tree? {
        guard case .object(let fields) = self else { return nil }
        return fields.last { $0.key == key }?.value
    }
}

/// What a message says, to compare messages that are written differently.
struct MidChainsMeaning: Equatable, CustomStringConvertible {
    let description: String

    init(_ bytes: [UInt8], usual: Bool = false) throws(MidChainsFault) {
        var lines: [MidChainsEntry] = []
        let message = try MidChainsParser.parse(bytes.span, MidChainsSamples.markets, into: &lines)
        description =
            switch message {
            case .book(let market):
                "book \(market) " + lines.map { "\($0)" }.joined(separator: ", ")
            case .trade(let trade, let market):
                "trade \(market) \(trade) \(trade.stamp) \(trade.isPrimary)"
            default: "\(message)"
            }
    }
}

extension MidChainsParser {
    /// As the feed reads, with the lines in an array.
    static func parse(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, into lines: inout [MidChainsEntry]
    ) throws(MidChainsFault) -> MidChainsMessage {
        if let usual = predict(text, markets, &lines) { return usual }
        return try anyMessage(text, markets, &lines)
    }

    static func predict(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, _ lines: inout [MidChainsEntry]
    ) -> MidChainsMessage? {
        let buffer = MidChainsBuffer<MidChainsEntry>(capacity: 1)
        let market = MidChainsTemplate.book(
            text, markets, buffer, MidChainsBooks(markets.instruments))
        let message =
            market.map { MidChainsMessage.book(market: $0) } ?? predictAny(text, markets, buffer)
        lines = (0..<buffer.count).map { buffer[$0] }
        return message
    }

    static func anyMessage(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, _ lines: inout [MidChainsEntry]
    ) throws(MidChainsFault) -> MidChainsMessage {
        let buffer = MidChainsBuffer<MidChainsEntry>(capacity: 1)
        let message = try anyMessage(text, markets, buffer)
        lines = (0..<buffer.count).map { buffer[$0] }
        return message
    }
}

extension MidChainsEntryBook {
    /// As the feed has it, with the lines in an array.
    func apply(_ lines: [MidChainsEntry], _ tell: (DepthChange) -> Void) -> Trouble? {
        let buffer = MidChainsBuffer<MidChainsEntry>(capacity: 1)
        for line in lines { buffer.append(line) }
        return apply(buffer, tell)
    }
}
