/// Why a ``ByteQueue`` did not take bytes: its limit would have been passed.
public struct ByteQueueFull: Error, Equatable, Sendable, CustomStringConvertible {
    /// The most unread bytes that the queue holds.
    public let limit: Int
    /// How many bytes were unread.
    public let unread: Int
    /// How many more were to be written.
    public let wanted: Int

    /// Makes the error from its three numbers, all in bytes.
    public init(limit: Int, unread: Int, wanted: Int) {
        self.limit = limit
        self.unread = unread
        self.wanted = wanted
    }

    /// One line with the numbers.
    public var description: String {
        "queue full: \(unread) bytes unread, \(wanted) more wanted, limit \(limit)"
    }
}
