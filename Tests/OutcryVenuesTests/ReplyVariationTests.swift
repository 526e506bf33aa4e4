import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

/// How a recorded reply is read, and what it says, in words that do not depend on the order of keys.
struct ReplyKind: Sendable, CustomTestStringConvertible {
    let files: [String]
    let read: @Sendable ([UInt8]) throws(MtGoxError) -> String

    var testDescription: String { files[0] }

    init(_ files: String..., read: @escaping @Sendable ([UInt8]) throws(MtGoxError) -> String) {
        self.files = files
        self.read = read
    }

    /// All kinds, with all the recordings but for the refusals.
    static let all: [ReplyKind] = [
        ReplyKind(
            "http-v1/fulldepth-2012-02", "http-v1/depth", "http-v0/depth-2011-06", "http-v0/depth"
        ) { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.depth(bytes.span, of: .btcusd))"
        },
        ReplyKind(
            "http-v1/trades", "http-v1/trades-2013-04-raw", "http-v1/trades-PLN-2012-04",
            "http-v2/trades-fetch-since", "dumps/trades-2011-06-06", "dumps/trades-2011-06-26"
        ) { (bytes) throws(MtGoxError) in "\(try MtGoxReply.trades(bytes.span, of: .btcusd))" },
        ReplyKind(
            "http-v1/ticker", "http-v1/ticker-2012-02", "http-v1/ticker-2012-04-raw",
            "http-v1/ticker-2013-03-raw", "http-v1/ticker-EUR-2012-01"
        ) { (bytes) throws(MtGoxError) in "\(try MtGoxReply.ticker(bytes.span))" },
        ReplyKind(
            "http-v0/ticker", "http-v0/ticker1", "http-v0/ticker-2011-06", "http-v0/ticker-2013-01"
        ) { (bytes) throws(MtGoxError) in "\(try MtGoxReply.oldTicker(bytes.span))" },
        ReplyKind("http-v2/currency-USD") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.currency(bytes.span))"
        },
        ReplyKind("http-v1/lag", "http-v2/lag-raw", "http-v2/order-lag") {
            (bytes) throws(MtGoxError) in "\(try MtGoxReply.lag(bytes.span))"
        },
        ReplyKind("http-v2/order-quote") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.quote(bytes.span))"
        },
        ReplyKind("http-v1/cancelledtrades") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.cancelledTrades(bytes.span))"
        },
        ReplyKind("http-v1/info", "http-v1/info-2012-02", "http-v1/info-2012-03") {
            (bytes) throws(MtGoxError) in
            let account = try MtGoxReply.account(bytes.span)
            let wallets = account.wallets.map { "\($0)" }.sorted()
            return "\(account.login) \(account.index) \(account.id ?? "-") \(account.rights) "
                + "\(account.language) \(account.created) \(account.lastLogin) \(wallets) "
                + "\(account.monthlyVolume.map { "\($0)" } ?? "-") \(account.feePercent)"
        },
        ReplyKind("http-v1/history") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.history(bytes.span))"
        },
        ReplyKind("http-v1/orders", "http-v1/orders-2012-02") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.orders(bytes.span))"
        },
        ReplyKind("http-v1/order_result") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.orderResult(bytes.span))"
        },
        ReplyKind("http-v1/buy", "http-v1/sell", "http-v1/order-add-success") {
            (bytes) throws(MtGoxError) in "\(try MtGoxReply.orderID(bytes.span))"
        },
        ReplyKind("http-v1/cancel") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.cancellation(bytes.span))"
        },
        ReplyKind("http-v1/idkey") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.accountKey(bytes.span))"
        },
        ReplyKind("http-v0/address", "http-v1/address", "http-v1/deposit-address") {
            (bytes) throws(MtGoxError) in "\(try MtGoxReply.address(bytes.span))"
        },
        ReplyKind("http-v1/withdraw") { (bytes) throws(MtGoxError) in
            "\(try MtGoxReply.transaction(bytes.span))"
        },
        ReplyKind(
            "http-v0/withdraw", "http-v0/withdraw_btc_code", "http-v0/withdraw_usd_code",
            "http-v0/redeem_btc_code"
        ) { (bytes) throws(MtGoxError) in "\(try MtGoxReply.transfer(bytes.span))" },
        ReplyKind(
            "http-v0/balance", "http-v0/buy", "http-v0/sell", "http-v0/orders", "http-v0/cancel",
            "http-v0/cancelOrder-2013-01"
        ) { (bytes) throws(MtGoxError) in "\(try MtGoxReply.oldAccount(bytes.span))" },
    ]

    /// What every reader has to refuse.
    static let refusals = [
        "http-v0/error", "http-v0/withdraw_dwolla", "http-v1/error",
        "http-v1/error-invalid-nonce-403", "http-v1/error-order-not-found",
        "http-v1/order-add-failure", "http-v1/unknown_error",
    ]

    /// The recordings, long arrays cut to their first three elements.
    func trees() throws -> [Tree] {
        try files.map { try Tree(Recording.bytes($0 + ".json")).trimmed(3) }
    }
}

