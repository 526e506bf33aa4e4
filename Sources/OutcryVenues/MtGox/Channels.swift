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
        guard let number = MtGoxGUID(guid) else { return nil }
        var (low, high) = (0, table.sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if table.sorted[middle].guid < number { low = middle + 1 } else { high = middle }
        }
        guard low < table.sorted.count, table.sorted[low].guid == number else { return nil }
        return table.sorted[low].index
    }

    /// Whether a name is the text of a GUID.
    static func isGUID(_ name: String) -> Bool { MtGoxGUID(name.utf8.span) != nil }

    private struct Table {
        let channels = known.map { Channel("\($0.name)") }
        /// The GUIDs in ascending order, each with the place of its channel.
        let sorted = known.enumerated().compactMap { index, row in
            MtGoxGUID("\(row.guid)".utf8.span).map { (guid: $0, index: index) }
        }.sorted { $0.guid < $1.guid }
    }
    private static let table = Table()
}
