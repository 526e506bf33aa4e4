import OutcryComponents
import OutcryKernel
import OutcryMarket
import Testing

/// An order desk's books, without a kernel.
@Suite struct OrderDeskMachineTests {
    private static let venueID: OrderID = "11111111-2222-3333-4444-555555555555"

    private func request(_ id: OrderID, quantity: Quantity = "2.00000000") -> OrderRequest {
        .limit(.buy, quantity: quantity, price: "10.00000").on(.btcusd).named(id)
    }

    private func venue(
        _ remaining: Quantity, _ state: OrderState = .open, id: OrderID = venueID
    ) -> VenueOrder {
        VenueOrder(
            venueID: id, instrument: .btcusd, side: .buy, price: "10.00000", remaining: remaining,
            state: state)
    }

    private func trade(_ number: Int64, _ quantity: Quantity, _ venueID: OrderID? = nil)
        -> ExecutionNews
    {
        var news = ExecutionNews(tradeID: number)
        news.instrument = .btcusd
        news.side = .buy
        news.price = "10.00000"
        news.quantity = quantity
        news.venueID = venueID
        return news
    }

    private func states(_ machine: OrderDeskMachine) -> [OrderState] {
        machine.effects.compactMap {
            switch $0 {
            case .changed(let slot): machine.order(in: slot)?.state
            case .rejected(let place): machine.rejections[place].state
            default: nil
            }
        }
    }

