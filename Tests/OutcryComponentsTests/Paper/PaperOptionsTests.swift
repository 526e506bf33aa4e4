import OutcryComponents
import OutcryMarket
import Testing

@Suite struct PaperOptionsTests {
    @Test func theTextIsReadAsItWasWritten() throws {
        var options = PaperOptions()
        #expect(try PaperOptions(options.text) == options)
        options.queue = .proRata
        try options.setLatency("1.5,2,0,0.001")
        try options.setBalances("BTC=0.5 EUR=0")
        try options.setFee("0.25")
        options.seed = .max
        options.reportsJSON = true
        #expect(
            options.text
                == "queue=pro-rata;latency=1.500,2.000,0.000,0.001;balance=BTC=0.5 EUR=0;fee=0.25;seed=18446744073709551615;json"
        )
        #expect(try PaperOptions(options.text) == options)
        #expect(options.feeRate == 25)
    }

    @Test(arguments: ["", "1", "on", "yes"]) func yesIsTheUsualWay(_ text: String) throws {
        #expect(try PaperOptions(text) == PaperOptions())
    }

    @Test func oneNumberIsAllWays() throws {
        let options = try PaperOptions("latency=7")
        #expect(options.latency.entry == .milliseconds(7))
        #expect(options.latency.cancel == .milliseconds(7))
        #expect(options.latency.news == .milliseconds(7))
        #expect(options.latency.tail == .zero)
    }

    @Test(arguments: [
        ("que=back", "expected queue, latency, balance, fee, seed or json, found \"que=back\""),
        ("queue=front", "queue: expected one of back, pro-rata, touch, found \"front\""),
        ("latency=fast", "latency: expected milliseconds up to an hour"),
        ("latency=1,2", "latency: expected milliseconds up to an hour"),
        ("latency=-1", "latency: expected milliseconds up to an hour"),
        ("latency=3600001", "latency: expected milliseconds up to an hour"),
        ("latency=0.0001", "latency: expected milliseconds up to an hour"),
        ("balance=BTC", "balance: expected amounts such as BTC=10 USD=1000"),
        ("balance=BTC=-1", "balance: expected amounts such as BTC=10 USD=1000"),
        ("balance=BTC=1 BTC=2", "each currency once, found \"BTC=2\""),
        ("balance=", "found none"),
        ("fee=101", "fee: expected 0 to 100 percent with at most two decimals, found \"101\""),
        ("fee=0.001", "found \"0.001\""),
        ("seed=x", "seed: expected a whole number, found \"x\""),
    ])
    func whatIsNotUnderstoodIsNamed(_ text: String, _ words: String) {
        do {
            _ = try PaperOptions(text)
            Issue.record("\(text) was read")
        } catch { #expect(error.description.contains(words), "\(error)") }
    }

    @Test func aBalanceHasTheUnitsOfItsCurrency() {
        var options = PaperOptions()
        options.balances = [PaperBalance(code: "USD", amount: "0.000001")]
        #expect(throws: PaperOptionsError.self) {
            try PaperMachine(options, PaperRules(), instruments: [.btcusd])
        }
        options.balances = [PaperBalance(code: "EUR", amount: "5")]
        let machine = try? PaperMachine(options, PaperRules(), instruments: [.btcusd])
        #expect(machine?.wallet.description == "0.00000000 BTC, 0.00000 USD")
    }
}
