import OutcryKernel
import OutcryMarket
import Testing

@testable import OutcryComponents

/// Which orders of the venue's those are that have no name and are not on its list: told by what was traded.
@Suite struct UnlistedOrderTests {
    private let machine = OrderDeskMachine()

    /// In the units of the instrument, as a desk gives them to the machine.
    private func exact(_ quantity: Quantity) -> Quantity { quantity.rescaled(to: 8) ?? quantity }

    /// Places an order; seconds since 1970.
    private func place(_ id: OrderID, _ quantity: Quantity, at price: Price? = nil, sent: Int64) {
        let request =
            price.map { OrderRequest.limit(.buy, quantity: exact(quantity), price: $0) }
            ?? .market(.buy, quantity: exact(quantity))
        machine.place(request.on(.btcusd).named(id), at: sent * 1_000_000)
    }

    private func loseAnswer(of ids: OrderID...) {
        for id in ids { machine.report(.uncertain(id, reason: "cut off", settled: .zero)) }
    }

    /// A purchase as a history of the base tells it, so many seconds since 1970.
    private func trade(
        _ number: Int64, _ quantity: Quantity, of venueID: OrderID, at seconds: Int64
    )
        -> ExecutionNews
    {
        var news = ExecutionNews(tradeID: number)
        news.side = .buy
        news.quantity = exact(quantity)
        news.venueID = venueID
        news.stamp = seconds * 1_000_000
        return news
    }

    /// Compares with a venue that lists no orders.
    ///
    /// - Returns: Whether all is decided.
    private func compare(_ trades: ExecutionNews...) -> Bool {
        let question = machine.beginComparison()
        defer { machine.endComparison() }
        let unlisted = machine.compare([], question: question, asked: .zero)
        return machine.compare(trades, unlisted: unlisted)
    }

    private func name(of id: OrderID) -> OrderID? { machine.order(id)?.venueID }

    /// What is as much as a later order was for is no part of an older, larger one.
    @Test func whatIsAllOfOneIsNoPartOfAnother() {
        place("large", "5", sent: 100)
        place("right", "2", sent: 101)
        loseAnswer(of: "large", "right")
        let isDecided = compare(
            trade(1, "1.5", of: "X", at: 102), trade(2, "0.5", of: "X", at: 102))
        #expect(isDecided)
        #expect(name(of: "right") == "X")
        #expect(machine.order("large")?.state == .rejected)
    }

    /// Of two that are alike the older one gets what was traded first.
    @Test func theOlderOneTradedFirst() {
        place("first", "2", sent: 100)
        place("second", "2", sent: 101)
        loseAnswer(of: "second", "first")
        let isDecided = compare(trade(1, "2", of: "X", at: 102), trade(2, "2", of: "Y", at: 102))
        #expect(isDecided)
        #expect(name(of: "first") == "X" && name(of: "second") == "Y")
    }

    /// A market order of which the venue has given up a part.
    @Test func aPartIsTakenWhereNoOtherFits() {
        place("a", "5", sent: 100)
        loseAnswer(of: "a")
        let isDecided = compare(trade(1, "2", of: "X", at: 102))
        #expect(isDecided)
        #expect(name(of: "a") == "X")
        machine.settle("a", [trade(1, "2", of: "X", at: 102)], isOver: true)
        #expect(machine.order("a")?.state == .cancelled)
        #expect(machine.order("a")?.filled == "2")
    }

    /// A limited order is over with a part only where somebody has cancelled it: a predecessor may have, who died before
    /// that was written; this program would know.
    @Test(
        arguments: [
            (true, "10.00000", true), (true, "9.99000", true), (true, "10.01000", false),
            (false, "10.00000", false),
        ] as [(Bool, Price, Bool)])
    func aPartOfALimitedOrder(isInherited: Bool, price: Price, isTaken: Bool) {
        if isInherited {
            inherit("a", "5", at: "10.00000")
        } else {
            place("a", "5", at: "10.00000", sent: 100)
            loseAnswer(of: "a")
        }
        var news = trade(1, "2", of: "X", at: 102)
        news.price = price
        let isDecided = compare(news)
        #expect(isDecided)
        #expect(name(of: "a") == (isTaken ? "X" : nil))
        machine.settle("a", [news], isOver: true)
        #expect(machine.order("a")?.state == (isTaken ? .cancelled : .rejected))
    }

