import OutcryComponents
import OutcryKernel
import OutcryMarket
import Testing

/// What a risk guard lets pass.
@Suite struct RiskGuardMachineTests {
    private func order(
        _ id: OrderID, _ quantity: Quantity, _ price: Price?, _ side: OrderSide = .buy
    )
        -> OrderRequest
    {
        OrderRequest(side: side, quantity: quantity, price: price, instrument: .btcusd, id: id)
    }

    private func reason(
        _ machine: inout RiskGuardMachine, _ request: OrderRequest, at seconds: Int = 0
    ) -> String? {
        machine.admit(request, on: .btcusd, at: .zero + .seconds(seconds))
    }

    @Test func withoutLimitsEverythingPasses() {
        var machine = RiskGuardMachine(RiskLimits())
        #expect(reason(&machine, order("a", "1000000", "1000000")) == nil)
        #expect(reason(&machine, order("b", "1000000", nil)) == nil)
    }

    @Test func sizeAndWorth() {
        var limits = RiskLimits()
        limits.quantity = "5"
        limits.notional = [Money("100", .usd)].compactMap(\.self)
        var machine = RiskGuardMachine(limits)
        #expect(reason(&machine, order("a", "5", "20")) == nil)
        #expect(
            reason(&machine, order("b", "5.00000001", "1"))
                == "expected at most 5 an order, found 5.00000001")
        #expect(
            reason(&machine, order("c", "5", "20.00001"))
                == "expected an order of at most 100.00000 USD, found one of 100.00005 USD")
        #expect(
            reason(&machine, order("d", "1", nil))
                == "expected a price to reckon with, found a market order before the first trade")
        machine.note("30.00000", of: .btcusd)
        #expect(reason(&machine, order("d", "3", nil)) == nil)
        #expect(reason(&machine, order("e", "4", nil)) != nil)
    }

    @Test func openOrdersAndTheirWorth() {
        var limits = RiskLimits()
        limits.openOrders = 2
        limits.openNotional = [Money("100", .usd)].compactMap(\.self)
        var machine = RiskGuardMachine(limits)
        #expect(reason(&machine, order("a", "4", "20")) == nil)
        #expect(
            reason(&machine, order("b", "1", "20.00001"))
                == "expected open orders of at most 100.00000 USD, found 100.00001 USD with this one"
        )
        #expect(reason(&machine, order("b", "1", "20")) == nil)
        #expect(
            reason(&machine, order("c", "0.01", "1")) != nil, "two are open")
        var first = Order(
            id: "a", instrument: .btcusd, side: .buy, price: "20.00000", remaining: "1.00000000",
            filled: "3.00000000", state: .open)
        machine.note(first)
        first.state = .cancelled
        machine.note(first)
        #expect(machine.openCount == 1)
        #expect(reason(&machine, order("c", "4", "20")) == nil)
    }

    @Test func theCollar() {
        var limits = RiskLimits()
        limits.collar = 50
        var machine = RiskGuardMachine(limits)
        #expect(
            reason(&machine, order("a", "1", "10"))
                == "expected a last price to compare with, found none yet")
        machine.note("100.00000", of: .btcusd)
        #expect(reason(&machine, order("a", "1", "105")) == nil)
        #expect(
            reason(&machine, order("b", "1", "105.00001"))
                == "expected a price up to 105.00000, found 105.00001 with a last price of 100.00000"
        )
        #expect(reason(&machine, order("c", "1", "95", .sell)) == nil)
        #expect(reason(&machine, order("d", "1", "94.9", .sell)) != nil)
        #expect(reason(&machine, order("e", "1", "1")) == nil, "a low bid harms nobody")
    }

    @Test func theRateAndTheSwitch() {
        var limits = RiskLimits()
        limits.rate = TokenBucket(capacity: 2, period: .seconds(10))
        var machine = RiskGuardMachine(limits)
        #expect(reason(&machine, order("a", "1", "1")) == nil)
        #expect(reason(&machine, order("b", "1", "1"), at: 1) == nil)
        #expect(reason(&machine, order("c", "1", "1"), at: 2) != nil)
        #expect(reason(&machine, order("c", "1", "1"), at: 10) == nil)
        machine.kill(true)
        #expect(reason(&machine, order("d", "1", "1"), at: 30) == "the kill switch is thrown")
        machine.kill(false)
        #expect(reason(&machine, order("d", "1", "1"), at: 30) == nil)
    }
}

/// Who goes first where a venue limits requests.
@Suite struct RateLimiterMachineTests {
    private func wish(_ number: UInt64, _ kind: RequestKind, deadline: Int = 100) -> PermitWish {
        PermitWish(
            number: number, kind: kind, overHTTP: true, deadline: .zero + .seconds(deadline),
            asker: .none)
    }

    @Test func cancellationsGoFirst() {
        var machine = RateLimiterMachine([RateBudget("calls", 1, in: .seconds(10))])
        let first = machine.wish(wish(1, .query), at: .zero)
        let others = [
            machine.wish(wish(2, .query), at: .zero), machine.wish(wish(3, .place), at: .zero),
            machine.wish(wish(4, .cancel), at: .zero),
        ]
        #expect(first)
        #expect(others == [false, false, false])
        #expect(machine.nextTime(at: .zero) == .zero + .seconds(10))
        var order: [UInt64] = []
        for round in 1...3 {
            order += machine.turns(at: .zero + .seconds(10 * round)).granted.map(\.number)
        }
        #expect(order == [4, 3, 2])
    }

    @Test func whatHasNoBudgetInCommonDoesNotWait() {
        var machine = RateLimiterMachine([
            RateBudget("orders", 1, in: .seconds(6), kinds: [.place]),
            RateBudget("HTTP calls", 100, in: .seconds(20), isOfHTTP: true),
        ])
        let first = machine.wish(wish(1, .place), at: .zero)
        let second = machine.wish(wish(2, .place), at: .zero)
        let cancel = machine.wish(wish(3, .cancel), at: .zero)
        let query = machine.wish(wish(4, .query), at: .zero)
        #expect(
            [first, second, cancel, query] == [true, false, true, false],
            "a place goes before a query")
        let turns = machine.turns(at: .zero + .seconds(6))
        #expect(turns.granted.map(\.number) == [2, 4])
    }

    @Test func whoIsTooLateIsTold() {
        var machine = RateLimiterMachine([RateBudget("calls", 1, in: .seconds(10))])
        _ = machine.wish(wish(1, .query), at: .zero)
        _ = machine.wish(wish(2, .query, deadline: 5), at: .zero)
        #expect(machine.nextTime(at: .zero) == .zero + .seconds(5))
        let turns = machine.turns(at: .zero + .seconds(5))
        #expect(turns.late.map(\.number) == [2])
        #expect(machine.count == 0)
    }
}
