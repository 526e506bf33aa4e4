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
        guard count >= 8, text.count > count + 1, text[text.count - 1] == UInt8(ascii: "}"),
            begins(text)
        else { return nil }
        return count..<text.count - 1
    }

    private func begins(_ text: Span<UInt8>) -> Bool {
        let head = bytes.span
        // Eight bytes at a time, the first ones twice; both are longer.
        guard Self.word(head, 0) == Self.word(text, 0) else { return false }
        var index = bytes.count & 7
        while index < bytes.count {
            guard Self.word(head, index) == Self.word(text, index) else { return false }
            index &+= 8
        }
        return true
    }

    @inline(__always)
    private static func word(_ text: Span<UInt8>, _ index: Int) -> UInt64 {
        // Within bounds, which is checked; eight bytes are a number, whatever they are.
        unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
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
