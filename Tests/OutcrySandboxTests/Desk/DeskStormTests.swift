import Glibc
import OutcryKernel
import Testing

@testable import OutcrySandbox

/// Whatever an exchange does wrong, and whichever part of the link fails, in the end desk and exchange agree: on
/// every order, every fill and the wallet; nothing is lost and nothing doubled.
///
/// One seed a trouble here, on one of the carriers that it can befall; `OUTCRY_SEEDS=200` runs so many on each
/// (`Tests/storms desk` prints them as a table), `OUTCRY_SEED=7` that one alone, and `OUTCRY_TROUBLE=refuse` that
/// trouble.
@Suite struct DeskStormTests {
    /// A trouble on a carrier.
    struct Case: Sendable, CustomTestStringConvertible {
        let trouble: DeskTrouble
        let carrier: DeskCarrier

        var testDescription: String { "\(trouble.name) on \(carrier.rawValue)" }
    }

    static let cases: [Case] = {
        let name = environment("OUTCRY_TROUBLE")
        let isBrief = environment("OUTCRY_SEEDS") == nil && environment("OUTCRY_SEED") == nil
        var cases: [Case] = []
        for (place, trouble) in DeskTrouble.all.enumerated() {
            guard name == nil || trouble.name.hasPrefix(name ?? "") else { continue }
            let carriers =
                isBrief
                ? [trouble.carriers[place % trouble.carriers.count]] : trouble.carriers
            cases += carriers.map { Case(trouble: trouble, carrier: $0) }
        }
        return cases
    }()

    static let seeds: ClosedRange<UInt64> = {
        if let one = environment("OUTCRY_SEED").flatMap({ UInt64($0) }) { return one...one }
        return 1...max(1, environment("OUTCRY_SEEDS").flatMap { UInt64($0) } ?? 1)
    }()

    /// One seed is looked at.
    private static var isReplay: Bool { environment("OUTCRY_SEED") != nil }

    private static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    @Test func everyFaultIsStormedWith() {
        let stormed = Set(DeskTrouble.faults.flatMap { $0.faults.map(\.name) })
        #expect(SandboxFaults.names.filter { !stormed.contains($0) } == [])
    }

    @Test(arguments: cases) func inTheEndTheyAgree(_ one: Case) throws {
        var violations = 0
        var traded = 0
        var reconciled: [Duration] = []
        var agreed: [Duration] = []
        for seed in Self.seeds {
            let storm = try DeskStorm(seed: seed, one.trouble, one.carrier)
            try storm.run()
            let problems = storm.problems
            traded += storm.traded
            if !problems.isEmpty { violations += 1 }
            for problem in problems {
                Issue.record("\(one.testDescription), seed \(seed): \(problem)")
            }
            reconciled.append(storm.longestReconciliation)
            if let time = storm.agreement { agreed.append(time) }
            if Self.isReplay { print(one.testDescription, "at last:", storm.lastDifference) }
        }
        #expect(traded > 0, "it is no illusion")
        print(
            "| \(one.trouble.name) | \(one.carrier.rawValue) | \(Self.seeds.count) | \(violations) "
                + "| \(Self.median(reconciled)) | \(Self.most(reconciled)) "
                + "| \(Self.median(agreed)) | \(Self.most(agreed)) |")
    }

    private static func median(_ times: [Duration]) -> String {
        times.isEmpty ? "-" : seconds(times.sorted()[times.count / 2])
    }

    private static func most(_ times: [Duration]) -> String { times.max().map(seconds) ?? "-" }

    /// In seconds with three decimals.
    private static func seconds(_ time: Duration) -> String {
        let thousandths = (time.nanoseconds + 500_000) / 1_000_000
        return "\(thousandths / 1_000).\("\(1_000 + thousandths % 1_000)".dropFirst())"
    }
}
