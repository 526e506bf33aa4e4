import Glibc

/// Chooses the command.
enum Program {
    /// - Returns: The exit code: 0 done, 1 failed (and said why), 2 wrong words; those of calls are
    ///   ``CallCommand/End``.
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        if arguments.flag("--version") {
            Terminal.line("outcry \(Help.version)")
            return 0
        }
        let wantsHelp = [arguments.flag("--help"), arguments.flag("-h")].contains(true)
        guard let command = arguments.word() ?? (wantsHelp ? "help" : nil) else {
            throw unknown(arguments.first)
        }
        if wantsHelp || command == "help" {
            let about = command == "help" ? arguments.word() ?? "" : command
            guard let text = Help.text(about) else { throw unknown(about) }
            Terminal.line(text)
            return 0
        }
        if let call = try MidChainsCommand(command, &arguments) { return try call.run(&arguments) }
        if let call = try CallCommand(command, &arguments) { return try call.run(&arguments) }
        switch command {
        case "demo": return try DemoCommand.run(&arguments)
        case "sandbox": return try SandboxCommand.run(&arguments)
        case "safetynet": return try SafetyNetCommand.run(&arguments)
        case "watch": return try WatchCommand.run(&arguments)
        case "simulate": return try SimulateCommand.run(&arguments)
        case "inspect": return try InspectCommand.run(&arguments)
        case "record": return try JournalCommands.record(&arguments)
        case "replay": return try JournalCommands.replay(&arguments)
        case "paper": return try PaperCommands.paper(&arguments)
        case "explain": return try JournalCommands.explain(&arguments)
        case "trace": return try JournalCommands.trace(&arguments)
        case "new": return try NewCommand.run(&arguments)
        default: throw unknown(command)
        }
    }

    private static func unknown(_ word: String?) -> UsageError {
        UsageError(
            "expected a command (\(Help.commands.joined(separator: ", "))), found "
                + (word.map { "\"\($0)\"" } ?? "nothing"))
    }

    static func leave(_ code: Int32) -> Never { exit(code) }
}
