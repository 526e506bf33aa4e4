import OutcryWire

/// What the messages of one kind on one connection begin with: everything up to the value that they bring.
///
/// On the account's channel that is the same in each: channel, `op`, origin and kind. Where a message begins so
/// and ends with a brace, what lies between is the value, and nothing else has to be read again.
struct MessageHead {
    private var bytes: [UInt8] = []
    /// Heads that were learned; a connection on which they change each time does without.
    private var lessons = 0

    /// Whether there is one.
    var isKnown: Bool { !bytes.isEmpty }

    /// The place of the value in a message that begins so; nil for any other message.
    @inline(__always)
    func value(of text: Span<UInt8>) -> Range<Int>? {
        let count = bytes.count
        guard bytes.span.begins(text), text.count > count + 1,
            text[text.count - 1] == UInt8(ascii: "}")
        else { return nil }
        return count..<text.count - 1
    }

    /// Learns the head of a message whose last member is the value of `key`.
    mutating func learn(_ text: Span<UInt8>, _ key: StaticString) {
        guard lessons < 16, let root = try? text.root(), root == 0..<text.count,
            let place = try? text.find(key, of: root), place.upperBound == text.count - 1
        else { return }
        lessons += 1
        bytes = text.array(0..<place.lowerBound)
    }
}

/// The amounts of money that the last messages of one kind brought, as they were spelled: an order is told four
/// times with the same ones.
struct MoneyMemory {
    private struct Entry {
        var text: [UInt8] = []
        var fields = MoneyFields()
    }

    private var amount = Entry()
    private var effective = Entry()
    private var price = Entry()

    /// A field of an order that is money.
    enum Place { case amount, effective, price }

    /// Reads the money that comes next in `text`: by its spelling where that is known.
    @inline(__always)
    mutating func read(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ place: Place
    ) throws(JSONError) -> MoneyFields {
        switch place {
        case .amount: try Self.read(&json, text, &amount)
        case .effective: try Self.read(&json, text, &effective)
        case .price: try Self.read(&json, text, &price)
        }
    }

    @inline(never)
    private static func read(
        _ json: inout JSONReader, _ text: Span<UInt8>, _ entry: inout Entry
    ) throws(JSONError) -> MoneyFields {
        if json.skip(exactly: entry.text.span) { return entry.fields }
        let start = json.offset
        let fields = try MoneyFields(&json)
        // White space before it would not be there the next time.
        if text[start] == UInt8(ascii: "{") {
            entry.text.removeAll(keepingCapacity: true)
            unsafe text.extracting(start..<json.offset).withUnsafeBufferPointer { bytes in
                unsafe entry.text.append(contentsOf: bytes)
            }
            entry.fields = fields
        }
        return fields
    }
}
