import Testing

@testable import OutcryVenues

/// The shortest way to read a book message, beside the reader that takes everything: what the one takes, the other
/// takes alike.
@Suite struct MidChainsTemplateTests {
    private let markets = MidChainsSamples.markets
    private let books = MidChainsBooks(MidChainsSamples.markets.instruments)

    /// Reads both ways.
    ///
    /// - Returns: Whether the short way took it.
    @discardableResult
    private func check(_ text: String, _ words: Comment) -> Bool {
        let bytes = Array(text.utf8)
        let lines = MidChainsBuffer<MidChainsEntry>(capacity: 1)
        let found = MidChainsTemplate.book(bytes.span, markets, lines, books)
        let short = (0..<lines.count).map { lines[$0] }
        guard let found else { return false }
        do throws(MidChainsFault) {
            var careful: [MidChainsEntry] = []
            let message = try MidChainsParser.anyMessage(bytes.span, markets, &careful)
            guard case .book(found) = message, careful == short else {
                Issue.record("\(short) by one way, \(message) \(careful) by the other: \(text)")
                return true
            }
        } catch { Issue.record("\(error) only by one way, \(words): \(text)") }
        return true
    }

    private func digits(_ count: Int, _ random: inout Seeded) -> String {
        String((0..<count).map { _ in Character("\(Int.random(in: 0...9, using: &random))") })
    }

    private func line(_ random: inout Seeded, isUsual: Bool) -> String {
        let side = Bool.random(using: &random) ? "B" : "S"
        func number(_ usual: ClosedRange<Int>, _ other: ClosedRange<Int>) -> String {
            let count = Int.random(in: isUsual ? usual : other, using: &random)
            return "\(isUsual ? 1 : Int.random(in: 0...9, using: &random))"
                + digits(count - 1, &random)
        }
        let id = number(8...15, 1...21)
        if Int.random(in: 0..<4, using: &random) == 0 {
            return #"{"side":"\#(side)","act":"R","id":\#(id)}"#
        }
        func decimal() -> String {
            let whole = number(1...5, 1...12)
            let count = Int.random(in: 0...(isUsual ? 5 : 10), using: &random)
            return count == 0 ? whole : whole + "." + digits(count, &random)
        }
        let act = Bool.random(using: &random) ? "A" : "U"
        return """
            {"side":"\(side)","act":"\(act)","src":"CROX","price":"\(decimal())","qty":"\(decimal())",\
            "id":\(id),"time":"\(number(13...13, 1...17))","mpid":"ANON","key":"NA"}
            """
    }

    private func message(_ random: inout Seeded, isUsual: Bool) -> String {
        let count = [1, 1, 1, 2, 3].randomElement(using: &random) ?? 1
        let lines = (0..<count).map { _ in line(&random, isUsual: isUsual) }
        return #"{"security":"BTCUSD","books":["# + lines.joined(separator: ",")
            + #"],"type":"book"}"#
    }

    @Test func usualMessagesAreTaken() {
        var random = Seeded(1)
        for _ in 0..<400 {
            let text = message(&random, isUsual: true)
            #expect(check(text, "usual"), "\(text)")
        }
    }

    @Test(arguments: [2, 3, 4] as [UInt64]) func numbersOfAllLengths(seed: UInt64) {
        var random = Seeded(seed)
        for _ in 0..<600 { check(message(&random, isUsual: false), "seed \(seed)") }
    }

    @Test(arguments: [5, 6, 7] as [UInt64]) func damaged(seed: UInt64) {
        var random = Seeded(seed)
        let signs = Array("{}[],:\"\\-0e.NARUBSCR19Ł ")
        for _ in 0..<1_200 {
            var text = Array(message(&random, isUsual: true))
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let at = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.remove(at: at)
                case 1: text.insert(signs[Int.random(in: 0..<signs.count, using: &random)], at: at)
                default: text[at] = signs[Int.random(in: 0..<signs.count, using: &random)]
                }
            }
            check(String(text), "seed \(seed)")
        }
    }

    @Test func cutAnywhere() {
        var random = Seeded(8)
        for _ in 0..<20 {
            let text = message(&random, isUsual: true)
            for count in 0..<text.utf8.count { check(String(text.prefix(count)), "cut") }
        }
    }
}
