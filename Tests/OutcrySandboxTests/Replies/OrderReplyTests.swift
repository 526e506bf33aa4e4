import OutcryMarket
import OutcryServing
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// Replies about orders, against recordings of them.
@Suite struct OrderReplyTests {
    static func order(_ tree: JSONTree) throws -> OrderView {
        let instrument = Instrument(
            base: try tree["item"].currency, quote: try tree["currency"].currency)
        let amount = tree["amount"].units
        var order = OrderView(
            oid: try tree["oid"].guid(), instrument: instrument,
            side: tree["type"].text == "bid" ? .buy : .sell, remaining: amount,
            effective: max(0, tree["effective_amount"].units),
            price: tree["price"] == .null ? nil : tree["price"].units,
            status: try #require(OrderStatus(rawValue: tree["status"].text)),
            priority: max(0, tree["priority"].integer))
        order.date = tree["date"].integer
        // In 2012 the amount was the paid part where there was another; the constructor's is of 2013.
        order.invalid = max(0, tree["invalid_amount"].units)
        return order
    }

    /// In 2012 there were no `effective_amount`, `actions` and `display_short`.
    @Test(arguments: [
        ("http-v1/orders.json", false, []),
        (
            "http-v1/orders-2012-02.json", true,
            ["effective_amount", "actions", "display_short"]
        ),
    ])
    func orders(name: String, isRaw: Bool, later: [String]) throws {
        let recorded = try RecordedReply(name).tree
        let list = isRaw ? recorded : recorded["return"]
        let orders = try list.elements.map(Self.order)
        #expect(!orders.isEmpty)
        let ours = try written { text in text.setReply(.v1, isRaw: isRaw) { $0.addOrders(orders) } }
        #expect(Alike.differences(ours, recorded, later: Set(later)) == [])
    }

    @Test func anOrderOfTheEngine() throws {
        func order(_ remaining: Int64, _ effective: Int64, _ status: OrderStatus) -> OrderView {
            OrderView(
                oid: MtGoxGUID(high: 1, low: 2), instrument: .btcjpy, side: .buy,
                remaining: remaining, effective: effective, price: 5, status: status,
                priority: 1_364_767_201_381_791)
        }
        #expect(order(10, 10, .open).invalid == 0)
        #expect(order(10, 4, .open).invalid == 6)
        #expect(order(10, 0, .invalid).invalid == 0)
        #expect(order(10, 4, .executing).invalid == 0)
        #expect(order(1, 1, .open).date == 1_364_767_201)
        let tree = try written { $0.addOrders([order(10, 4, .open)]) }.elements[0]
        #expect(tree["invalid_amount"].units == 6 && tree["effective_amount"].units == 4)
        #expect(tree["price"]["value"].text == "0.005" && tree["currency"].text == "JPY")
        var market = order(10, 10, .executing)
        market.price = nil
        #expect(try !written { $0.addOrders([market]) }.elements[0].keys.contains("price"))
        #expect(try written { $0.addOrders([]) } == .array([]))
    }

