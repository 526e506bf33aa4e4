import Foundation
import Glibc
import Testing

extension ProgramTests {
    /// `outcry sandbox --data` and the commands of its owner.
    @Suite(.serialized) struct SandboxDataTests {
        private func sandbox(_ folder: String, _ options: String...) throws -> Child {
            let child = try Child(
                "outcry", ["sandbox", "--port", "0", "--data", folder] + options)
            try child.line(with: "^C ends it.")
            return child
        }

        private func ask(_ folder: String, _ words: String...) throws -> Child.End {
            try Child("outcry", ["sandbox"] + words + ["--data", folder]).end()
        }

        private func mode(_ path: String) throws -> Int {
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            return try #require(facts[.posixPermissions] as? Int)
        }

        @Test func whatWasToldIsThereAfterAKill() throws {
            let folder = try Folder()
            let place = folder.path + "/data"
            let first = try Child("outcry", ["sandbox", "--port", "0", "--data", place])
            let shown = try first.line(with: "export OUTCRY_MTGOX_KEY=")
            let secret = try #require(shown.split(separator: "=", maxSplits: 2).last)
            try first.line(with: "^C ends it.")
            let made = try ask(place, "account", "bob", "1000", "USD", "2BTC")
            #expect(made.status == 0)
            #expect(made.output.hasPrefix("export OUTCRY_MTGOX_KEY="), "\(made)")
            #expect(
                try ask(place, "fund", "bob", "0.5", "btc").output == "bob has 2.50000000 BTC\n")
            #expect(try ask(place, "snapshot", "copy.sqlite").output == "copy.sqlite\n")
            let names = ["admin", "copy.sqlite", "journal.sqlite", "journal.sqlite-wal"]
            #expect(try FileManager.default.contentsOfDirectory(atPath: place).sorted() == names)
            #expect(try mode(place) == 0o700)
            for name in names { #expect(try mode("\(place)/\(name)") == 0o600, "\(name)") }
            first.send(SIGKILL)
            _ = try first.end()
            #expect(try ask(place, "status").status == 1, "nobody is there")
            let second = try sandbox(place)
            let accounts = try ask(place, "accounts")
            #expect(accounts.output.contains("trader: BTC 1000.00000000"), "\(accounts.output)")
            #expect(accounts.output.contains("bob: BTC 2.50000000, USD 1000.00000"))
            #expect(!accounts.output.contains(secret))
            #expect(try ask(place, "withdraw", "bob", "3", "BTC").status == 1)
            let json = try ask(place, "hash", "--json").output
            #expect(json.hasPrefix("{\"hash\":\""), "\(json)")
            second.send(SIGINT)
            let end = try second.end()
            #expect(end.status == 0)
            #expect(end.output.contains("went on after "), "\(end.output)")
            #expect(!end.output.contains("export"), "a secret is shown once")
            // The copy begins another one.
            let other = folder.path + "/other"
            try FileManager.default.createDirectory(
                atPath: other, withIntermediateDirectories: false)
            try FileManager.default.copyItem(
                atPath: place + "/copy.sqlite", toPath: other + "/journal.sqlite")
            let third = try sandbox(other, "--durable")
            #expect(try ask(other, "accounts").output.contains("bob: BTC 2.50000000"))
            third.send(SIGINT)
            #expect(try third.end().output.contains("survives the machine's end"))
        }

        /// Whoever may open the session's folder could keep its owner waiting.
        @Test func aFolderOfOthersIsNotWaitedFor() throws {
            let folder = try Folder()
            // As that of a session is; one that others may open is not used at all.
            _ = unsafe chmod(folder.path, 0o700)
            let place = folder.path + "/outcry"
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o755])
            let descriptor = unsafe open(place, O_RDONLY | O_DIRECTORY)
            defer { close(descriptor) }
            #expect(flock(descriptor, LOCK_EX) == 0)
            let asked = try Child(
                "outcry", ["sandbox", "status"], limit: .seconds(20),
                environment: ["XDG_RUNTIME_DIR": folder.path]
            ).end()
            #expect(asked.errors.contains("to be yours and for you alone"), "\(asked)")
        }

        @Test func whatDoesNotFitIsNamed() throws {
            let folder = try Folder()
            let place = folder.path + "/data"
            let first = try sandbox(place, "--no-account")
            #expect(try ask(place, "accounts").output == "no accounts\n")
            let second = try Child.run("outcry", "sandbox", "--port", "0", "--data", place)
            #expect(second.status == 1)
            #expect(second.errors.contains("another process has it"), "\(second.errors)")
            first.send(SIGINT)
            #expect(try first.end().status == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: place)
            #expect(names == ["journal.sqlite"], "\(names)")
            let other = try Child.run(
                "outcry", "sandbox", "--port", "0", "--data", place, "--seed", "7")
            #expect(other.status == 1)
            #expect(other.errors.contains("2011-06-06, seed 1"), "\(other.errors)")
            #expect(other.errors.contains("2011-06-06, seed 7"), "\(other.errors)")
            let lone = try Child.run("outcry", "sandbox", "--durable")
            #expect(lone.status == 2)
            #expect(lone.errors.contains("--durable: expected --data DIR"), "\(lone.errors)")
            for (words, expected) in [
                (["fund", "bob"], "expected an amount and a currency"),
                (["fund", "bob", "x", "USD"], "found \"x\""),
                (["account"], "expected a name for the account"),
                (["faults", "lag"], "expected NAME=VALUE"),
            ] {
                let end = try Child(
                    "outcry", ["sandbox"] + words + ["--admin", "1", "--token", "x"]
                ).end()
                #expect(end.status == 2, "\(words)")
                #expect(end.errors.contains(expected), "\(words): \(end.errors)")
            }
        }
    }
}