    private func inherit(_ id: OrderID, _ quantity: Quantity, at price: Price) {
        let request = OrderRequest.limit(.buy, quantity: exact(quantity), price: price)
            .on(.btcusd).named(id)
        machine.adopt(
            IntentLedger.Intent(request: request, sent: 100_000_000, venueID: nil),
            settled: .zero)
    }

    /// What has rested has traded at its limit; what has not, rather near to it.
    @Test(
        arguments: [("10.00000", "rests"), ("9.90000", "near"), ("11.00000", "far")]
            as [(Price, OrderID)])
    func aPartIsTheNearestOnes(price: Price, owner: OrderID) {
        inherit("far", "5", at: "12.00000")
        inherit("rests", "5", at: "10.00000")
        inherit("near", "5", at: "9.95000")
        var news = trade(1, "2", of: "X", at: 102)
        news.price = price
        _ = compare(news)
        #expect(["far", "rests", "near"].filter { name(of: $0) == "X" } == [owner])
    }

    /// What was traded can be an order's that has no answer yet: it is waited for, whether it would be all of one or a
    /// part of the other.
    @Test(arguments: ["2", "5"] as [Quantity])
    func whatCanBeAnothersIsNotDecided(quantity: Quantity) {
        place("lost", quantity, sent: 100)
        place("going", "2", sent: 101)
        loseAnswer(of: "lost")
        var isDecided = compare(trade(1, "2", of: "X", at: 102))
        #expect(!isDecided)
        #expect(machine.order("lost")?.state == .unknown)
        machine.report(.placed("going", venueID: "X"))
        isDecided = compare(trade(1, "2", of: "X", at: 102))
        #expect(isDecided)
        #expect(machine.order("lost")?.state == .rejected)
        #expect(name(of: "going") == "X")
    }

    /// What one waits for is no part of a third one.
    @Test func whatIsWaitedForIsNobodysPart() {
        place("large", "5", sent: 99)
        place("lost", "2", sent: 100)
        place("going", "2", sent: 101)
        loseAnswer(of: "large", "lost")
        var isDecided = compare(trade(1, "2", of: "X", at: 102))
        #expect(!isDecided)
        #expect(name(of: "large") == nil && name(of: "lost") == nil)
        machine.report(.refused("going", reason: "no"))
        isDecided = compare(trade(1, "2", of: "X", at: 102))
        #expect(isDecided)
        #expect(name(of: "lost") == "X")
        #expect(machine.order("large")?.state == .rejected)
    }

    /// An order that is placed long after a trade was made did not make it.
    @Test func whatWasTradedBeforeIsNotWaitedFor() {
        place("lost", "2", sent: 100)
        place("going", "2", sent: 130)
        loseAnswer(of: "lost")
        let isDecided = compare(trade(1, "2", of: "X", at: 102))
        #expect(isDecided)
        #expect(name(of: "lost") == "X")
    }

    /// The account's channel has told what a strange order was for: its limit, how much, or that nothing of it is left.
    @Test func whatTheChannelHasToldCounts() {
        place("market", "5", sent: 100)
        place("low", "2", at: "9.00000", sent: 100)
        place("right", "2", at: "10.00000", sent: 101)
        loseAnswer(of: "market", "low", "right")
        let told = VenueOrder(
            venueID: "X", instrument: .btcusd, side: .buy, price: "10.00000",
            remaining: exact("2"), state: .open)
        machine.hear(.changed(told))
        machine.hear(.removed("Y", .filled))
        let isDecided = compare(trade(1, "2", of: "X", at: 102), trade(2, "3", of: "Y", at: 102))
        #expect(isDecided)
        #expect(name(of: "right") == "X")
        #expect(machine.order("low")?.state == .rejected, "its limit was another one")
        #expect(machine.order("market")?.state == .rejected, "all of that one was traded")
    }

