import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

/// Messages of the stream, against recordings and, where there is none, the documents' forms.
@Suite struct StreamReplyTests {
    private static let channel = MtGoxGUID(
        high: 0xA01D_2C58_4D36_4AA9, low: 0x825E_8303_89A3_284F)

    /// The documents leave names open; `later` of 2013 are the other money fields.
    private static func documented(_ name: String) throws -> JSONTree {
        try RecordedReply(
            name,
            mended: [
                "<USER CHANNEL GUID>": "\(channel)",
                "<ORDER GUID>": "c8fa912b-d929-4cc5-98e6-3ea23667cfa5",
            ]
        ).tree
    }

    @Test func userOrder() throws {
        let recorded = try Self.documented("documented/user_order-wiki.json")
        let order = try OrderReplyTests.order(recorded["user_order"])
        let ours = try written { $0.setUserOrder(order, on: Self.channel) }
        #expect(
            Alike.differences(ours, recorded, later: ["effective_amount", "display_short"]) == [])
        #expect(ours["user_order"]["date"] == .string("1330522328"))
        // A market order has no price; a partly paid one says how much is not.
        var market = order
        market.price = nil
        market.invalid = 7
        let other = try written { $0.setUserOrder(market, on: Self.channel) }["user_order"]
        #expect(!other.keys.contains("price") && other["invalid_amount"].units == 7)
    }

    @Test func removedOrder() throws {
        let recorded = try Self.documented("documented/user_order-removed.json")
        let oid = try recorded["user_order"]["oid"].guid()
        let ours = try written {
            $0.setUserOrder(removed: oid, .requested, on: Self.channel)
        }
        #expect(Alike.differences(ours, recorded) == [])
        for reason in RemovalReason.allCases {
            let tree = try written { $0.setUserOrder(removed: oid, reason, on: Self.channel) }
            #expect(tree["user_order"].keys == ["oid", "reason"])
            #expect(tree["user_order"]["reason"].text == reason.rawValue)
        }
        let old = try written { $0.setUserOrder(removed: oid, nil, on: Self.channel) }
        #expect(old["user_order"].keys == ["oid"])
        #expect(
            RemovalReason.allCases.map(\.rawValue)
                == ["requested", "completed_passive", "completed_active"])
    }

    @Test func wallet() throws {
        let recorded = try Self.documented("documented/wallet-wiki.json")
        let value = recorded["wallet"]
        let change = WalletMessageView(
            kind: value["op"].text, currency: .btc, amount: value["amount"].units,
            balance: value["balance"].units,
            info: .trade(
                side: .buy, .btcusd, tid: 1_373_975_198_892_772, amount: 1_000_000,
                price: 9_820_000, fee: nil))
        let ours = try written { $0.setWallet(change, on: Self.channel) }
        #expect(Alike.differences(ours, recorded, later: ["display_short"]) == [])
    }

    @Test func theCopyOfATradeDiffersByItsChannelOnly() throws {
        let recorded = try RecordedReply("stream/xchange-trade.json").tree
        let trade = try #require(
            MarketReplyTests.trades(.array([recorded["trade"]])).first)
        let copy = try written { $0.setTrade(trade, on: Self.channel) }
        let shown = try written { text in
            text.setTrade(
                EngineTrade(
                    book: .first, price: trade.price, amount: trade.amount, cost: 0,
                    aggressor: .sell, isMarketOrder: false, taker: OrderNumber(1),
                    maker: OrderNumber(2), takerOwner: .replay, makerOwner: .makers,
                    stamp: trade.tid))
        }
        #expect(Alike.differences(shown, recorded, later: ["channel_name"]) == [])
        #expect(
            Alike.differences(copy, shown)
                == [".channel: \"\(Self.channel)\", recorded \"\(PublicChannel.trades.guid)\""])
    }

    @Test func documentedTrade() throws {
        // One space in the old wiki, none on the wire.
        let recorded = try RecordedReply(
            "documented/trade-wiki-2011-07.json", mended: ["limit, mixed": "limit,mixed"]
        ).tree
        let trade = try #require(
            MarketReplyTests.trades(.array([recorded["trade"]])).first)
        #expect(trade.isMixed && trade.isPrimary)
        let channel = try recorded["channel"].guid()
        let ours = try written { $0.setTrade(trade, on: channel) }
        #expect(Alike.differences(ours, recorded, later: ["channel_name"]) == [])
    }

    @Test func tickers() throws {
        for name in [
            "stream/xchange-ticker.json", "stream/xchange-ticker-2012-05.json",
            "stream/arvicco-ticker-2012-01.json",
        ] {
            let recorded = try RecordedReply(name).tree
            let ticker = try MarketReplyTests.ticker(recorded["ticker"], .btcusd)
            let ours = try written { $0.addTicker(ticker, isShort: false) }
            let differences = Alike.differences(
                ours, recorded["ticker"], later: ["now", "item", "display_short"])
            #expect(differences == [], "\(name)")
        }
        let last = try RecordedReply("stream/scalatest-ticker-payload-2013-04-21.json").tree
        let ticker = try MarketReplyTests.ticker(last, .btcusd)
        let ours = try written { $0.addTicker(ticker, isShort: false) }
        #expect(Alike.differences(ours, last) == [])
    }

    @Test func confirmations() throws {
        let recorded = try RecordedReply("stream/orderbook-subscribe.json").tree
        let channel = try recorded["channel"].guid()
        let ours = try written { $0.setSubscribed(to: channel) }
        #expect(Alike.differences(ours, recorded) == [])
        let named = try written { $0.setSubscribed(.trades) }
        #expect(Alike.differences(named, recorded) == [])
    }

    @Test func lag() throws {
        let recorded = try RecordedReply("stream/orderbook-lag-2013-04-22.json").tree
        let value = recorded["lag"]
        let ours = try written {
            $0.setLag(
                queue: value["qid"].text, stamp: value["stamp"].integer, age: value["age"].integer)
        }
        #expect(Alike.differences(ours, recorded) == [])
    }

    /// Recordings that lost their message.
    @Test(arguments: [
        "stream/scalatest-depth-payload-2013-04-21.json",
        "stream/stackexchange-depth-add-2013-06-06.json",
        "stream/xchange-depth-level-removed-payload.json",
    ])
    func depthPayloads(name: String) throws {
        let recorded = try RecordedReply(name).tree
        let ours = try written { $0.setDepth(Self.depth(recorded)) }["depth"]
        #expect(Alike.differences(ours, recorded) == [])
    }

    private static func depth(_ value: JSONTree) -> EngineDepth {
        EngineDepth(
            book: .first, side: value["type"].integer == 1 ? .ask : .bid,
            price: value["price_int"].integer,
            total: value["total_volume_int"].integer, delta: value["volume_int"].integer,
            stamp: value["now"].integer)
    }

    /// Depth messages of the book in dollars; `channel_name` came in 2013-04.
    @Test(arguments: [
        "stream/orderbook-depth-zero-delta-2013-04-22.json", "stream/xchange-depth.json",
        "stream/arvicco-depth-2012-01.json", "documented/depth-wiki-2011-12.json",
    ])
    func depth(name: String) throws {
        let recorded = try RecordedReply(name).tree
        let ours = try written { $0.setDepth(Self.depth(recorded["depth"])) }
        #expect(Alike.differences(ours, recorded, later: ["channel_name"]) == [])
    }
}
