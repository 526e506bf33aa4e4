// `outcry`: the demo, the sandbox, a look at a venue, a new bot. See `Help.swift` for the words.

Terminal.holdStandardDescriptors()
var arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
do {
    let code = try Program.run(&arguments)
    Program.leave(code)
} catch let error as UsageError {
    Terminal.error("outcry: \(error)\nTry: \(Help.hint(CommandLine.arguments))")
    Program.leave(2)
} catch {
    Terminal.error("outcry: \(error)")
    Program.leave(1)
}
