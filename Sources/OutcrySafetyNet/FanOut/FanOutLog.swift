/// What was told since somebody fell behind, once for all who are: nobody's work but an append a message, until
/// one of them reads again. Places are counted on for ever.
struct FanOutLog {
    struct Entry {
        let channel: Int
        let text: [UInt8]
        let news: FanOutNews
    }

    /// With more, those who are furthest behind take in what is theirs.
    static let most = 8_192

    private var entries: [Entry] = []
    /// The place of the first entry.
    private var start = 0
    /// The trades that were told.
    private(set) var trades = 0

    /// Behind the last entry.
    var end: Int { start + entries.count }
    var isFull: Bool { entries.count >= Self.most }

    mutating func append(_ entry: Entry) {
        if case .trade = entry.news { trades += 1 }
        entries.append(entry)
    }

    /// The entries from a place on.
    func entries(from place: Int) -> ArraySlice<Entry> { entries[(place - start)...] }

    /// Nobody needs what lies before a place any more.
    mutating func drop(before place: Int) {
        guard place > start else { return }
        entries.removeFirst(place - start)
        start = place
    }
}
