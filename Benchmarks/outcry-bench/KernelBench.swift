import CAllocationCounter
import Outcry
import OutcryMeasuring

/// `outcry-bench kernel [--json]`: what an event costs, beside the bare floor in the same run.
enum KernelBench {
    static let rounds = 9
    static let events = 1_000_000

    struct Figure {
        let name: String
        let unit: String
        var samples: [Double] = []
        var median: Double { samples.sorted()[samples.count / 2] }
        var least: Double { samples.min() ?? 0 }
        var most: Double { samples.max() ?? 0 }
    }

    /// - Parameter only: Runs this shape alone, once: for profilers.
    static func run(
        json: Bool, only: String?, makeDriver: @escaping () throws -> any Driver
    ) throws {
        let shapes: [(name: String, measure: () throws -> Double)] = [
            ("ring64_ns", { Measuring.ring64(events) }),
            ("ping64_ns", { try ping64(try makeDriver()) }),
            ("ping192_ns", { try ping192(try makeDriver()) }),
            ("batch_ns", { try batch(try makeDriver()) }),
            ("publish8_ns", { try publish8(try makeDriver()) }),
            ("call_ns", { try call(try makeDriver()) }),
            ("timer_set_ns", { try timerSet(try makeDriver()) }),
            ("hop_ns", { try AwaitBench.hop(try makeDriver()) }),
            ("await_ns", { try AwaitBench.inbox(try makeDriver()) }),
            ("trace_ns", { try more(makeDriver) { LastEvents($0, capacity: 4096) } }),
            ("measure_ns", { try more(makeDriver) { $0.measuresEvents = true } }),
        ]
        if let only {
            for shape in shapes where shape.name.hasPrefix(only) {
                print("\(shape.name) \(Measuring.text(try shape.measure()))")
            }
            return
        }
        var figures = shapes.map { Figure(name: $0.name, unit: "ns") }
        for _ in 0..<rounds {
            for i in shapes.indices { figures[i].samples.append(try shapes[i].measure()) }
        }
        let allocations = try allocationsPerEvent(try makeDriver())
        let bytes = try bytesPerSession(try makeDriver())
        if json {
            var fields = figures.map { "\"\($0.name)\":\(Measuring.text($0.median))" }
            fields.append("\"allocations_per_event\":\(Measuring.text(allocations))")
            fields.append("\"bytes_per_session\":\(Measuring.text(bytes))")
            for figure in figures {
                fields.append(
                    "\"\(figure.name)_range\":[\(Measuring.text(figure.least)),\(Measuring.text(figure.most))]"
                )
            }
            print("{\(fields.joined(separator: ","))}")
        } else {
            print("kernel, medians of \(rounds) rounds of \(events) events [min ... max]")
            for f in figures {
                print(
                    "  \(f.name)  \(Measuring.text(f.median))  [\(Measuring.text(f.least)) ... \(Measuring.text(f.most))]"
                )
            }
            print("  allocations_per_event  \(Measuring.text(allocations))")
            print("  bytes_per_session  \(Measuring.text(bytes))")
        }
    }

    // MARK: The shapes

    /// What an event of ``ping64(_:with:)`` costs more with something turned on, the two beside each other.
    static func more(
        _ makeDriver: () throws -> any Driver, _ turnOn: @escaping (Kernel) -> Any
    ) throws -> Double {
        let plain = try ping64(try makeDriver())
        return try ping64(try makeDriver(), with: turnOn) - plain
    }

    static func ping64(
        _ driver: any Driver, with turnOn: ((Kernel) -> Any)? = nil
    ) throws -> Double {
        let kernel = Kernel(driver: driver)
        let held = turnOn?(kernel)
        defer { _ = held }
        let a = Ping64()
        let b = Pong64()
        let first = kernel.start(a)
        a.peer = kernel.start(b)
        b.peer = first
        let result = try Measuring.measure(events) {
            kernel.post(.ball64, to: first, Payload64())
            try kernel.run()
        }
        precondition(a.count + b.count == events, "every ball was caught")
        return result
    }

    static func ping192(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        let a = Ping192()
        let b = Pong192()
        let first = kernel.start(a)
        a.peer = kernel.start(b)
        b.peer = first
        let result = try Measuring.measure(events) {
            kernel.post(.ball192, to: first, Payload192())
            try kernel.run()
        }
        precondition(a.count + b.count == events, "every ball was caught")
        return result
    }

    static func batch(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        let sink = Sink()
        let id = kernel.start(sink, alias: "sink")
        let lease = kernel.start(Keeper(), alias: "keeper")
        let rounds = events / 256
        let result = Measuring.measure(rounds * 256) {
            for _ in 0..<rounds {
                for _ in 0..<256 { kernel.post(.ball64, to: id, Payload64()) }
                kernel.runOnce()
            }
        }
        precondition(sink.count == rounds * 256, "every event was delivered")
        kernel.stop(lease)
        try kernel.finish()
        return result
    }

    static func publish8(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        let sinks = (0..<8).map { _ in Listener() }
        for sink in sinks { kernel.start(sink) }
        let turns = events / 8
        let publisher = Publisher(turns)
        let id = kernel.start(publisher, alias: "publisher")
        let result = try Measuring.measure(turns * 8) {
            kernel.post(.go, to: id, ())
            try kernel.run()
        }
        precondition(sinks.allSatisfy { $0.count == turns }, "everybody got everything")
        return result
    }

    static func call(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        let sink = Sink()
        let id = kernel.start(sink, alias: "sink")
        let caller = kernel.start(Caller(id, events), alias: "caller")
        let result = try Measuring.measure(events) {
            kernel.post(.go, to: caller, ())
            try kernel.run()
        }
        precondition(sink.count == events, "every call arrived")
        return result
    }

    /// Setting and cancelling an alarm among 10,000 others.
    static func timerSet(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        let setter = Setter(count: 100_000)
        let id = kernel.start(setter, alias: "setter")
        kernel.post(.go, to: id, ())
        try kernel.run()
        return setter.result
    }

    static func allocationsPerEvent(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        let a = Counted()
        let b = Pong64()
        let first = kernel.start(a)
        a.peer = kernel.start(b)
        b.peer = first
        a.onCount = { if $0 == 10_000 { oc_alloc_counting(true) } }
        kernel.post(.ball64, to: first, Payload64())
        try kernel.run()
        oc_alloc_counting(false)
        return Double(oc_alloc_count()) / Double(events)
    }

    static func bytesPerSession(_ driver: any Driver) throws -> Double {
        let kernel = Kernel(driver: driver)
        let count = 200_000
        kernel.start(Keeper(), alias: "keeper")
        _ = kernel.runOnce()
        let before = Memory.resident()
        for i in 0..<count {
            kernel.start(Held(), alias: nil)
            if i % 256 == 0 { kernel.runOnce() }
        }
        let bytes = Double(Memory.resident() - before) / Double(count)
        try kernel.finish()
        return bytes
    }
}
