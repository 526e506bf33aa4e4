import Testing

extension ProgramTests {
    /// The examples as people start them, each at an exchange of its own.
    @Suite(.serialized) struct ExampleTests {
        /// The whole output in virtual time, which ends well and complains of nothing.
        private func simulated(_ example: String) throws -> [String] {
            let end = try Child.run(example, "--simulate")
            #expect(end.status == 0, "\(end.errors)")
            #expect(end.errors.isEmpty, "\(end.errors)")
            return end.output.split(separator: "\n").map(String.init)
        }

        @Test(arguments: [["--simulate"], []]) func aThousandOrdersAtOnce(
            _ options: [String]
        ) throws {
            let end = try Child("thousand-orders", options).end()
            #expect(end.status == 0, "\(end.errors)")
            let lines = end.output.split(separator: "\n")
            try #require(lines.count == 4, "\(end.output)")
            #expect(lines[0] == "asked for 1000 orders, without waiting for any")
            #expect(lines[1].hasPrefix("taken: 1000, rejected: 0; 100"), "\(lines[1])")
            #expect(lines[2].hasPrefix("cancelled: 1000, filled: 0; 1000 messages out, "))
            #expect(lines[3] == "open at the venue: 0, lost: 0")
        }

        @Test func theMarketMakerQuotesBothSidesAndLeavesNothingOpen() throws {
            let lines = try simulated("market-maker")
            try #require(lines.count > 3, "\(lines)")
            #expect(try simulated("market-maker") == lines, "the same lines each time")
            let (buys, sells) = (
                lines.count { $0.hasPrefix("buy ") }, lines.count { $0.hasPrefix("sell ") }
            )
            #expect(buys > 5 && sells > 5)
            let sum = lines[lines.count - 3]
            #expect(
                sum.hasSuffix(" orders, \(buys) fills bought, \(sells) sold, 0 left open"), "\(sum)"
            )
            #expect(lines[lines.count - 2].hasPrefix("inventory "))
            #expect(lines[lines.count - 1].hasPrefix("profit after fees "))
            #expect(lines[lines.count - 1].hasSuffix(" USD"))
        }

        @Test func theMarketMakerEndsOnRealSockets() throws {
            let end = try Child.run("market-maker", "--seconds", "1")
            #expect(end.status == 0, "\(end.errors)")
            #expect(end.output.contains(" sold, 0 left open\n"), "\(end.output)")
        }

        @Test func arbitrageTradesBothLegs() throws {
            let lines = try simulated("arbitrage")
            let deals = lines.filter { $0.contains(" -> ") }
            #expect(deals.contains { $0.hasPrefix("west -> east: bought ") })
            #expect(deals.contains { $0.hasPrefix("east -> west: bought ") })
            #expect(lines.count == deals.count + 2)
            #expect(lines[deals.count].hasPrefix("\(deals.count) deals: "), "\(lines)")
            #expect(lines[deals.count].contains(" USD and 0.00000000 BTC, fees "), "\(lines)")
            #expect(lines[deals.count + 1].hasPrefix("profit "))
        }

        @Test func theSpreadAlarmIsHeard() throws {
            let lines = try simulated("spread-alarm")
            // They take turns, and the limit is another one after half of the time.
            let calls = lines.compactMap { $0.split(separator: ":").first }.filter {
                $0 == "wide" || $0 == "closed"
            }
            #expect(calls.count > 8)
            for (place, call) in calls.enumerated() {
                #expect(call == (place % 2 == 0 ? "wide" : "closed"))
            }
            let half = try #require(lines.firstIndex { $0.hasPrefix("half time: ") })
            func widths(_ lines: ArraySlice<String>) -> [Int] {
                lines.filter { $0.hasPrefix("wide: ") }.compactMap {
                    $0.split(separator: " ").dropLast().last.flatMap { Int($0) }
                }
            }
            #expect(widths(lines[..<half]).allSatisfy { $0 > 40 })
            #expect(widths(lines[..<half]).contains { $0 <= 80 })
            #expect(widths(lines[half...]).allSatisfy { $0 > 80 } && lines.last != lines[half])
            #expect(lines.last?.contains(" wide spreads; the alarm saw ") == true)
        }

        @Test(arguments: [["--seconds", "4", "--simulate"], ["--seconds", "4"]])
        func theTrendIsFoundOffTheLoop(
            _ options: [String]
        ) throws {
            let end = try Child("trend", options).end()
            #expect(end.status == 0, "\(end.errors)")
            let lines = end.output.split(separator: "\n")
            let fits = lines.count { $0.hasPrefix("of ") && $0.hasSuffix(" USD a coin") }
            try #require(fits > 0 && lines.count == fits + 2, "\(end.output)")
            #expect(lines[fits].hasPrefix("\(fits) fits, "))
            #expect(lines[fits + 1].hasPrefix("longest fit "))
            if options.last == "--simulate" {
                #expect(fits > 5)
                #expect(lines[fits + 1].hasSuffix(", longest turn of the loop 0 us"))
            }
        }
    }
}