    // MARK: Listed ones

    private func listed(_ remaining: Quantity) -> VenueOrder {
        VenueOrder(
            venueID: "X", instrument: .btcusd, side: .buy, price: "10.00000",
            remaining: exact(remaining), state: .open)
    }

    /// What remains of a listed order is not what it was for: that is told by what it has traded as well.
    @Test(arguments: ["3", "3.5"] as [Quantity])
    func whatAListedOrderHasTradedTells(traded: Quantity) {
        place("huge", "9", at: "10.00000", sent: 99)
        place("small", "2", at: "10.00000", sent: 100)
        place("right", "5", at: "10.00000", sent: 101)
        loseAnswer(of: "small", "right", "huge")
        let question = machine.beginComparison()
        #expect(machine.unsure([listed("2")]).map(\.venueID) == ["X"])
        // Some may have been traded behind the list.
        let unlisted = machine.compare(
            [listed("2")], traded: ["X": exact(traded).units], question: question, asked: .zero)
        #expect(name(of: "right") == "X")
        #expect(unlisted.ids == ["huge", "small"])
        #expect(machine.unsure([listed("2")]).isEmpty, "it is known now")
    }

    @Test func whatWasForAsMuchAsRemainsNeedsNoQuestion() {
        place("right", "2", at: "10.00000", sent: 100)
        place("small", "1", at: "10.00000", sent: 100)
        loseAnswer(of: "right", "small")
        #expect(machine.unsure([listed("2")]).isEmpty)
    }

    /// A listed order can be one's that has no answer yet: it is waited for, and nobody who may have it is given up.
    @Test func whatIsListedAndCanBeAnothersIsNotDecided() {
        place("lost", "2", at: "10.00000", sent: 100)
        place("going", "2", at: "10.00000", sent: 101)
        loseAnswer(of: "lost")
        var unlisted = machine.compare(
            [listed("2")], question: machine.beginComparison(), asked: .zero)
        #expect(unlisted.ids.isEmpty && !unlisted.isDecided)
        machine.report(.placed("going", venueID: "X"))
        unlisted = machine.compare(
            [listed("2")], question: machine.beginComparison(), asked: .zero)
        #expect(unlisted.ids == ["lost"] && unlisted.isDecided)
    }

    // MARK: Ends of which nobody has told

    private func placed(_ id: OrderID, _ venueID: OrderID) {
        place(id, "2", at: "10.00000", sent: 100)
        machine.report(.placed(id, venueID: venueID))
    }

    /// An end that only a pointless cancellation shows is one that the account's channel has not told.
    @Test func anEndThatNobodyToldOfIsReported() {
        placed("a", "X")
        machine.report(.cancelPointless("a", reason: "Order not found"))
        let isUnheard = machine.settle("a", [trade(1, "2", of: "X", at: 102)], isOver: true)
        #expect(isUnheard)
        #expect(machine.order("a")?.state == .filled)
        let isUnheardAgain = machine.settle("a", [], isOver: true)
        #expect(!isUnheardAgain, "it has ended")
    }

    @Test func anEndThatWasToldMeanwhileIsNot() {
        placed("a", "X")
        machine.report(.cancelPointless("a", reason: "Order not found"))
        machine.hear(.removed("X", .filled))
        let isUnheard = machine.settle("a", [trade(1, "2", of: "X", at: 102)], isOver: true)
        #expect(!isUnheard)
        #expect(machine.order("a")?.state == .filled)
    }

    /// A venue that does not say how an order ended, as that of 2012, has said that it did.
    @Test(arguments: [false, true])
    func anUntoldReasonIsToldAll(isBefore: Bool) {
        placed("a", "X")
        if isBefore { machine.hear(.removed("X", .untold)) }
        machine.report(.cancelPointless("a", reason: "Order not found"))
        if !isBefore { machine.hear(.removed("X", .untold)) }
        let isUnheard = machine.settle("a", [trade(1, "2", of: "X", at: 102)], isOver: true)
        #expect(!isUnheard)
        #expect(machine.order("a")?.state == .filled)
    }
}
