import COutcrySystem
import Glibc
import OutcryKernel
import OutcrySimulation

/// What stands in a reactor's place where a recorded market is traded on: virtual time, no network, a disk of which
/// nothing is written. `outcry replay --market` says so by the environment.
enum MarketDoor {
    /// The recordings, one a line; what reads them is the link's business.
    static let filesVariable = "OUTCRY_MARKET"
    /// When the first of them begins, µs since 1970.
    static let beginVariable = "OUTCRY_MARKET_BEGIN"
    /// How many times as fast as it was recorded; not set: as fast as it goes.
    static let speedVariable = "OUTCRY_MARKET_SPEED"
    /// Decides what is random.
    static let seedVariable = "OUTCRY_MARKET_SEED"
    /// The file that reports are appended to; not set: the standard output.
    static let reportVariable = "OUTCRY_REPORT"

    /// Opens the door, if it is there.
    ///
    /// - Throws: A variable that cannot be read.
    static func open() throws(SystemError) -> Simulation? {
        guard environment(filesVariable) != nil else { return nil }
        let begin = environment(beginVariable) ?? ""
        guard let microseconds = Int64(begin) else {
            throw wrong(beginVariable, "microseconds since 1970", begin)
        }
        let seed = environment(seedVariable) ?? "1"
        guard let number = UInt64(seed) else { throw wrong(seedVariable, "a whole number", seed) }
        let world = SimulatedWorld(seed: number, wall: WallTime(microseconds: microseconds))
        world.storage.beneath = { path in
            do throws(SystemError) { return try FileWork.read(path) } catch { return nil }
        }
        let simulation = Simulation(in: world)
        simulation.onLine = { write($0 + "\n", to: STDERR_FILENO) }
        simulation.onReport = { report($0) }
        simulation.moreVariables = { environment($0) }
        if let text = environment(speedVariable) {
            guard let speed = Double(text), speed > 0, speed < 1e9 else {
                throw wrong(speedVariable, "a number above 0", text)
            }
            let began = outcry_monotonic()
            world.onJump = { time in
                let due = began + Int64(Double(time.nanoseconds) / speed)
                wait(until: due)
            }
        }
        return simulation
    }

    /// Hands signals on as they come, from the next jump of the time on.
    static func listen(to signals: Signals, in simulation: Simulation) {
        let pace = simulation.world.onJump
        simulation.world.onJump = { [weak simulation] time in
            pace?(time)
            while let signal = signals.next() { simulation?.signal(signal) }
        }
    }

    /// Sleeps until a moment of the monotonic clock; a signal does not end it, and is told behind it.
    private static func wait(until due: Int64) {
        let left = due - outcry_monotonic()
        guard left > 0 else { return }
        var pause = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
        _ = unsafe nanosleep(&pause, nil)
    }

    // MARK: The process

    static func environment(_ name: String) -> String? {
        // Sound: the bytes are copied before anybody can change the variable.
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }

    /// Appends to the file for reports, or writes to the standard output.
    static func report(_ text: String) {
        guard let path = environment(reportVariable) else {
            return write(text + "\n", to: STDOUT_FILENO)
        }
        do throws(SystemError) { try FileWork.append(path, Array((text + "\n").utf8)) } catch {
            write("\(error)\n", to: STDERR_FILENO)
            write(text + "\n", to: STDOUT_FILENO)
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        // What the program itself has printed comes first.
        if descriptor == STDOUT_FILENO { _ = fflush(nil) }
        var text = text
        text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return }
            var done = 0
            while done < bytes.count {
                let count = unsafe Glibc.write(descriptor, base + done, bytes.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                done += count
            }
        }
    }

    private static func wrong(_ name: String, _ expected: String, _ found: String) -> SystemError {
        SystemError(
            call: name, code: EINVAL, message: "expected \(expected), found \"\(found)\"")
    }
}
