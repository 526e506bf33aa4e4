import CAllocationCounter
import OutcryMeasuring
import OutcrySandbox

/// `outcry-bench engine [--json]`: what an order costs the sandbox's matching engine, with money.
///
/// 1,000 accounts, of which one in five runs out of money, Mt. Gox's fees, and the rule that what is not
/// funded is not in the book. Of the orders 40 % rest within 50 levels of the best price, 40 % take back
/// one of the last 4,096 that rested (some of which were traded by then), 20 % take one to five levels.
/// Measured is the engine with all events that it writes, into one buffer that is emptied before each
/// order; the drawing is not.
enum EngineBench {
    static let warmUp = 200_000

    /// What one round saw.
    struct Round: Equatable {
        var nanoseconds = 0.0
        var allocations: UInt64 = 0
        var fills = 0
        var events = 0
        var invalid = 0
        var open = 0
        var hash: UInt64 = 0
    }

    static func run(_ words: [String]) throws -> Int32 {
        let count = words.firstIndex(of: "--orders").flatMap { Int(words[$0 + 1]) } ?? 1_000_000
        let rounds = words.firstIndex(of: "--rounds").flatMap { Int(words[$0 + 1]) } ?? 5
        let load = try EngineLoad(warmUp: warmUp, measured: count)
        var samples: [Double] = []
        var floors: [Double] = []
        var last = Round()
        for _ in 0..<rounds {
            floors.append(Measuring.ring64(1_000_000))
            let round = try round(load)
            precondition(last.hash == 0 || last.hash == round.hash, "every round ends alike")
            last = round
            samples.append(round.nanoseconds)
        }
        samples.sort()
        floors.sort()
        let (cost, floor) = (samples[rounds / 2], floors[rounds / 2])
        let perOrder = Measuring.text(Double(last.allocations) / Double(count))
        let figures: [(name: String, value: String)] = [
            ("orders_per_second", "\(Int(1_000_000_000 / cost))"),
            ("order_ns", Measuring.text(cost)), ("order_ns_least", Measuring.text(samples[0])),
            ("order_ns_most", Measuring.text(samples[rounds - 1])),
            ("ring64_ns", Measuring.text(floor)), ("ratio", Measuring.text(cost / floor)),
            ("allocations", oc_alloc_available() ? "\(last.allocations)" : "null"),
            ("allocations_per_order", oc_alloc_available() ? perOrder : "null"),
            ("orders", "\(count)"), ("rounds", "\(rounds)"), ("resting", "\(load.resting)"),
            ("cancels", "\(load.cancels)"), ("cancels_that_found", "\(load.found)"),
            ("crossing", "\(load.crossing)"), ("fills", "\(last.fills)"),
            ("open_without_money", "\(last.invalid)"), ("events", "\(last.events)"),
            ("open_at_the_end", "\(last.open)"), ("state_hash", "\(last.hash)"),
        ]
        if words.contains("--json") {
            let fields = figures.map { "\"\($0.name)\":\($0.value)" }
            print("{\(fields.joined(separator: ","))}")
        } else {
            print("engine, medians of \(rounds) rounds")
            for figure in figures { print("  \(figure.name)  \(figure.value)") }
        }
        return 0
    }

    private static func round(_ load: EngineLoad) throws -> Round {
        let engine = try EngineLoad.engine()
        var events: [EngineEvent] = []
        var result = Round()
        for place in 0..<warmUp {
            events.removeAll(keepingCapacity: true)
            try EngineLoad.carryOut(load.orders[place], place, on: engine, into: &events)
        }
        let fills = engine.tradeCount
        let before = oc_alloc_count()
        oc_alloc_counting(true)
        let start = Measuring.nanoseconds()
        for place in warmUp..<load.orders.count {
            events.removeAll(keepingCapacity: true)
            try EngineLoad.carryOut(load.orders[place], place, on: engine, into: &events)
            result.events += events.count
        }
        let count = Double(load.orders.count - warmUp)
        result.nanoseconds = Double(Measuring.nanoseconds() - start) / count
        oc_alloc_counting(false)
        result.allocations = oc_alloc_count() - before
        result.fills = Int(engine.tradeCount - fills)
        result.open = engine.openOrderCount
        for owner in 0..<EngineLoad.accounts {
            engine.forEachOrder(of: OwnerNumber(owner + 10)) {
                if $0.state == .invalid { result.invalid += 1 }
            }
        }
        result.hash = engine.stateHash
        return result
    }
}
