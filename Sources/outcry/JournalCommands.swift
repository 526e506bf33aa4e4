import Glibc
import Outcry
import OutcryJournal

/// `outcry record`, `replay`, `explain` and `trace`: become the program, with a word in its environment.
enum JournalCommands {
    /// Records what another program learns of the world.
    static func record(_ arguments: inout Arguments) throws -> Int32 {
        let out = try arguments.option("--out")
        let key = try arguments.option("--key")
        let program = arguments.program
        try arguments.finish()
        guard let program, let name = program.first else { throw missing("record") }
        let path = out ?? fresh(name)
        guard unsafe access(path, F_OK) != 0 else {
            throw CommandError("--out: expected a new file, found one at \(path)")
        }
        if let key {
            _ = try JournalKey(file: key)
            Successor.set(JournalDoor.keyVariable, key)
        }
        Successor.set(JournalDoor.recordVariable, path)
        return try Successor.become(program)
    }

    /// Has another program do again what it did when it was recorded.
    static func replay(_ arguments: inout Arguments) throws -> Int32 {
        if let market = try arguments.option("--market") {
            return try PaperCommands.replay(markets: market, &arguments)
        }
        let key = try arguments.option("--key")
        let until = try arguments.positive("--until")
        let speed = try arguments.positive("--speed")
        let isStepwise = arguments.flag("--step")
        let isLoose = arguments.flag("--any-bytes")
        guard let file = arguments.word() else {
            throw UsageError("replay: expected a journal, found nothing")
        }
        let program = arguments.program
        try arguments.finish()
        guard let program else { throw missing("replay") }
        try prepare(file, key)
        if let until { Successor.set(JournalDoor.untilVariable, "\(until)") }
        if let speed { Successor.set(JournalDoor.speedVariable, "\(speed)") }
        if isStepwise { Successor.set(JournalDoor.stepVariable, "1") }
        if isLoose { Successor.set(JournalDoor.looseVariable, "1") }
        return try Successor.become(program)
    }

    /// Says why an order was placed, by another program's journal.
    static func explain(_ arguments: inout Arguments) throws -> Int32 {
        let key = try arguments.option("--key")
        let journal = try arguments.option("--journal")
        guard let order = arguments.word() else {
            throw UsageError("explain: expected an order's name, found nothing")
        }
        let program = arguments.program
        try arguments.finish()
        guard let program, let name = program.first else { throw missing("explain") }
        guard let file = try journal ?? newest(name) else {
            throw CommandError(
                "--journal: expected a journal of \(name), found none in this folder")
        }
        try prepare(file, key)
        Successor.set(JournalDoor.explainVariable, order)
        Successor.set(JournalDoor.looseVariable, "1")
        return try Successor.become(program)
    }

    /// Writes what another program did into a file for Chrome's and Perfetto's viewers.
    static func trace(_ arguments: inout Arguments) throws -> Int32 {
        let key = try arguments.option("--key")
        guard let out = try arguments.option("--out") else {
            throw UsageError("trace: expected --out and a new file, found nothing")
        }
        guard let file = arguments.word() else {
            throw UsageError("trace: expected a journal, found nothing")
        }
        let program = arguments.program
        try arguments.finish()
        guard let program else { throw missing("trace") }
        guard unsafe access(out, F_OK) != 0 else {
            throw CommandError("--out: expected a new file, found one at \(out)")
        }
        try prepare(file, key)
        Successor.set(JournalDoor.traceVariable, out)
        Successor.set(JournalDoor.looseVariable, "1")
        return try Successor.become(program)
    }

    /// Looks whether a journal can be read, says whose it is, and has the program read it.
    private static func prepare(_ file: String, _ key: String?) throws {
        let journal = try JournalFiles(
            reading: file,
            key: try key.map { (path) throws(SystemError) in try JournalKey(file: path) })
        Terminal.error(
            "outcry: \(journal.program), recorded \(journal.began), \(journal.partCount) "
                + (journal.partCount == 1 ? "file" : "files"))
        Successor.set(JournalDoor.replayVariable, file)
        if let key { Successor.set(JournalDoor.keyVariable, key) }
    }

    /// The newest journal of a program here, by its name: `lowball-20261122T014500Z.journal`.
    private static func newest(_ program: String) throws -> String? {
        let name = program.split(separator: "/").last.map { String($0) } ?? program
        guard let folder = unsafe opendir(".") else { return nil }
        defer { unsafe closedir(folder) }
        var newest: String?
        while let entry = unsafe readdir(folder) {
            let file = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard file.hasPrefix("\(name)-"), file.hasSuffix("Z.journal") else { continue }
            if file > newest ?? "" { newest = file }
        }
        return newest
    }

    private static func missing(_ command: String) -> UsageError {
        UsageError("\(command): expected -- and a program with its words, found nothing")
    }

    /// `lowball-20261122T014500Z.journal`, where one is.
    private static func fresh(_ program: String) -> String {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        let time = WallTime(microseconds: Int64(now.tv_sec) * 1_000_000).description
        let digits = time.prefix(19).filter { $0 != "-" && $0 != ":" }
        let name = program.split(separator: "/").last.map { String($0) } ?? program
        return "\(name)-\(digits)Z.journal"
    }
}
