/// What nobody has documented of MidChains: how it is taken to be, until the venue says otherwise.
///
/// - Source: the protocol reference, section 8: the list of what is not known.
public struct MidChainsOptions: Sendable {
    /// How a subscription is given up. No message for that is documented.
    public enum Unsubscribing: Sendable {
        /// Not at all: what comes of it is passed over. The connection's end ends it.
        case never
        /// By `{"type":"unsubscribe","request":[…]}`, in the form of `subscribe`: a guess.
        case guessed
    }

    /// How a subscription is given up; by default not at all.
    public var unsubscribing = Unsubscribing.never
    /// A subscription of which nothing has come is asked for again after this: the first message of a book is
    /// its only confirmation, whether it is an image of all orders or the next change.
    public var confirmation = Duration.seconds(30)
    /// An order that went out and was not answered cannot come to be any more after this: the venue has no
    /// requests that expire. By default as long as at other venues.
    public var settlesAfter = Duration.seconds(12)

    /// As assumed.
    public init() {}
}