/// Every recorded reply, written in other ways and damaged.
@Suite struct ReplyVariationTests {
    @Test(arguments: ReplyKind.all) func otherOrdersAndSpaces(kind: ReplyKind) throws {
        for tree in try kind.trees() {
            let meaning = try kind.read(tree.bytes)
            for seed in 0..<50 as Range<UInt64> {
                var random = Seeded(seed)
                let other = tree.shuffled(&random).text(space: seed % 2 == 0 ? "" : " \n")
                #expect(try kind.read(Array(other.utf8)) == meaning, "seed \(seed)")
            }
        }
    }

    /// With the envelope of version 1, of version 2, and without.
    @Test(arguments: ReplyKind.all) func everyEnvelope(kind: ReplyKind) throws {
        for tree in try kind.trees() {
            let meaning = try kind.read(tree.bytes)
            let inner = tree.at(["return"]) ?? tree.at(["data"]) ?? tree
            for name in ["return", "data"] {
                let text = "{\"\(name)\":\(inner.text()),\"result\":\"success\"}"
                #expect(try kind.read(Array(text.utf8)) == meaning)
            }
            #expect(try kind.read(inner.bytes) == meaning)
        }
    }

    @Test(arguments: ReplyKind.all) func cutAtEveryByte(kind: ReplyKind) throws {
        for tree in try kind.trees() {
            let bytes = tree.bytes
            for count in 0..<bytes.count {
                #expect(throws: MtGoxError.self, "\(count)") {
                    try kind.read(Array(bytes[..<count]))
                }
            }
        }
    }

    @Test(arguments: ReplyKind.all) func randomDamage(kind: ReplyKind) throws {
        var random = Seeded(3)
        for tree in try kind.trees() {
            let bytes = tree.bytes
            for _ in 0..<500 {
                var other = bytes
                for _ in 0...Int.random(in: 0...2, using: &random) {
                    let index = Int.random(in: 0..<other.count, using: &random)
                    if Bool.random(using: &random) {
                        other[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    } else {
                        other.remove(at: index)
                    }
                }
                // Whatever comes of it: no trap.
                _ = try? kind.read(other)
            }
        }
    }

    /// A field of the wrong type is named, if anything depends on it.
    @Test(arguments: ReplyKind.all) func wrongTypes(kind: ReplyKind) throws {
        for tree in try kind.trees() {
            let meaning = try kind.read(tree.bytes)
            var named = 0
            for way in tree.leaves where way != ["result"] {
                let other = tree.replacing(way[...], .scalar("true")).bytes
                do throws(MtGoxError) {
                    #expect(try kind.read(other) == meaning, "\(way)")
                } catch {
                    named += 1
                    guard case .malformed(let fault, _) = error else {
                        Issue.record("\(error)")
                        continue
                    }
                    #expect(fault.path == Tree.path(way), "\(fault)")
                }
            }
            #expect(named > 0 || tree.leaves.isEmpty)
        }
    }

    @Test(arguments: ReplyKind.all) func refusalsAndPages(kind: ReplyKind) throws {
        for name in ReplyKind.refusals {
            let bytes = try Recording.bytes(name + ".json")
            do throws(MtGoxError) {
                _ = try kind.read(bytes)
                Issue.record("\(name) is taken")
            } catch {
                guard case .refused(let text, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(!text.isEmpty)
            }
        }
        for text in ["MySQL error, please retry later", "<!DOCTYPE html>", "", "null", "not JSON"] {
            #expect(throws: MtGoxError.notJSON(status: nil, excerpt: text)) {
                try kind.read(Array(text.utf8))
            }
        }
    }

    /// Ten thousand nested arrays, a very long number, a very long string: refused, no more.
    @Test(arguments: ReplyKind.all) func extremes(kind: ReplyKind) throws {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 10_000)
        let digits = [UInt8](repeating: UInt8(ascii: "9"), count: 100_000)
        let object = Array("{\"x\":".utf8)
        for bytes in [deep, object + deep, digits + [0x2E], object + digits] {
            #expect(throws: MtGoxError.self) { try kind.read(bytes) }
        }
        #expect(throws: MtGoxFault.self) { try MtGoxParser.parse(deep.span) }
        #expect(throws: MtGoxFault.self) { try MtGoxParser.parse((object + deep).span) }
    }

    /// No recording is left out.
    @Test func everyFileIsRead() throws {
        let read =
            ReplyKind.all.flatMap(\.files) + ReplyKind.refusals
            + Recording.allMessages.map { String($0.dropLast(5)) }
        // `stream/channels-list_public` is read in VenueTests, `http-v0/mysql_error.txt` in
        // AccountReplyTests.
        #expect(Set(read).count == 77)
        #expect(read.count == Set(read).count)
    }
}
