import Foundation
import Testing

extension ProgramTests {
    /// `outcry explain` and `outcry trace`, around the example with a bug.
    @Suite(.serialized) struct ExplainTests {
        /// Records the example in a folder.
        private func record(_ folder: Folder, _ words: [String] = []) throws -> Child.End {
            let end = try Child(
                "outcry",
                ["record", "--out", "dust.journal", "--", try Built.program("dust").path] + words,
                in: folder.path
            ).end()
            #expect(end.status == 0, "\(end.errors)")
            return end
        }

        private func ask(_ words: [String], _ folder: Folder) throws -> Child.End {
            try Child(
                "outcry", words + ["--", try Built.program("dust").path], in: folder.path
            ).end()
        }

        /// Numbers and names that another run has otherwise.
        private func shape(_ line: some StringProtocol) -> String {
            var text = String(line)
            for (pattern, name) in [
                ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "GUID"), ("[0-9][0-9.]*", "N"),
                (" +", " "),
            ] {
                text = text.replacingOccurrences(
                    of: pattern, with: name, options: .regularExpression)
            }
            return text
        }

        /// The text of EXPLAIN.md behind a command, up to the end of its block or to dots.
        private func written(_ command: String) throws -> [Substring] {
            let text = try Built.source("EXPLAIN.md")
            let start = try #require(text.range(of: "$ \(command)\n"))
            let block = text[start.upperBound...].prefix { $0 != "`" }
            return block.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .prefix { !$0.hasSuffix(" ...") }
        }

        @Test func theWalkThrough() throws {
            let folder = try Folder()
            let recorded = try record(folder)
            let heads = try written("outcry record --out dust.journal -- dust").map {
                $0.prefix { $0 != ":" }
            }
            #expect(
                recorded.output.split(separator: "\n").map { $0.prefix { $0 != ":" } } == heads,
                "\(recorded.output)")

            let explained = try ask(["explain", "dust-1", "--journal", "dust.journal"], folder)
            #expect(explained.status == 0, "\(explained.errors)")
            let expected = try written("outcry explain dust-1 --journal dust.journal -- dust")
            #expect(expected.count == 15)
            #expect(
                explained.lines.prefix(expected.count).map { shape($0) }
                    == expected.map { shape($0) }, "\(explained.output)")
            // What the steps read in it.
            let lines = explained.output.split(separator: "\n")
            let depth = try #require(lines.first { $0.contains("  depth #") })
            #expect(depth.hasSuffix(": 0.00000000 in all, BTCUSD"))
            let bytes = try #require(lines.first { $0.contains("{\"channel\"") })
            #expect(bytes.contains("\"total_volume_int\":\"0\""))
            #expect(bytes.contains("\"type_str\":\"ask\""))
            // It comes to the exchange, and the exchange says so.
            let sent = try #require(lines.firstIndex { $0.contains("  send #") })
            let open = try #require(lines.firstIndex { $0.hasSuffix(" open") })
            #expect(sent < open)

            // The venue's name leads to the same.
            let venue = try #require(lines.first?.split(separator: " ").last)
            let again = try ask(["explain", String(venue), "--journal", "dust.journal"], folder)
            #expect(again.output.contains("also dust-1\n"), "\(again.output)")
            #expect(again.output.contains(" > mtgox.risk: buy 0.01 at "))

            let none = try ask(["explain", "dust-9", "--journal", "dust.journal"], folder)
            #expect(none.status == 1 && none.output.isEmpty)
            #expect(
                none.errors.contains("found none that is called dust-9; the last ones are dust-1"),
                "\(none.errors)")
        }

        /// With the line that the walk-through adds nothing is bought of levels that are gone.
        @Test func theFixedOne() throws {
            let folder = try Folder()
            let words = ["--fixed"]
            let recorded = try record(folder, words)
            let count = try #require(recorded.output.first.flatMap { Int(String($0)) })
            for number in 0..<count {
                let end = try Child(
                    "outcry",
                    [
                        "explain", "dust-\(number + 1)", "--journal", "dust.journal", "--",
                        try Built.program("dust").path,
                    ] + words, in: folder.path
                ).end()
                #expect(end.status == 0, "\(end.errors)")
                let depth = end.output.split(separator: "\n").first { $0.contains("  depth #") }
                #expect(depth?.contains(": 0.00000000 in all") == false, "\(end.output)")
            }
        }

        @Test func aTrace() throws {
            let folder = try Folder()
            _ = try record(folder)
            let end = try ask(["trace", "dust.journal", "--out", "dust.json"], folder)
            #expect(end.status == 0, "\(end.errors)")
            let path = folder.path + "/dust.json"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            try TraceFormat.check(data)
            let text = String(decoding: data, as: UTF8.self)
            #expect(text.contains("\"name\":\"gateway.place\""))
            #expect(text.contains("\"payload\":\"buy 0.01 at "))
            // A second one is not written over the first.
            let second = try ask(["trace", "dust.journal", "--out", "dust.json"], folder)
            #expect(second.status == 1)
            #expect(second.errors.contains("expected a new file"), "\(second.errors)")
        }

        @Test(arguments: [
            (["explain"], "expected an order's name"), (["trace"], "expected --out"),
            (["trace", "--out", "x.json"], "expected a journal"),
            (["explain", "dust-1", "--journal", "none", "--", "dust"], "No such file"),
            (["explain", "dust-1", "--", "dust"], "found none in this folder"),
        ])
        func wrongWords(_ words: [String], _ message: String) throws {
            let folder = try Folder()
            let end = try Child("outcry", words, in: folder.path).end()
            #expect(end.status == 2 || end.status == 1)
            #expect(end.errors.contains(message), "\(end.errors)")
        }
    }
}

