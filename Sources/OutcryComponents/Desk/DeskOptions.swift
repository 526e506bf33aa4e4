/// How an order desk goes about its work.
public struct DeskOptions: Sendable {
    /// While orders are open they are compared with the venue's list so often, in case the account's channel
    /// is silent without anybody saying so; nil: not.
    public var audit: Duration? = .seconds(60)
    /// A file in which each order is written down before it goes out, so that the desk of a program that was
    /// restarted takes its orders up again, those included of which nobody knows whether they were placed. Nil:
    /// none.
    ///
    /// Each desk needs a file of its own: it locks it (`.lock` beside it), and while another desk, of whichever
    /// process, has that lock, orders are rejected with the reason, and it is tried again.
    ///
    /// The system has what was written when an order leaves, so that it outlives the program however that ends. It
    /// is not forced to the disk: after a failure of the power or the system the last seconds may be missing. An
    /// order of theirs is not lost then: it is on the venue's list, and known by the venue's name instead of its
    /// own; only one that was filled within those seconds is in nobody's books but the venue's.
    ///
    /// While the disk is full orders are rejected, with the reason. What has become of those that are out is written as
    /// soon as there is room; a program that dies before leaves its successor to tell them by their amounts.
    public var ledger: String?
    /// The pause before the venue is asked again that has not told its list, before a ledger is tried again that is
    /// another desk's, and before what the disk had no room for is written again.
    public var retry: Duration = .seconds(2)

    /// The usual ways.
    public init() {}
}
