import Glibc
import Testing

/// A client and the sandbox on every carrier, in weather that a seed decides: it comes back, each
/// subscription is in force once, no message comes twice, nothing stays behind.
///
/// `OUTCRY_SEEDS=1000` runs so many seeds a carrier, `OUTCRY_SEED=7` that one alone.
@Suite struct StormTests {
    @Test(arguments: StormSeeds.carriers) func storms(_ carrier: StormCarrier) throws {
        for seed in StormSeeds.range { try storm(carrier, seed) }
    }

    private func storm(_ carrier: StormCarrier, _ seed: UInt64) throws {
        let house = try StormHouse(carrier, seed: seed)
        let listener = house.listener
        var story: Comment { "\(house.story)" }
        house.storm()
        try #require(house.heals(within: 240), story)
        // It is no illusion: messages come.
        let heard = listener.heard
        #expect(house.waits(60) { listener.heard > heard }, story)
        house.stopMarket()
        // Whatever is dead has its time to be found so.
        house.rest(180)
        #expect(listener.isUp, story)
        #expect(house.bookFault == nil, story)
        #expect(house.leftovers == [], story)
        #expect(listener.wrong == [], story)
        // Tries are counted, and the dead are buried: nothing piles up.
        #expect(house.most.connections <= 60, story)
        #expect(house.most.sessions <= 60, story)
        #expect(!house.isOverfull, story)
    }

    @Test func oneSeedIsOneRun() throws {
        func run() throws -> ([String], [String], Int) {
            let house = try StormHouse(.polling, seed: 5)
            house.storm()
            house.rest(20)
            return (house.weather, house.listener.downs, house.listener.heard)
        }
        let first = try run()
        let second = try run()
        #expect(first == second)
    }
}

/// Which seeds are run, on which carriers, by the environment.
enum StormSeeds {
    /// All carriers, or those whose names begin with `OUTCRY_CARRIER`.
    static let carriers: [StormCarrier] = {
        guard let text = unsafe getenv("OUTCRY_CARRIER") else { return StormCarrier.allCases }
        let name = unsafe String(cString: text)
        return StormCarrier.allCases.filter { $0.rawValue.hasPrefix(name) }
    }()

    static let range: ClosedRange<UInt64> = {
        if let one { return one...one }
        return 1...max(1, number("OUTCRY_SEEDS") ?? 2)
    }()

    /// One seed is looked at.
    static var isReplay: Bool { one != nil }

    private static let one = number("OUTCRY_SEED")

    private static func number(_ name: String) -> UInt64? {
        unsafe getenv(name).flatMap { unsafe UInt64(String(cString: $0)) }
    }
}
