import Glibc

/// One input of `Tests/Conformance/http`; the header of its files says what the parts mean.
struct HTTPVector: CustomStringConvertible {
    var name = ""
    var want = ""
    var count = 1
    /// Of a refusal; nil: any.
    var status: Int?
    var bytes: [UInt8] = []
    var body: [UInt8]?

    var description: String { name }

    /// The vectors of a file; empty where it cannot be read.
    static func load(_ file: String) -> [HTTPVector] {
        let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        guard let text = read("/\(tests)/Conformance/http/\(file)") else { return [] }
        var vectors: [HTTPVector] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].dropFirst()
            switch parts[0] {
            case "name": vectors.append(HTTPVector(name: String(value)))
            case "want": vectors[vectors.count - 1].want = String(value)
            case "count": vectors[vectors.count - 1].count = Int(value) ?? 0
            case "status": vectors[vectors.count - 1].status = Int(value)
            case "bytes": vectors[vectors.count - 1].bytes = unescaped(value)
            case "body": vectors[vectors.count - 1].body = unescaped(value)
            default: break
            }
        }
        return vectors
    }

    private static func read(_ path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func unescaped(_ text: Substring) -> [UInt8] {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < source.count {
            guard source[index] == UInt8(ascii: "\\") else {
                bytes.append(source[index])
                index += 1
                continue
            }
            let code = source[index + 1]
            index += 2
            switch code {
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "x"):
                bytes.append(hex(source[index..<index + 2]))
                index += 2
            case UInt8(ascii: "*"), UInt8(ascii: "#"):
                let end = source[index...].firstIndex(of: UInt8(ascii: ";")) ?? source.count
                let parts = source[index..<end].split(separator: UInt8(ascii: ","))
                let count = Int(String(decoding: parts[0], as: UTF8.self)) ?? 0
                index = end + 1
                if code == UInt8(ascii: "*") {
                    bytes += [UInt8](repeating: hex(parts[1]), count: count)
                } else {
                    for field in 0..<count { bytes += Array("X\(field): 1\r\n".utf8) }
                }
            default: bytes.append(code)
            }
        }
        return bytes
    }

    private static func hex(_ digits: ArraySlice<UInt8>) -> UInt8 {
        UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0
    }
}
