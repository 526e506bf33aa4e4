import OutcryComponents
import OutcryKernel
import OutcryMarket
import Testing

@Suite struct PaperMachineTests {
    // MARK: Taking

    @Test func anOrderTakesTheBookLevelByLevel() throws {
        var bench = try PaperBench()
        bench.place(.buy, 8, 102)
        #expect(
            bench.heard() == ["1 placed", "1 trades 5 at 101", "1 trades 3 at 102", "1 filled"])
        // What it took is gone, until the book says so too.
        bench.place(.buy, 4, 102)
        #expect(bench.heard() == ["2 placed", "2 trades 2 at 102", "2 open 2"])
        bench.cancel(2)
        #expect(bench.heard() == ["2 cancels", "2 cancelled"])
        bench.place(.buy, 1, nil)
        #expect(bench.heard() == ["3 placed", "3 cancelled"])
        #expect(bench.machine.ledger.isBalanced)
        #expect(bench.machine.statistics.unfilled == 1)
    }

    @Test func whatWasTakenComesBackAsTheFeedMoves() throws {
        var bench = try PaperBench()
        bench.place(.buy, 5, 101)
        // Three more than were: only these can be taken.
        bench.level(.ask, 101, 8)
        bench.place(.buy, 9, 101)
        #expect(
            bench.heard().filter { $0.contains("trades") } == [
                "1 trades 5 at 101", "2 trades 3 at 101",
            ])
        bench.cancel(2)
        // All of it goes, and four come: these are new.
        bench.level(.ask, 101, 0)
        bench.level(.ask, 101, 4)
        bench.place(.buy, 9, 101)
        #expect(bench.heard().contains("3 trades 4 at 101"))
        // Part of it goes: that was what was taken.
        bench.cancel(3)
        bench.level(.ask, 101, 1)
        bench.place(.buy, 9, 101)
        #expect(!bench.heard().contains { $0.contains("4 trades") })
    }

    @Test func aWholeBookKeepsWhatWasTaken() throws {
        var bench = try PaperBench()
        bench.place(.buy, 5, 101)
        try bench.load([(99, 1)], [(101, 6)], at: 0)
        bench.place(.buy, 9, 101)
        #expect(bench.heard().contains("2 trades 1 at 101"))
    }

    // MARK: Queues

    @Test func anOrderWaitsBehindAllAtItsPrice() throws {
        var bench = try PaperBench()
        bench.place(.buy, 3, 99)
        #expect(bench.heard() == ["1 placed", "1 open 3"])
        #expect(bench.ahead(1) == 10)
        bench.trade(.sell, 99, 4)
        #expect(bench.heard() == [])
        #expect(bench.ahead(1) == 6)
        bench.trade(.sell, 99, 8)
        #expect(bench.heard() == ["1 trades 2 at 99", "1 open 1"])
        bench.trade(.sell, 99, 8)
        #expect(bench.heard() == ["1 trades 1 at 99", "1 filled"])
    }

    /// A trade is told twice: as itself, and as a smaller level.
    @Test(arguments: [PaperQueue.back, .proRata], [true, false])
    func aTradeCountsOnce(_ queue: PaperQueue, _ isTradeFirst: Bool) throws {
        var bench = try PaperBench(queue)
        bench.place(.buy, 3, 99)
        if isTradeFirst { bench.trade(.sell, 99, 4) }
        bench.level(.bid, 99, 6)
        if !isTradeFirst { bench.trade(.sell, 99, 4) }
        #expect(bench.ahead(1) == 6)
        // The last of it, and two of ours.
        if isTradeFirst { bench.trade(.sell, 99, 8) }
        bench.level(.bid, 99, 0)
        if !isTradeFirst { bench.trade(.sell, 99, 8) }
        #expect(bench.fills.map(\.quantity) == ["2"])
    }

    @Test func newsOfATradeThatAreFarApartAreTwo() throws {
        var bench = try PaperBench()
        bench.place(.buy, 3, 99)
        bench.trade(.sell, 99, 4, at: 0)
        bench.level(.bid, 99, 4, at: 2_000)
        #expect(bench.ahead(1) == 4)
    }

    @Test func cancelsComeFromBehindFirst() throws {
        var bench = try PaperBench(.back)
        bench.place(.buy, 1, 99)
        bench.level(.bid, 99, 20)
        bench.level(.bid, 99, 12)
        #expect(bench.ahead(1) == 10)
        bench.level(.bid, 99, 7)
        #expect(bench.ahead(1) == 7)
    }

    @Test func cancelsAreSpreadOverTheQueue() throws {
        var bench = try PaperBench(.proRata)
        bench.place(.buy, 1, 99)
        bench.level(.bid, 99, 20)
        bench.level(.bid, 99, 10)
        #expect(bench.ahead(1) == 5)
        bench.level(.bid, 99, 2)
        #expect(bench.ahead(1) == 1)
    }

    @Test func touchHasNobodyBeforeIt() throws {
        var bench = try PaperBench(.touch)
        bench.place(.buy, 3, 99)
        bench.trade(.sell, 99, 2)
        #expect(bench.heard().last == "1 open 1")
        bench.trade(.buy, 99, 2)
        bench.trade(.sell, 100, 2)
        #expect(bench.heard() == [])
        bench.trade(nil, 98, 2)
        #expect(bench.heard() == ["1 trades 1 at 99", "1 filled"])
    }

    @Test func ownOrdersStandInTheOrderInWhichTheyCame() throws {
        var bench = try PaperBench()
        bench.place(.buy, 2, 99)
        bench.level(.bid, 99, 15)
        bench.place(.buy, 2, 99)
        bench.place(.buy, 2, 100)
        #expect([bench.ahead(1), bench.ahead(2), bench.ahead(3)] == [10, 15, 0])
        _ = bench.heard()
        // Two of the best price, ten before the first, two of it, four of five before the second.
        bench.trade(.sell, 99, 18)
        #expect(
            bench.heard() == ["3 trades 2 at 100", "3 filled", "1 trades 2 at 99", "1 filled"])
        #expect(bench.ahead(2) == 1)
    }

    // MARK: Through

    @Test func whatGoesPastAPriceFillsIt() throws {
        var bench = try PaperBench()
        bench.place(.sell, 5, 102)
        bench.trade(.buy, 103, 2)
        #expect(bench.heard().last == "1 open 3")
        // Somebody bids what we ask: he would have got it from us.
        bench.level(.bid, 102, 2)
        #expect(bench.heard() == ["1 trades 2 at 102", "1 open 1"])
        // The same two are not there twice; one more is.
        bench.level(.bid, 98, 9)
        #expect(bench.heard() == [])
        bench.level(.bid, 102, 9)
        #expect(bench.heard() == ["1 trades 1 at 102", "1 filled"])
    }

    // MARK: Time

    @Test func anOrderMeetsTheMarketAsItIsWhenItComes() throws {
        var bench = try PaperBench(latency: "100,30,20")
        bench.place(.buy, 5, 101, at: 0)
        bench.level(.ask, 101, 0, at: 50)
        bench.level(.ask, 101, 2, at: 90)
        bench.advance(to: 100)
        #expect(bench.heard() == [])
        bench.level(.ask, 101, 7, at: 110)
        bench.advance(to: 119)
        #expect(bench.heard() == [])
        bench.advance(to: 120)
        #expect(bench.heard() == ["1 placed", "1 trades 2 at 101", "1 open 3"])
        // At 110 five more stood at our price.
        bench.advance(to: 130)
        #expect(bench.heard() == ["1 trades 3 at 101", "1 filled"])
    }

    @Test func aCancellationCanComeTooLate() throws {
        var bench = try PaperBench(.touch, latency: "0,30,20")
        bench.place(.buy, 1, 99, at: 0)
        bench.advance(to: 20)
        _ = bench.heard()
        bench.cancel(1, at: 100)
        bench.trade(.sell, 99, 1, at: 129)
        bench.advance(to: 200)
        #expect(
            bench.heard() == ["1 trades 1 at 99", "1 filled", "1 not cancelled: order not found"])
        #expect(bench.machine.statistics.lateCancellations == 1)
        bench.place(.buy, 1, 99, at: 300)
        bench.cancel(2, at: 300)
        bench.trade(.sell, 99, 1, at: 330)
        bench.advance(to: 400)
        #expect(bench.heard().suffix(2) == ["2 cancels", "2 cancelled"])
    }

    /// Whatever the tails are, neither orders nor news overtake each other, and each takes its constant at least.
    @Test(arguments: 1...20) func tailsKeepTheOrder(_ seed: UInt64) throws {
        var bench = try PaperBench(latency: "10,10,5,40", seed: seed)
        for order in 0..<30 {
            // Ten there and five back, for the first.
            if order == 15 { #expect(bench.heard() == []) }
            bench.place(.buy, 1, 99, at: order)
        }
        bench.advance(to: 10_000)
        #expect(
            bench.heard() == (1...30).flatMap { ["\($0) placed", "\($0) open 1"] })
        var exponents = 0
        var machine = try PaperBench(latency: "0,0,0,1000", seed: seed).machine
        var last = KernelTime.zero
        for number in 1...200 {
            // Each asked when the one before has come: so each has a tail of its own.
            // A busy market delays nothing.
            for level in 1...20 {
                machine.apply(depth(.bid, 9_000_000, Int64(level), 0), at: last)
            }
            machine.ask(.wallet, number, at: last)
            while let due = machine.nextDue {
                machine.advance(to: due)
                if machine.nextNews(at: due) == nil { continue }
                last = due
            }
            exponents += 1
        }
        // Two tails a question, of a second on the average: 400 within four standard deviations of 20.
        let seconds = Double(last.nanoseconds) / 1e9
        #expect(exponents == 200)
        #expect(seconds > 320 && seconds < 480, "\(seconds)")
    }

    @Test func ordersWaitForTheBook() throws {
        var bench = try PaperBench(isKnown: false)
        bench.place(.buy, 2, 101)
        bench.place(.buy, 2, 99)
        bench.place(.buy, 2, 98)
        bench.trade(.sell, 97, 9)
        bench.cancel(3)
        #expect(
            bench.heard() == [
                "1 placed", "1 pending 2", "2 placed", "2 pending 2", "3 placed", "3 pending 2",
                "3 cancels", "3 cancelled",
            ])
        try bench.load([(99, 10)], [(101, 1)], at: 5)
        #expect(bench.heard() == ["1 trades 1 at 101", "1 open 1", "2 open 2"])
        #expect(bench.ahead(2) == 10)
        // In a gap nobody knows better; after it the queue is not longer than the level.
        bench.machine.lose(.btcusd, at: at(6))
        bench.level(.bid, 99, 1, at: 7)
        #expect(bench.ahead(2) == 10)
        try bench.load([(99, 4)], [(103, 1)], at: 8)
        #expect(bench.ahead(2) == 4)
        #expect(bench.machine.statistics.waited == 3)
    }

    // MARK: Money

    @Test func feesAreOfWhatIsReceived() throws {
        var bench = try PaperBench(balance: "BTC=10 USD=1000", fee: "0.6")
        bench.place(.buy, 5, 101)
        bench.place(.sell, 2, 99)
        let ledger = bench.machine.ledger
        #expect(ledger.isBalanced)
        #expect(bench.fills.map(\.fee) == [.btc("0.03"), .usd("1.188")])
        #expect(ledger.wallet[.btc]?.total == .btc("12.97"))
        #expect(ledger.wallet[.usd]?.total == .usd("691.812"))
        #expect(ledger.fees == [.btc("0.03"), .usd("1.188")])
        #expect(bench.machine.statistics.takingFills == 2)
    }

    @Test func moneyIsHeldBack() throws {
        var bench = try PaperBench(balance: "BTC=3 USD=300")
        bench.place(.buy, 2, 99)
        bench.place(.buy, 2, 99)
        bench.place(.sell, 4, 105)
        bench.place(.sell, 3, 105)
        #expect(
            bench.heard() == [
                "1 placed", "1 open 2", "2 refused: not enough funds",
                "3 refused: not enough funds", "4 placed", "2 open 3",
            ])
        #expect(bench.machine.wallet[.usd]?.available == .usd("102"))
        #expect(bench.machine.wallet[.btc]?.available == .btc("0"))
        // A market order has what is left.
        bench.place(.buy, 5, nil)
        #expect(bench.fills.map(\.quantity) == [Quantity(units: 100_990_099, of: .btc)])
        #expect(bench.machine.ledger.isBalanced)
    }

    @Test func orOrdersTradeAsFarAsThereIsMoney() throws {
        var rules = PaperRules()
        rules.funds = .free
        rules.leastQuantity = "1"
        rules.tooSmall = "Order amount is too low"
        var bench = try PaperBench(balance: "USD=202", rules: rules)
        bench.place(.buy, 5, 101)
        #expect(bench.heard() == ["1 placed", "1 trades 2 at 101", "1 open 3"])
        bench.place(.sell, 1, 200)
        bench.place(.buy, 0, 101)
        bench.trade(.sell, 101, 9)
        #expect(bench.machine.openOrders.map(\.funded) == ["0", "1"])
        #expect(bench.machine.ledger.units(of: .usd) == 0)
        #expect(bench.machine.ledger.isBalanced)
    }

    @Test func whatCannotBeIsRefused() throws {
        var rules = PaperRules()
        rules.leastQuantity = "2"
        var bench = try PaperBench(rules: rules)
        bench.place(.buy, 1, 99)
        bench.place(.buy, 2, 0)
        bench.cancel(7)
        #expect(
            bench.heard() == [
                "1 refused: the order is too small",
                "2 refused: expected an amount and a price above 0",
                "7 not cancelled: order not found",
            ])
        #expect(bench.machine.statistics.refused == 2)
    }

    @Test func questionsAreAnsweredAfterAWhile() throws {
        var bench = try PaperBench(latency: "10,10,10")
        bench.place(.buy, 6, 101, at: 0)
        bench.advance(to: 100)
        _ = bench.heard()
        bench.machine.ask(.openOrders, 1, at: at(100))
        bench.machine.ask(.fills("paper-1", .buy), 2, at: at(100))
        bench.machine.ask(.fills("paper-9", .buy), 3, at: at(100))
        bench.machine.ask(.executions(since: 0), 4, at: at(100))
        bench.advance(to: 119)
        #expect(bench.heard() == [])
        bench.advance(to: 120)
        let heard = bench.heard()
        #expect(heard.count == 4)
        #expect(heard[0].hasPrefix("answer 1: openOrders([") && heard[0].contains("paper-1"))
        #expect(heard[1].contains("101.00000") && heard[3].contains("101.00000"))
        #expect(heard[2] == "answer 3: executions([])")
    }
}
