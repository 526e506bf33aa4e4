import Glibc
import Testing

extension ProgramTests {
    /// MidChains from a shell, and the examples for it.
    @Suite(.serialized) struct MidChainsTests {
        /// A sandbox with a door for MidChains, and where that is.
        private func sandbox() throws -> (child: Child, url: String, login: [String: String]) {
            let child = try Child(
                "outcry",
                ["sandbox", "--port", "0", "--midchains-port", "0", "--speed", "600", "--no-admin"])
            let line = try child.line(with: "midchains  ")
            let shown = try child.line(with: "export OUTCRY_MIDCHAINS_USER=")
            try child.line(with: "^C ends it.")
            var login: [String: String] = [:]
            for word in shown.split(separator: " ") {
                let parts = word.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { login[String(parts[0])] = String(parts[1]) }
            }
            let url = try #require(line.split(separator: " ").last)
            return (child, String(url), login)
        }

        private func end(_ sandbox: Child) throws {
            sandbox.send(SIGINT)
            let end = try sandbox.end()
            #expect(end.status == 0, "\(end.errors)")
        }

        @Test func aSecurityIsWatched() throws {
            let (sandbox, url, _) = try sandbox()
            let watch = try Child("outcry", ["watch", "midchains", "BCHUSD", "--url", url])
            try watch.line(with: "connected to midchain")
            try watch.line(with: "bid ")
            watch.send(SIGINT)
            let watched = try watch.end()
            #expect(watched.status == 0)
            #expect(watched.errors.isEmpty, "\(watched.errors)")
            try end(sandbox)
        }

        @Test func anOrderFromAShell() throws {
            let (sandbox, url, login) = try sandbox()
            func outcry(_ words: String...) throws -> Child.End {
                try Child(
                    "outcry", words + ["--venue", "midchains", "--url", url], environment: login
                ).end()
            }
            let wallet = try outcry("wallet").output
            #expect(wallet.contains("BTC ") && wallet.contains(" 1000.00\n"), "\(wallet)")
            #expect(try outcry("buy", "1.5", "1.25").status == 4, "nobody is there to say yes")
            let bought = try outcry("buy", "1.5", "1.25", "--yes", "--json")
            #expect(bought.status == 0, "\(bought.errors)")
            #expect(bought.output.hasPrefix(#"{"order":"5G"#), "\(bought.output)")
            let orders = try outcry("orders")
            #expect(orders.output.contains("BTCUSD  buy"), "\(orders.output)")
            let name = try #require(orders.output.split(separator: "\n").last?.prefix(14))
            #expect(try outcry("cancel", String(name)).output == "\(name): cancelled\n")
            #expect(try outcry("orders").output == "no orders\n")
            #expect(try outcry("cancel", String(name)).status == 1)
            // One that cannot be cancelled keeps no other from it.
            #expect(try outcry("buy", "1.5", "1.25", "--yes").status == 0)
            let other = try #require(
                try outcry("orders").output.split(separator: "\n").last?.prefix(14))
            let both = try outcry("cancel", "none", String(other))
            #expect(both.status == 1 && both.output == "\(other): cancelled\n", "\(both)")
            #expect(both.errors.contains("outcry: none: "), "\(both.errors)")
            let beside = try outcry("cancel", "none", "--all")
            #expect(beside.status == 2)
            #expect(beside.errors.contains("--all: expected no orders beside it"))
            #expect(try outcry("ticker").status == 2)
            #expect(try outcry("buy", "1000000", "10", "--yes").status == 1)
            try end(sandbox)
        }

        @Test func wrongWords() throws {
            for (words, expected) in [
                (["watch", "midchains"], "expected a security"),
                (["watch", "midchains", "USD"], "expected a security such as BCHUSD"),
                (["watch", "ws://127.0.0.1:1/", "--url", "ws://a/"], "--url: expected midchains"),
                (["sandbox", "--midchains-tls-port", "0"], "expected --tls beside it"),
            ] {
                let end = try Child("outcry", words).end()
                #expect(end.status == 2, "\(words)")
                #expect(end.errors.contains(expected), "\(end.errors)")
            }
        }

        @Test func thePriceWatcherFindsAPrice() throws {
            let (sandbox, url, _) = try sandbox()
            let lines = try Child("price-watcher", [url, "BTCUSD", "1000000"]).end()
            #expect(lines.status == 0, "\(lines.errors)")
            #expect(lines.output.hasPrefix("BTCUSD  bid "))
            #expect(lines.lastLine == "there it is")
            try end(sandbox)
        }

        @Test(arguments: [["--seconds", "6", "--simulate"], ["--seconds", "3"]])
        func theFullBotDoesAllAtOnce(_ options: [String]) throws {
            let end = try Child("full-bot", options).end()
            #expect(end.status == 0, "\(end.errors)")
            #expect(end.errors.isEmpty, "\(end.errors)")
            let lines = end.output.split(separator: "\n")
            try #require(lines.count == 3, "\(end.output)")
            #expect(lines[0].contains(" levels, "))
            #expect(lines[1].contains(" opinions, "))
            #expect(lines[2].hasPrefix("longest turn of the loop "))
            if options.last == "--simulate" {
                #expect(!lines[1].contains(" 0 fills"), "\(lines[1])")
                let again = try Child("full-bot", options).end()
                #expect(again.output == end.output, "each time")
            }
        }
    }
}
