import Glibc
import OutcryComponents
import OutcryCrypto
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcryVenues

extension Event where Payload == UInt64 {
    static let replied = Self("test.replied")
}
extension Event where Payload == MtGoxSealJob {
    static let asked = Self("test.asked")
}
extension Event where Payload == Answer<MtGoxSignerCounters> {
    static let counted = Self("test.counted")
}

/// Stands where a gateway stands: passes calls to the signer, and a reply comes back after a while.
final class SignerGateway: Session {
    /// What processes share: everything that left any of them.
    final class Wire {
        var stamps: [UInt64] = []
        var out: Set<String> = []
        var mostOut = 0
    }
    let wire: Wire
    let name: String
    var latency: Duration
    private(set) var sealed: [MtGoxSealed] = []
    private(set) var failures: [String] = []
    private(set) var skews: [Duration] = []
    private(set) var counters: MtGoxSignerCounters?

    init(_ wire: Wire, name: String = "one", latency: Duration = .milliseconds(20)) {
        self.wire = wire
        self.name = name
        self.latency = latency
    }

    static func handlers(_ on: inout Handlers<SignerGateway>) {
        on(.started) { _, _, my in my.register(Topic(.clockSkew, from: "signer")) }
        on(.clockSkew) { me, skew, _ in me.skews.append(skew.offset) }
        on(.asked) { _, job, my in my.post(.mtgoxSeal, to: "signer", job) }
        on(.mtgoxSealed) { me, sealed, my in
            me.sealed.append(sealed)
            me.wire.stamps.append(sealed.stamp.value)
            me.wire.out.insert("\(me.name) \(sealed.number)")
            me.wire.mostOut = max(me.wire.mostOut, me.wire.out.count)
            if me.latency > .zero { my.after(me.latency, .replied, sealed.number) }
        }
        on(.replied) { me, number, my in
            me.wire.out.remove("\(me.name) \(number)")
            my.post(.mtgoxSealDone, to: "signer", number)
        }
        on(.mtgoxNotSealed) { me, failure, my in me.failures.append(failure.reason) }
        on(.counted) { me, answer, _ in
            if case .reply(let counters) = answer { me.counters = counters }
        }
        on(.line) { me, _, my in
            my.ask(
                .mtgoxSignerCounters, to: "signer", (), timeout: .seconds(1), then: .counted)
        }
    }
}

extension Event where Payload == String {
    static let line = Self("test.line")
}

