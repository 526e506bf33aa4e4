/// Several packets in one body: `U+FFFD LENGTH U+FFFD PACKET`, repeated; one alone goes as it is.
///
/// Lengths are JavaScript's: UTF-16 units, in decimal.
public enum SocketIOPayload {
    /// Puts packets into one body; none make an empty one.
    public static func encoded(_ packets: [[UInt8]]) -> [UInt8] {
        if packets.count == 1 { return packets[0] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(packets.reduce(0) { $0 + $1.count + 16 })
        for packet in packets {
            bytes += mark
            bytes += Array(String(length(packet.span)).utf8)
            bytes += mark
            bytes += packet
        }
        return bytes
    }

    /// The length of UTF-8 text in UTF-16 units.
    public static func length(_ text: Span<UInt8>) -> Int {
        var count = 0
        for index in 0..<text.count { count += units(text[index]) }
        return count
    }

    /// U+FFFD in UTF-8.
    static let mark: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// The UTF-16 units of the character that begins with a byte; 0 for a byte inside one.
    static func units(_ byte: UInt8) -> Int { byte & 0xC0 == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1 }
}

/// Takes the packets of a body apart, one after the other, as places in its bytes.
///
/// Where the length does not lead to another mark or the end, it is tried as characters and then as
/// bytes, since some peers count those; what makes no sense even so is dropped with all behind it.
public struct SocketIOPayloadReader: Sendable {
    private var position = 0
    private var isFramed: Bool?
    /// The rest of the body made no sense.
    public private(set) var isDamaged = false

    /// Makes a reader for one body.
    public init() {}

    /// The next packet's place in `bytes`, which are the same body each time; nil when there is none.
    ///
    /// - Complexity: O(n) in the packet's bytes; no allocation.
    public mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard position < bytes.count, !isDamaged else { return nil }
        if isFramed == nil { isFramed = Self.isMark(bytes, 0) }
        guard isFramed == true else {
            position = bytes.count
            return 0..<bytes.count
        }
        guard let packet = framed(bytes) else {
            isDamaged = true
            return nil
        }
        position = packet.upperBound
        return packet
    }

    private func framed(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard Self.isMark(bytes, position) else { return nil }
        var index = position + 3
        var length = 0
        var digits = 0
        while index < bytes.count, bytes[index] &- 0x30 < 10, digits < 12 {
            length = length * 10 + Int(bytes[index] - 0x30)
            digits += 1
            index += 1
        }
        guard digits > 0, Self.isMark(bytes, index) else { return nil }
        let start = index + 3
        if let end = Self.end(bytes, start, length, SocketIOPayload.units), Self.isEnd(bytes, end) {
            return start..<end
        }
        if let end = Self.end(bytes, start, length, { $0 & 0xC0 == 0x80 ? 0 : 1 }),
            Self.isEnd(bytes, end)
        {
            return start..<end
        }
        guard length <= bytes.count - start, Self.isEnd(bytes, start + length) else { return nil }
        return start..<start + length
    }

    /// Where `length` units end; nil when there are fewer, or when the last is a half of a character.
    private static func end(
        _ bytes: Span<UInt8>, _ start: Int, _ length: Int, _ units: (UInt8) -> Int
    ) -> Int? {
        var left = length
        var index = start
        while index < bytes.count {
            let count = units(bytes[index])
            if count > 0, left == 0 { return index }
            left -= count
            guard left >= 0 else { return nil }
            index += 1
        }
        return left == 0 ? index : nil
    }

    /// A packet may end here: the next begins, or there is no more.
    private static func isEnd(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
        index == bytes.count || isMark(bytes, index)
    }

    private static func isMark(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
        index + 3 <= bytes.count && bytes[index] == 0xEF && bytes[index + 1] == 0xBF
            && bytes[index + 2] == 0xBD
    }
}
