import Testing

extension ProgramTests {
    @Suite(.serialized) struct WordsTests {
        @Test(arguments: ["demo", "sandbox", "watch", "simulate", "new"])
        func everyCommandHasHelp(_ command: String) throws {
            let end = try Child.run("outcry", command, "--help")
            #expect(end.status == 0)
            #expect(end.output.hasPrefix("usage: outcry \(command) "), "\(end.output)")
            #expect(end.errors.isEmpty)
            #expect(try Child.run("outcry", "help", command).output == end.output)
            let overview = try Child.run("outcry", "--help")
            #expect(overview.status == 0)
            #expect(overview.output.contains("\n  \(command) "))
        }

        /// Words that are wrong, what was expected, and what came.
        static let mistakes: [(words: [String], expected: String, found: String)] = [
            ([], "expected a command (demo, sandbox, watch, simulate, new)", "found nothing"),
            (["dmo"], "expected a command (demo, ", "found \"dmo\""),
            (["dmo", "--help"], "expected a command (demo, ", "found \"dmo\""),
            (["help", "dmo"], "expected a command (demo, ", "found \"dmo\""),
            (["demo", "--secnds", "3"], "expected the options that --help lists", "\"--secnds\""),
            (["demo", "now"], "expected nothing more", "found \"now\""),
            (["demo", "--seconds", "0"], "expected a whole number from 1 to 86400", "found \"0\""),
            (["demo", "--seconds", "ten"], "expected a whole number", "found \"ten\""),
            (["demo", "--seconds"], "--seconds: expected a value behind it", "found nothing"),
            (
                ["demo", "--market", "2013"], "--market: expected 2011-06-06 or 2012-02",
                "found \"2013\""
            ),
            (
                ["demo", "--seconds", "5", "--restart-at", "5"], "expected a time before the end",
                "found 5"
            ),
            (["demo", "--seed", "1", "--seed", "2"], "each once", "found \"--seed\""),
            (["sandbox", "--port", "65536"], "whole number from 0 to 65535", "found \"65536\""),
            (
                ["sandbox", "--requests", "5"], "--requests: expected a number and seconds",
                "found \"5\""
            ),
            (
                ["sandbox", "status", "--token", "x"], "expected --admin ADDRESS beside it",
                "--token"
            ),
            (["simulate", "--seed", "-1"], "--seed: expected a whole number", "found \"-1\""),
            (["watch"], "expected the URL of a stream", "found nothing"),
            (["watch", "http://127.0.0.1/"], "expected a URL with the scheme ws", "found http"),
            (["watch", "ws://"], "expected a host", "found nothing"),
            (
                ["watch", "ws://127.0.0.1:1/", "--currency", "XYZ"],
                "--currency: expected a currency of Mt. Gox", "found \"XYZ\""
            ),
            (
                ["watch", "wss://127.0.0.1:1/", "--ca", "/nowhere"],
                "--ca: expected a file that can be read", "found \"/nowhere\""
            ),
            (["new"], "expected a name for the package", "found nothing"),
            (["new", "9lives"], "beginning with a letter", "found \"9lives\""),
            (["new", "../bot"], "expected a name of letters", "found \"../bot\""),
            (["new", "Outcry"], "not begin as Outcry's own modules do", "found \"Outcry\""),
            (
                ["new", "bot", "--outcry", "/nowhere"], "expected a folder with a Package.swift",
                "found \"/nowhere\""
            ),
        ]

        @Test(arguments: mistakes.indices)
        func aMistakeIsNamed(_ index: Int) throws {
            let (words, expected, found) = Self.mistakes[index]
            let folder = try Folder()
            let end = try Child("outcry", words, in: folder.path).end()
            #expect(end.status == 2, "\(words)")
            #expect(end.output.isEmpty)
            #expect(end.errors.contains(expected), "\(words): \(end.errors)")
            #expect(end.errors.contains(found), "\(words): \(end.errors)")
            #expect(end.errors.contains("\nTry: outcry "))
        }
    }
}
