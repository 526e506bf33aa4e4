import OutcryWire

/// Why reading stopped, in words: where, what was expected, what was found.
struct StopWords: CustomStringConvertible {
    /// The byte, counted from the beginning of the text.
    let offset: Int
    /// The field that `offset` is in, such as `depth.price_int` or `books[1].price`; empty outside of all fields.
    let path: String
    let expected: String
    let found: String

    /// One line with all the parts.
    var description: String {
        "expected \(expected), found \(found) at offset \(offset)"
            + (path.isEmpty ? "" : " in \(path)")
    }

    /// Says in words why reading stopped.
    init(_ stop: Stop, in text: Span<UInt8>) {
        switch stop {
        case .json(let error, let base):
            offset = base + error.offset
            expected = "\(error.expected)"
            found = "\(error.found)"
        case .value(let wanted, let place):
            offset = place
            expected = "\(wanted)"
            found = text.valueExcerpt(at: place)
        case .missing(let field, let place):
            offset = place
            expected = "the field \(field)"
            found = "an object without it"
        }
        path = text.path(to: offset)
    }
}

/// Why reading stopped, before it is put in words: trivial, so that throwing it allocates nothing.
enum Stop: Error {
    /// The reader's own reason; the number is where its input begins in the text.
    case json(JSONError, base: Int)
    /// A value that is JSON, but not what it should say.
    case value(StaticString, at: Int)
    /// A field that an object does not have.
    case missing(StaticString, in: Int)
}

extension Span where Element == UInt8 {
    /// At most 40 bytes of the value that begins at an offset.
    func valueExcerpt(at start: Int) -> String {
        guard start < count else { return "the end" }
        var json = JSONReader(extracting(start..<count))
        let end = (try? json.place())?.upperBound ?? 40
        return excerpt(from: start, limit: Swift.min(end, 40))
    }

    /// At most `limit` bytes from `start` on, as text: cut at a character, other bytes as `?`.
    func excerpt(from start: Int = 0, limit: Int = 200) -> String {
        var end = Swift.min(start + limit, count)
        while end > start, end < count, self[end] & 0xC0 == 0x80 { end -= 1 }
        var bytes: [UInt8] = []
        for index in start..<end { bytes.append(self[index]) }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(
            decoding: bytes.map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    /// The names and numbers of the fields and elements that enclose `offset`. Reads only what is
    /// before it, and takes any bytes.
    func path(to offset: Int) -> String {
        var steps: [PathStep] = []
        var index = 0
        while index < Swift.min(offset, count) {
            let last = steps.count - 1
            switch self[index] {
            case UInt8(ascii: "{"): steps.append(PathStep(isObject: true))
            case UInt8(ascii: "["): steps.append(PathStep(isObject: false))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = steps.popLast()
            case UInt8(ascii: ",") where last >= 0:
                steps[last].number += 1
                steps[last].isInValue = false
            case UInt8(ascii: ":") where last >= 0: steps[last].isInValue = true
            case UInt8(ascii: "\""):
                let start = index + 1
                index = start
                while index < count, self[index] != UInt8(ascii: "\"") {
                    index += self[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                if last >= 0, steps[last].isObject, !steps[last].isInValue {
                    steps[last].key = start..<Swift.min(index, count)
                }
            default: break
            }
            index += 1
        }
        var path = ""
        for step in steps {
            if !step.isObject {
                path += "[\(step.number)]"
            } else if step.isInValue {
                path += (path.isEmpty ? "" : ".") + excerpt(of: step.key)
            }
        }
        return path
    }

    private func excerpt(of key: Range<Int>) -> String {
        excerpt(from: key.lowerBound, limit: Swift.min(key.count, 40))
    }
}

/// A container that is open on the way to an offset.
private struct PathStep {
    let isObject: Bool
    var number = 0
    var key = 0..<0
    var isInValue = false
}
