import OutcryComponents
import OutcryKernel
import OutcryMarket
import Testing

/// Whatever the market and the bot do: money and coins are kept, no trade is used twice, nobody is served before
/// his turn.
@Suite struct PaperPropertyTests {
    /// An order as it should stand, by what was told of it.
    private struct Known {
        let side: OrderSide
        let price: Int64?
        let placed: Int
        var remaining: Int64
        var isOpen = true
    }

    /// A market that goes on by chance, and a bot that trades in it by chance.
    private struct Play {
        var bench: PaperBench
        var random: SeededGenerator
        var levels: [[Int64: Int64]] = [[:], [:]]
        var middle: Int64 = 100
        var known: [Known] = []
        var time = 0
        let entry: Int
        let cancels: Bool

        init(
            seed: UInt64, _ queue: PaperQueue, entry: Int = 0, cancels: Bool = true
        ) throws {
            random = SeededGenerator(seed: seed)
            self.entry = entry
            self.cancels = cancels
            bench = try PaperBench(
                queue, latency: "\(entry),\(entry),0", balance: "BTC=100000 USD=10000000",
                fee: "0.6", seed: seed, bids: [], asks: [])
        }

        mutating func pick(_ range: ClosedRange<Int64>) -> Int64 {
            Int64.random(in: range, using: &random)
        }

        /// One thing happens.
        mutating func step() {
            time += Int(pick(0...40))
            switch pick(0...9) {
            case 0...3: change()
            case 4...5: trade()
            case 6...7: place()
            case 8 where cancels && !known.isEmpty:
                bench.cancel(Int(pick(1...Int64(known.count))), at: time)
                check(most: .max)
            default: move()
            }
        }

        private mutating func set(_ side: Side, _ price: Int64, _ quantity: Int64) {
            levels[Int(side.rawValue)][price] = quantity == 0 ? nil : quantity
            bench.level(side, price, quantity, at: time)
            // What stands at one level serves no more than that.
            check(most: quantity)
        }

        private mutating func change() {
            let side: Side = pick(0...1) == 0 ? .bid : .ask
            let away = pick(1...4)
            set(side, side == .bid ? middle - away : middle + away, pick(0...20))
        }

        /// The best level is traded with, in part or wholly; the two news of it come in either order.
        private mutating func trade() {
            let side: Side = pick(0...1) == 0 ? .bid : .ask
            let prices = levels[Int(side.rawValue)].keys.sorted()
            guard let best = side == .bid ? prices.last : prices.first,
                let total = levels[Int(side.rawValue)][best]
            else { return }
            let quantity = pick(1...total)
            let isTradeFirst = pick(0...1) == 0
            if !isTradeFirst { set(side, best, total - quantity) }
            bench.trade(pick(0...3) == 0 ? nil : side.order.opposite, best, quantity, at: time)
            check(most: quantity)
            if isTradeFirst { set(side, best, total - quantity) }
        }

        private mutating func place() {
            let side: OrderSide = pick(0...1) == 0 ? .buy : .sell
            let price = pick(0...9) == 0 ? nil : middle + pick(-4...4)
            let quantity = pick(1...9)
            known.append(
                Known(side: side, price: price, placed: time, remaining: quantity * PaperBench.coin)
            )
            bench.place(side, quantity, price, at: time)
            // What it takes is there.
            let there = levels[Int(side.takes.rawValue)].values.reduce(0, +)
            check(most: min(quantity, there))
        }

        private mutating func move() {
            middle += pick(-2...2)
            for side in Side.allCases {
                for price in levels[Int(side.rawValue)].keys.sorted()
                where side == .bid ? price >= middle : price <= middle { set(side, price, 0) }
            }
        }

        /// Looks at what has been told since the last look.
        private mutating func check(most: Int64) {
            var sum: Int64 = 0
            for fill in bench.takeFills() {
                guard let quantity = fill.quantity?.units, let price = fill.price?.units,
                    let number = fill.venueID.flatMap({ Int($0.text.dropFirst(6)) })
                else {
                    Issue.record("a fill without its facts: \(fill)")
                    continue
                }
                sum += quantity
                let place = number - 1
                #expect(quantity > 0 && quantity <= known[place].remaining)
                #expect(fill.stamp >= Int64(known[place].placed + entry) * 1_000)
                if let limit = known[place].price {
                    let units = limit * PaperBench.dollar
                    #expect(known[place].side == .buy ? price <= units : price >= units)
                }
                known[place].remaining -= quantity
                // Nobody who came before it at its price has been passed over.
                for other in 0..<place
                where known[other].isOpen && known[other].side == known[place].side
                    && known[other].price == known[place].price && known[other].price != nil
                {
                    #expect(known[other].remaining == 0, "\(other + 1) before \(number)")
                }
            }
            // With a delay, an order may come in the same step.
            if entry == 0, most < .max { #expect(sum <= most * PaperBench.coin) }
            #expect(bench.machine.ledger.isBalanced)
            for line in bench.heard() where line.hasSuffix("cancelled") {
                if let number = line.split(separator: " ").first.flatMap({ Int($0) }) {
                    known[number - 1].isOpen = false
                }
            }
            let open = bench.machine.openOrders
            for order in open {
                guard let number = Int(order.venueID.text.dropFirst(6)) else { continue }
                #expect(order.remaining.units == known[number - 1].remaining)
            }
        }

        /// What was filled, in units.
        var filled: Int128 {
            bench.machine.statistics.markets.reduce(0) { $0 + $1.filled }
        }
    }

    @Test(arguments: PaperQueue.allCases, 1...40)
    func nothingComesFromNowhere(_ queue: PaperQueue, _ seed: Int) throws {
        var play = try Play(seed: UInt64(seed), queue)
        for _ in 0..<300 { play.step() }
        #expect(play.filled > 0)
        #expect(play.bench.machine.statistics.restingFills > 0)
    }

    @Test(arguments: PaperQueue.allCases, 1...20)
    func nobodyTradesBeforeHeIsThere(_ queue: PaperQueue, _ seed: Int) throws {
        var play = try Play(seed: UInt64(seed), queue, entry: 70)
        for _ in 0..<300 { play.step() }
        #expect(play.filled > 0)
    }

    /// The models are what they are said to be: each fills no more than the one that is more hopeful.
    @Test(arguments: 1...40) func theModelsAreInOrder(_ seed: Int) throws {
        let filled = try [PaperQueue.back, .proRata, .touch].map { queue in
            var play = try Play(seed: UInt64(seed), queue, cancels: false)
            for _ in 0..<300 { play.step() }
            return play.filled
        }
        #expect(filled[0] <= filled[2] && filled[1] <= filled[2])
        #expect(filled[0] <= filled[1])
    }

    /// The same again is the same, to the byte.
    @Test(arguments: 1...5) func theSameAgain(_ seed: Int) throws {
        func report() throws -> String {
            var play = try Play(seed: UInt64(seed), .proRata, entry: 30)
            for _ in 0..<200 { play.step() }
            let link = Link(venue: .fake, name: "fake", instruments: [.btcusd])
            return PaperReport(play.bench.machine, of: link).json
        }
        let once = try report()
        #expect(try report() == once)
        #expect(once.contains("\"fill_ratio\""))
    }
}
