/// Comparison that takes the same time wherever the difference lies.
public enum ConstantTime {
    /// Whether two pieces of bytes are equal.
    ///
    /// The time depends on the lengths only, which are not secret.
    ///
    /// - Complexity: O(n), always.
    public static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    /// Whether two arrays of bytes are equal.
    public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        equal(left.span, right.span)
    }
}
