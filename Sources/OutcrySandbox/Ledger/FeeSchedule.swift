/// What the house takes of a trade, by what an owner traded in 30 days.
public struct FeeSchedule: Hashable, Sendable {
    /// From so much on, so much is taken.
    public struct Tier: Hashable, Sendable {
        /// What was traded in 30 days at least, in units of the base.
        public let volume: Int64
        /// The fee in hundredths of a percent of what is received.
        public let rate: Int32

        /// Makes a tier.
        public init(volume: Int64, rate: Int32) {
            self.volume = volume
            self.rate = rate
        }
    }

    /// The tiers, the lowest volume, which is 0, first.
    public let tiers: [Tier]

    /// Makes a schedule.
    ///
    /// - Precondition: the first volume is 0, volumes rise, rates are 0 to 10,000 and do not rise.
    public init(_ tiers: [Tier]) {
        precondition(tiers.first?.volume == 0, "a fee schedule begins with the volume 0")
        for (one, next) in zip(tiers, tiers.dropFirst()) {
            precondition(one.volume < next.volume, "the volumes of a fee schedule rise")
            precondition(one.rate >= next.rate, "the rates of a fee schedule do not rise")
        }
        precondition(
            tiers.allSatisfy { (0...10_000).contains($0.rate) }, "a fee is 0 to 100 percent")
        self.tiers = tiers
    }

    /// Nobody pays anything.
    public static let free = Self([Tier(volume: 0, rate: 0)])

    /// Mt. Gox in 2013: 0.6 % at the bottom, 0.25 % from 500,000 BTC on.
    ///
    /// - Source: the bottom and 0.46 % are in recordings (MTGOX.md 11); the other tiers are from memory
    ///   of the venue's fee page and not proved by data.
    public static let mtGox = Self(
        [
            (0, 60), (100, 55), (200, 53), (500, 50), (1_000, 46), (2_000, 43), (5_000, 40),
            (10_000, 30), (25_000, 29), (50_000, 28), (100_000, 27), (250_000, 26), (500_000, 25),
        ].map { Tier(volume: $0.0 * 100_000_000, rate: $0.1) })

    /// The tier of a volume, as its place.
    func place(of volume: Int64) -> Int {
        var place = tiers.count - 1
        while place > 0, tiers[place].volume > volume { place -= 1 }
        return place
    }
}
