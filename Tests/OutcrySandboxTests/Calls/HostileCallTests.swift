import OutcryCrypto
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

/// Calls that somebody made to break something: each is refused by name, nothing traps, and the keys
/// stay as they were.
@Suite struct HostileCallTests {
    private static let seed: UInt64 = 20_131_124
    private static let markets: [Instrument] = [.btcusd, .btcjpy]
    private static let paths = [
        "/api/1/BTCUSD/order/add", "/api/1/generic/order/cancel", "/api/1/generic/order/result",
        "/api/1/generic/wallet/history", "/api/1/generic/bitcoin/send_simple",
        "/api/1/BTCUSD/trades/fetch", "/api/1/generic/currency", "/api/1/BTCUSD/order/quote",
        "/api/2/BTCUSD/money/order/add", "/api/0/buyBTC.php", "/api/0/cancelOrder.php",
        "/api/0/withdraw.php", "/api/0/redeemCode.php", "/api/0/history_X.csv",
        "/api/2/security/hotp/gen", "/code/getOrders.php",
    ]
    private static let names = [
        "type", "amount_int", "amount", "price_int", "price", "oid", "order", "currency",
        "Currency", "page", "trade_id", "since", "address", "fee_int", "no_instant", "group1",
        "btca", "code", "nonce", "tonce", "prefer_fiat_fee", "description", "",
    ]
    private static let values = [
        "bid", "ask", "1", "0", "-1", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "1e18", "1e19", "1e-9", "1e999999999999999999", "0.1", "NaN",
        "inf", "' OR 1=1; DROP TABLE orders; --", "\u{0}", "\u{202E}", "e\u{301}", "%00", "",
        "fda8917a-63d3-4415-b827-758408013690", "FDA8917A-63D3-4415-B827-758408013690",
        "fda8917a-63d3-4415-b827-75840801369g", "BTC", "USD", "JPY", "BTC2CODE", "<script>",
        "e" + String(repeating: "\u{301}", count: 5_000), String(repeating: "9", count: 5_000),
        String(repeating: "A", count: 5_000),
    ]

    /// Parameters in every mixture: read or refused, in a message of bounded length.
    @Test func mixedParameters() {
        var random = SeededGenerator(seed: Self.seed)
        var outcomes = [0, 0]
        for round in 0..<4_000 {
            let items = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                HTTPQueryItem(
                    Self.names.randomElement(using: &random) ?? "",
                    Self.values.randomElement(using: &random) ?? "")
            }
            let path = Self.paths.randomElement(using: &random) ?? "/"
            let form = PercentEncoding.query(items)
            let head = HTTPRequestHead(method: "POST", target: path + "?" + form)
            do throws(CallRefusal) {
                let route = try CallRoute(head, markets: Self.markets)
                _ = try route.call(head, body: Array(form.utf8), markets: Self.markets)
                outcomes[0] += 1
            } catch {
                #expect((400..<500).contains(error.status), "seed \(Self.seed) round \(round)")
                #expect(error.message.utf8.count < 600, "seed \(Self.seed) round \(round)")
                outcomes[1] += 1
                for version in APIVersion.allCases {
                    var text = MessageText(.btcusd)
                    text.setRefusal(version, error, id: "x")
                    #expect(text.bytes.allSatisfy { (0x20..<0x7F).contains($0) })
                }
            }
        }
        #expect(outcomes[0] > 300 && outcomes[1] > 300, "\(outcomes) with seed \(Self.seed)")
    }

    /// Targets with any bytes in them.
    @Test func brokenTargets() {
        var random = SeededGenerator(seed: Self.seed)
        let pieces = [
            "/", "//", "api", "1", "2", "0", "code", "BTCUSD", "generic", "money", "public",
            "private", "ticker", "order", "add", "?", "&", "raw", "=", "%", "%2", "%zz", "..",
            "\u{301}", "\u{0}", "stream", "list_public", ".php", "info.php", "history_", ".csv",
        ]
        for _ in 0..<4_000 {
            var target = ["", "/api/1/", "/api/2/", "/api/0/", "/code/"][
                Int.random(in: 0..<5, using: &random)]
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                target += pieces.randomElement(using: &random) ?? ""
            }
            let head = HTTPRequestHead(method: "GET", target: target)
            do throws(CallRefusal) {
                let route = try CallRoute(head, markets: Self.markets)
                _ = try route.call(head, body: [], markets: Self.markets)
            } catch {
                #expect((400..<500).contains(error.status), "\(target), seed \(Self.seed)")
            }
        }
    }

    /// Signed calls with a byte changed, cut or put in: refused, and the next right one is let in.
    @Test func changedSignedCalls() throws {
        var random = SeededGenerator(seed: Self.seed)
        var table = AccessTable(using: &random)
        let key = table.create(owner: OwnerNumber(1), rights: .all, using: &random)
        let credentials = try MtGoxCredentials(key: "\(key.guid)", secret: key.secretText)
        let call = MtGoxSealedCall(
            MtGoxCallBody(id: "a", call: "private/info", stamp: .nonce(5)).json,
            credentials: credentials)
        let blob = try Base64.decode(call.base64)
        for round in 0..<2_000 {
            var changed = blob
            let place = Int.random(in: 0..<blob.count, using: &random)
            switch round % 3 {
            case 0: changed[place] ^= UInt8.random(in: 1...255, using: &random)
            case 1: changed.removeSubrange(place...)
            default: changed.insert(UInt8.random(in: 0...255, using: &random), at: place)
            }
            guard changed != blob else { continue }
            do throws(AccessRefusal) {
                _ = try table.verify(call: Base64.encode(changed), now: 0)
                Issue.record("byte \(place) changed, and let in; seed \(Self.seed)")
            } catch {
                #expect(error.remark == "Invalid call")
            }
        }
        #expect(try table.verify(call: call.base64, now: 0).grant.stamp == .nonce(5))
    }

    /// Bodies that are signed well and say anything: refused or read, never a trap.
    @Test func signedNonsense() throws {
        var random = SeededGenerator(seed: Self.seed)
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"call\"", "\"nonce\"", "\"params\"", "\"id\"", "1",
            "\"x\"", "null", "true", "1e999", "-1", "\"\\ud800\"", "\u{1}", " ",
            String(repeating: "[", count: 40), "\"private/info\"",
        ]
        for _ in 0..<4_000 {
            var text = "{"
            for _ in 0..<Int.random(in: 0...10, using: &random) {
                text += pieces.randomElement(using: &random) ?? ""
            }
            guard let body = try? MtGoxCallBody(Array(text.utf8).span) else { continue }
            do throws(CallRefusal) {
                _ = try CallRoute(body, markets: Self.markets).call(body)
            } catch {
                #expect((400..<500).contains(error.status), "\(text), seed \(Self.seed)")
            }
        }
        let deep = Array(
            ("{\"call\":\"info\",\"nonce\":1,\"params\":" + String(repeating: "[", count: 100_000)
                + String(repeating: "]", count: 100_000) + "}").utf8)
        #expect(throws: MtGoxSigningError.self) { try MtGoxCallBody(deep.span) }
    }
}
