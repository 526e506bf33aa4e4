/// How much of each thing an HTTP codec takes before it refuses.
public struct HTTPLimits: Equatable, Sendable {
    /// The largest head (start line and fields), and the largest trailer section, in bytes.
    public let headBytes: Int
    /// The most fields in a head, and in a trailer section.
    public let fields: Int
    /// The largest body without its chunk framing, in bytes.
    public let bodyBytes: Int
    /// All chunk extensions of a body together, in bytes.
    public let chunkExtensionBytes: Int

    /// Makes limits; the defaults suit an exchange's API.
    public init(
        headBytes: Int = 64 << 10, fields: Int = 128, bodyBytes: Int = 64 << 20,
        chunkExtensionBytes: Int = 16 << 10
    ) {
        precondition(
            fields >= 0 && bodyBytes >= 0 && chunkExtensionBytes >= 0, "limits are not negative")
        precondition((0...1 << 30).contains(headBytes), "a head is at most 1 GiB")
        self.headBytes = headBytes
        self.fields = fields
        self.bodyBytes = bodyBytes
        self.chunkExtensionBytes = chunkExtensionBytes
    }
}
