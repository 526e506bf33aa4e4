/// How much a log line matters.
public enum LogLevel: Int, Comparable, Sendable, CustomStringConvertible {
    /// For whoever looks for a fault.
    case debug
    /// What a person following the run wants to know.
    case info
    /// Something is not as it should be, and goes on.
    case warning
    /// Something failed.
    case error

    /// Orders by weight.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// In lower case.
    public var description: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

/// One log line, before it is written.
public struct LogRecord: Sendable {
    /// The calendar time of the turn.
    public let time: WallTime
    /// How much it matters.
    public let level: LogLevel
    /// The session: its alias, or its type and id.
    public let session: String
    /// What happened: a few fixed words.
    public let what: String
    /// With which values, in words.
    public let values: [String]

    /// One line of text: time, level, session, words, values.
    public var line: String {
        "\(time) \(level) \(session): \(what)"
            + (values.isEmpty ? "" : " " + values.joined(separator: " "))
    }
}

/// A session's log.
public struct Log {
    let kernel: Kernel
    let session: SessionID

    /// Says what a person following the run wants to know.
    public func info<each V>(_ what: StaticString, _ values: repeat each V) {
        write(.info, what, repeat each values)
    }

    /// Says what only helps to find a fault.
    public func debug<each V>(_ what: StaticString, _ values: repeat each V) {
        write(.debug, what, repeat each values)
    }

    /// Says that something is not as it should be.
    public func warning<each V>(_ what: StaticString, _ values: repeat each V) {
        write(.warning, what, repeat each values)
    }

    /// Says that something failed.
    public func error<each V>(_ what: StaticString, _ values: repeat each V) {
        write(.error, what, repeat each values)
    }

    private func write<each V>(
        _ level: LogLevel, _ what: StaticString, _ values: repeat each V
    ) {
        guard level >= kernel.logLevel else { return }
        var texts: [String] = []
        for value in repeat each values { texts.append("\(value)") }
        kernel.log(level, session, "\(what)", texts)
    }
}

extension Kernel {
    func log(_ level: LogLevel, _ id: SessionID, _ what: String, _ values: [String]) {
        guard level >= logLevel else { return }
        let record = LogRecord(
            time: wallNow, level: level, session: name(of: id), what: what, values: values)
        if let onLog { onLog(record) } else { driver.emit(record.line) }
    }
}
