import OutcryMarket

/// The answer to an `op:call`.
public struct MtGoxResult: Sendable, Equatable {
    /// The result, where it is known what it is; all other JSON as it came.
    enum Body: Sendable, Equatable {
        /// An order's name in quotes: what `order/add` answers.
        case name(OrderID)
        /// What `order/cancel` answers.
        case cancellation(MtGoxCancellation)
        case json([UInt8])
    }

    /// The number in an id of a gateway's: `o17`.
    let number: UInt64?
    /// Any other id.
    private let words: String?
    let body: Body

    /// The call's id; nil if the answer has none.
    public var id: String? { number.map { "o\($0)" } ?? words }

    /// The result, as JSON.
    public var json: [UInt8] {
        switch body {
        case .name(let id): Array("\"\(id)\"".utf8)
        case .cancellation(let it):
            Array("{\"qid\":\"\(it.queueID)\",\"oid\":\"\(it.orderID)\"}".utf8)
        case .json(let bytes): bytes
        }
    }

    /// Takes an answer out of a message.
    init(id: Range<Int>?, body: Range<Int>, of text: Span<UInt8>) {
        self.body = .json(text.array(body))
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

    /// Reads the answer to an order that was placed or cancelled by a gateway, spelled as the venue spells it; nil
    /// for every other message, be it right or wrong. Nothing is allocated.
    init?(usual text: Span<UInt8>) {
        guard text.begins(with: "{\"op\":\"result\",\"id\":\"o", at: 0) else { return nil }
        // The number's digits end before the next quote.
        var end = 22
        while end < min(text.count, 40), text[end] != Self.quote { end += 1 }
        guard text.begins(with: "\",\"result\":", at: end), text[text.count - 1] == Self.brace,
            let number = Self.number(text.extracting(21..<end))
        else { return nil }
        let start = end + 11
        let body: Body
        switch text.count - 1 - start {
        case 38:
            guard text[start] == Self.quote, text[start + 37] == Self.quote,
                let id = OrderID(guid: text.extracting(start + 1..<start + 37))
            else { return nil }
            body = .name(id)
        case 91:
            guard text.begins(with: "{\"qid\":\"", at: start),
                text.begins(with: "\",\"oid\":\"", at: start + 44),
                text.begins(with: "\"}", at: start + 89),
                let queue = OrderID(guid: text.extracting(start + 8..<start + 44)),
                let order = OrderID(guid: text.extracting(start + 53..<start + 89))
            else { return nil }
            body = .cancellation(MtGoxCancellation(queue: queue, orderID: order))
        default: return nil
        }
        self.number = number
        words = nil
        self.body = body
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
    private static let brace = UInt8(ascii: "}")
}

extension Span where Element == UInt8 {
    /// Whether a literal of ASCII stands at a place.
    @inline(__always)
    fileprivate func begins(with literal: StaticString, at place: Int) -> Bool {
        guard count >= place + literal.utf8CodeUnitCount else { return false }
        for index in 0..<literal.utf8CodeUnitCount {
            // Within the literal, which is constant memory of that length.
            if unsafe self[place + index] != literal.utf8Start[index] { return false }
        }
        return true
    }
}
