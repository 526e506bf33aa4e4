import Glibc
import OutcryKernel

/// What a replay is asked for besides being the same: an explanation on the standard output, or a trace in a file.
enum StoryTeller {
    case explanation(of: String)
    case trace(path: String)

    /// The name of what is to be explained.
    static let explainVariable = "OUTCRY_EXPLAIN"
    /// The file to write a trace into.
    static let traceVariable = "OUTCRY_TRACE"

    var story: Story {
        switch self {
        case .explanation: Story(keepsTexts: true)
        case .trace: Story(keepsTexts: false)
        }
    }

    /// Gives the standard output to ourselves alone: what the program says was said when it was recorded.
    ///
    /// - Returns: What to write to.
    static func takeOutput() -> Int32 {
        let output = dup(STDOUT_FILENO)
        let nowhere = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        if nowhere >= 0 {
            dup2(nowhere, STDOUT_FILENO)
            close(nowhere)
        }
        return output
    }

    /// Tells it, at the end of the replay.
    ///
    /// - Returns: The exit code: 0 done, 1 where nothing is called so, or where it cannot be written.
    func tell(_ story: Story, to output: Int32) -> Int32 {
        do {
            switch self {
            case .explanation(let name):
                let lines = try Explanation(name, in: story).lines
                try Self.write(Array((lines.joined(separator: "\n") + "\n").utf8), output)
            case .trace(let path):
                // Payloads stand in it: it is its owner's alone.
                let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
                guard file >= 0 else { throw SystemError(last: "open \(path)") }
                defer { close(file) }
                var trace = ChromeTrace(story)
                let count = try trace.write { (piece) throws(SystemError) in
                    try Self.write(piece, file)
                }
                try Self.write(Array("\(count) slices in \(path)\n".utf8), output)
            }
            return 0
        } catch {
            try? Self.write(Array("outcry: \(error)\n".utf8), STDERR_FILENO)
            return 1
        }
    }

    private static func write(_ bytes: [UInt8], _ file: Int32) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBufferPointer { all in
                unsafe Glibc.write(
                    file, all.baseAddress.map { unsafe $0 + done }, all.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(last: "write") }
            done += count
        }
    }
}
