import OutcryMarket
import Testing

@Suite struct CandleTests {
    static let minute: Int64 = 60_000_000

    func trade(
        _ stamp: Int64, _ price: Int64, _ amount: Int64 = 1, id: Int64 = 0, primary: Bool = true,
        of instrument: Instrument = .btcusd
    ) -> Trade {
        Trade(
            venue: "mtgox", instrument: instrument, id: id, priceUnits: price,
            quantityUnits: amount, aggressor: .buy, stamp: stamp, isPrimary: primary)
    }

    @Test func tradesMakeACandle() throws {
        var series = CandleSeries(.btcusd, period: .seconds(60))
        let base = 1_307_353_920 * 1_000_000 as Int64  // a full minute
        #expect(series.add(trade(base, 1_769_850, 5)) == .started)
        #expect(series.add(trade(base + 1, 1_800_000, 6)) == .updated)
        #expect(series.add(trade(base + 59_999_999, 1_700_000, 7)) == .updated)
        #expect(series.add(trade(base + 60_000_000, 1_750_000, 8)) == .started)
        let candle = try #require(series.traded.first)
        #expect(candle.open == "17.6985" && candle.high == "18" && candle.low == "17")
        #expect(candle.close == "17" && candle.volume.units == 18 && candle.trades == 3)
        #expect(candle.start == base && candle.end == base + Self.minute && !candle.isGap)
        #expect(series.traded.count == 2 && series.outOfOrder == 0)
        #expect(
            candle.description
                == "1307353920000000 open 17.69850 high 18.00000 low 17.00000 close 17.00000 "
                + "volume 0.00000018")
    }

    @Test func periodsAreAlignedToTheEpochBeforeItToo() {
        var series = CandleSeries(.btcusd, period: .seconds(60))
        series.add(trade(-1, 1))
        series.add(trade(1, 1))
        series.add(trade(59_999_999, 1))
        #expect(series.traded.map { $0.start } == [-Self.minute, 0])
        var odd = CandleSeries(.btcusd, period: .microseconds(7))
        odd.add(trade(20, 1))
        #expect(odd.traded.first?.start == 14 && odd.period == 7)
    }

    @Test func lateTradesGoWhereTheyBelongAndAreCounted() {
        var series = CandleSeries(.btcusd, period: .seconds(60))
        series.add(trade(Self.minute * 3 + 5, 30))
        #expect(series.add(trade(Self.minute * 3 + 2, 20)) == .updated)
        #expect(series.outOfOrder == 1)
        #expect(series.traded[0].openUnits == 20 && series.traded[0].closeUnits == 30)
        #expect(series.add(trade(Self.minute + 1, 10)) == .amended)
        #expect(series.add(trade(Self.minute + 2, 11)) == .amended)
        #expect(series.add(trade(Self.minute * 2, 12)) == .amended)
        #expect(series.outOfOrder == 4)
        #expect(series.traded.map { $0.start / Self.minute } == [1, 2, 3])
        #expect(series.traded[0].openUnits == 10 && series.traded[0].closeUnits == 11)
    }

    @Test func gapsAreExplicit() {
        var series = CandleSeries(.btcusd, period: .seconds(60))
        series.add(trade(Self.minute + 1, 100, 9))
        series.add(trade(Self.minute * 4 + 1, 200, 9))
        func starts(_ candles: Candles) -> [Int64] { candles.map { $0.start / Self.minute } }
        #expect(starts(series.candles(gaps: .skip)) == [1, 4])
        #expect(starts(series.candles(gaps: .skip, until: Self.minute * 9)) == [1, 4])
        let flat = Array(series.candles(gaps: .repeatClose))
        #expect(flat.map { $0.start / Self.minute } == [1, 2, 3, 4])
        #expect(flat[1].isGap && flat[1].volume.isZero && flat[1].openUnits == 100)
        #expect(flat[2].closeUnits == 100 && flat[2].highUnits == 100 && !flat[3].isGap)
        let later = series.candles(gaps: .repeatClose, until: Self.minute * 7)
        #expect(starts(later) == [1, 2, 3, 4, 5, 6])
        let within = series.candles(gaps: .repeatClose, until: Self.minute * 7 + 1)
        #expect(starts(within) == [1, 2, 3, 4, 5, 6, 7])
        #expect(Array(within).last?.openUnits == 200)
    }

    @Test func anEmptySeriesHasNoCandles() {
        let series = CandleSeries(.btcusd, period: .seconds(1))
        #expect(Array(series.candles(gaps: .repeatClose, until: 1_000_000_000)).isEmpty)
    }

    @Test func whatIsNotForTheSeriesIsCounted() {
        var series = CandleSeries(.btcusd, period: .seconds(60))
        #expect(series.add(trade(1, 1, of: .btceur)) == .ignored)
        #expect(series.add(trade(1, 1, primary: false)) == .ignored)
        #expect(series.add(trade(0, 1)) == .ignored)
        #expect(series.add(trade(.min + 1, 1)) == .ignored)
        #expect(series.add(trade(1, .min)) == .ignored)
        #expect(series.add(trade(1, 1, -1)) == .ignored)
        #expect(series.ignored.otherInstrument == 1 && series.ignored.notPrimary == 1)
        #expect(series.ignored.undated == 2 && series.ignored.unusable == 2)
        #expect(series.traded.isEmpty)
        var all = CandleSeries(.btcusd, period: .seconds(60), primaryOnly: false)
        #expect(all.add(trade(1, 1, primary: false)) == .started)
    }

    @Test func theLastPeriodsOfTimeDoNotTrap() {
        var series = CandleSeries(.btcusd, period: .seconds(60))
        series.add(trade(.max, 1))
        #expect(series.traded[0].end == .max)
        #expect(Array(series.candles(gaps: .repeatClose, until: .max)).count == 1)
    }

    @Test func aVolumeThatDoesNotFitIsInvalid() {
        var series = CandleSeries(.btcusd, period: .seconds(60))
        series.add(trade(1, 1, .max))
        series.add(trade(2, 1, 1))
        series.add(trade(3, 1, 1))
        #expect(series.traded[0].volume == .invalid && series.traded[0].trades == 3)
    }

    @Test func oldCandlesCanBeForgotten() {
        var series = CandleSeries(.btcusd, period: .seconds(60))
        for minute in 0..<10 { series.add(trade(Self.minute * Int64(minute) + 1, 1)) }
        series.removeAll(endedBefore: Self.minute * 4)
        #expect(series.traded.first?.start == Self.minute * 4 && series.traded.count == 6)
        series.removeAll(endedBefore: .max)
        #expect(series.traded.isEmpty)
        #expect(series.add(trade(5, 1)) == .started)
    }

    @Test(arguments: [51, 52, 53] as [UInt64])
    func theCandlesDoNotDependOnTheOrderOfArrival(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let trades = (0..<400).map { index in
            trade(
                Int64.random(in: 1...Self.minute * 20, using: &random) / 1_000_000 * 1_000_000 + 1,
                Int64.random(in: 1...1_000, using: &random),
                Int64.random(in: 1...9, using: &random), id: Int64(index))
        }
        var ordered = CandleSeries(.btcusd, period: .seconds(60))
        let sorted = trades.sorted { ($0.stamp, $0.id) < ($1.stamp, $1.id) }
        for trade in sorted { ordered.add(trade) }
        var shuffled = CandleSeries(.btcusd, period: .seconds(60))
        for trade in trades.shuffled(using: &random) { shuffled.add(trade) }
        #expect(shuffled.traded == ordered.traded)
        #expect(ordered.outOfOrder == 0 && shuffled.outOfOrder > 0)
        // And against the plain definition.
        for candle in ordered.traded {
            let own = sorted.filter { $0.stamp >= candle.start && $0.stamp < candle.end }
            #expect(candle.openUnits == own.first?.priceUnits)
            #expect(candle.closeUnits == own.last?.priceUnits)
            #expect(candle.highUnits == own.map { $0.priceUnits }.max())
            #expect(candle.lowUnits == own.map { $0.priceUnits }.min())
            #expect(candle.volumeUnits == own.map { $0.quantityUnits }.reduce(0, +))
            #expect(candle.trades == own.count)
        }
        #expect(ordered.traded.map { $0.trades }.reduce(0, +) == trades.count)
    }

    @Test func aPeriodIsPositiveAndWhole() async {
        await #expect(processExitsWith: .failure) {
            _ = CandleSeries(.btcusd, period: .seconds(0))
        }
        await #expect(processExitsWith: .failure) {
            _ = CandleSeries(.btcusd, period: .nanoseconds(1_500))
        }
    }
}
