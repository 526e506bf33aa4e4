/// How an order desk goes about its work.
public struct DeskOptions: Sendable {
    /// While orders are open they are compared with the venue's list so often, in case the account's channel
    /// is silent without anybody saying so; nil: not.
    public var audit: Duration? = .seconds(60)
    /// A file in which each order is written down before it goes out, so that the desk of a program that was
    /// restarted takes its orders up again, those included of which nobody knows whether they were placed. Each
    /// desk needs a file of its own. The writing is not forced to the disk: it outlives the program, not a power
    /// failure. Nil: none.
    public var ledger: String?
    /// The pause before the venue is asked again that has not told its list.
    public var retry: Duration = .seconds(2)

    /// The usual ways.
    public init() {}
}
