import OutcryMarket

/// Draws a book as a ladder: asks above, bids below, a bar for each level's depth.
enum Ladder {
    static func lines(_ book: Book, levels: Int, color: Bool) -> [String] {
        let asks = Array(book.levels(.ask).prefix(levels))
        let bids = Array(book.levels(.bid).prefix(levels))
        let deepest = max(1, (asks + bids).map(\.quantity.units).max() ?? 1)
        var lines: [String] = []
        for level in asks.reversed() { lines.append(line(level, .ask, deepest, color)) }
        lines.append(spread(book))
        for level in bids { lines.append(line(level, .bid, deepest, color)) }
        return lines
    }

    private static func line(
        _ level: BookLevel, _ side: Side, _ deepest: Int64, _ color: Bool
    ) -> String {
        let length = max(1, Int(Int128(level.quantity.units) * 32 / Int128(deepest)))
        let bar = String(repeating: "#", count: length)
        let price = Show.price(level.price).right(12)
        let text = "\(price) \(Show.quantity(level.quantity).right(16)) "
        guard color else { return text + bar }
        return text + (side == .ask ? Terminal.red(bar) : Terminal.green(bar))
    }

    private static func spread(_ book: Book) -> String {
        guard let spread = book.spread, let mid = book.mid else { return "  (one side is empty)" }
        return "  -- spread \(Show.price(spread)), mid \(Show.price(mid)) --"
    }
}
