import Glibc
import OutcryWire

/// The whole content of a file.
func fileContents(_ path: String) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let got = unsafe read(file, &chunk, chunk.count)
        if got <= 0 { return all }
        all += chunk[..<got]
    }
}

/// The names in a folder, sorted.
func fileNames(in folder: String) -> [String] {
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
            unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                unsafe String(cString: $0)
            }
        }
        if name.hasSuffix(".json") { names.append(name) }
    }
    return names.sorted()
}

/// Reads a text by skipping its one value; the error, or nil when it is accepted.
func skipError(_ bytes: [UInt8], depthLimit: Int = 128) -> JSONError? {
    var json = JSONReader(bytes.span, depthLimit: depthLimit)
    do throws(JSONError) {
        try json.skip()
        try json.finish()
        return nil
    } catch {
        return error
    }
}

/// Reads a text token by token, without recursion; the error, or nil when it is accepted.
func walkError(_ bytes: [UInt8], depthLimit: Int = 128) -> JSONError? {
    var json = JSONReader(bytes.span, depthLimit: depthLimit)
    do throws(JSONError) {
        try walk(&json)
        try json.finish()
        return nil
    } catch {
        return error
    }
}

private func walk(_ json: inout JSONReader) throws(JSONError) {
    var objects: [Bool] = []
    var scratch: [UInt8] = []
    repeat {
        switch try json.peek() {
        case .object:
            try json.beginObject()
            objects.append(true)
        case .array:
            try json.beginArray()
            objects.append(false)
        case .string: _ = try json.string().decoded(in: &scratch)
        case .number: _ = try json.number()
        case .bool: _ = try json.bool()
        case .null: try json.null()
        }
        while let isObject = objects.last {
            if isObject ? try json.nextKey() != nil : try json.nextElement() { break }
            objects.removeLast()
        }
    } while !objects.isEmpty
}

/// A slow and honest JSON validator after the grammar of RFC 8259, to compare the reader with.
struct NaiveJSON {
    private let bytes: [UInt8]
    private var index = 0

    static func accepts(_ bytes: [UInt8], depthLimit: Int = 128) -> Bool {
        guard String(validating: bytes, as: UTF8.self) != nil else { return false }
        var parser = NaiveJSON(bytes: bytes)
        parser.space()
        guard parser.value(depthLimit) else { return false }
        parser.space()
        return parser.index == bytes.count
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func take(_ word: String) -> Bool {
        word.unicodeScalars.allSatisfy { take($0) }
    }

    private mutating func space() {
        while next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D { index += 1 }
    }

    private mutating func value(_ room: Int) -> Bool {
        switch next {
        case UInt8(ascii: "{"): return room > 0 && container("{", "}", room - 1)
        case UInt8(ascii: "["): return room > 0 && container("[", "]", room - 1)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return take("true")
        case UInt8(ascii: "f"): return take("false")
        case UInt8(ascii: "n"): return take("null")
        default: return number()
        }
    }

    private mutating func container(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ room: Int
    ) -> Bool {
        guard take(open) else { return false }
        space()
        if take(close) { return true }
        repeat {
            space()
            if open == "{" {
                guard string() else { return false }
                space()
                guard take(":") else { return false }
                space()
            }
            guard value(room) else { return false }
            space()
        } while take(",")
        return take(close)
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        var high = false
        while let byte = next {
            if byte < 0x20 { return false }
            if take("\\") {
                guard let letter = next else { return false }
                index += 1
                if letter == UInt8(ascii: "u") {
                    guard let unit = hex() else { return false }
                    let isLow = (0xDC00...0xDFFF).contains(unit)
                    if isLow != high { return false }
                    high = (0xD800...0xDBFF).contains(unit)
                    continue
                }
                guard !high, "\"\\/bfnrt".utf8.contains(letter) else { return false }
                continue
            }
            if high { return false }
            index += 1
            if byte == UInt8(ascii: "\"") { return true }
        }
        return false
    }

    private mutating func hex() -> Int? {
        guard index + 4 <= bytes.count else { return nil }
        let text = String(decoding: bytes[index..<index + 4], as: UTF8.self)
        guard text.allSatisfy(\.isHexDigit), text.utf8.count == 4 else { return nil }
        index += 4
        return Int(text, radix: 16)
    }

    private mutating func digits() -> Bool {
        let start = index
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
        return index > start
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0") {
            guard digits() else { return false }
        }
        if take(".") {
            guard digits() else { return false }
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            return digits()
        }
        return true
    }
}
