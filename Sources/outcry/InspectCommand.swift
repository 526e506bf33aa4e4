import Glibc
import Outcry

/// `outcry inspect PID`: looks at a running program of this user.
enum InspectCommand {
    /// How it ended, beside 0 and 2.
    enum End {
        /// No such process, or another user's.
        static let notThere: Int32 = 1
        /// No program that can be looked at, or one that does not answer.
        static let noAnswer: Int32 = 3
    }

    static func run(_ arguments: inout Arguments) throws -> Int32 {
        let isJSON = arguments.flag("--json")
        let isWatching = arguments.flag("--watch")
        let word = arguments.word()
        try arguments.finish()
        guard let word else {
            guard !isJSON, !isWatching else { throw missing }
            return list()
        }
        guard let process = Int32(word), process > 0 else {
            throw UsageError("inspect: expected a process's number, found \"\(word)\"")
        }
        guard !(isJSON && isWatching) else {
            throw UsageError("inspect: expected --json or --watch, found both")
        }
        do throws(InspectionError) {
            if isJSON {
                for document in try Inspector.look(at: process) {
                    Terminal.line(String(decoding: document, as: UTF8.self))
                }
            } else if isWatching {
                try watch(process)
            } else {
                try show(process)
            }
            return 0
        } catch {
            Terminal.error("outcry: \(error)")
            return switch error {
            case .noProcess, .foreign, .system: End.notThere
            case .noDoor, .silent: End.noAnswer
            }
        }
    }

    private static var missing: UsageError {
        UsageError("inspect: expected a process's number, found nothing")
    }

    /// The programs that can be looked at.
    private static func list() -> Int32 {
        let programs = Inspector.programs()
        guard !programs.isEmpty else {
            Terminal.line("no program of yours that can be looked at is running")
            return 0
        }
        for process in programs {
            let name =
                (try? Files.bytes("/proc/\(process)/cmdline")).map {
                    String(decoding: $0.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
                } ?? ""
            Terminal.line("\("\(process)".right(8))  \(name)")
        }
        return 0
    }

    private static func look(_ process: Int32) throws(InspectionError) -> [JSONAnswer] {
        var answers: [JSONAnswer] = []
        for document in try Inspector.look(at: process) {
            guard let answer = try? JSONAnswer(document) else { throw .noDoor(process) }
            answers.append(answer)
        }
        return answers
    }

    /// Two looks, so that there are rates; then what the second one saw.
    private static func show(_ process: Int32) throws(InspectionError) {
        let first = try look(process)
        _ = usleep(500_000)
        let second = try look(process)
        for line in InspectView.lines(second, since: first) { Terminal.line(line) }
    }

    /// Draws anew each second, until q or ^C; lines where there is no screen.
    private static func watch(_ process: Int32) throws(InspectionError) {
        let isScreen = Terminal.isScreen
        let keys = Keys()
        if isScreen { Terminal.write(Terminal.beginPicture) }
        defer { if isScreen { Terminal.write(Terminal.endPicture) } }
        var last: [JSONAnswer] = []
        repeat {
            let now = try look(process)
            let lines = InspectView.lines(now, since: last)
            if isScreen {
                Terminal.draw(lines)
            } else {
                for line in lines { Terminal.line(line) }
                Terminal.line("")
            }
            last = now
        } while !keys.isEnd(within: 1000)
    }
}

/// The keyboard while a picture is on the screen: each key at once, ^C too, and nothing shown of them.
private final class Keys {
    private var before = termios()
    private let isTerminal: Bool

    init() {
        isTerminal = unsafe isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before) == 0
        guard isTerminal else { return }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    }

    deinit { if isTerminal { _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before) } }

    /// Waits so many milliseconds; true as soon as q, ^C or the input's end comes.
    func isEnd(within milliseconds: Int32) -> Bool {
        guard isTerminal else {
            _ = usleep(UInt32(milliseconds) * 1000)
            return false
        }
        var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&ready, 1, milliseconds) > 0 else { return false }
        var key: UInt8 = 0
        guard unsafe read(STDIN_FILENO, &key, 1) == 1 else { return true }
        return key == UInt8(ascii: "q") || key == 3 || key == 4
    }
}