@Suite struct SignerTests {
    static let secret = Base64.encode(
        (0..<64).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) })
    static let key = "a8f0c118-f963-430a-9150-02fc673afdda"

    /// Two, or as many as `OUTCRY_SEEDS` says.
    static var seeds: UInt64 {
        let text = unsafe getenv("OUTCRY_SEEDS").map { unsafe String(cString: $0) }
        return max(1, text.flatMap { UInt64($0) } ?? 2)
    }

    static func credentials() throws -> MtGoxCredentials {
        try MtGoxCredentials(key: key, secret: secret)
    }

    /// A process: a kernel with a signer and a gateway.
    struct Process {
        let simulation: Simulation
        let kernel: Kernel
        let gateway: SignerGateway

        init(
            _ world: SimulatedWorld, _ gateway: SignerGateway, _ signer: MtGoxSigner
        ) {
            simulation = Simulation(in: world)
            kernel = Kernel(driver: simulation)
            kernel.onLog = { _ in }
            self.gateway = gateway
            kernel.start(signer, alias: "signer")
            kernel.start(gateway, alias: "gateway")
        }

        func ask(_ number: UInt64, _ carrier: MtGoxCarrier = .http, version: MtGoxVersion = .v1) {
            let call = MtGoxRawCall(
                version: version, endpoint: "order/add", instrument: .btcusd,
                parameters: [MtGoxParameter("type", "bid"), MtGoxParameter("note", "ä b&c")],
                kind: .place)
            kernel.post(
                .asked, to: "gateway", MtGoxSealJob(number: number, call: call, carrier: carrier))
        }
    }

    private func options(
        _ stamps: MtGoxSignerOptions.Stamps, folder: String? = "state"
    ) -> MtGoxSignerOptions {
        var options = MtGoxSignerOptions()
        options.stamps = stamps
        options.folder = folder
        return options
    }

    /// Processes of one key come, ask, die at any moment and come again: no stamp is used twice, and with
    /// nonces there is never more than one call out of those who live.
    @Test(arguments: [true, false])
    func noStampTwiceOverCrashes(isSerial: Bool) throws {
        for seed in 1...Self.seeds {
            let world = SimulatedWorld(seed: seed)
            var random = SeededGenerator(seed: seed)
            let wire = SignerGateway.Wire()
            var processes: [Process] = []
            var born = 0
            var number: UInt64 = 0
            for _ in 0..<30 {
                while processes.count < 3 {
                    born += 1
                    let gateway = SignerGateway(wire, name: "\(born)")
                    processes.append(
                        Process(
                            world, gateway,
                            MtGoxSigner(
                                try Self.credentials(), gateway: "gateway",
                                options: options(isSerial ? .nonce : .tonce))))
                }
                let index = Int.random(in: 0..<3, using: &random)
                for _ in 0..<Int.random(in: 1...(isSerial ? 3 : 100), using: &random) {
                    number += 1
                    processes[index].ask(number)
                }
                world.advance(by: .microseconds(Int64.random(in: 0...200_000, using: &random)))
                if Int.random(in: 0..<6, using: &random) == 0 {
                    let gone = processes.remove(at: index)
                    gone.simulation.crash()
                    wire.out = wire.out.filter { !$0.hasPrefix("\(gone.gateway.name) ") }
                }
            }
            world.advance(by: .seconds(20))
            #expect(Set(wire.stamps).count == wire.stamps.count, "seed \(seed)")
            #expect(wire.stamps.count > (isSerial ? 20 : 700), "seed \(seed)")
            #expect(wire.out.isEmpty, "seed \(seed)")
            if isSerial {
                #expect(wire.mostOut == 1, "seed \(seed)")
                #expect(wire.stamps == wire.stamps.sorted(), "seed \(seed)")
            }
            #expect(processes.allSatisfy { $0.gateway.failures.isEmpty }, "seed \(seed)")
        }
    }

    /// What goes out is what the venue takes: over either carrier, byte for byte.
    @Test func messages() throws {
        let world = SimulatedWorld(seed: 1)
        let credentials = try Self.credentials()
        let process = Process(
            world, SignerGateway(.init()),
            MtGoxSigner(credentials, gateway: "gateway", options: options(.tonce, folder: nil)))
        process.ask(1, .stream(id: "a\"1"))
        process.ask(2, .http)
        process.ask(3, .http, version: .v2)
        process.ask(4, .stream(id: "x"), version: .v0)
        world.advance(by: .milliseconds(1))
        let sealed = process.gateway.sealed
        try #require(sealed.map(\.number) == [1, 2, 3])
        #expect(process.gateway.failures == ["v0 BTCUSD order/add has no name in the stream"])

        guard case .stream(let text) = sealed[0].message else { throw Recording.Missing(path: "") }
        let expected = MtGoxCallBody(
            id: "a\"1", call: "order/add", stamp: sealed[0].stamp,
            parameters: [MtGoxParameter("type", "bid"), MtGoxParameter("note", "ä b&c")])
        let blob = MtGoxSealedCall(expected.json, credentials: credentials)
        #expect(
            String(decoding: text, as: UTF8.self)
                == "{\"op\":\"call\",\"call\":\"\(blob.base64)\",\"id\":\"a\\\"1\","
                + "\"context\":\"mtgox.com\"}")
        for (index, target) in [
            (1, "/api/1/BTCUSD/order/add"), (2, "/api/2/BTCUSD/order/add"),
        ] {
            guard case .http(let to, let fields, let body) = sealed[index].message else {
                throw Recording.Missing(path: "")
            }
            #expect(to == target)
            #expect(
                String(decoding: body, as: UTF8.self)
                    == "\(sealed[index].stamp)&type=bid&note=%C3%A4%20b%26c")
            #expect(fields["Rest-Key"] == Self.key)
            #expect(fields["Rest-Sign"] == credentials.restSign(target, body: body.span))
        }
    }

    /// The clock of the machine is an hour off: the first tonce is refused, those after its reply are right.
    @Test(arguments: [-3600, 3600]) func aWrongClock(seconds: Int64) throws {
        let world = SimulatedWorld(seed: 2)
        // What a predecessor used before the clock was set wrong.
        let process = Process(
            world, SignerGateway(.init()),
            MtGoxSigner(try Self.credentials(), gateway: "gateway", options: options(.tonce)))
        process.ask(1)
        world.advance(by: .seconds(1))
        world.stepWallClock(by: .seconds(seconds))
        process.ask(2)
        world.advance(by: .seconds(1))
        let venue = { world.wallNow.microseconds - seconds * 1_000_000 }
        let isRight = { (tonce: UInt64) in abs(Int64(tonce) - venue()) < 7_000_000 }
        #expect(isRight(process.gateway.sealed[0].stamp.value))
        #expect(!isRight(process.gateway.sealed[1].stamp.value))
        process.kernel.post(
            .mtgoxClock, to: "signer",
            MtGoxClockReading(
                venueMicroseconds: venue() / 1_000_000 * 1_000_000, resolution: .seconds(1),
                age: .milliseconds(100)))
        for number in 3...600 as ClosedRange<UInt64> { process.ask(number) }
        world.advance(by: .seconds(1))
        let stamps = process.gateway.sealed.map(\.stamp.value)
        #expect(stamps.count == 600 && Set(stamps).count == 600)
        #expect(stamps.dropFirst(2).allSatisfy(isRight))
        #expect(process.gateway.skews.count == 1)
        // Set right, nothing is far apart any more.
        world.stepWallClock(by: .seconds(-seconds))
        process.kernel.post(
            .mtgoxClock, to: "signer",
            MtGoxClockReading(
                venueMicroseconds: world.wallNow.microseconds, resolution: .milliseconds(1),
                age: .milliseconds(10)))
        process.ask(601)
        world.advance(by: .seconds(1))
        #expect(process.gateway.skews.count == 2)
        #expect(process.gateway.skews.last == .zero)
        let last = try #require(process.gateway.sealed.last).stamp.value
        #expect(abs(Int64(last) - world.wallNow.microseconds) < 7_000_000)
        #expect(Set(process.gateway.sealed.map(\.stamp.value)).count == 601)
    }

    /// A reply that nobody tells of gives its turn up after the deadline, and is counted.
    @Test func aReplyThatNeverComes() throws {
        let world = SimulatedWorld(seed: 3)
        let gateway = SignerGateway(.init(), latency: .zero)
        let process = Process(
            world, gateway,
            MtGoxSigner(try Self.credentials(), gateway: "gateway", options: options(.nonce)))
        process.ask(1)
        process.ask(2)
        world.advance(by: .seconds(29))
        #expect(gateway.sealed.count == 1)
        world.advance(by: .seconds(2))
        #expect(gateway.sealed.count == 2)
        process.kernel.post(.line, to: "gateway", "count")
        world.advance(by: .seconds(1))
        let counters = try #require(gateway.counters)
        #expect(counters.overdue == 1 && counters.signed == 2 && counters.waiting == 0)
    }

    /// A signer that stops gives its turn, or its place in the queue, to others.
    @Test func aSignerThatStops() throws {
        let world = SimulatedWorld(seed: 4)
        let wire = SignerGateway.Wire()
        let processes = try (0..<3).map { index in
            Process(
                world, SignerGateway(wire, name: "\(index)", latency: .zero),
                MtGoxSigner(try Self.credentials(), gateway: "gateway", options: options(.nonce)))
        }
        for (index, process) in processes.enumerated() {
            process.ask(UInt64(index))
            world.advance(by: .milliseconds(1))
        }
        #expect(processes.map(\.gateway.sealed.count) == [1, 0, 0])
        for process in processes.prefix(2).reversed() {
            process.kernel.stop(try #require(process.kernel.find("signer")))
            world.advance(by: .milliseconds(1))
        }
        #expect(processes.map(\.gateway.sealed.count) == [1, 0, 1])
    }

    /// Two signers of one key in a process without a folder share what they have used.
    @Test func signersOfOneProcess() throws {
        let marks = MtGoxMarks()
        let wire = SignerGateway.Wire()
        let world = SimulatedWorld(seed: 5)
        for _ in 0..<2 {
            let process = Process(
                world, SignerGateway(wire),
                MtGoxSigner(try Self.credentials(), gateway: "gateway", marks: marks))
            for number in 0..<1000 as Range<UInt64> { process.ask(number) }
            world.advance(by: .zero)
        }
        #expect(wire.stamps.count == 2000 && Set(wire.stamps).count == 2000)
    }

    @Test func keysThatAreAskedFor() throws {
        struct NoKey: Error, CustomStringConvertible { let description = "the vault is closed" }
        let world = SimulatedWorld(seed: 6)
        let good = Process(
            world, SignerGateway(.init()),
            MtGoxSigner(gateway: "gateway") { my in
                try await my.sleep(.seconds(3))
                return try Self.credentials()
            })
        let bad = Process(
            world, SignerGateway(.init()),
            MtGoxSigner(gateway: "gateway") { my in
                try await my.sleep(.seconds(3))
                throw NoKey()
            })
        for process in [good, bad] {
            process.ask(1)
            process.ask(2)
        }
        world.advance(by: .seconds(1))
        good.kernel.post(.mtgoxSealDone, to: "signer", 2)
        world.advance(by: .seconds(1))
        #expect(good.gateway.sealed.isEmpty && bad.gateway.failures.isEmpty)
        world.advance(by: .seconds(2))
        #expect(bad.gateway.failures.count == 2)
        bad.ask(3)
        world.advance(by: .seconds(1))
        #expect(bad.gateway.failures.first == "there is no key: the vault is closed")
        #expect(bad.gateway.failures.count == 3)
        #expect(good.gateway.sealed.map(\.number) == [1])
    }

    /// Nothing that a program can print of what touches a secret shows it: not as text, bytes or digits.
    @Test func nothingShowsASecret() throws {
        var shown = ""
        func show<T>(_ value: T) {
            shown += "\(value) \(String(reflecting: value)) "
            dump(value, to: &shown)
        }
        let credentials = try Self.credentials()
        let world = SimulatedWorld(seed: 7)
        let signer = MtGoxSigner(credentials, gateway: "gateway", options: options(.tonce))
        let process = Process(world, SignerGateway(.init()), signer)
        process.kernel.onLog = { shown += "\($0)\n" }
        process.kernel.onTrace = { shown += "\($0)\n" }
        process.ask(1, .stream(id: "x"))
        process.ask(2, .http)
        world.advance(by: .seconds(3))
        let body = MtGoxCallBody(id: "x", call: "info", stamp: .tonce(1))
        show(credentials)
        show(credentials.secret)
        show(HMACSHA512(credentials.secret))
        show(MtGoxSeal(credentials))
        show(MtGoxCallWriter(credentials))
        show(MtGoxSealedCall(body.json, credentials: credentials))
        show(signer)
        show(process.gateway.sealed)
        show(process.kernel.snapshot())
        show(["all": [credentials as Any, signer as Any]])
        for path in world.storage.paths {
            shown += path + String(decoding: world.storage[path] ?? [], as: UTF8.self)
        }
        let bytes = try Base64.decode(Self.secret)
        #expect(shown.contains(Self.key))
        #expect(process.gateway.sealed.count == 2)
        for length in [8] {
            for start in stride(from: 0, to: bytes.count - length, by: 4) {
                let part = Array(bytes[start..<start + length])
                let base = String(Base64.encode(Array(bytes[(start / 3 * 3)...])).prefix(8))
                #expect(!shown.contains(base))
                #expect(!shown.contains(Hex.encode(part)))
                #expect(!shown.contains(part.map { "\($0)" }.joined(separator: ", ")))
            }
        }
        #expect(!shown.contains("SHA512_CTX"))
        for name in ["HMACStates", "inner:", "outer:"] {
            #expect(!shown.contains(name), "\(name)")
        }
    }
}