/// The Trace Event Format, as far as it is written: what a viewer needs to draw it.
enum TraceFormat {
    private struct Slice {
        let track: Int
        let begin: Double
        let end: Double
    }

    static func check(_ data: Data) throws {
        let document = try #require(
            JSONSerialization.jsonObject(with: data) as? [String: Any])
        let events = try #require(document["traceEvents"] as? [[String: Any]])
        var tracks = Set<Int>()
        var slices: [Slice] = []
        var arrows: [Int: (starts: [(Int, Double)], ends: [(Int, Double)])] = [:]
        for event in events {
            let phase = try #require(event["ph"] as? String)
            #expect(event["pid"] as? Int == 1)
            let track = try #require(event["tid"] as? Int)
            let name = try #require(event["name"] as? String)
            #expect(!name.isEmpty)
            if phase == "M" {
                #expect(name == "process_name" || name == "thread_name")
                let arguments = try #require(event["args"] as? [String: Any])
                #expect(arguments["name"] is String)
                if name == "thread_name" { #expect(tracks.insert(track).inserted) }
                continue
            }
            let time = try #require(event["ts"] as? Double)
            #expect(time >= 0)
            switch phase {
            case "X":
                let length = try #require(event["dur"] as? Double)
                #expect(length >= 0)
                slices.append(Slice(track: track, begin: time, end: time + length))
            case "s", "f":
                let id = try #require(event["id"] as? Int)
                #expect(event["cat"] is String)
                if phase == "s" {
                    arrows[id, default: ([], [])].starts.append((track, time))
                } else {
                    #expect(event["bp"] as? String == "e")
                    arrows[id, default: ([], [])].ends.append((track, time))
                }
            default: Issue.record("a phase X, s, f or M, found \(phase)")
            }
        }
        #expect(slices.count > 100 && arrows.count > 100)
        #expect(slices.allSatisfy { tracks.contains($0.track) })
        // Slices of a track lie beside each other.
        var ends: [Int: Double] = [:]
        for slice in slices.sorted(by: { $0.begin < $1.begin }) {
            #expect(slice.begin >= (ends[slice.track] ?? 0) - 0.0005)
            ends[slice.track] = slice.end
        }
        // Both ends of an arrow are on a slice, and it does not lead back in time.
        let begins = Set(slices.map { "\($0.track) \($0.begin)" })
        for arrow in arrows.values {
            #expect(arrow.starts.count == 1 && arrow.ends.count == 1)
            guard let start = arrow.starts.first, let end = arrow.ends.first else { continue }
            #expect(start.1 <= end.1)
            for (track, time) in [start, end] { #expect(begins.contains("\(track) \(time)")) }
        }
    }
}
