import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcryComponents

func trade(_ id: Int64, of instrument: Instrument = .btcusd) -> Trade {
    Trade(
        venue: .fake, instrument: instrument, id: id, priceUnits: id, quantityUnits: 1,
        aggressor: nil, stamp: id)
}

@Suite struct TapeMachineTests {
    private func machine(most: Int = 100, window: Duration = .seconds(86_400)) -> TapeMachine {
        TapeMachine(.btcusd, replyAge: .seconds(10), mostTrades: most, window: window)
    }

    private func page(_ ids: [Int64], after: Int64?, next: Int64? = nil) -> TradePage {
        TradePage(trades: ids.map { trade($0) }, after: after, next: next)
    }

    private func ids(_ machine: TapeMachine, since: Int64? = nil) -> [Int64] {
        machine.tape(since: since, isFresh: true).trades.map(\.id)
    }

    @Test func aReplyThatHoldsTheFirstTradeOfTheStreamMeetsIt() {
        var machine = machine()
        machine.begin(at: at(0))
        machine.hear(trade(30), at: at(100))
        machine.hear(trade(40), at: at(200))
        #expect(ids(machine) == [])
        machine.take(page([10, 20, 30], after: 5))
        let met1 = machine.finish(asked: at(150))
        #expect(met1)
        #expect(ids(machine) == [10, 20, 30, 40])
        #expect(ids(machine, since: 10) == [20, 30, 40])
        #expect(machine.covers(5) && !machine.covers(4))
        machine.hear(trade(50), at: at(300))
        #expect(ids(machine, since: 40) == [50])
    }

    @Test func anOldReplyDoesNot() {
        var machine = machine()
        machine.begin(at: at(0))
        machine.hear(trade(30), at: at(100))
        machine.take(page([10, 20], after: 5))
        let met2 = machine.finish(asked: at(9_999))
        #expect(!met2, "25 may be missing")
        #expect(ids(machine) == [10, 20])
        #expect(machine.meetsAt == at(10_000))
        machine.take(page([25], after: 20))
        let met3 = machine.finish(asked: at(10_000))
        #expect(met3)
        #expect(ids(machine) == [10, 20, 25, 30])
        #expect(machine.meetsAt == nil)
    }

    @Test func whatWasMissedIsFilledInAndNothingComesTwice() {
        var machine = machine()
        machine.begin(at: at(0))
        machine.take(page([10], after: 5))
        let met4 = machine.finish(asked: at(10_000))
        #expect(met4)
        machine.lose()
        #expect(machine.meetsAt == nil)
        // A trade where none was expected: the stream is there again.
        machine.hear(trade(40), at: at(20_000))
        #expect(machine.meetsAt == at(30_000))
        #expect(ids(machine) == [10])
        machine.take(page([20, 30, 40], after: 10))
        let met5 = machine.finish(asked: at(20_500))
        #expect(met5)
        machine.hear(trade(40), at: at(21_000))
        machine.hear(trade(35), at: at(21_000))
        #expect(ids(machine) == [10, 20, 30, 35, 40])
        machine.hear(trade(50, of: .btcusd), at: at(21_000))
        #expect(machine.newest == 50)
    }

    @Test func theOldestGoAndAreNotClaimed() {
        var machine = machine(most: 3)
        machine.begin(at: at(0))
        machine.take(page([10, 20, 30, 40], after: 5))
        let met6 = machine.finish(asked: at(10_000))
        #expect(met6)
        #expect(ids(machine) == [20, 30, 40])
        #expect(!machine.covers(9) && machine.covers(10))
        #expect(!machine.tape(since: 5, isFresh: true).isComplete)
        machine.hear(trade(10), at: at(10_000))
        #expect(ids(machine) == [20, 30, 40], "below the floor")
    }

    @Test func theWindowIsTheVenuesTime() {
        var machine = machine(window: .microseconds(100))
        machine.begin(at: at(0))
        machine.take(page([10, 60, 110], after: 5))
        let met7 = machine.finish(asked: at(10_000))
        #expect(met7)
        #expect(ids(machine) == [10, 60, 110])
        machine.hear(trade(161), at: at(10_000))
        #expect(ids(machine) == [110, 161])
        #expect(machine.covers(60) && !machine.covers(59))
    }

    @Test func aQuietMarketGoesOn() {
        var machine = machine()
        machine.begin(at: at(0))
        machine.take(page([], after: nil))
        let met8 = machine.finish(asked: at(10_000))
        #expect(met8)
        #expect(!machine.covers(0))
        machine.hear(trade(7), at: at(11_000))
        #expect(ids(machine) == [7])
        #expect(machine.covers(6))
    }

    /// A market, a stream that is cut at random, replies that are up to a second old, pages of eight: what is
    /// kept is always the beginning of the truth, and all of it while live.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func whatIsKeptIsTrue(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var machine = TapeMachine(
            .btcusd, replyAge: .seconds(1), mostTrades: seed % 4 == 0 ? 20 : 10_000,
            window: .seconds(86_400))
        var truth: [Int64] = []
        /// The trades that there were at each step of 100 ms.
        var counts: [Int] = []
        var isUp = false
        var isSubscribed = false
        var asked: (at: Int, reply: [Int64], after: Int64, next: Int64?)?
        var lives = 0
        for step in 0..<600 {
            let now = step * 100
            if Int.random(in: 0..<3, using: &random) == 0 {
                let id = (truth.last ?? 0) + Int64.random(in: 1...9, using: &random)
                truth.append(id)
                if isSubscribed { machine.hear(trade(id), at: at(now)) }
            }
            counts.append(truth.count)
            switch Int.random(in: 0..<80, using: &random) {
            case 0:
                isUp = false
                isSubscribed = false
                machine.lose()
            case 1...8 where !isUp: isUp = true
            case 9...18 where isUp && !isSubscribed:
                isSubscribed = true
                machine.begin(at: at(now))
            default: break
            }
            if let call = asked, Int.random(in: 0..<3, using: &random) == 0 {
                asked = nil
                machine.take(
                    TradePage(
                        trades: call.reply.map { trade($0) }, after: call.after, next: call.next))
                if call.next == nil { _ = machine.finish(asked: at(call.at)) }
            } else if asked == nil, machine.phase != .live, step > 10,
                Int.random(in: 0..<5, using: &random) == 0
            {
                // The venue's own cache: as of any step of the last second.
                let served = truth.prefix(counts[step - Int.random(in: 0...9, using: &random)])
                let since = machine.newest ?? 0
                let rest = served.filter { $0 > since }
                let part = Array(rest.prefix(8))
                asked = (now, part, since, rest.count > 8 ? part.last : nil)
            }
            let floor = machine.floor ?? 0
            let kept = ids(machine)
            let due = truth.filter { $0 > floor }
            #expect(kept == Array(due.prefix(kept.count)), "seed \(seed), step \(step)")
            if machine.phase == .live {
                lives += 1
                #expect(kept == due, "seed \(seed), step \(step)")
            }
            #expect(machine.count <= (seed % 4 == 0 ? 20 : 10_000))
        }
        #expect(lives > 20, "seed \(seed): it is live now and then")
    }
}
