import CAllocationCounter
import Outcry
import OutcryMeasuring

/// `outcry-bench feeds [mtgox|midchains] [MESSAGES]`: what a message costs from its bytes to a book, at each venue:
/// the same changes of the same market, told by level there and by order here. Without connection and codec, which
/// are the same for both. With `--dump` the messages are printed, for a server of one's own and `outcry-bench ingest`.
enum FeedBench {
    static func run(_ words: [String]) throws -> Int32 {
        let names = words.filter { Int($0) == nil && $0 != "--dump" }
        let count = words.compactMap { Int($0) }.first ?? 400_000
        for name in names.isEmpty ? ["mtgox", "midchains"] : names {
            let venue: any Venue
            switch name {
            case "mtgox": venue = MtGoxVenue([.btcusd])
            case "midchains": venue = MidChainsVenue([.btcusd])
            default:
                print("expected mtgox or midchains, found \(name)")
                return 2
            }
            var market = MadeMarket()
            let texts = (0..<20_000).map { _ in
                name == "mtgox" ? market.nextLevel() : market.nextOrder()
            }
            if words.contains("--dump") {
                for text in texts { print(String(decoding: text, as: UTF8.self)) }
                continue
            }
            let kernel = Kernel(driver: Simulation(seed: 1))
            let player = FeedPlayer(venue.makeFeed(), texts, passes: max(1, count / texts.count))
            kernel.start(player, alias: "bench")
            kernel.start(FeedReader(), alias: "reader")
            kernel.post(.playFeed, to: "bench", ())
            try kernel.run()
            let bytes = texts.reduce(0) { $0 + $1.count } * player.passes
            print(
                "\(name): \(player.passes * texts.count) messages, \(bytes) bytes, "
                    + "\(player.allocations) allocations after the first pass")
        }
        return 0
    }
}

/// Changes around a price, each as an order's or as its level's.
private struct MadeMarket {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var orders: [(id: Int64, price: Int64, quantity: Int64)] = []
    private var nextID: Int64 = 120_946_647_655_360
    private var time: Int64 = 1_614_331_055_706

    private mutating func random(_ below: UInt64) -> Int64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int64((state >> 33) % below)
    }

    /// An order comes, changes or goes.
    private mutating func change() -> (act: String, id: Int64, price: Int64, quantity: Int64) {
        time += 3
        let dice = random(10)
        if orders.count < 500 || dice < 4 && orders.count < 2_000 {
            nextID += 7
            orders.append((nextID, 18_000_000 - random(200) * 1_000, 1 + random(90_000_000)))
            let new = orders[orders.count - 1]
            return ("A", new.id, new.price, new.quantity)
        }
        let place = Int(random(UInt64(orders.count)))
        if dice < 7 {
            orders[place].quantity = 1 + random(90_000_000)
            let old = orders[place]
            return ("U", old.id, old.price, old.quantity)
        }
        let old = orders.remove(at: place)
        return ("R", old.id, old.price, 0)
    }

    mutating func nextOrder() -> [UInt8] {
        let (act, id, price, quantity) = change()
        let line =
            act == "R"
            ? """
            {"side":"B","act":"R","id":\(id)}
            """
            : """
            {"side":"B","act":"\(act)","src":"CROX","price":"\(Price(units: price, scale: 5))",\
            "qty":"\(Quantity(units: quantity, scale: 8))","id":\(id),"time":"\(time)",\
            "mpid":"ANON","key":"NA"}
            """
        return Array(#"{"security":"BTCUSD","books":[\#(line)],"type":"book"}"#.utf8)
    }

    mutating func nextLevel() -> [UInt8] {
        let (_, _, price, _) = change()
        let total = orders.reduce(0) { $1.price == price ? $0 + $1.quantity : $0 }
        let delta = random(90_000_000)
        return Array(
            """
            {"channel":"24e67e0d-1cad-4cc0-9e7a-f8523ef460fe","channel_name":"depth.BTCUSD",\
            "depth":{"currency":"USD","item":"BTC","now":"\(time)000",\
            "price":"\(Price(units: price, scale: 5))","price_int":"\(price)",\
            "total_volume_int":"\(total)","type":2,"type_str":"bid",\
            "volume":"\(Quantity(units: delta, scale: 8))","volume_int":"\(delta)"},\
            "op":"private","origin":"broadcast","private":"depth"}
            """.utf8)
    }
}

private final class FeedPlayer: Session {
    let feed: any Feed
    let texts: [[UInt8]]
    let passes: Int
    var pass = 0
    var place = 0
    var allocations: UInt64 = 0

    init(_ feed: any Feed, _ texts: [[UInt8]], passes: Int) {
        self.feed = feed
        self.texts = texts
        self.passes = passes
    }

    static func handlers(_ on: inout Handlers<FeedPlayer>) {
        on(.playFeed) { me, _, my in me.play(my) }
    }

    private func play(_ my: Context) {
        let end = min(place + 256, texts.count)
        for index in place..<end {
            let text = texts[index]
            feed.message(text.span, my)
        }
        place = end
        if place == texts.count {
            place = 0
            pass += 1
            if pass == 1 { oc_alloc_counting(true) }
        }
        guard pass == passes else {
            my.yield(.playFeed)
            return
        }
        oc_alloc_counting(false)
        allocations = UInt64(oc_alloc_count())
    }
}

private final class FeedReader: Session {
    let book = Book(.btcusd, capacity: 4096)

    static func handlers(_ on: inout Handlers<FeedReader>) {
        on(.started) { _, _, my in my.register(Topic(.depth, from: "bench")) }
        on(.depth) { me, change, _ in _ = me.book.set(change) }
    }
}

extension Event where Payload == Void {
    fileprivate static let playFeed = Self("bench.playFeed")
}
