import OutcryKernel
import OutcryMarket
import OutcrySandbox
import Testing

@testable import OutcrySafetyNet

/// What is asked of the SafetyNet is answered as the exchange answers it.
@Suite struct AnswerTests {
    /// Calls whose answers are the same to the byte while the market stands still, but for `now`.
    static let calls = [
        "/api/1/BTCUSD/ticker", "/api/1/BTCUSD/ticker_fast", "/api/1/BTCUSD/depth/fetch",
        "/api/1/BTCUSD/depth/full", "/api/1/BTCUSD/trades/fetch", "/api/1/BTCUSD/trades?since=0",
        "/api/1/BTCUSD/cancelledtrades", "/api/1/BTCUSD/currency", "/api/1/BTCEUR/depth",
        "/api/1/generic/currency?currency=JPY", "/api/1/BTCUSD/ticker?raw",
        "/api/1/BTCUSD/order/quote?type=bid&amount=100000000",
        "/api/2/BTCUSD/money/ticker", "/api/2/BTCUSD/money/ticker_fast",
        "/api/2/BTCUSD/money/depth/fetch", "/api/2/BTCUSD/money/depth/full",
        "/api/2/BTCUSD/money/trades/fetch", "/api/2/money/currency?currency=EUR",
        "/api/2/stream/list_public", "/api/0/data/ticker.php", "/api/0/data/getDepth.php",
        "/api/0/data/getTrades.php", "/api/0/data/getDepth.php?Currency=EUR",
        "/code/data/ticker.php",
        // And refusals.
        "/api/1/BTCXXX/ticker", "/api/1/BTCPLN/ticker", "/api/1/BTCUSD/nothing", "/nowhere",
        "/api/1/BTCUSD/trades?since=x", "/api/1/generic/currency?currency=QQQ",
        "/api/1/BTCUSD/order/quote?type=bid&amount=100000000000000", "/api/2/money/currency",
    ]

    /// `"now":"…"` without its number.
    static func withoutNow(_ text: String) -> String {
        var parts = text.components(of: "\"now\":\"")
        for place in parts.indices.dropFirst() {
            parts[place] = String(parts[place].drop { $0 != "\"" })
        }
        return parts.joined(separator: "\"now\":\"")
    }

    @Test func theAnswersAreTheExchanges() throws {
        let house = try NetHouse { $0.speed = 600 }
        try house.settle()
        house.run(.seconds(30))
        house.stopMarket()
        house.run(.seconds(40))
        for call in Self.calls {
            let theirs = try house.get(call, port: NetHouse.exchangePort)
            let ours = try house.get(call)
            #expect(ours.status == theirs.status, "\(call)")
            let isSame = Self.withoutNow(ours.text) == Self.withoutNow(theirs.text)
            #expect(isSame, "\(call): \(ours.text.prefix(300)) / \(theirs.text.prefix(300))")
            if call.contains("trades/fetch") || call.contains("depth/full") {
                #expect(ours.body.count > 1_000, "\(call) tells something")
            }
            #expect(ours["Content-Type"] == theirs["Content-Type"], "\(call)")
        }
    }
}

extension String {
    /// What stands between the places where a text is.
    func components(of separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let place = rest.firstRange(of: separator) {
            parts.append(String(rest[..<place.lowerBound]))
            rest = rest[place.upperBound...]
        }
        return parts + [String(rest)]
    }
}
