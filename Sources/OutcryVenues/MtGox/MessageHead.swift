import OutcryWire

/// What the messages of one kind on one connection begin with: everything up to the value that they bring.
///
/// On the account's channel that is the same in each: channel, `op`, origin and kind. Where a message begins so
/// and ends with a brace, what lies between is the value, and nothing else has to be read again.
final class MessageHead {
    private let head = KeptText()
    /// Heads that were learned; a connection on which they change each time does without.
    private var lessons = 0

    /// Whether there is one.
    var isKnown: Bool { head.count > 0 }

    /// The place of the value in a message that begins so; nil for any other message.
    @inline(__always)
    func value(of text: Span<UInt8>) -> Range<Int>? {
        let count = head.count
        guard head.withSpan({ $0.begins(text) }), text.count > count + 1,
            text[text.count - 1] == UInt8(ascii: "}")
        else { return nil }
        return count..<text.count - 1
    }

    /// Learns the head of a message whose last member is the value of `key`.
    func learn(_ text: Span<UInt8>, _ key: StaticString) {
        guard lessons < 16, let root = try? text.root(), root == 0..<text.count,
            let place = try? text.find(key, of: root), place.upperBound == text.count - 1
        else { return }
        lessons += 1
        head.set(text.extracting(0..<place.lowerBound))
    }
}

/// The amounts of money that the last messages of one kind brought, as they were spelled: an order is told four
/// times with the same ones.
final class MoneyMemory {
    private final class Entry {
        let text = KeptText()
        // On one thread, one message after the other: see ARCHITECTURE.md on exclusivity.
        @safe @exclusivity(unchecked) var fields = MoneyFields()
    }

    private let amount = Entry()
    private let effective = Entry()
    private let price = Entry()

    /// A field of an order that is money.
    enum Place { case amount, effective, price }

    /// Reads the money that comes next in `text`: by its spelling where that is known.
    @inline(__always)
    func read(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ place: Place
    ) throws(JSONError) -> MoneyFields {
        switch place {
        case .amount: try Self.read(&json, text, amount)
        case .effective: try Self.read(&json, text, effective)
        case .price: try Self.read(&json, text, price)
        }
    }

    @inline(never)
    private static func read(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ entry: Entry
    ) throws(JSONError) -> MoneyFields {
        if entry.text.withSpan({ json.skip(exactly: $0) }) { return entry.fields }
        let start = json.offset
        let fields = try MoneyFields(&json)
        // White space before it would not be there the next time.
        if text[start] == UInt8(ascii: "{") {
            entry.text.set(text.extracting(start..<json.offset))
            entry.fields = fields
        }
        return fields
    }
}
