import OutcryComponents
import OutcryMarket
import Testing

@testable import OutcryVenues

/// Every documented message, exactly; written in other ways; and damaged.
@Suite struct MidChainsParserTests {
    private func read(_ text: String) throws -> (MidChainsMessage, [MidChainsEntry]) {
        var lines: [MidChainsEntry] = []
        let bytes = Array(text.utf8)
        let message = try MidChainsParser.parse(
            bytes.span, MidChainsSamples.markets, into: &lines)
        return (message, lines)
    }

    /// Market data as documented takes the fast way.
    private func isUsual(_ bytes: [UInt8]) -> Bool {
        var lines: [MidChainsEntry] = []
        return MidChainsParser.predict(bytes.span, MidChainsSamples.markets, &lines) != nil
    }

    @Test func bookUpdate() throws {
        let sample = try MidChainsSamples.file("book_update")[0]
        let (message, lines) = try read(sample.tree.text())
        guard case .book(1) = message else { return #expect(Bool(false), "\(message)") }
        var line = MidChainsEntry()
        line.name = MidChainsName(id: 120_946_647_655_360)
        line.id = 120_946_647_655_360
        line.act = .update
        line.side = .bid
        line.priceUnits = 18_430_000
        line.quantityUnits = 285_000_000
        line.stamp = 1_614_331_055_706_000
        #expect(lines == [line])
        #expect(isUsual(sample.bytes))
    }

    /// Numbers as numbers, and an id beyond what a double holds.
    @Test func bookUpdateOfTheVendor() throws {
        let sample = try MidChainsSamples.file("book_update_fi_vendor")[0]
        let (message, lines) = try read(sample.tree.text())
        guard case .book(0) = message else { return #expect(Bool(false), "\(message)") }
        #expect(lines.count == 1)
        #expect(lines[0].id == 6_988_929_507_302_077_441)
        #expect(lines[0].name == MidChainsName(id: 6_988_929_507_302_077_441))
        #expect(lines[0].side == .ask)
        #expect(lines[0].priceUnits == 701_419_000)
        #expect(lines[0].quantityUnits == 2_014_047)
        #expect(lines[0].stamp == 0)
        #expect(isUsual(sample.bytes))
    }

    @Test func bookRemoval() throws {
        let sample = try MidChainsSamples.file("book_remove_constructed")[0]
        let (_, lines) = try read(sample.tree.text())
        #expect(lines.count == 1)
        #expect(lines[0].act == .remove)
        #expect(lines[0].side == .bid)
        #expect(lines[0].id == 120_946_647_655_360)
        #expect(lines[0].priceUnits == .min)
        #expect(isUsual(sample.bytes))
        let bare = #"{"security":"LTCUSD","books":[{"act":"R","id":-3}],"type":"book"}"#
        #expect(try read(bare).1[0].side == nil)
    }

    @Test func trade() throws {
        let sample = try MidChainsSamples.file("trade")[0]
        guard case .trade(let trade, 0) = try read(sample.tree.text()).0 else {
            Issue.record("not a trade")
            return
        }
        #expect(trade.priceUnits == 15_000_000)
        #expect(trade.quantityUnits == 100_000_000)
        #expect(trade.stamp == 1_614_334_523_954_000)
        #expect(trade.aggressor == nil)
        #expect(MidChainsMatch.name(trade.id) == "5Z3YF5Z0N8PK")
        #expect(isUsual(sample.bytes))
        let told = sample.tree.text().dropLast() + #","maker_side":"B"}"#
        guard case .trade(let later, 0) = try read(String(told)).0 else {
            Issue.record("not a trade")
            return
        }
        #expect(later.aggressor == .sell)
        #expect(isUsual(Array(told.utf8)))
    }

    /// The vendor's snapshot: five orders with one id, four of them indications.
    @Test func snapshotOfTheVendor() throws {
        let sample = try MidChainsSamples.file("book_snapshot_fi_rest")[0]
        let market = Instrument(base: Currency("TESTJ", decimals: 0), quote: .usd)
        let book = try MidChainsReply.snapshot(sample.bytes.span, of: market)
        #expect(book.asks.isEmpty)
        #expect(book.bids.map(\.description) == ["10000 at 15.00000"])
        #expect(book.newestStamp == 1_722_226_022_073_000)
    }

    @Test func everythingElseIsKnownByItsType() throws {
        for sample in try MidChainsSamples.all() where sample.isFromServer {
            guard case .object = sample.tree else { continue }
            switch try read(sample.tree.text()).0 {
            case .book, .trade: #expect(sample.file.contains("book") || sample.file == "trade")
            case .account(let kind):
                #expect("\"\(kind.rawValue)\"" == sample.tree["type"]?.text())
            case .unknown(let type): #expect(type == "systemstatus")
            case .unlisted: Issue.record("\(sample) is of no market")
            }
        }
        #expect(throws: MidChainsFault.self) { try read("{\"a\":1}") }
        guard
            case .unlisted(.book, "XYZUSD") = try read(
                #"{"security":"XYZUSD","books":[],"type":"book"}"#
            ).0
        else {
            Issue.record("a market that is not there")
            return
        }
    }

    private func marketData() throws -> [MidChainsSamples.Sample] {
        try ["book_update", "book_update_fi_vendor", "book_remove_constructed", "trade"]
            .flatMap { try MidChainsSamples.file($0) }
    }

    @Test func otherOrdersSpacesAndUnknownFields() throws {
        for sample in try marketData() {
            let meaning = try MidChainsMeaning(sample.bytes)
            for seed in 0..<60 as Range<UInt64> {
                var random = Seeded(seed)
                let other = sample.tree.shuffled(&random)
                for space in ["", " ", "\r\n"] {
                    let text = space + other.text(space: space) + space
                    #expect(try MidChainsMeaning(Array(text.utf8)) == meaning, "seed \(seed)")
                }
            }
        }
    }

    @Test func cutAtEveryByte() throws {
        for sample in try marketData() {
            for count in 0..<sample.bytes.count {
                let cut = Array(sample.bytes[..<count])
                var lines: [MidChainsEntry] = []
                #expect(throws: MidChainsFault.self, "\(sample) \(count)") {
                    try MidChainsParser.parse(cut.span, MidChainsSamples.markets, into: &lines)
                }
            }
        }
    }

    /// Whatever comes: read the same by both ways, or refused with a place in it.
    @Test(arguments: [1, 2, 3] as [UInt64]) func damage(seed: UInt64) throws {
        var random = Seeded(seed)
        let samples = try marketData()
        for _ in 0..<1_500 {
            var bytes = samples[Int.random(in: 0..<samples.count, using: &random)].bytes
            for _ in 0...Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: at)
                case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
                default:
                    let signs = Array("{}[],:\"\\-0e.NARUBS19".utf8)
                    bytes[at] = signs[Int.random(in: 0..<signs.count, using: &random)]
                }
            }
            check(bytes, "seed \(seed)")
        }
    }

    private func check(_ bytes: [UInt8], _ words: Comment) {
        var (fast, careful): ([MidChainsEntry], [MidChainsEntry]) = ([], [])
        let usual = MidChainsParser.predict(bytes.span, MidChainsSamples.markets, &fast)
        do throws(MidChainsFault) {
            let other = try MidChainsParser.anyMessage(
                bytes.span, MidChainsSamples.markets, &careful)
            guard let usual else { return }
            switch (usual, other) {
            case (.book(let a), .book(let b)): #expect(a == b && fast == careful, words)
            case (.trade(let a, _), .trade(let b, _)): #expect(a == b, words)
            default: Issue.record("\(usual) by one way, \(other) by the other")
            }
        } catch {
            #expect(error.offset >= 0 && error.offset <= bytes.count, words)
            #expect(
                usual == nil, "\(error) only by one way: \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// A number that is finer than the market counts is refused, never rounded; zeros behind it are not.
    @Test func numbersAreExact() throws {
        func book(_ price: String, _ quantity: String) -> String {
            """
            {"security":"BTCUSD","books":[{"side":"B","act":"A","price":\(price),"qty":\(quantity),\
            "id":1,"key":"K"}],"type":"book"}
            """
        }
        for (text, units) in [
            (#""0.00001""#, 1), ("0.00001", 1), (#""1.00000000""#, 100_000), ("1e2", 10_000_000),
            (#""123456789012.12345""#, 12_345_678_901_212_345), ("1.2e-1", 12_000),
        ] as [(String, Int64)] {
            #expect(try read(book(text, "1")).1[0].priceUnits == units, "\(text)")
        }
        for text in [
            #""0.000001""#, "0.000001", "0", "-1", #""""#, #""1,0""#, "1e30", "null", #""x""#,
            #""99999999999999999999""#,
        ] {
            #expect(throws: MidChainsFault.self, "\(text)") { try read(book(text, "1")) }
        }
        #expect(try read(book("1", #""0""#)).1[0].quantityUnits == 0)
        #expect(throws: MidChainsFault.self) { try read(book("1", "-0.5")) }
    }

    @Test func namesOfMatches() {
        #expect(MidChainsMatch.number(of: "ZZZZZZZZZZZZ") == 4_738_381_338_321_616_895)
        #expect(MidChainsMatch.number(of: "1") == 1)
        for text in ["", "0A", "a", "5GQBE9BCZOO0A32_5GQBE9BCZOO2", "5GQBE9BCZOO0A32_5GQBE9BCZOO3"]
        {
            #expect(MidChainsMatch.number(of: text) < 0, "\(text)")
        }
        #expect(
            MidChainsMatch.number(of: "5GQBE9BCZOO0A32_5GQBE9BCZOO2")
                != MidChainsMatch.number(of: "5GQBE9BCZOO0A32_5GQBE9BCZOO3"))
    }

    /// Names of all lengths are told apart.
    @Test func namesOfEntries() {
        var seen = Set<MidChainsName>()
        var text = ""
        for letter in "6XO00FX8P694C5-and-a-longer-tail" {
            text.append(letter)
            #expect(seen.insert(MidChainsName(text)).inserted, "\(text)")
        }
        #expect(seen.insert(MidChainsName(id: 0)).inserted)
        #expect(seen.insert(MidChainsName(id: 54)).inserted)
        #expect(MidChainsName(id: -1) == MidChainsName(id: -1))
        #expect(seen.allSatisfy { $0.high != 0 })
    }
}
