import OutcryKernel
import Testing

@testable import OutcrySimulation

/// The simulated disk: what is left of it when processes die or the power fails, and who has its locks.
@Suite struct StorageTests {
    @Test(arguments: 0..<4) func crashPoints(point: Int) {
        let world = SimulatedWorld(seed: UInt64(point) + 1)
        world.storage.crash(afterWrites: point)
        let before = Simulation(in: world)
        let writer = Writer { my in
            my.lockFile("lock", then: .stored)
            my.appendFile("log", Array("first\n".utf8), then: .stored)
            my.replaceFile("state", Array("new".utf8), then: .stored)
            my.appendFile("log", Array("second\n".utf8), then: .stored)
        }
        world.storage["state"] = Array("old".utf8)
        let kernel = Kernel(driver: before)
        kernel.start(writer, alias: "writer")
        world.advance(by: .seconds(1))
        #expect(writer.outcomes.count == 1 + point)  // the lock, and the writes before the crash
        #expect(world.storage.hasCrashed == (point < 3))
        before.crash()
        world.storage.recover()

        let log = String(decoding: world.storage["log"] ?? [], as: UTF8.self)
        #expect("first\nsecond\n".hasPrefix(log))
        #expect(log.utf8.count >= (point >= 1 ? 6 : 0))
        if point == 3 { #expect(log == "first\nsecond\n") }
        let state = String(decoding: world.storage["state"] ?? [], as: UTF8.self)
        #expect(
            point == 0
                ? state == "old" : point > 1 ? state == "new" : ["old", "new"].contains(state))

        let again = Kernel(driver: Simulation(in: world))
        let reader = Writer { my in
            my.lockFile("lock", then: .stored)
            my.lockFile("lock", then: .stored)
            my.readFile("state", then: .stored)
            my.readFile("none", then: .stored)
        }
        again.start(reader, alias: "reader")
        world.advance(by: .seconds(1))
        #expect(
            reader.outcomes == [
                "done", "flock: Resource temporarily unavailable (11)", state,
                "open: No such file or directory (2)",
            ])
    }

    /// One lock, three processes: in the order of asking, past one that gave up and one that died.
    @Test func locksAreWaitedForAcrossProcesses() {
        let world = SimulatedWorld(seed: 3)
        var kernels: [Kernel] = []
        func process(_ ask: @escaping (Context) -> Void) -> (Simulation, Writer) {
            let simulation = Simulation(in: world)
            let kernel = Kernel(driver: simulation)
            kernels.append(kernel)
            let writer = Writer(ask)
            kernel.start(writer, alias: "writer")
            return (simulation, writer)
        }
        let wait: (Context) -> Void = { $0.lockFile("lock", waits: true, then: .stored) }
        let (first, one) = process(wait)
        world.advance(by: .zero)
        let (second, two) = process(wait)
        let (_, three) = process { my in
            my.unlockFile(my.lockFile("lock", waits: true, then: .stored))
        }
        let (_, four) = process(wait)
        let (_, five) = process(wait)
        // One that has stopped is told of its lock all the same; it comes to rest.
        let (_, last) = process { my in
            wait(my)
            my.kernel.stop()
        }
        world.advance(by: .seconds(1))
        #expect(one.outcomes == ["done"])
        #expect(three.outcomes == ["flock: Operation canceled (125)"])
        #expect(two.outcomes + four.outcomes + five.outcomes == [])
        second.crash()
        first.crash()
        world.advance(by: .seconds(1))
        #expect(two.outcomes == [])
        #expect(four.outcomes == ["done"])
        #expect(five.outcomes + last.outcomes == [])
    }

    /// A mark survives the end of a process at any moment; the end of the power may undo it.
    @Test func marksAndPower() {
        var undone = 0
        for seed in 1...10 as ClosedRange<UInt64> {
            let world = SimulatedWorld(seed: seed)
            world.storage.losesAppends = true
            world.storage["mark"] = Array("5\n".utf8)
            world.storage.crash(afterWrites: 2)
            let writer = Writer { my in
                for _ in 0..<4 { my.advanceMark("mark", past: 0, by: 10, then: .stored) }
            }
            let kernel = Kernel(driver: Simulation(in: world))
            kernel.start(writer, alias: "writer")
            world.advance(by: .seconds(1))
            #expect(writer.outcomes == ["6", "16"])
            let mark = String(decoding: world.storage["mark"] ?? [], as: UTF8.self)
            #expect(
                ["5\n", "00000000000000000025\n", "00000000000000000035\n"].contains(mark),
                "seed \(seed)")
            if mark == "5\n" { undone += 1 }
        }
        #expect(undone > 0 && undone < 10)
    }

    /// What was appended and not forced to the disk may be gone, but what was replaced is there.
    @Test func appendsMayBeLostWithThePower() {
        var lost = 0
        for seed in 1...10 as ClosedRange<UInt64> {
            let world = SimulatedWorld(seed: seed)
            world.storage.losesAppends = true
            world.storage.crash(afterWrites: 3)
            let writer = Writer { my in
                my.replaceFile("log", Array("0123".utf8), then: .stored)
                my.appendFile("log", Array("456789".utf8), then: .stored)
                my.appendFile("other", Array("456789".utf8), then: .stored)
                my.appendFile("log", Array("torn".utf8), then: .stored)
            }
            let kernel = Kernel(driver: Simulation(in: world))
            kernel.start(writer, alias: "writer")
            world.advance(by: .seconds(1))
            #expect(writer.outcomes == ["done", "done", "done"])
            let log = String(decoding: world.storage["log"] ?? [], as: UTF8.self)
            let other = String(decoding: world.storage["other"] ?? [], as: UTF8.self)
            #expect(log.hasPrefix("0123") && "0123456789torn".hasPrefix(log), "seed \(seed)")
            #expect("456789".hasPrefix(other), "seed \(seed)")
            if log.count < 10 { lost += 1 }
        }
        #expect(lost > 0)
    }
}
