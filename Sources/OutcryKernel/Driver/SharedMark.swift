/// The content of a file from which processes take numbers, none twice: what drivers share of
/// ``Storage/advance(_:past:by:_:)``.
///
/// It is text: the last number that was taken, in 20 digits and a line end, so that a new number lies
/// where the old one was and one write puts it there. An empty file says that none was taken; a number
/// written by hand may have fewer digits, and no line end.
public enum SharedMark {
    /// How many bytes a written mark has.
    public static let byteCount = digits + 1
    private static let digits = 20
    private static let newline = UInt8(ascii: "\n")

    /// Takes `count` consecutive numbers: the first is greater than the one in `content`, and `floor` or
    /// greater.
    ///
    /// - Parameter path: For errors only.
    /// - Returns: The first number, and what the file is to hold.
    /// - Throws: When the content is no number (22, EINVAL), and when there are not as many numbers left
    ///   (75, EOVERFLOW).
    public static func take(
        _ count: UInt64, past floor: UInt64, from content: [UInt8], _ path: String
    ) throws(SystemError) -> (first: UInt64, content: [UInt8]) {
        precondition(count > 0, "at least one number is taken from a mark")
        let first: UInt64
        if let last = try read(content, path) {
            guard last < .max else { throw spent(path) }
            first = max(last + 1, floor)
        } else {
            first = floor
        }
        let (last, isOver) = first.addingReportingOverflow(count - 1)
        guard !isOver else { throw spent(path) }
        let text = Array(String(last).utf8)
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.count)
        return (first, zeros + text + [newline])
    }

    /// The number; nil where none was taken.
    private static func read(
        _ content: [UInt8], _ path: String
    ) throws(SystemError) -> UInt64? {
        guard !content.isEmpty else { return nil }
        var value: UInt64 = 0
        let end = content.last == newline ? content.count - 1 : content.count
        for (offset, byte) in content[..<end].enumerated() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                throw bad(path, "a digit", "the byte \(byte) at offset \(offset)")
            }
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !over, !carry, offset < digits else {
                throw bad(path, "a number up to \(UInt64.max)", "more at offset \(offset)")
            }
            value = sum
        }
        guard end > 0 else { throw bad(path, "a digit", "a line end at offset 0") }
        return value
    }

    private static func bad(_ path: String, _ expected: String, _ found: String) -> SystemError {
        SystemError(
            call: "advance \(path)", code: 22, message: "expected \(expected), found \(found)")
    }

    private static func spent(_ path: String) -> SystemError {
        SystemError(
            call: "advance \(path)", code: 75, message: "there are not as many numbers left")
    }
}
