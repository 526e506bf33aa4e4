import Foundation
import Testing

extension ProgramTests {
    @Suite(.serialized) struct SimulateTests {
        @Test func aSeedIsARun() throws {
            func hash(_ seed: Int) throws -> String {
                let end = try Child.run(
                    "outcry", "simulate", "--seconds", "10", "--hash", "--seed", "\(seed)")
                #expect(end.status == 0, "\(end.errors)")
                #expect(end.output == end.lastLine + "\n", "the hash alone")
                #expect(end.lastLine.count == 16)
                #expect(end.lastLine.allSatisfy { $0.isHexDigit })
                return end.lastLine
            }
            let seven = try hash(7)
            #expect(try hash(7) == seven)
            #expect(try hash(8) != seven)
        }

        @Test func saysWhatItFound() throws {
            let right = try Child.run("outcry", "simulate", "--seconds", "5")
            #expect(right.status == 0)
            #expect(right.output.contains("book verified: equal to the exchange's, "))
            let wrong = try Child.run("outcry", "simulate", "--seconds", "5", "--drop-last-depth")
            #expect(wrong.status == 1)
            #expect(wrong.output.contains("book NOT equal to the exchange's: bid level 1: "))
        }

        // MARK: Worlds

        /// A few seeds of each bot: books, orders, fills and wallets are the exchange's after all that weather.
        @Test func allBotsAreRight() throws {
            let end = try Child.run("outcry", "simulate", "--seeds", "3")
            #expect(end.status == 0, "\(end.output)")
            #expect(end.output.contains("bots watch, maker, parallel, taker: 12 worlds"))
            #expect(end.output.contains("\n0 violations"))
        }

        /// Worlds in which something was wrong once, each by a fault of ours: trades that no successor asked for; a
        /// ledger that could not be read; an order that was taken for another one; an old book of a SafetyNet's.
        /// Of 4015, 5544 and 7170 the check was wrong: they have the most clients that are dead at a time. Two have
        /// clocks that are wrong; in the last one a bot is given a book before its SafetyNet has one.
        @Test(arguments: [
            "113 taker", "1100 parallel", "362 taker", "70 parallel", "4015 parallel", "5544 maker",
            "7170 parallel", "143 taker clock,bot-crash", "150 parallel clock,net-crash,drop",
            "330 parallel full-disk,bot-crash,net-crash,reset",
        ])
        func whatWasFoundIsRight(_ world: String) throws {
            let words = world.split(separator: " ").map(String.init)
            let end = try Child(
                "outcry",
                ["simulate", "--seed", words[0], "--bot", words[1]]
                    + words.dropFirst(2).flatMap { ["--only", $0] }
            ).end()
            #expect(end.status == 0, "\(end.output)")
            #expect(end.output.contains("\nall is right\n"))
        }

        /// A violation is found, made smaller, and shown again by the command that is printed.
        @Test func aViolationIsMadeSmaller() throws {
            let end = try Child.run(
                "outcry", "simulate", "--seeds", "5", "--from", "3", "--bot", "taker",
                "--drop-last-depth", "--until-violation")
            #expect(end.status == 1)
            #expect(end.output.contains("seed 3, bot taker:\nviolated: book\n"), "\(end.output)")
            let mark = "minimal:  outcry "
            let line = try #require(end.lines.first { $0.contains(mark) })
            let words = try #require(line.components(separatedBy: mark).last).split(separator: " ")
            // Nothing of the weather is needed for it.
            #expect(words.joined(separator: " ").contains("--seconds 1 --drop-last-depth"))
            #expect(!words.contains("drop"))
            let again = try Child("outcry", words.map(String.init)).end()
            #expect(again.status == 1)
            #expect(again.output.contains("\nviolated: book\n"), "\(again.output)")
        }

        @Test func oneProcessOrTwoFindTheSame() throws {
            func totals(_ jobs: String) throws -> [Substring] {
                let end = try Child.run(
                    "outcry", "simulate", "--seeds", "4", "--bot", "watch", "--jobs", jobs)
                #expect(end.status == 0, "\(end.output)")
                // Not the line with the real seconds.
                return end.lines.filter { !$0.contains("real time") }
            }
            let one = try totals("1")
            #expect(one.contains { $0.contains("events, at most") })
            #expect(try totals("2") == one)
        }

        @Test func aWorldIsTheSameAgain() throws {
            func hash(_ seed: String) throws -> String {
                try Child.run("outcry", "simulate", "--bot", "maker", "--seed", seed, "--hash")
                    .output
            }
            let seven = try hash("7")
            #expect(seven.count == 17)
            #expect(try hash("7") == seven)
            #expect(try hash("8") != seven)
        }

        @Test func wrongWordsAreTold() throws {
            let bot = try Child.run("outcry", "simulate", "--bot", "nobody")
            #expect(bot.status == 2)
            #expect(
                bot.errors.contains(
                    "--bot: expected one of watch, maker, parallel, taker, found \"nobody\""))
            let only = try Child.run("outcry", "simulate", "--seeds", "1", "--only", "rain")
            #expect(only.status == 2)
            #expect(only.errors.contains("--only: expected none, or some of drop, split, "))
        }
    }
}
