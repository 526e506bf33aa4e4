import Testing

extension ProgramTests {
    @Suite(.serialized) struct WordsTests {
        @Test(arguments: [
            "demo", "sandbox", "watch", "simulate", "inspect", "record", "replay", "explain",
            "trace", "new", "ticker", "depth", "trades",
            "lag",
            "info",
            "wallet", "orders", "buy", "sell", "cancel",
        ])
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
            (
                [], "expected a command (demo, sandbox, safetynet, watch, simulate, inspect",
                "found nothing"
            ),
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
            (["ticker", "--url", "ws://127.0.0.1/"], "http or https for calls", "found ws"),
            (["ticker", "--url", "http://127.0.0.1/a"], "expected no path", "found \"/a\""),
            (["ticker", "--pair", "BTC"], "--pair: expected two currencies", "found \"BTC\""),
            (["depth", "--levels", "0"], "expected a whole number", "found \"0\""),
            (["buy"], "expected an amount of BTC", "found nothing"),
            (["buy", "1"], "expected a price in USD", "found nothing"),
            (["buy", "1,5", "3"], "expected an amount such as 1.5", "found \"1,5\""),
            (
                ["buy", "1", "cheap"], "expected a price such as 14.43, or market",
                "found \"cheap\""
            ),
            (["sell", "0", "3"], "expected amount above 0", "found 0"),
            (
                ["sell", "1", "0.000001"], "expected price in units of 0.00001 USD",
                "found 0.000001"
            ),
            (["cancel"], "expected an order, as outcry orders lists them", "found nothing"),
            (["cancel", "--all", "x"], "--all: expected no orders beside it", "found \"x\""),
            (["wallet", "XYZ"], "expected a currency of Mt. Gox", "found \"XYZ\""),
            (
                ["info", "--account", "bob", "--key-file", "x"],
                "--account: expected no --key-file",
                "beside it"
            ),
            (
                ["info", "--account", "noone"], "expected the variable OUTCRY_MTGOX_NOONE_KEY",
                "found none"
            ),
            (
                ["info", "--key-file", "/nowhere"], "--key-file: ", "/nowhere"
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
