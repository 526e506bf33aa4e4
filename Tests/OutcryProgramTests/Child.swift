import Dispatch
import Foundation
import Glibc

/// One of our programs at work, with all that it says. It has a time in which it must be done; when
/// that is over, or when nobody holds it any more, this child, and nothing else, is killed.
final class Child {
    /// How a program came to its end.
    struct End {
        /// Its exit status; nil when a signal ended it.
        let status: Int32?
        /// The signal that ended it.
        let signal: Int32?
        /// What it wrote to standard output.
        let output: String
        /// What it wrote to standard error.
        let errors: String

        /// The lines of standard output; an empty one at the end is none.
        var lines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: false) }
        /// The last line with something in it.
        var lastLine: String { output.split(separator: "\n").last.map(String.init) ?? "" }
    }

    /// It did not do within its time what was waited for.
    struct Overdue: Error, CustomStringConvertible {
        let description: String
    }

    private let running = Process()
    private let hasExited = DispatchSemaphore(value: 0)
    private let name: String
    private let deadline: ContinuousClock.Instant
    private var pipes: [Pipe?] = [Pipe(), Pipe()]
    private var read: [[UInt8]] = [[], []]
    /// How much of the output the waits have passed.
    private var passed = 0

    /// Starts a program that was built with these tests, or the system's of a whole path.
    ///
    /// - Parameters:
    ///   - limit: Its time: for machines that are many times slower than one's own.
    ///   - input: What it reads; nothing if not said.
    init(
        _ program: String, _ arguments: [String], in folder: String? = nil,
        limit: Duration = .seconds(240), environment: [String: String] = [:],
        input: FileHandle = .nullDevice
    ) throws {
        name = ([program] + arguments).joined(separator: " ")
        deadline = .now + limit
        running.executableURL =
            program.hasPrefix("/") ? URL(fileURLWithPath: program) : try Built.program(program)
        running.arguments = arguments
        if let folder { running.currentDirectoryURL = URL(fileURLWithPath: folder) }
        if !environment.isEmpty {
            running.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        running.standardInput = input
        running.standardOutput = pipes[0]
        running.standardError = pipes[1]
        running.terminationHandler = { [hasExited] _ in hasExited.signal() }
        try running.run()
    }

    deinit {
        if running.isRunning { kill(running.processIdentifier, SIGKILL) }
    }

    /// Starts a program and waits for its end.
    static func run(
        _ program: String, _ arguments: String..., in folder: String? = nil
    ) throws -> End {
        try Child(program, arguments, in: folder).end()
    }

    /// Its number.
    var process: Int32 { running.processIdentifier }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(running.processIdentifier, signal) }

    /// Reads standard output no more, and closes it, as `head` does.
    func closeOutput() throws {
        try pipes[0]?.fileHandleForReading.close()
        pipes[0] = nil
    }

    /// Waits for a whole line of standard output, behind those that were waited for, that holds `text`.
    @discardableResult func line(with text: String) throws -> String {
        while true {
            while let end = read[0][passed...].firstIndex(of: 10) {
                let line = String(decoding: read[0][passed..<end], as: UTF8.self)
                passed = end + 1
                if line.contains(text) { return line }
            }
            guard try readMore("a line with \"\(text)\"") else {
                throw overdue("a line with \"\(text)\"", "its end")
            }
        }
    }

    /// Waits for a whole line of standard error that holds `text`.
    func errorLine(with text: String) throws {
        while true {
            let lines = String(decoding: read[1], as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false
            ).dropLast()
            if lines.contains(where: { $0.contains(text) }) { return }
            guard try readMore("an error line with \"\(text)\"") else {
                throw overdue("an error line with \"\(text)\"", "its end")
            }
        }
    }

    /// Waits until the program is done.
    func end() throws -> End {
        while try readMore("its end") {}
        let left = ContinuousClock.now.duration(to: deadline).components.seconds
        guard hasExited.wait(timeout: .now() + .seconds(Int(max(1, left)))) == .success else {
            throw overdue("its end", "no end after its output's")
        }
        let isExit = running.terminationReason == .exit
        return End(
            status: isExit ? running.terminationStatus : nil,
            signal: isExit ? nil : running.terminationStatus,
            output: String(decoding: read[0], as: UTF8.self),
            errors: String(decoding: read[1], as: UTF8.self))
    }

    // MARK: Reading

    /// Waits until the child says something more.
    ///
    /// - Returns: Whether there is more to come.
    private func readMore(_ awaited: String) throws -> Bool {
        var polled = pipes.map { pipe in
            pollfd(
                fd: pipe?.fileHandleForReading.fileDescriptor ?? -1, events: Int16(POLLIN),
                revents: 0)
        }
        guard polled.contains(where: { $0.fd >= 0 }) else { return false }
        let left = ContinuousClock.now.duration(to: deadline) / Duration.milliseconds(1)
        let count = unsafe poll(&polled, 2, Int32(max(0, left)))
        if count < 0, errno == EINTR { return true }
        guard count > 0 else {
            kill(running.processIdentifier, SIGKILL)
            throw overdue(awaited, "nothing of the kind in its time")
        }
        // Not by `FileHandle`: it waits until as many bytes are there as it may read at most.
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        for i in polled.indices where polled[i].revents != 0 {
            let count = unsafe Glibc.read(polled[i].fd, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { pipes[i] = nil } else { read[i] += piece[..<count] }
        }
        return true
    }

    private func overdue(_ awaited: String, _ found: String) -> Overdue {
        Overdue(
            description: "\(name): expected \(awaited), found \(found); it said:\n"
                + String(decoding: read[0].suffix(4_000), as: UTF8.self)
                + String(decoding: read[1].suffix(4_000), as: UTF8.self))
    }
}
