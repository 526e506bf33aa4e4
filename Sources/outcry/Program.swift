import Glibc

/// Chooses the command.
enum Program {
    /// - Returns: The exit code: 0 done, 1 failed (and said why), 2 wrong words.
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        if arguments.flag("--version") {
            Terminal.line("outcry \(Help.version)")
            return 0
        }
        let wantsHelp = arguments.flag("--help")
        let command = (try? arguments.word("a command")) ?? (wantsHelp ? "help" : "")
        if wantsHelp {
            Terminal.line(Help.text(command))
            return 0
        }
        switch command {
        case "demo": return try DemoCommand.run(&arguments)
        case "sandbox": return try SandboxCommand.run(&arguments)
        case "watch": return try WatchCommand.run(&arguments)
        case "simulate": return try SimulateCommand.run(&arguments)
        case "new": return try NewCommand.run(&arguments)
        case "help":
            Terminal.line(Help.text((try? arguments.word("a command")) ?? ""))
            return 0
        case "": throw UsageError("expected a command, found nothing")
        default: throw UsageError("\"\(command)\" is no command")
        }
    }

    static func leave(_ code: Int32) -> Never { exit(code) }
}
