import OutcryMarket
import OutcryServing
import OutcryVenues

@testable import OutcrySandbox

/// How what the sandbox writes differs from a recording: nothing where every key of the recording is
/// there with the same value. The order of keys does not matter, a number equals a number of the same
/// double (`16.800000000000001`, `16.8`), and a no-break space equals a space, which authors of
/// recordings made of it.
struct Alike {
    /// Keys that the venue came to write later than the recording was made.
    var later: Set<String> = []
    private(set) var differences: [String] = []

    /// Compares; `later` names the keys that may be new.
    static func differences(
        _ ours: JSONTree, _ recorded: JSONTree, later: Set<String> = []
    ) -> [String] {
        var alike = Alike(later: later)
        alike.compare(ours, recorded, "")
        return alike.differences
    }

    private mutating func compare(_ ours: JSONTree, _ recorded: JSONTree, _ path: String) {
        switch (ours, recorded) {
        case (.object(let mine), .object(let theirs)):
            for (key, value) in theirs {
                guard let own = mine.first(where: { $0.key == key }) else {
                    differences.append("\(path).\(key): missing")
                    continue
                }
                compare(own.value, value, "\(path).\(key)")
            }
            for (key, _) in mine
            where !theirs.contains(where: { $0.key == key }) && !later.contains(key) {
                differences.append("\(path).\(key): not in the recording")
            }
        case (.array(let mine), .array(let theirs)):
            if mine.count != theirs.count {
                differences.append("\(path): \(mine.count) elements, recorded \(theirs.count)")
            }
            for (index, pair) in zip(mine, theirs).enumerated() {
                compare(pair.0, pair.1, "\(path)[\(index)]")
            }
        case (.number(let mine), .number(let theirs)):
            if Double(mine) != Double(theirs) { note(path, mine, theirs) }
        case (.string(let mine), .string(let theirs)):
            if mine.replacing("\u{a0}", with: " ") != theirs.replacing("\u{a0}", with: " ") {
                note(path, "\"\(mine)\"", "\"\(theirs)\"")
            }
        default:
            if ours != recorded { note(path, ours.shape, recorded.shape) }
        }
    }

    private mutating func note(_ path: String, _ mine: String, _ theirs: String) {
        differences.append("\(path): \(mine), recorded \(theirs)")
    }
}

/// What the sandbox writes, as a tree.
func written(
    _ instrument: Instrument = .btcusd, _ write: (inout MessageText) -> Void
) throws -> JSONTree {
    var text = MessageText(instrument)
    write(&text)
    return try JSONTree(text.bytes)
}

// What recordings say, as the values that views are made of.

extension JSONTree {
    /// The units of a money object.
    var units: Int64 { self["value_int"].integer }

    /// The currency that is named.
    var currency: Currency {
        get throws {
            guard let currency = Currency(mtgox: text.utf8.span) else {
                throw RecordedReply.Missing(path: text)
            }
            return currency
        }
    }

    /// The GUID that is named.
    func guid() throws -> MtGoxGUID {
        guard let guid = MtGoxGUID(text) else { throw RecordedReply.Missing(path: text) }
        return guid
    }

    /// The time that is written `YYYY-MM-DD hh:mm:ss`, in seconds since 1970, by counting days.
    var seconds: Int64 {
        let parts = text.split { "- :".contains($0) }.compactMap { Int64($0) }
        guard parts.count == 6 else { return -1 }
        var days: Int64 = 0
        let lengths: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        func isLeap(_ year: Int64) -> Bool {
            year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        }
        for year in 1970..<parts[0] { days += isLeap(year) ? 366 : 365 }
        for month in 1..<Int(parts[1]) {
            days += lengths[month - 1] + (month == 2 && isLeap(parts[0]) ? 1 : 0)
        }
        return (days + parts[2] - 1) * 86_400 + parts[3] * 3_600 + parts[4] * 60 + parts[5]
    }
}
