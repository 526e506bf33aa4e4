import Foundation
import Glibc
import Testing

extension ProgramTests {
    /// `outcry replay --market` and `outcry paper`, with examples as they are.
    @Suite(.serialized) struct PaperTests {
        /// A sandbox that trades, and where.
        private struct Market {
            let child: Child
            let stream: String
            let midChains: String

            init() throws {
                child = try Child(
                    "outcry",
                    [
                        "sandbox", "--port", "0", "--midchains-port", "0", "--speed", "600",
                        "--no-admin",
                    ])
                let line = try child.line(with: "stream  ")
                stream = try #require(
                    line.split(separator: " ").first { $0.hasPrefix("ws://") }.map { String($0) })
                midChains = try #require(
                    try child.line(with: "midchains  ").split(separator: " ").last
                        .map { String($0) })
                try child.line(with: "^C ends it.")
            }

            func end() throws -> Child.End {
                child.send(SIGINT)
                return try child.end()
            }
        }

        private func number(_ name: String, in report: String) throws -> Int {
            let text = try #require(
                report.components(separatedBy: "\"\(name)\":").dropFirst().first)
            return try #require(Int(text.prefix { $0.isNumber }))
        }

        @Test func aBotTradesOnARecording() throws {
            let folder = try Folder()
            let file = folder.path + "/market.jsonl"
            let market = try Market()
            let watched = try Child.run(
                "outcry", "watch", market.stream, "--record", file, "--seconds", "8")
            #expect(watched.status == 0, "\(watched.errors)")
            #expect(try market.end().status == 0)

            let maker = try Built.program("market-maker").path
            func replay(_ options: String...) throws -> Child.End {
                try Child(
                    "outcry",
                    ["replay", "--market", file] + options
                        + ["--", maker, "--url", "ws://nowhere.invalid/mtgox", "--seconds", "3600"]
                ).end()
            }
            let first = try replay("--json", "--latency", "20,20,20,5")
            #expect(first.status == 0, "\(first.errors)")
            let report = first.lastLine
            #expect(report.hasPrefix("{\"link\":\"mtgox\",\"began\":"), "\(first.output)")
            #expect(try number("orders", in: report) > 0)
            #expect(try number("open", in: report) == 0)
            #expect(report.contains("\"warnings\":[]"), "\(report)")
            let again = try replay("--json", "--latency", "20,20,20,5")
            #expect(again.output == first.output)

            func fills(_ queue: String) throws -> Int {
                let report = try replay("--json", "--latency", "0", "--queue", queue).lastLine
                return try number("resting_fills", in: report)
            }
            #expect(try fills("back") <= fills("touch"))

            // For people, and into a file; the balance is the one that was said.
            let told = folder.path + "/report"
            let plain = try replay(
                "--balance", "BTC=3 USD=77.5", "--speed", "max", "--report", told)
            #expect(plain.status == 0)
            #expect(!plain.output.contains("paper account"))
            let text = try folder.text("report")
            #expect(text.hasPrefix("paper account mtgox\n"), "\(text)")
            #expect(text.contains("began with    3.00000000 BTC, 77.50000 USD\n"), "\(text)")
            #expect(text.contains("\n  assumed:\n"))
        }

        /// It buys at the best ask that it sees: without latency that takes what stands there.
        @Test func aBotForMidChainsTradesOnARecording() throws {
            let folder = try Folder()
            let file = folder.path + "/market.jsonl"
            let market = try Market()
            let watched = try Child.run(
                "outcry", "watch", "midchains", "BTCUSD", "--url", market.midChains, "--record",
                file, "--seconds", "6")
            #expect(watched.status == 0, "\(watched.errors)")
            #expect(watched.output.contains(" lines recorded in \(file)\n"))
            #expect(try market.end().status == 0)
            let bot = try Built.program("full-bot").path
            let end = try Child(
                "outcry",
                [
                    "replay", "--market", file, "--json", "--latency", "0", "--", bot,
                    "--url", "ws://nowhere.invalid/", "--seconds", "3600",
                ]
            ).end()
            #expect(end.status == 0, "\(end.errors)")
            #expect(try number("orders", in: end.lastLine) > 0, "\(end.output)")
            #expect(try number("taking_fills", in: end.lastLine) > 0, "\(end.output)")
        }

        /// The live market, and not one order at the exchange.
        @Test func aBotTradesOnPaper() throws {
            let market = try Market()
            let maker = try Built.program("market-maker").path
            let end = try Child(
                "outcry",
                ["paper", "--json", "--latency", "5", "--", maker, "--url", market.stream]
                    + ["--seconds", "5"]
            ).end()
            #expect(end.status == 0, "\(end.errors)")
            #expect(try number("orders", in: end.lastLine) > 0, "\(end.output)")
            #expect(try number("open", in: end.lastLine) == 0, "\(end.output)")
            #expect(
                end.lastLine.contains(
                    "\"initial\":{\"BTC\":\"10.00000000\",\"USD\":\"1000.00000\"}"))
            #expect(try market.end().status == 0)
        }

        @Test func wrongWords() throws {
            let folder = try Folder()
            let file = folder.path + "/x.jsonl"
            let cases: [([String], Int32, String)] = [
                (["paper"], 2, "paper: expected -- and a program with its words, found nothing"),
                (["paper", "--queue", "front", "--", "true"], 2, "--queue: expected one of back"),
                (["paper", "--latency", "--", "true"], 2, "--latency: expected a value"),
                (["paper", "--speed", "2", "--", "true"], 2, "found \"--speed\""),
                (["replay", "--market", file, "--", "true"], 2, file),
                (
                    ["replay", "--market", file, "--speed", "0", "--", "true"], 2,
                    "--speed: expected"
                ),
            ]
            for (words, status, text) in cases {
                let end = try Child("outcry", words).end()
                #expect(end.status == status, "\(words): \(end.errors)")
                #expect(end.errors.contains(text), "\(words): \(end.errors)")
            }
            try Data("{\"outcry\":\"frames\",\"version\":9}\n".utf8).write(
                to: URL(fileURLWithPath: file))
            let end = try Child("outcry", ["replay", "--market", file, "--", "true"]).end()
            #expect(end.status == 1)
            #expect(end.errors.contains("line 1: expected frames of version 1"), "\(end.errors)")
        }
    }
}