    @Test(arguments: [
        "http-v1/buy.json", "http-v1/sell.json", "http-v1/order-add-success.json",
    ])
    func newOrders(name: String) throws {
        let recorded = try RecordedReply(name).tree
        let oid = try recorded["return"].guid()
        let ours = try written { text in text.setReply(.v1) { $0.addOrderName(oid) } }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test func cancelled() throws {
        // The author made a `g` of the last digit's neighbor.
        let recorded = try RecordedReply(
            "http-v1/cancel.json", mended: ["efb7bb98c958g": "efb7bb98c958"]
        ).tree
        let (oid, qid) = (
            try recorded["return"]["oid"].guid(), try recorded["return"]["qid"].guid()
        )
        let ours = try written { text in text.setReply(.v1) { $0.addCancelled(oid, queued: qid) } }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test func results() throws {
        let recorded = try RecordedReply(
            "http-v1/order_result.json", mended: ["Zda8917a": "fda8917a"]
        ).tree
        let value = recorded["return"]
        let result = OrderResultView(
            oid: try value["order_id"].guid(), instrument: .btcusd,
            trades: value["trades"].elements.map { trade in
                ResultTradeView(
                    tid: trade["trade_id"].integer, side: .sell, isMarketOrder: false,
                    amount: trade["amount"].units, price: trade["price"].units,
                    spent: trade["spent"].units)
            })
        let ours = try written { text in text.setReply(.v1) { $0.addOrderResult(result) } }
        #expect(Alike.differences(ours, recorded) == [])
    }

    @Test func resultsOfManyTradesAndNone() throws {
        func total(_ trades: [(Int64, Int64)]) throws -> JSONTree {
            let result = OrderResultView(
                oid: MtGoxGUID(high: 1, low: 2), instrument: .btcjpy,
                trades: trades.map {
                    ResultTradeView(
                        tid: 1, side: .buy, isMarketOrder: true, amount: $0.0, price: 1,
                        spent: $0.1)
                })
            return try written { $0.addOrderResult(result) }
        }
        let two = try total([(100_000_000, 1_000), (200_000_000, 3_500)])
        #expect(two["total_amount"].units == 300_000_000 && two["total_spent"].units == 4_500)
        #expect(two["avg_cost"].units == 1_500 && two["trades"].elements.count == 2)
        #expect(two["trades"].elements[0]["properties"].text == "market")
        let none = try total([])
        #expect(none["avg_cost"].units == 0 && none["trades"] == .array([]))
        // Beyond 64 bits nothing traps.
        #expect(try total([(.max, .max), (.max, .max)])["total_spent"].units == .max)
        #expect(try total([(1, .max)])["avg_cost"].units == .max)
    }

    @Test(arguments: [
        ("http-v1/error.json", AccessRefusal.noKey),
        ("http-v1/error-invalid-nonce-403.json", .nonceNotGreater(found: 1, last: 2)),
    ])
    func accessRefusals(name: String, refusal: AccessRefusal) throws {
        let recorded = try RecordedReply(name).tree
        for version in [APIVersion.v1, .v2] {
            let ours = try written { $0.setRefusal(version, refusal) }
            #expect(Alike.differences(ours, recorded) == [])
        }
    }

    @Test(arguments: [
        ("http-v1/error-order-not-found.json", CallRefusal.orderNotFound),
        ("http-v1/order-add-failure.json", .badType),
        (
            "http-v1/unknown_error.json",
            CallRefusal(status: 500, message: "Random Unknown error", token: nil)
        ),
    ])
    func callRefusals(name: String, refusal: CallRefusal) throws {
        let ours = try written { $0.setRefusal(.v1, refusal) }
        #expect(Alike.differences(ours, try RecordedReply(name).tree) == [])
    }

    @Test func refusalsOfTheOtherDialects() throws {
        let old = try written { $0.setRefusal(.v0, .unknownKey) }
        #expect(Alike.differences(old, try RecordedReply("http-v0/error.json").tree) == [])
        let dwolla = try written {
            $0.setRefusal(.v0, CallRefusal(status: 400, message: "Invalid Dwolla account"))
        }
        let recorded = try RecordedReply("http-v0/withdraw_dwolla.json").tree
        #expect(Alike.differences(dwolla, recorded) == [])
        let id = "order_cancel:c8fa912b-d929-4cc5-98e6-3ea23667cfa5"
        let remark = try written { $0.setRefusal(.stream, .orderNotFound, id: id) }
        let streamed = try RecordedReply("stream/remark-order-not-found.json").tree
        #expect(Alike.differences(remark, streamed) == [])
        let invalid = try written { $0.setRefusal(.stream, .badSignature(nil), id: "x\"y") }
        #expect(invalid["message"].text == "Invalid call" && invalid["id"].text == "x\"y")
        #expect(invalid["success"] == .bool(false))
        let right = AccessRefusal.missingRight(.trade, has: .getInfo)
        for version in APIVersion.allCases {
            let tree = try written { $0.setRefusal(version, right) }
            let words = version == .stream ? tree["message"] : tree["error"]
            #expect(words.text.contains("lacks the right trade"))
        }
    }

    @Test func envelopes() throws {
        func reply(_ version: APIVersion, isRaw: Bool = false) throws -> String {
            var text = MessageText(.btcusd)
            text.setReply(version, isRaw: isRaw, id: "a\"b") { $0.addQuote(5) }
            return String(decoding: text.bytes, as: UTF8.self)
        }
        #expect(try reply(.v0) == "{\"amount\":5}")
        #expect(try reply(.v1) == "{\"result\":\"success\",\"return\":{\"amount\":5}}")
        #expect(try reply(.v2) == "{\"result\":\"success\",\"data\":{\"amount\":5}}")
        #expect(try reply(.v1, isRaw: true) == "{\"amount\":5}")
        #expect(try reply(.v2, isRaw: true) == "{\"amount\":5}")
        #expect(
            try reply(.stream) == "{\"op\":\"result\",\"id\":\"a\\\"b\",\"result\":{\"amount\":5}}")
    }
}
