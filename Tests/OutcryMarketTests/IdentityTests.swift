import OutcryMarket
import Testing

@Suite struct IdentityTests {
    /// The table of the Mt. Gox protocol reference, section 2.1.
    static let table: [(Currency, String, Int)] = [
        (.btc, "BTC", 8), (.ltc, "LTC", 8), (.nmc, "NMC", 8), (.jpy, "JPY", 3), (.sek, "SEK", 3),
        (.usd, "USD", 5), (.aud, "AUD", 5), (.cad, "CAD", 5), (.chf, "CHF", 5), (.cny, "CNY", 5),
        (.czk, "CZK", 5), (.dkk, "DKK", 5), (.eur, "EUR", 5), (.gbp, "GBP", 5), (.hkd, "HKD", 5),
        (.inr, "INR", 5), (.krw, "KRW", 5), (.nok, "NOK", 5), (.nzd, "NZD", 5), (.pln, "PLN", 5),
        (.rub, "RUB", 5), (.sgd, "SGD", 5), (.thb, "THB", 5),
    ]

    @Test func theKnownCurrenciesHaveTheirCodesAndDecimals() {
        for (currency, code, decimals) in Self.table {
            #expect(currency.code == code)
            #expect(currency.decimals == decimals)
            #expect(currency == Currency(code, decimals: decimals))
            #expect(currency == Currency(ascii: code.utf8.span, decimals: decimals))
            #expect(currency == Currency(bits: currency.bits))
            #expect("\(currency)" == code)
        }
        #expect(Set(Self.table.map { $0.0 }).count == 23)
    }

    @Test func aCurrencyIsOneWordAndAnInstrumentTwo() {
        #expect(MemoryLayout<Currency>.size == 8)
        #expect(MemoryLayout<VenueID>.size == 8)
        #expect(MemoryLayout<Instrument>.size == 16)
    }

    @Test func decimalsArePartOfTheIdentity() {
        #expect(Currency("USD", decimals: 2) != .usd)
        #expect(Currency("USD", decimals: 2) < .usd)
        #expect(Currency("USD", decimals: 2).code == "USD")
    }

    @Test(arguments: ["", "TOOLONGX", "U D", "U\u{0}D", "\u{20AC}", "US\u{7F}"])
    func untrustedCodesAreRefused(_ code: String) {
        #expect(Currency(validating: code, decimals: 5) == nil)
        #expect(Currency(ascii: code.utf8.span, decimals: 5) == nil)
    }

    @Test func untrustedDecimalsAreRefused() {
        #expect(Currency(validating: "USD", decimals: -1) == nil)
        #expect(Currency(validating: "USD", decimals: 19) == nil)
        #expect(Currency(validating: "SEVENCH", decimals: 18)?.decimals == 18)
        #expect(Currency(validating: "SEVENCH", decimals: 18)?.code == "SEVENCH")
    }

    @Test func identifiersSortByTheirText() {
        #expect([Currency.usd, .btc, .eur].sorted() == [.btc, .eur, .usd])
        #expect(Currency("A", decimals: 0) < Currency("AA", decimals: 0))
        #expect([Instrument.btcusd, .btceur, .btcgbp].sorted() == [.btceur, .btcgbp, .btcusd])
        #expect(VenueID("a") < VenueID("b") && VenueID("ab") < VenueID("b"))
    }

    @Test func anInstrumentIsNamedByItsCodes() {
        #expect(Instrument.btcusd.name == "BTCUSD")
        #expect("\(Instrument.btcjpy)" == "BTCJPY")
        #expect(Instrument.btceur == Instrument(base: .btc, quote: .eur))
        #expect(Instrument.btcgbp.quote == .gbp)
    }

    @Test func aVenueHasUpToEightCharacters() {
        let venue: VenueID = "mtgox"
        #expect("\(venue)" == "mtgox")
        #expect(venue == VenueID("mtgox") && venue != VenueID("mtgo"))
        #expect("\(VenueID("midchain"))" == "midchain")
        #expect(VenueID(validating: "midchains") == nil)
        #expect(VenueID(validating: "") == nil)
    }

    @Test func sidesConvert() {
        #expect(Side.bid.opposite == .ask && Side.ask.opposite == .bid)
        #expect(OrderSide.buy.opposite == .sell && OrderSide.sell.opposite == .buy)
        #expect(OrderSide.buy.rests == .bid && OrderSide.buy.takes == .ask)
        #expect(OrderSide.sell.rests == .ask && OrderSide.sell.takes == .bid)
        for side in Side.allCases { #expect(side.order.rests == side) }
        #expect("\(Side.bid) \(Side.ask) \(OrderSide.buy) \(OrderSide.sell)" == "bid ask buy sell")
    }

    @Test func aWrongCurrencyInCodeIsAProgrammersMistake() async {
        await #expect(processExitsWith: .failure) { _ = Currency("US DOLLAR", decimals: 5) }
        await #expect(processExitsWith: .failure) { _ = VenueID("too long a name") }
    }
}
