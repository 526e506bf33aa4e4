import Glibc
import Outcry

/// What many worlds came to.
struct WorldTally {
    var worlds = 0
    var violations = 0
    var microseconds: Int64 = 0
    var events: UInt64 = 0
    /// The most events in a second.
    var busiest: UInt64 = 0
    /// The longest time until all agreed.
    var latestMicroseconds: Int64 = 0

    /// What one process tells another of a world, in one line.
    struct Line {
        let seed: UInt64
        let bot: WorldBotKind
        let microseconds: Int64
        let events: UInt64
        let busiest: UInt64
        let agreedMicroseconds: Int64
        let isRight: Bool

        init(_ report: WorldReport) {
            seed = report.plan.seed
            bot = report.plan.bot
            microseconds = report.lasted.nanoseconds / 1_000
            events = report.events
            busiest = report.busiest
            agreedMicroseconds = (report.agreed ?? .zero).nanoseconds / 1_000
            isRight = report.problem == nil
        }

        init?(_ text: String) {
            let words = text.split(separator: " ")
            guard words.count == 8, words[0] == "=",
                let bot = WorldBotKind(rawValue: String(words[2]))
            else { return nil }
            seed = UInt64(words[1]) ?? 0
            self.bot = bot
            microseconds = Int64(words[3]) ?? 0
            events = UInt64(words[4]) ?? 0
            busiest = UInt64(words[5]) ?? 0
            agreedMicroseconds = Int64(words[6]) ?? 0
            isRight = words[7] == "right"
        }

        var text: String {
            "= \(seed) \(bot.rawValue) \(microseconds) \(events) \(busiest) \(agreedMicroseconds) "
                + (isRight ? "right" : "wrong")
        }
    }

    mutating func add(_ line: Line) {
        worlds += 1
        if !line.isRight { violations += 1 }
        microseconds += line.microseconds
        events += line.events
        busiest = max(busiest, line.busiest)
        latestMicroseconds = max(latestMicroseconds, line.agreedMicroseconds)
    }
}

/// This program in other processes, each with some seeds: a world that ends its process ends no other.
final class WorldWorkers {
    enum Said {
        /// A whole line, or some that belong together.
        case line(String)
        /// It has ended, in these words, behind this world.
        case ended(how: String, ClosedRange<UInt64>, last: (seed: UInt64, bot: WorldBotKind)?)
    }

    @safe private final class Worker {
        let file: UnsafeMutablePointer<FILE>
        let seeds: ClosedRange<UInt64>
        var bytes: [UInt8] = []
        var last: (seed: UInt64, bot: WorldBotKind)?
        init(_ file: UnsafeMutablePointer<FILE>, _ seeds: ClosedRange<UInt64>) {
            unsafe self.file = file
            self.seeds = seeds
        }
    }

    private let program: String
    private let words: String
    private var workers: [Worker] = []

    /// - Parameter words: What each is told besides its seeds; nothing that a shell would understand otherwise.
    init(_ words: String) throws {
        self.words = words
        var path = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/self/exe", &path, path.count)
        guard count > 0 else { throw CommandError("expected this program at /proc/self/exe") }
        program = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var count: Int { workers.count }

    func start(_ seeds: ClosedRange<UInt64>) throws {
        let quoted = program.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''")
        let command =
            "exec '\(quoted)' simulate --seeds \(seeds.count) --from \(seeds.lowerBound) --lines"
            + words
        guard let file = unsafe popen(command, "re") else {
            throw CommandError("expected another process, found error \(errno)")
        }
        unsafe workers.append(Worker(file, seeds))
    }

    /// Waits until one of them says something, or ends.
    func wait() -> [Said] {
        var files = workers.map {
            unsafe pollfd(fd: fileno($0.file), events: Int16(POLLIN), revents: 0)
        }
        guard unsafe poll(&files, nfds_t(files.count), -1) > 0 else { return [] }
        var said: [Said] = []
        for (worker, file) in zip(workers, files) where file.revents != 0 {
            var space = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe read(file.fd, &space, space.count)
            if count > 0 {
                worker.bytes += space[..<count]
                said += lines(of: worker)
            } else {
                let status = unsafe pclose(worker.file)
                workers.removeAll { $0 === worker }
                let signal = status & 0x7f
                let how = signal == 0 ? "exit code \(status >> 8)" : "signal \(signal)"
                said.append(.ended(how: how, worker.seeds, last: worker.last))
            }
        }
        return said
    }

    /// What it said of whole worlds.
    private func lines(of worker: Worker) -> [Said] {
        var said: [Said] = []
        var text: [String] = []
        var rest = worker.bytes[...]
        var kept = rest
        while let end = rest.firstIndex(of: 10) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            guard let record = WorldTally.Line(line) else {
                text.append(line)
                continue
            }
            worker.last = (record.seed, record.bot)
            if !text.isEmpty { said.append(.line(text.joined(separator: "\n"))) }
            said.append(.line(line))
            text = []
            kept = rest
        }
        worker.bytes = Array(kept)
        return said
    }
}
