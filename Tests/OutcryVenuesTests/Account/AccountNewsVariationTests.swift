import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

/// News of an account written in other ways, and damaged: what is read in one pass is what is read with care.
@Suite struct AccountNewsVariationTests {
    private static func money(_ value: String, _ units: String, _ currency: String) -> String {
        #"{"value":"\#(value)","value_int":"\#(units)","display":"\#(value)\u00a0\#(currency)","#
            + #""display_short":"x\u00a0","currency":"\#(currency)"}"#
    }
    private static let coins = money("0.20000000", "20000000", "BTC")
    private static let head =
        #"{"oid":"fda8917a-63d3-4415-b827-758408013690","currency":"EUR","item":"BTC","type":"bid","#

    static let orders = usualOrders + statuses + removals
    /// One order for each status, known or not.
    private static let statuses = [
        "pending", "executing", "post-pending", "open", "stop", "invalid", "op\\u0065n", "openly",
        "a status of 2014",
    ].map { head + #""amount":\#(coins),"status":"\#($0)","date":"5"}"# }
    /// One end for each reason, known or not.
    private static let removals = [
        "requested", "user_requested", "completed_passive", "completed_active", "requested\\u0020",
        "completed", "",
    ].map { #"{"oid":"fda8917a-63d3-4415-b827-758408013690","reason":"\#($0)"}"# }
    private static let usualOrders = [
        head + #""amount":\#(coins),"effective_amount":\#(coins),"invalid_amount":\#(coins),"#
            + #""price":\#(money("7.00000", "700000", "EUR")),"status":"open","date":"1309198838"}"#,
        head + #""amount":\#(coins),"status":"executing","date":1309198838,"#
            + #""priority":"1309198838630500"}"#,
        #"{"oid":"fda8917a-63d3-4415-b827-758408013690","reason":"completed_passive"}"#,
        #"{"oid":"fda8917a-63d3-4415-b827-758408013690","reason":"exp\u0069red"}"#,
        #"{"oid":"fda8917a-63d3-4415-b827-758408013690"}"#,
        #"{"oid":"FDA8917A-63d3-4415-b827-758408013690","reason":"requested"}"#,
        #"{"oid":"fda8917a\u002d63d3-4415-b827-758408013690","reason":"requested"}"#,
        #"{"oid":"o\u0031\u00e9","reason":"requested"}"#,
    ]
    static let wallets = [
        #"{"op":"fee","amount":\#(coins),"info":"BTC bought: [tid:1373975198892772] 0.2\u00a0BTC "#
            + #"at $98.20000 (0.6% fee)","ref":null,"balance":\#(coins)}"#,
        #"{"op":"d\u0065posit","amount":\#(money("1", "100000", "USD")),"info":"a \"code\""}"#,
    ]

    /// Any order of keys, unknown fields, white space.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func otherWays(seed: UInt64) throws {
        var random = Seeded(seed)
        for text in Self.orders {
            let bytes = Array(text.utf8)
            let usual = try MtGoxOrderNews(bytes.span)
            let tree = try Tree(bytes)
            for space in ["", " ", "\n\t"] {
                let other = Array(tree.shuffled(&random).text(space: space).utf8)
                #expect(try MtGoxOrderNews(other.span) == usual, "seed \(seed): \(text)")
            }
        }
        for text in Self.wallets {
            let bytes = Array(text.utf8)
            let usual = try MtGoxWalletNews(bytes.span)
            let tree = try Tree(bytes)
            for space in ["", " ", "\n\t"] {
                let other = Array(tree.shuffled(&random).text(space: space).utf8)
                #expect(try MtGoxWalletNews(other.span) == usual, "seed \(seed): \(text)")
            }
        }
    }

    /// Whole messages: in one pass, by the place that the parser finds, and in other ways.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func messages(seed: UInt64) throws {
        var random = Seeded(seed)
        func read(_ bytes: [UInt8]) throws -> MtGoxPrivate? {
            guard case .account(let kind, let body) = try MtGoxParser.parse(bytes.span) else {
                return nil
            }
            return try MtGoxPrivate(kind, bytes.span, at: body)
        }
        let kinds = Self.orders.map { ("user_order", $0) } + Self.wallets.map { ("wallet", $0) }
        for (kind, text) in kinds {
            let message =
                #"{"channel":"a01d2c58-4d36-daa9-425e-830389a3284f","op":"private","#
                + #""origin":"broadcast","private":"\#(kind)","\#(kind)":\#(text),"stamp":5}"#
            let bytes = Array(message.utf8)
            let careful = try #require(try read(bytes))
            let usual = MtGoxPrivate(usual: bytes.span)
            // What has a priority is read with care.
            #expect(usual == careful || (usual == nil && text.contains("priority")), "\(text)")
            for _ in 0..<5 {
                let other = Array(try Tree(bytes).shuffled(&random).text().utf8)
                #expect(try read(other) == careful, "seed \(seed)")
                let quick = MtGoxPrivate(usual: other.span)
                #expect(quick == nil || quick == careful, "seed \(seed)")
            }
        }
        let odd = Array(#"{"op":"private","private":"wallet","user_order":{"oid":"o"}}"#.utf8)
        #expect(MtGoxPrivate(usual: odd.span) == nil)
    }

    /// Cut at every byte it is refused.
    @Test func cuts() {
        for text in Self.usualOrders + Self.wallets {
            let bytes = Array(text.utf8)
            for end in bytes.indices {
                let cut = Array(bytes[..<end])
                #expect(throws: MtGoxFault.self) { try MtGoxOrderNews(cut.span) }
                #expect(throws: MtGoxFault.self) { try MtGoxWalletNews(cut.span) }
            }
        }
    }

    /// With any byte changed it is refused, or says something, and no more.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func damages(seed: UInt64) {
        var random = Seeded(seed)
        for text in Self.usualOrders + Self.wallets {
            let bytes = Array(text.utf8)
            for _ in 0..<50 {
                var other = bytes
                other[Int.random(in: other.indices, using: &random)] = .random(
                    in: 0...255, using: &random)
                _ = try? MtGoxOrderNews(other.span)
                _ = try? MtGoxWalletNews(other.span)
            }
        }
    }
}
