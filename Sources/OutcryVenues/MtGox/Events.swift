// What the venue's feed publishes besides the venue-neutral events.

public import OutcryKernel
public import OutcryMarket

/// The answer to an `op:call`.
public struct MtGoxResult: Sendable, Equatable {
    /// The call's id; nil if the answer has none.
    public var id: String? { number.map { "o\($0)" } ?? words }
    /// The result, as JSON.
    public let json: [UInt8]

    /// The number in an id of a gateway's: `o17`.
    let number: UInt64?
    /// Any other id.
    private let words: String?

    /// Takes an answer out of a message.
    init(id: Range<Int>?, body: Range<Int>, of text: Span<UInt8>) {
        json = text.array(body)
        guard let id else {
            (number, words) = (nil, nil)
            return
        }
        if let usual = Self.number(quoted: text.extracting(id)) {
            (number, words) = (usual, nil)
        } else {
            let other = text.words(id)
            number = Self.number(other.utf8.span)
            words = number == nil ? other : nil
        }
    }

    /// The number in `"o17"` as it stands in JSON.
    private static func number(quoted json: Span<UInt8>) -> UInt64? {
        guard json.count > 2, json[0] == quote, json[json.count - 1] == quote else { return nil }
        return number(json.extracting(1..<json.count - 1))
    }

    /// The number in `o17`; nil for any other text, another spelling of it, and numbers of more than 17
    /// digits.
    static func number(_ id: Span<UInt8>) -> UInt64? {
        guard (2...18).contains(id.count), id[0] == UInt8(ascii: "o"), id[1] != UInt8(ascii: "0")
        else { return nil }
        var number: UInt64 = 0
        for index in 1..<id.count {
            let digit = id[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number &* 10 &+ UInt64(digit)
        }
        return number
    }

    private static let quote = UInt8(ascii: "\"")
}

extension Event where Payload == MtGoxResult {
    /// The answer to a call over the stream has come. A refused call is answered by a `notice`.
    public static let mtgoxResult = Self("mtgox.result")
}
extension Event where Payload == MtGoxPrivate {
    /// An order of the account changed, or its wallet.
    public static let mtgoxPrivate = Self("mtgox.private")
}
extension Event where Payload == MtGoxTicker {
    /// A market's summary with all that the venue tells; `ticker` carries the neutral part of it.
    public static let mtgoxTicker = Self("mtgox.ticker")
}
extension Event where Payload == Trade {
    /// The account traded: the copy of a public trade that comes on the account's channel. It is not
    /// published as `trade`, where it would count twice.
    public static let mtgoxOwnTrade = Self("mtgox.ownTrade")
}
