import Glibc
import Testing

extension ProgramTests {
    @Suite(.serialized) struct DemoTests {
        @Test(arguments: [[], ["--restart-at", "1"], ["--market", "2012-02"]])
        func theBookIsTheExchanges(_ options: [String]) throws {
            let end = try Child("outcry", ["demo", "--seconds", "2", "--plain"] + options).end()
            #expect(end.status == 0, "\(end.errors)")
            let levels = try levels(end)
            #expect(levels > 100)
            // That it came back is not counted: a slow machine may connect only after the restart.
            let isRestarted = options.first == "--restart-at"
            #expect(end.output.contains("-- the exchange drops everybody") == isRestarted)
            // A slow machine may be told that the book was stale for a while; it is told of no error.
            let others = end.errors.split(separator: "\n").filter { !$0.contains(" warning ") }
            #expect(others.isEmpty)
        }

        /// The number of levels in the last line.
        private func levels(_ end: Child.End) throws -> Int {
            let parts = end.lastLine.split(separator: " ")
            try #require(parts.count == 8, "\(end.output)")
            let count = parts[6].filter { $0 != "," }
            #expect(
                end.lastLine == "book verified: equal to the exchange's, \(parts[6]) levels",
                "\(end.output)")
            return try #require(Int(count))
        }

        @Test func aLostMessageIsFound() throws {
            let end = try Child.run(
                "outcry", "demo", "--seconds", "1", "--plain", "--drop-last-depth")
            #expect(end.status == 1)
            #expect(
                end.lastLine.hasPrefix("book NOT equal to the exchange's: bid level 1: "),
                "\(end.output)")
        }

        /// ^C asks for the comparison and then ends it.
        @Test func anInterruptEndsItWithTheComparison() throws {
            let child = try Child("outcry", ["demo", "--plain", "--seconds", "86400"])
            try child.line(with: "good")
            child.send(SIGINT)
            let end = try child.end()
            #expect(end.status == 0, "\(end.output)\(end.errors)")
            _ = try levels(end)
        }

        /// `outcry demo | head -1`.
        @Test func nobodyReadsAnyMore() throws {
            let child = try Child("outcry", ["demo", "--seconds", "86400"])
            try child.line(with: "Recorded: ")
            try child.closeOutput()
            let end = try child.end()
            #expect(end.signal == SIGPIPE)
            #expect(end.errors.isEmpty, "\(end.errors)")
        }
    }
}
