public import OutcryComponents

/// The venue's public channels: names as of April 2013, and the GUIDs that stand in its messages.
public enum MtGoxChannels {
    /// All public channels, by name.
    public static var all: [Channel] { table.channels }

    /// The GUID of a public channel; nil for a name that is none.
    public static func guid(of channel: Channel) -> String? {
        known.first { "\($0.name)" == channel.name }.map { "\($0.guid)" }
    }

    /// The channel with this GUID, or nil for an unknown one. Allocates nothing.
    ///
    /// - Parameter guid: The text of the GUID, with dashes; the case of its letters does not matter.
    public static func channel(guid: Span<UInt8>) -> Channel? {
        index(guid: guid).map { table.channels[$0] }
    }

    /// The place of the channel with this GUID in ``all``.
    static func index(guid: Span<UInt8>) -> Int? {
        guard let number = GUIDNumber(guid) else { return nil }
        var (low, high) = (0, table.sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if table.sorted[middle].guid < number { low = middle + 1 } else { high = middle }
        }
        guard low < table.sorted.count, table.sorted[low].guid == number else { return nil }
        return table.sorted[low].index
    }

    /// Whether a name is the text of a GUID.
    static func isGUID(_ name: String) -> Bool { GUIDNumber(name.utf8.span) != nil }

    private struct Table {
        let channels = known.map { Channel("\($0.name)") }
        /// The GUIDs in ascending order, each with the place of its channel.
        let sorted = known.enumerated().compactMap { index, row in
            GUIDNumber("\(row.guid)".utf8.span).map { (guid: $0, index: index) }
        }.sorted { $0.guid < $1.guid }
    }
    private static let table = Table()
}

/// A GUID as the number that its 32 hexadecimal digits are.
struct GUIDNumber: Comparable {
    private let high: UInt64
    private let low: UInt64

    /// Reads `8-4-4-4-12` digits; nil for anything else.
    init?(_ text: Span<UInt8>) {
        guard text.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for index in text.indices {
            let byte = text[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            if index < 18 {
                halves.0 = halves.0 << 4 | UInt64(digit)
            } else {
                halves.1 = halves.1 << 4 | UInt64(digit)
            }
        }
        (high, low) = halves
    }

    static func < (left: Self, right: Self) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}
