import OutcryWire
import Testing

@testable import OutcryComponents

@Suite struct HTTPPoolTests {
    private let one: HTTPOrigin
    private let other: HTTPOrigin

    init() throws {
        one = HTTPOrigin(try VenueURL("http://one.example/"), nil)
        other = HTTPOrigin(try VenueURL("https://one.example/"), nil)
    }

    @Test func whatMakesAnOrigin() throws {
        let proxy = try HTTPProxy("http://proxy:3128")
        #expect(one == HTTPOrigin(try VenueURL("http://ONE.example:80/path?x"), nil))
        #expect(one != other)
        #expect(one != HTTPOrigin(try VenueURL("http://one.example:81/"), nil))
        #expect(one != HTTPOrigin(try VenueURL("http://one.example/"), proxy))
    }

    @Test func callsBeyondTheLimitWaitInTheirOrder() {
        var pool = HTTPPool(limit: 2)
        #expect(pool.place(1, one) == .new)
        #expect(pool.place(2, one) == .new)
        #expect(pool.place(3, one) == .queue)
        #expect(pool.place(4, one) == .queue)
        #expect(pool.place(5, other) == .new)
        let third = pool.release(100, one)
        #expect(third?.call == 3 && third?.place == .connection(100))
        // A lost connection makes room for a new one.
        let fourth = pool.release(nil, one)
        #expect(fourth?.call == 4 && fourth?.place == .new)
        #expect(pool.release(100, one) == nil)
        #expect(pool.counts(one) == (1, 1, 0))
    }

    @Test func theConnectionUsedLastGoesFirst() {
        var pool = HTTPPool(limit: 3)
        for call in 1...3 { _ = pool.place(UInt64(call), one) }
        for connection in 1...3 { _ = pool.release(UInt64(connection), one) }
        #expect(pool.place(4, one) == .connection(3))
        pool.lose(2, one)
        #expect(pool.place(5, one) == .connection(1))
        #expect(pool.place(6, one) == .new)
        #expect(pool.place(7, one) == .queue)
        pool.withdraw(7, one)
        #expect(pool.release(nil, one) == nil)
    }

    @Test func nothingIsKeptOfAHostWithoutConnections() {
        var pool = HTTPPool(limit: 1)
        _ = pool.place(1, one)
        _ = pool.release(7, one)
        #expect(pool.count == 1)
        pool.lose(7, one)
        #expect(pool.count == 0)
        _ = pool.place(2, one)
        _ = pool.release(nil, one)
        #expect(pool.count == 0)
    }

    /// Any order of calls, ends and losses: never more connections than allowed, no call forgotten, none
    /// twice, the waiting ones in their order.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64]) func anyOrder(seed: UInt64) {
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var pool = HTTPPool(limit: 3)
        var carried: [(call: UInt64, connection: UInt64)] = []
        var free: [UInt64] = []
        var begun: UInt64 = 0
        var made: UInt64 = 0
        var order: [UInt64] = []
        func give(_ call: UInt64, _ place: HTTPPool.Place) {
            switch place {
            case .queue: return
            case .new:
                made += 1
                carried.append((call, made))
            case .connection(let connection):
                free.removeAll { $0 == connection }
                carried.append((call, connection))
            }
            order.append(call)
        }
        for _ in 0..<2000 {
            switch random(4) {
            case 0, 1:
                begun += 1
                give(begun, pool.place(begun, one))
            case 2:
                guard !carried.isEmpty else { continue }
                let end = carried.remove(at: random(carried.count))
                let isKept = random(2) == 0
                if isKept { free.append(end.connection) }
                if let next = pool.release(isKept ? end.connection : nil, one) {
                    give(next.call, next.place)
                }
            default:
                guard !free.isEmpty else { continue }
                pool.lose(free.remove(at: random(free.count)), one)
            }
            #expect(carried.count + free.count <= 3, "seed \(seed)")
            #expect(pool.counts(one).busy == carried.count, "seed \(seed)")
            #expect(pool.counts(one).queue == Int(begun) - order.count, "seed \(seed)")
        }
        #expect(order == order.sorted(), "seed \(seed)")
        #expect(Set(order).count == order.count, "seed \(seed)")
    }
}