    @Test func newsMayComeBeforeTheResult() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.hear(.changed(venue("2.00000000", .pending)))
        machine.hear(.changed(venue("2.00000000")))
        #expect(machine.order("a")?.venueID == nil, "nobody knows whose that is")
        machine.report(.placed("a", venueID: Self.venueID))
        #expect(machine.order("a")?.state == .open)
        #expect(machine.order("a")?.venueID == Self.venueID)
        #expect(machine.openCount == 1)
    }

    /// What one input changes more than once is told once, as it stands in the end, and behind its fills.
    @Test func anInputTellsAnOrderOnce() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.clearEffects()
        machine.hear(trade(1, "0.50000000"))
        machine.hear(.changed(venue("2.00000000", .pending)))
        machine.hear(.changed(venue("1.50000000")))
        #expect(machine.effects.isEmpty, "nobody knows whose that is")
        machine.report(.placed("a", venueID: Self.venueID))
        #expect(machine.effects.filter { $0 != .none } == [.fill(0), .changed(0)])
        #expect(states(machine) == [.open])
        machine.clearEffects()
        #expect(machine.effects.isEmpty && machine.fills.isEmpty)
        machine.hear(.changed(venue("1.00000000")))
        #expect(states(machine) == [.open], "the next input tells it again")
    }

    @Test func ordersOfOthersAreAdoptedOnceTheOwnHaveTheirNames() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.hear(.changed(venue("5.00000000", id: "other")))
        #expect(machine.openCount == 1)
        machine.report(.placed("a", venueID: Self.venueID))
        #expect(machine.order("other")?.remaining == "5")
        #expect(machine.openCount == 2)
    }

    @Test func aMarketOrderEndsTwiceAndOnce() {
        let machine = OrderDeskMachine()
        machine.place(
            OrderRequest.market(.buy, quantity: "2.00000000").on(.btcusd).named("m"), at: 0)
        machine.report(.placed("m", venueID: Self.venueID))
        machine.hear(trade(1, "2.00000000"))
        machine.clearEffects()
        machine.hear(.removed(Self.venueID, .filled))
        machine.hear(.removed(Self.venueID, .filled))
        #expect(states(machine) == [.filled])
        let fills = machine.effects.compactMap {
            if case .fill(let place) = $0 { machine.fills[place] } else { nil }
        }
        #expect(fills.map(\.tradeID) == [1])
    }

    /// A venue may tell the end before the trades that made it: the order is told once more, with what it cost.
    @Test func tradesBehindTheEndTellTheCost() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.report(.placed("a", venueID: Self.venueID))
        machine.hear(.removed(Self.venueID, .filled))
        #expect(machine.order("a")?.cost == nil)
        machine.clearEffects()
        machine.hear(trade(1, "2.00000000"))
        #expect(machine.effects == [.fill(0), .changed(0)])
        #expect(machine.order("a")?.cost == Money("20", .usd))
    }

    /// What an answer lists and has just come by the stream too waits on for the news of its order.
    @Test func aTradeThatWaitsIsNotLostByAnAnswer() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.report(.placed("a", venueID: Self.venueID))
        machine.hear(trade(1, "0.50000000"))
        machine.settle("a", [trade(1, "0.50000000")], isOver: false)
        machine.clearEffects()
        machine.hear(.changed(venue("1.50000000")))
        #expect(machine.fills.map(\.tradeID) == [1])
        #expect(!machine.owesFills("a"))
    }

    @Test func aDoubledTradeCountsOnce() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.report(.placed("a", venueID: Self.venueID))
        machine.hear(trade(1, "0.50000000"))
        machine.hear(.changed(venue("1.50000000")))
        machine.hear(trade(1, "0.50000000"))
        machine.hear(trade(2, "0.50000000"))
        machine.hear(.changed(venue("1.00000000")))
        machine.clearEffects()
        machine.hear(.removed(Self.venueID, .cancelled))
        #expect(machine.order("a")?.filled == "1")
        #expect(!machine.owesFills("a"))
        #expect(states(machine) == [.cancelled])
    }

    /// Two orders are hit at once: each gets the trades that make up its own part.
    @Test func tradesGoToTheOrderThatTheyMakeUp() {
        let machine = OrderDeskMachine()
        for (id, venueID) in [("a", "A"), ("b", "B")] as [(OrderID, OrderID)] {
            machine.place(request(id), at: 0)
            machine.report(.placed(id, venueID: venueID))
        }
        machine.hear(trade(1, "0.30000000"))
        machine.hear(trade(2, "0.70000000"))
        machine.hear(trade(3, "0.40000000"))
        machine.clearEffects()
        machine.hear(.changed(venue("1.30000000", id: "B")))
        machine.hear(.changed(venue("1.30000000", id: "A")))
        let fills = machine.effects.compactMap {
            if case .fill(let place) = $0 { machine.fills[place] } else { nil }
        }
        #expect(fills.map(\.order) == ["b", "a", "a"])
        #expect(fills.map(\.tradeID) == [2, 1, 3] || fills.map(\.tradeID) == [2, 3, 1])
    }

    /// A trade that was made before an order is not its, whatever it is of.
    @Test func anOrderDoesNotTradeBeforeItIsMade() {
        let machine = OrderDeskMachine()
        var early = trade(1, "2.00000000")
        early.stamp = 5_000_000
        machine.hear(early)
        machine.place(request("a"), at: 0)
        machine.report(.placed("a", venueID: Self.venueID))
        var order = venue("2.00000000")
        order.created = 7_000_000
        machine.hear(.changed(order))
        machine.clearEffects()
        machine.hear(.removed(Self.venueID, .filled))
        #expect(machine.fills.isEmpty)
        #expect(machine.effects.contains(.askFills(0, isOver: false)), "the venue knows")
        var late = trade(2, "2.00000000")
        late.stamp = 7_100_000
        machine.hear(late)
        #expect(machine.fills.map(\.tradeID) == [2])
    }

    /// A trade that may be of an order of which nobody knows is given to no other one: the venue is asked.
    @Test func whatMayBeAnUnknownOrdersIsNotGuessed() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.place(request("b"), at: 0)
        machine.report(.uncertain("a", reason: "no answer", settled: .zero))
        machine.report(.placed("b", venueID: Self.venueID))
        machine.hear(trade(1, "2.00000000"))
        machine.clearEffects()
        machine.hear(.removed(Self.venueID, .filled))
        #expect(machine.order("b")?.state == .filled)
        #expect(machine.fills.isEmpty)
        #expect(machine.effects.contains(.askFills(1, isOver: false)), "the venue knows")
        // It was the other one's.
        machine.settle("b", [trade(2, "2.00000000", Self.venueID)], isOver: false)
        machine.report(.placed("a", venueID: "another"))
        machine.hear(.removed("another", .filled))
        #expect(machine.fills.map(\.order) == ["b", "a"])
        #expect(machine.fills.map(\.tradeID) == [2, 1])
    }

    /// Where the trades that make up an order may be an unknown one's it takes no later one that fits instead: that is
    /// another order's, whose news are a moment behind.
    @Test(arguments: ["0.00000000", "0.50000000"] as [Quantity])
    func whatIsContestedIsNotMadeUpByAnother(remaining: Quantity) {
        let machine = OrderDeskMachine()
        machine.place(request("lost"), at: 0)
        machine.report(.uncertain("lost", reason: "no answer", settled: .zero))
        func dear(_ number: Int64, _ quantity: Quantity) -> ExecutionNews {
            var news = trade(number, quantity)
            news.price = "11.00000"
            return news
        }
        func change(_ id: OrderID) {
            var order = venue(remaining, id: id)
            order.price = "11.00000"
            machine.hear(.changed(order))
        }
        for (id, venueID) in [("a", "A"), ("b", "B")] as [(OrderID, OrderID)] {
            machine.place(
                .limit(.buy, quantity: "2.00000000", price: "11.00000").on(.btcusd).named(id),
                at: 0)
            machine.report(.placed(id, venueID: venueID))
        }
        let whole: Quantity = "2.00000000"
        let traded = whole - remaining
        machine.hear(trade(1, "0.40000000"))
        machine.hear(dear(2, traded - "0.40000000"))
        machine.clearEffects()
        change("A")
        #expect(machine.effects.contains(.askFills(1, isOver: false)), "the venue knows")
        // Too dear for the lost one, and as much as the first one lacks.
        machine.hear(dear(3, traded))
        change("B")
        #expect(machine.fills.map(\.order) == ["b"])
        #expect(machine.fills.map(\.tradeID) == [3])
        machine.settle(
            "a", [trade(1, "0.40000000", "A"), dear(2, traded - "0.40000000")], isOver: false)
        #expect(machine.fills.map(\.order) == ["b", "a", "a"])
        #expect(!machine.owesFills("a"))
    }

    /// Nor does another order take what one of them is made of, be it of the same amount, when the unknown one is found.
    @Test func whatIsContestedIsNoThirdOnes() {
        let machine = OrderDeskMachine()
        for name: OrderID in ["lost", "a", "b"] { machine.place(request(name), at: 0) }
        machine.report(.uncertain("lost", reason: "no answer", settled: .zero))
        machine.report(.placed("a", venueID: "A"))
        machine.report(.placed("b", venueID: "B"))
        machine.hear(trade(1, "2.00000000"))
        machine.hear(.removed("A", .filled))
        machine.report(.refused("lost", reason: "no"))
        machine.hear(trade(2, "2.00000000"))
        machine.hear(.removed("B", .filled))
        #expect(machine.fills.map(\.order) == ["b"])
        #expect(machine.fills.map(\.tradeID) == [2], "the first one can be the other's")
        machine.settle("a", [trade(1, "2.00000000", "A")], isOver: false)
        #expect(machine.fills.map(\.order) == ["b", "a"])
    }

    /// How much of an order was filled while nobody heard is asked, when it is cancelled before anybody has told.
    @Test func aCancelledOrderOfAnUnheardTimeIsAskedAbout() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.report(.placed("a", venueID: Self.venueID))
        machine.isBlind = true
        machine.clearEffects()
        machine.hear(.removed(Self.venueID, .cancelled))
        #expect(machine.effects == [.askFills(0, isOver: true)])
        machine.settle("a", [trade(1, "0.50000000", Self.venueID)], isOver: true)
        #expect(machine.order("a")?.state == .cancelled)
        #expect(machine.order("a")?.filled == "0.50000000")
    }

    /// An order that was filled while news may have been missed takes no trade that only fits by its amount: that can be
    /// another order's, which the venue tells a moment later. Nor does the other one take it, whose it may not be
    /// either: the venue is asked for both.
    @Test func whatWasMissedIsNotGuessed() {
        let machine = OrderDeskMachine()
        for name: OrderID in ["a", "b"] { machine.place(request(name), at: 0) }
        machine.report(.placed("a", venueID: Self.venueID))
        machine.report(.placed("b", venueID: "another"))
        machine.isBlind = true
        machine.hear(.removed(Self.venueID, .filled))
        machine.isBlind = false
        machine.hear(trade(7, "2.00000000"))
        #expect(machine.fills.isEmpty)
        machine.clearEffects()
        machine.hear(.removed("another", .filled))
        #expect(machine.fills.isEmpty)
        #expect(machine.effects.contains(.askFills(1, isOver: false)))
        machine.settle("b", [trade(7, "2.00000000", "another")], isOver: false)
        machine.settle("a", [trade(3, "2.00000000", Self.venueID)], isOver: false)
        #expect(machine.fills.map(\.order) == ["b", "a"])
        #expect(machine.fills.map(\.tradeID) == [7, 3])
    }

    /// Nothing is asked where the other order has all of its trades.
    @Test func whatWasNotMissedIsTaken() {
        let machine = OrderDeskMachine()
        for name: OrderID in ["a", "b"] { machine.place(request(name), at: 0) }
        machine.report(.placed("a", venueID: Self.venueID))
        machine.report(.placed("b", venueID: "another"))
        machine.isBlind = true
        machine.hear(.changed(venue("1.00000000")))
        machine.isBlind = false
        machine.settle("a", [trade(3, "1.00000000", Self.venueID)], isOver: false)
        machine.clearEffects()
        machine.hear(trade(7, "2.00000000"))
        machine.hear(.removed("another", .filled))
        #expect(machine.fills.map(\.order) == ["b"])
        #expect(!machine.effects.contains(.askFills(1, isOver: false)))
    }

    /// What a gateway that is no more had on its way has no answer; what none has been given goes its way.
    @Test func aLostGatewayLeavesUnknownOrders() {
        let machine = OrderDeskMachine()
        for name: OrderID in ["a", "b", "c"] { machine.place(request(name), at: 0) }
        machine.report(.placed("c", venueID: Self.venueID))
        machine.cancel("c")
        machine.clearEffects()
        machine.loseGateway(settled: .zero + .seconds(12), unsent: ["b"])
        #expect(machine.order("a")?.state == .unknown)
        #expect(machine.order("b")?.state == .pending)
        #expect(
            machine.effects.contains(.cancel(2)), "a second cancellation does what the first did")
        #expect(machine.effects.contains(.reconcile(notBefore: .zero + .seconds(12))))
    }

    @Test func anUncertainOrderIsFoundOnTheList() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 20_000_000)
        machine.report(.uncertain("a", reason: "no answer", settled: .zero + .seconds(12)))
        #expect(machine.order("a")?.state == .unknown)
        let question = machine.beginComparison()
        var listed = venue("2.00000000")
        listed.created = 20_500_000
        let unlisted = machine.compare([listed], question: question, asked: .zero + .seconds(1))
        #expect(unlisted.ids.isEmpty)
        #expect(machine.order("a")?.venueID == Self.venueID)
        #expect(machine.order("a")?.state == .open)
    }

    /// Of two that a listed order can be it is the one that was for as much, not one that would be filled in part.
    @Test func anUncertainOrderIsTheOneOfItsSize() {
        let machine = OrderDeskMachine()
        machine.place(request("large", quantity: "5.00000000"), at: 0)
        machine.place(request("right"), at: 1)
        for id in ["large", "right"] as [OrderID] {
            machine.report(.uncertain(id, reason: "cut off", settled: .zero))
        }
        let question = machine.beginComparison()
        let unlisted = machine.compare(
            [venue("2.00000000")], question: question, asked: .zero + .seconds(1))
        #expect(machine.order("right")?.venueID == Self.venueID)
        #expect(machine.order("large")?.venueID == nil)
        #expect(unlisted.ids == ["large"])
    }

    @Test func anUncertainOrderThatIsNowhereIsRejectedOnlyOnceItCannotComeAnyMore() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 20_000_000)
        machine.report(.uncertain("a", reason: "no answer", settled: .zero + .seconds(12)))
        var question = machine.beginComparison()
        var unlisted = machine.compare([], question: question, asked: .zero + .seconds(11))
        #expect(unlisted.ids.isEmpty, "it may still come")
        question = machine.beginComparison()
        unlisted = machine.compare([], question: question, asked: .zero + .seconds(12))
        #expect(unlisted.ids == ["a"])
        _ = machine.compare([], unlisted: unlisted)
        #expect(machine.order("a")?.state == .rejected)
        #expect(
            machine.order("a")?.reason == "the venue has no such order, and none like it has traded"
        )
    }

    @Test func anUncertainOrderThatWasFilledAtOnceIsFoundAmongTheTrades() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 20_000_000)
        machine.report(.uncertain("a", reason: "no answer", settled: .zero))
        let question = machine.beginComparison()
        let unlisted = machine.compare([], question: question, asked: .zero + .seconds(1))
        let trades = [
            trade(1, "1.50000000", "X"), trade(2, "0.50000000", "X"), trade(3, "9.0", "Y"),
        ]
        machine.clearEffects()
        _ = machine.compare(trades, unlisted: unlisted)
        #expect(machine.order("a")?.venueID == "X")
        guard case .askFills(let slot, isOver: true)? = machine.effects.last else {
            Issue.record("what it traded is asked for: \(machine.effects)")
            return
        }
        #expect(machine.order(in: slot)?.id == "a")
        machine.settle("a", Array(trades.prefix(2)), isOver: true)
        #expect(machine.order("a")?.state == .filled)
        #expect(machine.order("a")?.cost == Money("20", .usd))
    }

    /// An order that is placed while the list is on its way is not missing from it.
    @Test func whatIsYoungerThanTheListIsNotMissing() {
        let machine = OrderDeskMachine()
        let question = machine.beginComparison()
        machine.place(request("a"), at: 0)
        machine.report(.placed("a", venueID: Self.venueID))
        machine.clearEffects()
        _ = machine.compare([], question: question, asked: .zero)
        #expect(machine.effects.isEmpty)
        let next = machine.beginComparison()
        _ = machine.compare([], question: next, asked: .zero)
        #expect(machine.effects.count == 1, "now it is")
    }

    @Test func aCancellationWaitsForTheName() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.clearEffects()
        let isAsked = machine.cancel("a")
        #expect(isAsked)
        #expect(machine.effects.isEmpty)
        machine.report(.placed("a", venueID: Self.venueID))
        #expect(
            machine.effects.contains {
                guard case .cancel(let slot) = $0 else { return false }
                return machine.order(in: slot)?.venueID == Self.venueID
            })
        machine.hear(.removed(Self.venueID, .cancelled))
        let isAskedAgain = machine.cancel("a")
        #expect(!isAskedAgain)
    }

    @Test func anUntoldEndIsAskedFor() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.report(.placed("a", venueID: Self.venueID))
        machine.clearEffects()
        machine.hear(.removed(Self.venueID, .untold))
        #expect(machine.order("a")?.state == .pending)
        #expect(machine.effects.count == 1)
        machine.settle("a", [trade(1, "0.50000000")], isOver: true)
        #expect(machine.order("a")?.state == .cancelled)
        #expect(machine.order("a")?.filled == "0.5")
    }

    @Test func endedOrdersAreForgottenInTheEnd() {
        let machine = OrderDeskMachine(memory: 3)
        for i in 0..<10 {
            let id = OrderID("o\(i)")
            machine.place(request(id), at: 0)
            machine.report(.refused(id, reason: "no"))
            #expect(machine.order(id)?.state == .rejected, "not before it has been told")
            machine.clearEffects()
        }
        #expect(machine.order("o6") == nil)
        #expect(machine.order("o7")?.state == .rejected)
        #expect(machine.openCount == 0)
    }

    /// An order that ended while the venue's list was on its way may still be on it.
    @Test func nothingIsForgottenDuringAComparison() {
        let machine = OrderDeskMachine(memory: 1)
        for id in ["a", "b"] as [OrderID] {
            machine.place(request(id), at: 0)
            machine.report(.placed(id, venueID: OrderID("v-\(id)")))
        }
        let question = machine.beginComparison()
        for id in ["a", "b"] as [OrderID] {
            machine.hear(.removed(OrderID("v-\(id)"), .cancelled))
            machine.clearEffects()
        }
        _ = machine.compare(
            [venue("2.00000000", id: "v-a")], question: question, asked: .zero)
        #expect(machine.openCount == 0, "it is no order of somebody else's")
        machine.endComparison()
        machine.clearEffects()
        #expect(machine.order("a") == nil && machine.order("b")?.state == .cancelled)
    }

    @Test func aNameIsUsedOnce() {
        let machine = OrderDeskMachine()
        machine.place(request("a"), at: 0)
        machine.clearEffects()
        let second = machine.place(request("a"), at: 0)
        #expect(states(machine) == [.pending, .rejected], "the first one stands as it stood")
        #expect(second?.id == "a (second)", "nobody may take the first one for rejected")
        #expect(second?.reason == "expected a name of its own, found a second order a")
        #expect(machine.order("a")?.state == .pending)
    }
}
