import OutcryMarket
import Testing

@testable import OutcryVenues

/// The tables, and the levels that follow from orders, beside a slow honest twin.
@Suite struct MidChainsEntryBookTests {
    private let market = Instrument.btcusd

    private func line(
        _ act: MidChainsEntry.Act, _ name: MidChainsName, id: Int64 = 1, _ side: Side? = .bid,
        _ price: Int64 = 100, _ quantity: Int64 = 1
    ) -> MidChainsEntry {
        var line = MidChainsEntry()
        line.act = act
        line.name = name
        line.id = id
        line.side = side
        line.priceUnits = price
        line.quantityUnits = quantity
        return line
    }

    /// Any line, whose id nothing has: what is removed is found by its name.
    private func any(
        _ names: [MidChainsName], upTo spread: Int64, _ random: inout Seeded
    ) -> MidChainsEntry {
        let acts: [MidChainsEntry.Act] = [.add, .update, .remove, .update]
        let act = acts[Int.random(in: 0..<4, using: &random)]
        let name = names[Int.random(in: 0..<names.count, using: &random)]
        let side: Side = Bool.random(using: &random) ? .bid : .ask
        let price = Int64.random(in: 1...spread, using: &random)
        let quantity = Int64.random(in: 0...9, using: &random)
        var one = line(act, name, id: act == .remove ? .max : 5, side, price, quantity)
        one.isIndication = Int.random(in: 0..<12, using: &random) == 0
        return one
    }

    /// A book that is a list of orders.
    private struct Twin {
        var orders: [(name: MidChainsName, side: Side, price: Int64, quantity: Int64)] = []

        mutating func apply(_ line: MidChainsEntry) {
            orders.removeAll { $0.name == line.name }
            guard line.act != .remove, line.quantityUnits > 0, !line.isIndication,
                let side = line.side
            else { return }
            orders.append((line.name, side, line.priceUnits, line.quantityUnits))
        }

        func levels(_ side: Side) -> [Int64: Int64] {
            var levels: [Int64: Int64] = [:]
            for order in orders where order.side == side {
                levels[order.price, default: 0] += order.quantity
            }
            return levels
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>) func likeTheTwin(seed: UInt64) {
        var random = Seeded(seed)
        let book = MidChainsEntryBook(market)
        var twin = Twin()
        var told: [Side: [Int64: Int64]] = [.bid: [:], .ask: [:]]
        let spread: Int64 = seed % 2 == 0 ? 5 : 400
        var names: [MidChainsName] = []
        for number in 0..<40 as Range<Int64> {
            names.append(MidChainsName(id: number << 40))
            let tail = number % 4 == 1 ? " and more" : ""
            names.append(MidChainsName("6XO00FX8P69\(number)\(tail)"))
        }
        for _ in 0..<300 {
            let count = Int.random(in: 1...6, using: &random)
            var lines: [MidChainsEntry] = []
            for _ in 0..<count { lines.append(any(names, upTo: spread, &random)) }
            for line in lines { twin.apply(line) }
            var hasGrown = false
            let trouble = book.apply(lines) { change in
                let before = told[change.side]?[change.priceUnits] ?? 0
                #expect(change.quantityUnits - before == change.deltaUnits, "seed \(seed)")
                #expect(change.deltaUnits != 0, "seed \(seed)")
                if change.deltaUnits > 0 { hasGrown = true } else { #expect(!hasGrown) }
                told[change.side]?[change.priceUnits] =
                    change.quantityUnits == 0 ? nil : change.quantityUnits
            }
            #expect(trouble == nil)
            #expect(told[.bid] == twin.levels(.bid), "seed \(seed)")
            #expect(told[.ask] == twin.levels(.ask), "seed \(seed)")
            #expect(book.count == twin.orders.count)
        }
    }

    /// More than the tables begin with, and all of it gone again.
    @Test func growsAndEmpties() {
        let book = MidChainsEntryBook(market)
        var sum: Int64 = 0
        for number in 0..<5_000 as Range<Int64> {
            _ = book.apply([line(.add, MidChainsName(id: number), .ask, number + 1, 2)]) {
                sum += $0.deltaUnits
            }
        }
        #expect(sum == 10_000)
        #expect(book.count == 5_000)
        for number in (0..<5_000 as Range<Int64>).reversed() {
            _ = book.apply([line(.remove, MidChainsName(id: number), nil)]) {
                sum += $0.deltaUnits
            }
        }
        #expect(sum == 0)
        #expect(book.count == 0)
    }

    /// Thousands that come and go in any order: each name is found as long as it is there, whatever its hash.
    @Test func manyNames() {
        var random = Seeded(11)
        let book = MidChainsEntryBook(market)
        var there: [Int64: Int64] = [:]
        var total: Int64 = 0
        for round in 0..<30_000 as Range<Int64> {
            let number = Int64.random(in: 0..<6_000, using: &random) &* 0x10_0000_0000
            let isGoing = there[number] != nil && Bool.random(using: &random)
            let quantity = 1 + round % 7
            let act: MidChainsEntry.Act = isGoing ? .remove : .update
            var told: Int64 = 0
            _ = book.apply([
                line(act, MidChainsName(id: number), id: number, .bid, 100, quantity)
            ]) { told += $0.deltaUnits }
            let before = there[number] ?? 0
            there[number] = isGoing ? nil : quantity
            #expect(told == (there[number] ?? 0) - before)
            total += told
        }
        #expect(book.count == there.count)
        #expect(total == there.values.reduce(0, +))
    }

    /// A removal that names no key is that of the entry with its id; where several have it nobody knows.
    @Test func removalsByID() {
        let book = MidChainsEntryBook(market)
        var levels: [Int64] = []
        _ = book.apply([
            line(.add, MidChainsName("K1"), id: 7), line(.add, MidChainsName("K2"), id: 7),
            line(.add, MidChainsName("K3"), id: 8),
        ]) { levels.append($0.quantityUnits) }
        #expect(levels == [3])
        let one = book.apply([line(.remove, MidChainsName(id: 8), id: 8, nil)]) {
            levels.append($0.quantityUnits)
        }
        #expect(one == nil && levels == [3, 2])
        let many = book.apply([line(.remove, MidChainsName(id: 7), id: 7, nil)]) { _ in }
        #expect(many == .ambiguous(id: 7, count: 2))
        _ = book.apply([line(.remove, MidChainsName(id: 9), id: 9, nil)]) { _ in }
        #expect(book.strangeRemovals == 1)
    }

    @Test func totalsThatDoNotFit() {
        let book = MidChainsEntryBook(market)
        let trouble = book.apply([
            line(.add, MidChainsName("K1"), .bid, 100, .max),
            line(.add, MidChainsName("K2"), .bid, 100, 1),
        ]) { _ in }
        #expect(trouble == .tooLarge(price: 100))
    }
}
